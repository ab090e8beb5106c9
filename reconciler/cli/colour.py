"""Whether a stream gets colours: the conventions of https://no-color.org and https://bixense.com/clicolors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.report.style import Style


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """NO_COLOR forbids, CLICOLOR_FORCE demands; otherwise a terminal that is not dumb gets them unless CLICOLOR=0."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return stream.isatty() and environ.get("CLICOLOR", "1") != "0" and environ.get("TERM") != "dumb"


def style_of(args: Namespace, stream: TextIO, environ: Mapping[str, str]) -> Style:
    """The style of text on `stream`."""
    from reconciler.report.style import Style

    return Style(colour=not args.no_color and wants_colour(stream, environ))
