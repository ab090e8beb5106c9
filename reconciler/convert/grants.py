"""The fields of a grant, as those of a manifest."""

from __future__ import annotations

import re
from typing import Any, Final

from reconciler.convert.fields import Fields
from reconciler.convert.places import Node

_SOURCE: Final = frozenset({"sourceARN", "sourceArn", "source_arn"})
_SERVICE: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazonaws\.eu)")


def grant_fields(fields: Fields, grantee: str, retiring: str, operations: str) -> dict[str, Any]:
    """`spec` of a Grant without its key and constraints, from the fields of these names."""
    return {
        **_principal(fields.text(grantee), "granteePrincipal", "granteeServicePrincipal"),
        **_principal(fields.text(retiring), "retiringPrincipal", "retiringServicePrincipal"),
        "operations": sorted(set(fields.texts(operations) or [])),
    }


def constraints_in(fields: Fields, blocks: list[Node], equals: str, subset: str) -> dict[str, Any] | None:
    """Constraints in one or more `blocks`; None when they are not all known: without them a grant would allow more."""
    names = {equals: "encryptionContextEquals", subset: "encryptionContextSubset"}
    found: dict[str, Any] = {}
    for block in blocks:
        one = Fields(fields.subject, block, fields.remarks)
        there = {name for name, child in block.children() if child.value not in (None, {}, "")}
        for name in sorted(there):
            ours = "sourceArn" if name in _SOURCE else names.get(name)
            value = None if ours is None else one.text(name) if ours == "sourceArn" else one.pairs(name)
            if ours is None or value is None or ours in found:
                return None
            found[ours] = dict(sorted(value.items())) if isinstance(value, dict) else value
        if block.value is not None and not isinstance(block.value, dict):
            return None
    return found


def _principal(name: str | None, person: str, service: str) -> dict[str, str]:
    if not name:
        return {}
    return {service if _SERVICE.fullmatch(name) else person: name}
