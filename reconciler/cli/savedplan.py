"""A saved plan, from its file."""

from __future__ import annotations

from pathlib import Path

from reconciler.cli.parser import UsageError
from reconciler.kit.errors import KmsctlError, Refused
from reconciler.plan.saved.planfile import SavedPlan, load


def read_plan(path: str) -> SavedPlan:
    """The plan that was saved in the file `path`.

    Raises:
        UsageError: it is manifests.
        KmsctlError: it cannot be read.
        Refused: it is no plan that kmsctl saved, or not as it was saved.
    """
    if path == "-" or path.endswith((".yaml", ".yml")) or Path(path).is_dir():
        raise UsageError(f"{path} is no saved plan", fix=f"to apply manifests: kmsctl apply -f {path}")
    try:
        return load(Path(path).read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        fix = "make one with: kmsctl plan -o FILE"
        raise Refused("this is no plan file of kmsctl", why="it is not UTF-8", fix=fix) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise KmsctlError(f"cannot read the plan {path}", why=why, fix="check its path and permissions") from None
