"""What a failed run says: never a traceback unless asked, never a terminal escape, always what to do."""

from __future__ import annotations

import io

import pytest

from reconciler.cli.context import Context
from reconciler.cli.failure import tell
from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.kit.errors import AmbiguousOutcome, InvalidInput, KmsctlError, KmsError, Refused
from tests.cli.conftest import Screen


def told(error, *, debug=False, colour=False, environ=None):
    stderr = Screen() if colour else io.StringIO()
    context = Context(environ or {}, io.BytesIO(), io.StringIO(), stderr)
    try:
        raise error
    except BaseException as raised:
        code = tell(raised, context, debug=debug, colour=True)
    return code, stderr.getvalue()


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (KmsctlError("it broke", why="rust", fix="oil it"), 1, "error: it broke\n  why: rust\n  fix: oil it\n"),
        (KmsctlError("it broke"), 1, "error: it broke\n"),
        (Refused("no"), 3, "error: no\n"),
        (KmsError("NotFoundException", "no key", operation="DescribeKey"), 1, "error: NotFoundException when calling"),
        (KmsError("AccessDeniedException", "no"), 1, "`kmsctl permissions` prints what plan and apply need"),
        (AmbiguousOutcome("KMSInternalException", "oops"), 1, "error: KMSInternalException: oops"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
        (MemoryError(), 1, "error: out of memory\n"),
        (FileNotFoundError(2, "No such file", "keys.yaml"), 1, "error: keys.yaml: No such file\n"),
        (OSError("odd"), 1, "error: odd\n"),
        (ZeroDivisionError("by zero"), 1, "error: this is a bug in kmsctl (ZeroDivisionError)\n"),
        (ModuleNotFoundError(name="orjson"), 1, "error: the Python module orjson is missing\n"),
        (ModuleNotFoundError(name="reconciler.gone"), 1, "error: this is a bug in kmsctl (ModuleNotFoundError)\n"),
        (KmsctlError("\x1b[31mred\nline"), 1, "error: \\x1b[31mred\\x0aline\n"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_every_error_is_told_with_its_exit_code(error, code, text):
    said = told(error)
    assert said[0] == code
    assert text in said[1]
    assert "Traceback" not in said[1]


def test_debug_shows_where_it_happened():
    _, said = told(ZeroDivisionError("x"), debug=True)
    assert "Traceback" in said
    assert "test_failure.py" in said
    assert "this is a bug in kmsctl" in said


def test_the_message_of_an_unexpected_error_is_only_shown_in_debugging():
    assert "hunter2" not in told(ValueError("hunter2"))[1]
    assert "hunter2" in told(ValueError("hunter2"), debug=True)[1]


def test_an_error_on_a_terminal_is_red_unless_no_color_says_otherwise():
    assert "\x1b[1;31merror:" in told(KmsctlError("x"), colour=True)[1]
    assert "\x1b" not in told(KmsctlError("x"), colour=True, environ={"NO_COLOR": "1"})[1]


def test_diagnostics_quote_the_line_of_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("kind: Kee\n")
    error = InvalidInput(
        [
            Diagnostic("unknown-kind", Position("a.yaml", 1, 7), "no such kind", fix="say Key"),
            Diagnostic("empty-document", Position("-"), "nothing there"),
        ]
    )
    code, said = told(error)
    assert code == 1
    assert "a.yaml:1:7: error: no such kind [unknown-kind]\n    1 | kind: Kee\n      |       ^\n  fix: say Key" in said
    assert "-:1:1: error: nothing there [empty-document]" in said


def test_nothing_is_raised_when_stderr_is_gone():
    class Gone(io.StringIO):
        def write(self, _text):
            raise BrokenPipeError

    assert tell(Refused("x"), Context({}, io.BytesIO(), io.StringIO(), Gone()), debug=False, colour=False) == 3


def test_a_link_in_a_repository_puts_no_line_of_what_it_leads_to_into_the_log(tmp_path):
    secret, link = tmp_path / "credentials", tmp_path / "key.yaml"
    secret.write_text("aws_secret_access_key = wJalrXUtnFEMI\n")
    link.symlink_to(secret)
    said = told(InvalidInput([Diagnostic("invalid-yaml", Position(str(link)), "this is not YAML")]))[1]
    assert "this is not YAML" in said
    assert "wJalrXUtnFEMI" not in said


def test_a_traceback_obeys_no_terminal_escape_of_a_stranger():
    said = told(KmsctlError("a\x1b]0;owned\x07\u202eb"), debug=True)[1]
    assert "KmsctlError" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)
