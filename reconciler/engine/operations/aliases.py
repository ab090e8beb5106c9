"""CreateAlias, UpdateAlias, DeleteAlias, ListAliases.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
"""

from __future__ import annotations

from typing import Any, Final

from reconciler.engine.call import KEY, Access, Call, KeyParameter, Operation
from reconciler.engine.crypto.specs import SPECS
from reconciler.engine.errors import invalid, limit_exceeded, not_found
from reconciler.engine.instants import to_datetime
from reconciler.engine.managed.services import PREFIX, services
from reconciler.engine.paging import paged
from reconciler.engine.quotas.resources import most
from reconciler.engine.store.records import Alias, Key
from reconciler.kit.arn import alias_arn
from reconciler.kit.errors import KmsError

_PREFIX: Final = "alias/"
_RESERVED: Final = "alias/aws/"
_TARGET: Final = (KeyParameter("TargetKeyId"),)


def _create_alias(call: Call) -> dict[str, Any]:
    name, key = _name(call), _target(call)
    if name.startswith(_RESERVED):
        raise KmsError("NotAuthorizedException", "")
    if call.store.aliases.find(key.account, key.region, name) is not None:
        raise KmsError("AlreadyExistsException", f"An alias with the name {_arn(call, name)} already exists")
    _refuse_more(call, key)
    call.store.aliases.insert(key, name, call.now)
    call.involve(_arn(call, name))
    return {}


def _update_alias(call: Call) -> dict[str, Any]:
    name, key = _name(call), _target(call)
    alias = _existing(call, name)
    current = call.store.keys.by_number(alias.key)
    if current.n != key.n:
        _refuse_other_kind(current, key)
        _refuse_more(call, key)
    call.store.aliases.move(key, name, call.now)
    call.involve(_arn(call, name))
    return {}


def _delete_alias(call: Call) -> dict[str, Any]:
    name = _name(call)
    alias = _existing(call, name)
    call.involve(call.store.keys.by_number(alias.key).arn)
    call.involve(_arn(call, name))
    call.store.aliases.delete(call.caller.account, call.caller.region, name)
    return {}


def _list_aliases(call: Call) -> dict[str, Any]:
    caller, key = call.caller, call.keys.get("KeyId")

    def fetch(after: str, limit: int) -> list[Alias]:
        if key is not None:
            return call.store.aliases.page_of(key, after, limit)
        found = call.store.aliases.page(caller.account, caller.region, after, limit)
        return _with_predefined(call, found, after)[:limit]

    found, page = paged(call, fetch, lambda alias: alias.name, start="")
    return {"Aliases": [_entry(call, alias) for alias in found], **page}


def _with_predefined(call: Call, found: list[Alias], after: str) -> list[Alias]:
    """`found` and the predefined aliases behind `after`, which have no key yet.

    They are there once a service has worked in the account and Region, and so has an AWS managed key.
    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
    """
    account, region = call.caller.account, call.caller.region
    if not call.store.aliases.has_any(account, region, PREFIX):
        return found
    known = {alias.name for alias in found}
    absent = [
        Alias(name, 0, "", 0, 0)
        for name in services()
        if name > after and name not in known and call.store.aliases.target(account, region, name) is None
    ]
    return sorted([*found, *absent], key=lambda alias: alias.name)


def _entry(call: Call, alias: Alias) -> dict[str, Any]:
    if not alias.key_id:
        return {"AliasName": alias.name, "AliasArn": _arn(call, alias.name)}
    return {
        "AliasName": alias.name,
        "AliasArn": _arn(call, alias.name),
        "TargetKeyId": alias.key_id,
        "CreationDate": to_datetime(alias.created),
        "LastUpdatedDate": to_datetime(alias.updated),
    }


def _name(call: Call) -> str:
    name: str = call.get("AliasName")
    if not name.startswith(_PREFIX):
        raise invalid(
            f'Alias must start with the prefix "{_PREFIX}". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
        )
    if name == _PREFIX:
        raise invalid("Invalid identifier")
    if ":" in name:
        raise invalid(f"{name} contains invalid characters for an alias")
    return name


def _target(call: Call) -> Key:
    return call.keys["TargetKeyId"]


def _existing(call: Call, name: str) -> Alias:
    alias = call.store.aliases.find(call.caller.account, call.caller.region, name)
    if alias is None:
        raise not_found(f"Alias {_arn(call, name)} is not found.")
    return alias


def _refuse_more(call: Call, key: Key) -> None:
    limit = most(call, "aliases-per-key")
    if call.store.aliases.count(key) >= limit:
        raise limit_exceeded(f"{key.arn} has {limit} aliases, which is the most that a key can have.")


def _refuse_other_kind(current: Key, new: Key) -> None:
    kinds = {SPECS[key.spec].family.kind for key in (current, new)}
    if len(kinds) > 1 or current.usage != new.usage:
        raise invalid(
            f"The current and the new KMS key of an alias must be of the same type and have the same key usage: "
            f"{current.arn} is {current.spec} for {current.usage}, {new.arn} is {new.spec} for {new.usage}."
        )


def _arn(call: Call, name: str) -> str:
    return alias_arn(call.caller.region, call.caller.account, name, call.caller.partition)


OPERATIONS = (
    Operation("CreateAlias", _create_alias, Access.WRITE, _TARGET),
    Operation("UpdateAlias", _update_alias, Access.WRITE, _TARGET),
    Operation("DeleteAlias", _delete_alias, Access.WRITE, keys=()),
    Operation("ListAliases", _list_aliases, Access.READ, KEY),
)
