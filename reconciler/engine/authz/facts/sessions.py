"""Condition keys of trust policies: how a role is to be assumed.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_externalid
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from reconciler.engine.authz.request import Request, Values


def _said(parameter: str) -> Callable[[Request], Values]:
    def values(request: Request) -> Values:
        value = request.call.get(parameter)
        return (value,) if value and request.action.startswith("sts:") else ()

    return values


def _transitive(request: Request) -> Values:
    return tuple(request.call.get("TransitiveTagKeys") or ()) if request.action.startswith("sts:") else ()


FACTS: Final[Mapping[str, Callable[[Request], Values]]] = {
    "sts:externalid": _said("ExternalId"),
    "sts:rolesessionname": _said("RoleSessionName"),
    "sts:sourceidentity": _said("SourceIdentity"),
    "sts:transitivetagkeys": _transitive,
}
