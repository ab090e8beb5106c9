"""What holds of every file of manifests, through the command line and on the bundled KMS."""

from __future__ import annotations

import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, Phase, event, given, settings

from reconciler.cli.context import Context
from reconciler.cli.main import main
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import EXIT_DONE, EXIT_ERROR, EXIT_REFUSED
from tests.cli.drawn import broken, manifests

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.reuse, Phase.generate])
"""An example is a few manifests, short enough as it is found: making it shorter takes minutes."""


class Shell:
    """Runs command lines on a KMS in `folder`."""

    def __init__(self, folder: str) -> None:
        self._environ = {"KMSCTL_HOME": str(Path(folder, "kms"))}
        self._clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
        self.file = Path(folder, "keys.yaml")

    def __call__(self, command: str, *argv: str) -> tuple[int, str]:
        """The exit code, and all that was said."""
        out, err = io.StringIO(), io.StringIO()
        context = Context(self._environ, io.BytesIO(), out, err, lambda: self._clock)
        code = main((command, "-f", str(self.file), *argv), context)
        assert "this is a bug" not in err.getvalue(), err.getvalue()
        return code, out.getvalue() + err.getvalue()


@settings(QUICK, max_examples=8)
@given(first=manifests(), second=manifests())
def test_what_is_applied_is_there(first, second):
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(folder)
        for text in (first, second):
            shell.file.write_text(text, encoding="utf-8")
            code, said = shell("validate")
            assert code == EXIT_DONE, said
            code, said = shell("apply", "-y")
            event(f"apply ended with {code}")
            assert code in (EXIT_DONE, EXIT_REFUSED), said
            if code == EXIT_DONE:
                code, said = shell("plan", "--detailed-exitcode")
                assert code == EXIT_DONE, said


@settings(QUICK, max_examples=60)
@given(text=broken())
def test_what_is_wrong_with_a_file_is_told_and_no_bug(text):
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(folder)
        shell.file.write_bytes(text.encode())
        code, said = shell("validate")
        assert code in (EXIT_DONE, EXIT_ERROR)
        assert (code == EXIT_DONE) == said.startswith("Valid:")
        assert shell("lint")[0] in ((EXIT_DONE, EXIT_REFUSED) if code == EXIT_DONE else (EXIT_ERROR,))
