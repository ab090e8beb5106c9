"""What holds of every file of manifests, through the command line and on the bundled KMS."""

from __future__ import annotations

import io
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, Phase, assume, event, given, settings

from reconciler.cli.context import Context
from reconciler.cli.main import main
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import EXIT_DONE, EXIT_ERROR, EXIT_REFUSED
from tests.cli.conftest import Result
from tests.cli.drawn import broken, manifests

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.reuse, Phase.generate])
"""An example is a few manifests, short enough as it is found: making it shorter takes minutes."""


class Shell:
    """Runs command lines on a KMS in `folder`, about a file of manifests there."""

    def __init__(self, folder: str, text: str) -> None:
        self._environ = {"KMSCTL_HOME": str(Path(folder, "kms"))}
        self._clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
        self._file = Path(folder, "keys.yaml")
        self.write(text)

    def write(self, text: str) -> None:
        """Replace the manifests."""
        self._file.write_bytes(text.encode())

    def about(self, command: str, *argv: str) -> Result:
        """Run a command about the manifests."""
        return self(command, "-f", str(self._file), *argv)

    def __call__(self, *argv: str) -> Result:
        out, err = io.StringIO(), io.StringIO()
        code = main(argv, Context(self._environ, io.BytesIO(), out, err, lambda: self._clock))
        assert "this is a bug" not in err.getvalue(), err.getvalue()
        return Result(code, out.getvalue(), err.getvalue())


@settings(QUICK, max_examples=8)
@given(first=manifests(), second=manifests())
def test_what_is_applied_is_there(first, second):
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(folder, first)
        for text in (first, second):
            shell.write(text)
            assert shell.about("validate").err == ""
            applied = shell.about("apply", "-y")
            event(f"apply ended with {applied.code}")
            assert applied.code in (EXIT_DONE, EXIT_REFUSED), applied.err
            if applied.code == EXIT_DONE:
                after = shell.about("plan", "--detailed-exitcode")
                assert after.code == EXIT_DONE, after


@settings(QUICK, max_examples=8)
@given(text=manifests())
def test_what_a_stack_gave_up_another_adopts_as_it_is(text):
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(folder, text)
        assume(shell.about("apply", "-y").code == EXIT_DONE)
        assume(shell("destroy", "-y").code == EXIT_DONE)
        exported = shell("export")
        assume("kind: Key" in exported.out)
        shell.write(exported.out)
        assert shell.about("validate").err == ""
        changes = json.loads(shell.about("plan", "--stack", "other", "--output", "json").out)["changes"]
        fields = [field["path"] for change in changes for field in change["fields"]]
        assert {change["action"] for change in changes} <= {"adopt", "no-op"}
        assert [path for path in fields if "kms.reconciler.dev/" not in path] == []


@settings(QUICK, max_examples=60)
@given(text=broken())
def test_what_is_wrong_with_a_file_is_told_and_no_bug(text):
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(folder, text)
        checked = shell.about("validate")
        assert checked.code in (EXIT_DONE, EXIT_ERROR)
        assert (checked.code == EXIT_DONE) == checked.out.startswith("Valid:")
        assert shell.about("lint").code in ((EXIT_DONE, EXIT_REFUSED) if checked.code == EXIT_DONE else (EXIT_ERROR,))
