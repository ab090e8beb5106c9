"""Manifests as kustomize renders them."""

from __future__ import annotations

import shutil
import subprocess

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.kit.printable import printable
from reconciler.manifest.limits import KUSTOMIZE_TIMEOUT_SECONDS

_COMMANDS = (("kustomize", "build"), ("kubectl", "kustomize"))
"""In the order of preference; the first whose program is there is used."""


def build(folder: str) -> bytes | Diagnostic:
    """What kustomize makes of `folder`, or why there is nothing."""
    found = [(path, verb) for program, verb in _COMMANDS if (path := shutil.which(program))]
    if not found:
        return _fault(
            folder,
            "neither kustomize nor kubectl is there to build it",
            "-k runs the one that is on the PATH",
            "install one of them, or render elsewhere and use `-f -`",
        )
    program, verb = found[0]
    try:
        done = subprocess.run(  # noqa: S603  no shell; the folder is the user's own word, after `--`
            [program, verb, "--", folder], capture_output=True, check=False, timeout=KUSTOMIZE_TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired:
        why = f"it was stopped after {KUSTOMIZE_TIMEOUT_SECONDS} seconds"
        return _fault(folder, "kustomize did not finish", why, "check the remote bases that it fetches")
    except (OSError, ValueError) as error:
        return _fault(folder, "kustomize cannot be run", printable(str(error)), f"check {program}")
    if done.returncode != 0:
        why = printable(done.stderr.decode("utf-8", "replace").strip(), limit=1000)
        return _fault(folder, "kustomize failed", why, f"run `{verb} {printable(folder)}` by itself to see more")
    return done.stdout


def _fault(folder: str, what: str, why: str, fix: str) -> Diagnostic:
    return Diagnostic("kustomize-failed", Position(folder), what, why, fix)
