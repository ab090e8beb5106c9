"""Condition keys about the key: what it is, what it is called. For CreateKey they are about the key to be.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from reconciler.engine.authz.request import Request, Values
from reconciler.engine.instants import DAY
from reconciler.kit.arn import Arn


def _created(request: Request) -> bool:
    return request.call.name == "CreateKey"


def _spec(request: Request) -> Values:
    if request.key is not None:
        return (request.key.spec,)
    get = request.call.get
    return (get("KeySpec") or get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT",) if _created(request) else ()


def _usage(request: Request) -> Values:
    if request.key is not None:
        return (request.key.usage,)
    return (request.call.get("KeyUsage", "ENCRYPT_DECRYPT"),) if _created(request) else ()


def _origin(request: Request) -> Values:
    if request.key is not None:
        return (request.key.origin,)
    return (request.call.get("Origin", "AWS_KMS"),) if _created(request) else ()


def _multi_region(request: Request) -> Values:
    if request.key is not None:
        return ("true" if request.key.primary_region is not None else "false",)
    return ("true" if request.call.get("MultiRegion") else "false",) if _created(request) else ()


def _multi_region_type(request: Request) -> Values:
    if request.key is not None:
        primary = request.key.primary_region
        return () if primary is None else ("PRIMARY" if primary == request.key.region else "REPLICA",)
    return ("PRIMARY",) if _created(request) and request.call.get("MultiRegion") else ()


def _request_alias(request: Request) -> Values:
    """The alias name by which the request calls the key, if it does."""
    named = request.named or ""
    if named.startswith("arn:"):
        arn = Arn.parse(named)
        named = arn.resource if arn else ""
    return (named,) if named.startswith("alias/") else ()


def _resource_aliases(request: Request) -> Values:
    if request.key is None:
        return ()
    return tuple(request.call.store.aliases.names_of(request.key))


def _resource_account(request: Request) -> Values:
    return (request.key.account if request.key is not None else request.call.caller.account,)


def _resource_organization(request: Request) -> Values:
    found = request.identities.organization(_resource_account(request)[0])
    return (found,) if found else ()


def _days_without_use(request: Request) -> Values:
    """Whole days since the key's last cryptographic operation, or since its creation when there was none."""
    if request.key is None:
        return ()
    last = request.call.store.last_used(request.key)
    return (str((request.call.now - (request.key.created if last is None else last)) // DAY),)


FACTS: Final[Mapping[str, Callable[[Request], Values]]] = {
    "kms:keyspec": _spec,
    "kms:customermasterkeyspec": _spec,
    "kms:keyusage": _usage,
    "kms:customermasterkeyusage": _usage,
    "kms:keyorigin": _origin,
    "kms:multiregion": _multi_region,
    "kms:multiregionkeytype": _multi_region_type,
    "kms:requestalias": _request_alias,
    "kms:resourcealiases": _resource_aliases,
    "kms:trailingdayswithoutkeyusage": _days_without_use,
    "aws:resourceaccount": _resource_account,
    "aws:resourceorgid": _resource_organization,
}
