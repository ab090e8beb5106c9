"""Results: to stdout, or to a file that only its owner reads."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from reconciler.kit.errors import KmsctlError
from reconciler.kit.printable import printable


def save(path: str, text: str) -> None:
    """Write `text` to `path` whole or not at all, readable for its owner alone.

    The file is written beside its place and moved there, so that a crash or a full disk leaves what was there. A link,
    a device or a pipe is not replaced: root would lose its /dev/null.

    Raises:
        KmsctlError: it cannot be written.
    """
    target = Path(path)
    draft = target.parent / f".{target.name}.{os.getpid()}.tmp"
    try:
        _must_be_a_file(target)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123  a descriptor, for its mode
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise KmsctlError(
            f"cannot write {printable(path)}", why=why, fix="give -o a path in a folder that you may write to"
        ) from error


def _must_be_a_file(target: Path) -> None:
    try:
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise ValueError("it is no regular file")
