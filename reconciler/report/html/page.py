"""The one way in which reports become pages, and in which other people's text gets into them.

Every value that a template prints goes through `printable`, so that nothing hidden is left in it, and is then escaped
by jinja2. The page forbids itself everything but its own style sheet, by a policy that names the sheet's digest.

Source: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from reconciler import __version__
from reconciler.kit.printable import printable
from reconciler.report.html.verdict import Verdict

_PACKAGE: Final = "reconciler.report.html"
_LIMIT: Final = 4_096
"""Of one value, in characters: policies show up to 2,048 of an element, and have said so then."""


def page(template: str, title: str, verdict: Verdict, **values: Any) -> str:
    """The page that the template called `template` makes of `values`; `title` is what browsers call it."""
    style, policy = _style()
    made = _environment().get_template(f"{template}.html")
    return made.render(style=style, policy=policy, version=__version__, title=title, verdict=verdict, **values)


def shown(value: Any) -> Any:
    """`value` as a template may print it: what is not HTML of ours without anything hidden.

    Raises:
        TypeError: it is neither text nor a number, and what it looks like is nobody's intention.
    """
    if type(value) is str:  # and not HTML of ours, which is a subclass
        return printable(value, limit=_LIMIT)
    if hasattr(value, "__html__") or isinstance(value, int):
        return value
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is nothing that a page shows")
    return printable(value, limit=_LIMIT)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


@cache
def _style() -> tuple[str, str]:
    """The style sheet, and a Content-Security-Policy that lets it in and nothing else."""
    sheet = files(_PACKAGE).joinpath("templates/page.css").read_text("utf-8")
    digest = b64encode(sha256(sheet.encode()).digest()).decode()
    allowed = f"style-src 'sha256-{digest}'; img-src data:"
    return sheet, f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
