"""When output is in colour."""

from __future__ import annotations

import io

import pytest

from reconciler.cli.colour import wants_colour
from tests.cli.conftest import Screen


@pytest.mark.parametrize(
    ("terminal", "environ", "expected"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"CLICOLOR": "0"}, False),
        (True, {"CLICOLOR": "1"}, True),
        (True, {"TERM": "dumb"}, False),
        (True, {"TERM": "xterm"}, True),
        (False, {"CLICOLOR_FORCE": "1"}, True),
        (False, {"CLICOLOR_FORCE": "0"}, False),
        (False, {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
    ],
    ids=str,
)
def test_colour_follows_the_conventions(terminal, environ, expected):
    assert wants_colour(Screen() if terminal else io.StringIO(), environ) is expected
