"""Manifests as kustomize renders them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.kit.printable import printable
from reconciler.manifest.limits import KUSTOMIZE_TIMEOUT_SECONDS

_COMMANDS = (("kustomize", "build"), ("kubectl", "kustomize"))
"""In the order of preference; the first whose program is there is used."""
_SECRET_VARIABLES = "KMSCTL_LOCAL_"  # noqa: S105  how their names begin

_KLOG = re.compile(r'^E[0-9]{4} [0-9:.]+ +[0-9]+ [a-z_.]+:[0-9]+\] "command failed" err="(.*)"$', re.DOTALL)
"""How kubectl wraps what kustomize says."""


def build(folder: str) -> bytes | Diagnostic:
    """What kustomize makes of `folder`, or why there is nothing."""
    found = [(path, verb) for program, verb in _COMMANDS if (path := shutil.which(program))]
    if not found:
        return _fault(
            folder,
            "neither kustomize nor kubectl is there to build it",
            "-k runs the one that is on the PATH",
            "install kustomize (https://kubectl.docs.kubernetes.io/installation/kustomize) or kubectl, or build it "
            "elsewhere: `kustomize build DIR | kmsctl plan -f -`",
        )
    program, verb = found[0]
    try:
        done = _run([program, verb, "--", folder])
    except subprocess.TimeoutExpired:
        why = f"it was stopped after {KUSTOMIZE_TIMEOUT_SECONDS} seconds"
        return _fault(folder, "kustomize did not finish", why, "check the remote bases that it fetches")
    except (OSError, ValueError) as error:
        return _fault(folder, "kustomize cannot be run", printable(str(error)), f"check {program}")
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()
        why = printable(_KLOG.sub(r"\1", said), limit=1000)
        by_itself = f"{Path(program).name} {verb} {printable(folder)}"
        return _fault(folder, "kustomize failed", why, f"run `{by_itself}` by itself to see more")
    return done.stdout


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Run `command`, which has no use for the root key of the bundled KMS, and end what it started when it hangs."""
    with subprocess.Popen(  # noqa: S603  no shell; the folder is the user's own word, after `--`
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if not name.startswith(_SECRET_VARIABLES)},
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=KUSTOMIZE_TIMEOUT_SECONDS)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the git that fetches a remote base too: it holds the pipes
            raise
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


def _fault(folder: str, what: str, why: str, fix: str) -> Diagnostic:
    return Diagnostic("kustomize-failed", Position(folder), what, why, fix)
