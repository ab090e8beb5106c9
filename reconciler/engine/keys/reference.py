"""From what a request calls a key to the key: key id, key ARN, alias name or alias ARN.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
"""

from __future__ import annotations

import re
from typing import Final

from reconciler.engine.call import Call
from reconciler.engine.errors import access_denied, invalid, invalid_arn, not_found
from reconciler.engine.store.records import Key
from reconciler.engine.wire.model import errors_of
from reconciler.kit.arn import Arn, alias_arn, key_arn
from reconciler.kit.errors import KmsError

_KEY_ID: Final = re.compile(r"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_OF_ALIASES: Final = frozenset({"CreateAlias", "UpdateAlias"})


def resolve(call: Call, reference: str, *, aliases: bool) -> Key:
    """The key that `reference` names for the caller.

    Raises:
        KmsError: NotFoundException when nothing of that name is in the caller's Region, or an alias is given where
            none is allowed, but ValidationException where an alias is to refer to it; InvalidArnException when it is
            an ARN of something else, but NotFoundException from operations that do not list that error
            (cryptography, aliases); AccessDeniedException when another account has no such key, so that nobody
            learns which it has.
    """
    if reference.startswith("arn:"):
        return _by_arn(call, reference, aliases=aliases)
    account = call.caller.account
    if reference.startswith("alias/"):
        if not aliases:
            raise _no_alias(call, reference)
        return _by_alias(call, account, reference)
    return _by_id(call, account, reference)


def _by_arn(call: Call, reference: str, *, aliases: bool) -> Key:
    arn = Arn.parse(reference)
    if arn is None or arn.service != "kms":
        raise _no_arn(call, reference)
    if (arn.region, arn.partition) != (call.caller.region, call.caller.partition):
        raise not_found(f"Invalid arn {arn.region}")
    kind, _, name = arn.resource.partition("/")
    if kind != "key" and not (kind == "alias" and aliases):
        raise _no_arn(call, reference)
    try:
        return _by_id(call, arn.account, name) if kind == "key" else _by_alias(call, arn.account, arn.resource)
    except KmsError:
        if arn.account != call.caller.account:
            raise access_denied(call.caller.principal, call.name, reference) from None
        raise


def _no_alias(call: Call, reference: str) -> KmsError:
    """An alias stands where a key must be named."""
    if call.name in _OF_ALIASES:
        return invalid("Aliases must refer to keys. Not aliases")
    return not_found(f"Invalid keyId '{reference}'")


def _no_arn(call: Call, reference: str) -> KmsError:
    """`reference` is no ARN of a key: said by the error that the service model lists for the operation."""
    error = invalid_arn(reference)
    return error if error.code in errors_of(call.name) else not_found(error.message)


def _by_id(call: Call, account: str, key_id: str) -> Key:
    key = call.store.keys.find(account, call.caller.region, key_id)
    if key is not None:
        return key
    if not _KEY_ID.fullmatch(key_id):
        raise not_found(f"Invalid keyId '{key_id}'")
    raise not_found(f"Key '{key_arn(call.caller.region, account, key_id, call.caller.partition)}' does not exist")


def _by_alias(call: Call, account: str, name: str) -> Key:
    region = call.caller.region
    key_id = call.store.aliases.target(account, region, name)
    key = call.store.keys.find(account, region, key_id) if key_id else None
    if key is None:
        raise not_found(f"Alias {alias_arn(region, account, name, call.caller.partition)} is not found.")
    return key
