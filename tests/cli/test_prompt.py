"""The question before changes are made."""

from __future__ import annotations

import io

import pytest

from reconciler.cli.context import Context
from reconciler.cli.prompt import confirm
from reconciler.kit.errors import KmsctlError
from tests.cli.conftest import Screen, Terminal


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(b"yes\n", True), (b" yes \n", True), (b"y\n", False), (b"YES\n", False), (b"no\n", False), (b"", False)],
    ids=["yes", "spaces", "y", "YES", "no", "end of input"],
)
def test_only_yes_is_yes(answer, expected):
    context = Context({}, Terminal(answer), Screen(), Screen())
    assert confirm("Really?", context) is expected
    assert "Really? Only `yes` is accepted: " in context.stderr.getvalue()
    assert context.stdout.getvalue() == ""


@pytest.mark.parametrize(
    ("stdin", "stderr"),
    [(io.BytesIO(b"yes\n"), Screen()), (Terminal(b"yes\n"), io.StringIO())],
    ids=["stdin is a pipe", "stderr is a file"],
)
def test_without_a_terminal_nobody_is_asked(stdin, stderr):
    with pytest.raises(KmsctlError) as caught:
        confirm("Really?", Context({}, stdin, Screen(), stderr))
    assert "--auto-approve" in caught.value.fix
