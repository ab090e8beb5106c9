"""The command line that both scripts have."""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(description: str | None) -> argparse.Namespace:
    """What to do with which files: `action`, `source`, `sink`, `key`, `context`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["seal", "open"])
    parser.add_argument("source", type=Path, help="the file to read")
    parser.add_argument("sink", type=Path, help="the file to make; it must not be there yet")
    parser.add_argument("--key", default="alias/envelope", help="key id, ARN or alias (default: %(default)s)")
    parser.add_argument("--context", type=pair, action="append", default=[], help="NAME=VALUE, any number of times")
    found = parser.parse_args()
    found.context = dict(found.context)
    return found


def pair(text: str) -> tuple[str, str]:
    """One entry of an encryption context."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
