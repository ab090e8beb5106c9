"""What values of options may be, for argparse's `type`. The patterns are those of a Target's fields."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError

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
