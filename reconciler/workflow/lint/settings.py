"""What `kmsctl.yaml` says of checks, seen to be about checks that there are."""

from __future__ import annotations

from difflib import get_close_matches

from reconciler.kit.errors import KmsctlError
from reconciler.lint import Settings, Severity, checks
from reconciler.manifest.config import LintSettings


def settings_of(said: LintSettings) -> Settings:
    """The settings of a directory.

    Raises:
        KmsctlError: they name a check that there is not.
    """
    for name in (*said.ignore, *said.severity):
        if name not in checks():
            near = get_close_matches(name, checks(), n=1)
            raise KmsctlError(
                f"kmsctl.yaml: `lint` names {name}, and there is no such check",
                fix=f"did you mean {near[0]}?" if near else "docs/lint lists the checks",
            )
    return Settings(said.ignore, {name: Severity(severity) for name, severity in said.severity.items()})
