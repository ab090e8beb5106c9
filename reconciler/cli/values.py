"""What values of options may be, for argparse's `type`. The patterns are those of a Target's fields."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

MAX_PARALLELISM = 128
"""More connections than this never help: KMS allows a handful of most changes a second."""
REGION = r"^[a-z]{2,}(-[a-z]+)+-[0-9]+$"
ENDPOINT_URL = r"^https?://[a-zA-Z0-9._:\[\]-]+(/[a-zA-Z0-9._/-]*)?$"


def said(text: str) -> str:
    """Anything but nothing: `--stack "$STACK"` with a variable that is not set must not mean the default."""
    if not text.strip():
        raise ArgumentTypeError("the value is empty; if it comes from a variable, that is not set")
    return text


def region(text: str) -> str:
    """The name of a Region."""
    if not re.fullmatch(REGION[1:-1], said(text)):
        raise ArgumentTypeError(f"{text!r} is no Region; one is called eu-central-1, for example")
    return text


def endpoint_url(text: str) -> str:
    """Where an API is."""
    if not re.fullmatch(ENDPOINT_URL[1:-1], said(text)):
        raise ArgumentTypeError(f"{text!r} is no address of an API; one is http://127.0.0.1:5000, for example")
    return text


def parallelism(text: str) -> int:
    """A number of calls."""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MAX_PARALLELISM:
        raise ArgumentTypeError(f"{text!r} is no number from 1 to {MAX_PARALLELISM}")
    return int(text)


def port(text: str) -> int:
    """A TCP port; 0 is any that is free."""
    return _number(text, 0, 65_535)


def workers(text: str) -> int:
    """A number of processes."""
    return _number(text, 1, 64)


def path(text: str) -> Path:
    """A file or a folder, whether it is there or not."""
    from pathlib import Path

    return Path(said(text))


def duration(text: str) -> timedelta:
    """A time with its unit: 500ms, 3s, 5m, 2h, 400d."""
    from datetime import timedelta

    found = re.fullmatch(r"([0-9]{1,9})(ms|s|m|h|d)", said(text))
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no duration; one is 3s, 500ms, 5m, 2h or 400d, for example")
    unit = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[found[2]]
    return timedelta(**{unit: int(found[1])})


def _number(text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
        raise ArgumentTypeError(f"{text!r} is no number from {least} to {most}")
    return int(text)
