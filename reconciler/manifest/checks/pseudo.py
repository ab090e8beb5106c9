"""Pseudo parameters that are none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.printable import printable
from reconciler.manifest.documents import Document, ManifestKind, Message
from reconciler.manifest.positions import Path
from reconciler.manifest.pseudo import PARAMETERS, variables_in
from reconciler.manifest.wording import nearest

_TEXTS: Final[dict[ManifestKind, tuple[str, ...]]] = {
    ManifestKind.KEY: ("description", "tags", "policy", "adopt"),
    ManifestKind.REPLICA_KEY: ("description", "tags", "policy", "primary"),
    ManifestKind.ALIAS: ("key",),
    ManifestKind.KEY_POLICY: (),
    ManifestKind.GRANT: ("key", "granteePrincipal", "retiringPrincipal", "constraints"),
    ManifestKind.CUSTOM_KEY_STORE: (),
    ManifestKind.ACCESS_TEST: ("mustAllow", "mustDeny"),
    ManifestKind.TARGET: (),
}
"""Fields of each kind in which pseudo parameters are replaced; of a KeyPolicy, all."""


def check_parameters(document: Document) -> Iterator[Diagnostic]:
    """Every `${…}` that looks like a pseudo parameter and is none."""
    if document.kind is ManifestKind.KEY_POLICY:
        yield from _check(document, ("spec",), document.spec, in_policy=True)
    for name in _TEXTS[document.kind]:
        if name in document.spec:
            yield from _check(document, ("spec", name), document.spec[name], in_policy=name == "policy")


def _check(document: Document, path: Path, value: Any, *, in_policy: bool) -> Iterator[Diagnostic]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _check(document, (*path, key), child, in_policy=in_policy)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _check(document, (*path, index), child, in_policy=in_policy)
    elif isinstance(value, str):
        for name in variables_in(value):
            if _is_slip(name) or (not in_policy and name.lower().startswith("aws:")):
                yield document.fault(path, _message(name))


def _is_slip(name: str) -> bool:
    """Whether `name` is a pseudo parameter written the wrong way; none of these is a policy variable."""
    folded = name.lower().replace("::", ":")
    return folded in {parameter.lower() for parameter in PARAMETERS} or name.startswith("AWS::")


def _message(name: str) -> Message:
    guess = nearest(name.replace("::", ":"), PARAMETERS)
    known = ", ".join(f"${{{parameter}}}" for parameter in PARAMETERS)
    return Message(
        "unknown-pseudo-parameter",
        f"there is no pseudo parameter `${{{printable(name, limit=60)}}}`",
        f"known: {known}",
        f"did you mean `${{{guess}}}`?" if guess else "use one of them, or write the value out",
    )
