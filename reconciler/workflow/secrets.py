"""Secrets as the command line can read them: files and environment variables.

A Kubernetes Secret is the operator's to read, which in turn reads neither files nor its own environment for anybody.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from reconciler.apply.secrets import Secret
from reconciler.kit.errors import KmsctlError
from reconciler.kit.printable import printable
from reconciler.model.material import SecretFile, SecretReference, SecretSource, SecretVariable
from reconciler.workflow.environment import Environment

MAX_BYTES = 64 * 1024
"""The largest private key in PEM has about ten kilobytes; a device or a log would be read for ever."""


@dataclass(frozen=True, slots=True)
class LocalSecrets:
    """Reads from this machine."""

    environment: Environment

    def __call__(self, source: SecretSource, /) -> Secret:
        """See `reconciler.apply.secrets.Secrets`."""
        match source:
            case SecretFile(path):
                return _file(source, Path(path))
            case SecretVariable(name):
                return self._variable(source, name)
            case SecretReference():
                raise KmsctlError(
                    f"the {source} cannot be read from the command line",
                    why="Kubernetes Secrets are read by the operator, inside its cluster",
                    fix="apply it with the operator, or declare `from: {file: PATH}` or `from: {env: NAME}`",
                )
            case _:
                assert_never(source)

    def _variable(self, source: SecretSource, name: str) -> Secret:
        value = self.environment.variables.get(name)
        if not value:
            raise KmsctlError(f"the {source} is not set, or empty", why="an apply needs it", fix=f"export {name}=…")
        return Secret(value.encode("utf-8", "surrogateescape"))


def _file(source: SecretSource, path: Path) -> Secret:
    try:
        with path.open("rb") as file:
            mode, content = os.fstat(file.fileno()).st_mode, file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = (error.strerror or "") if isinstance(error, OSError) else "its path is none"
        what = f"the {printable(str(source))} cannot be read"
        fix = "a path is taken from the folder of its manifest; from the working folder when there is none"
        raise KmsctlError(what, why=why.lower(), fix=fix) from error
    if not 0 < len(content) <= MAX_BYTES:
        size = "is empty" if not content else f"has more than {MAX_BYTES:,} bytes"
        raise KmsctlError(f"the {printable(str(source))} {size}", why="that is no secret", fix="check the path")
    return Secret(content, _note(source, mode))


def _note(source: SecretSource, mode: int) -> str:
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return f"others on this machine can read the {printable(str(source))}: chmod 600"
    return ""
