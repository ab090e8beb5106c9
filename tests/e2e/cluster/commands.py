"""kubectl and helm, run with the configuration of one cluster and none of this machine's."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, Unpack

from tests.e2e.cluster.client_programs import client_programs

_SECONDS = 120
Completed = subprocess.CompletedProcess[str]


class CommandError(AssertionError):
    """A command failed that was to succeed. As an AssertionError, it makes `eventually` try again."""


class How(TypedDict, total=False):
    """How a command is run.

    Attributes:
        input: what it reads; nothing by default.
        check: whether its failing is an error, as it is by default.
        kubeconfig: who runs it; the administrator by default.
    """

    input: str | None
    check: bool
    kubeconfig: Path | None


@dataclass(frozen=True, slots=True)
class Commands:
    """Both programs; what they cache and configure is under `home`."""

    home: Path
    kubeconfig: Path

    def kubectl(self, *arguments: str | Path, **how: Unpack[How]) -> Completed:
        """Run kubectl.

        Raises:
            CommandError: it failed, unless `check=False`.
        """
        return self._run(client_programs().kubectl, arguments, **how)

    def helm(self, *arguments: str | Path, **how: Unpack[How]) -> Completed:
        """Run helm, likewise."""
        return self._run(client_programs().helm, arguments, **how)

    def environment(self, kubeconfig: Path | None = None) -> dict[str, str]:
        """The environment of both, and of whatever else is to find this cluster and nothing of this machine's."""
        return {
            "PATH": os.pathsep.join((str(client_programs().helm.parent), os.environ.get("PATH", os.defpath))),
            "HOME": str(self.home),
            "KUBECONFIG": str(kubeconfig or self.kubeconfig),
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def _run(self, program: Path, arguments: tuple[str | Path, ...], **how: Unpack[How]) -> Completed:
        text = how.get("input")
        done = subprocess.run(
            [program, *arguments],
            input="" if text is None else text,
            env=self.environment(how.get("kubeconfig")),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode and how.get("check", True):
            words = " ".join(map(str, arguments))
            raise CommandError(f"{program.name} {words} failed ({done.returncode}):\n{done.stderr}{done.stdout}")
        return done
