"""Keys as manifests declare them, made ready for checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeVar

from reconciler.kit.absent import ABSENT, Absent
from reconciler.lint.subject import Subject, SubjectGrant
from reconciler.model.address import Address
from reconciler.model.desired import AdoptReplica, DesiredKey, DesiredState, ManagedKey
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account

_T = TypeVar("_T")


def subjects_of(
    desired: DesiredState, accounts: Mapping[TargetName, Account | None] | None = None
) -> tuple[Subject, ...]:
    """Every key that `desired` declares, sorted by address.

    `accounts` are those that are known, as for `desire`; of a target that is not in it, no check says what depends on
    the account or the Region.
    """
    linked = _Linked(desired)
    return tuple(_subject(key, (accounts or {}).get(key.address.target), linked) for key in desired.keys)


class _Linked:
    """What refers to each key."""

    def __init__(self, desired: DesiredState) -> None:
        self.aliases: dict[Address, list[str]] = defaultdict(list)
        self.grants: dict[Address, list[SubjectGrant]] = defaultdict(list)
        self.replicas: dict[Address, list[str]] = defaultdict(list)
        for alias in desired.aliases:
            if isinstance(alias.key, ManagedKey):
                self.aliases[alias.key.address].append(alias.name)
        for grant in desired.grants:
            if isinstance(grant.key, ManagedKey):
                one = SubjectGrant(str(grant.address), grant.terms, grant.address, grant.position)
                self.grants[grant.key.address].append(one)
        for key in desired.keys:
            if isinstance(key.primary, ManagedKey):
                self.replicas[key.primary.address].append(str(key.address))


def _subject(key: DesiredKey, account: Account | None, linked: _Linked) -> Subject:
    adopted = key.adopt is not None and not isinstance(key.adopt, AdoptReplica)
    return Subject(
        resource=str(key.address),
        partition=account.partition if account else "aws",
        account=account.account_id if account else None,
        region=account.region if account else None,
        caller=account.caller_arn if account else None,
        address=key.address,
        position=key.position,
        key_spec=key.key_spec,
        key_usage=key.key_usage,
        origin=key.origin,
        multi_region=key.multi_region,
        replica=key.primary is not None,
        replicas=tuple(sorted(linked.replicas[key.address])),
        policy=_unless_others(key, "policy", key.policy, adopted=adopted),
        statement_positions=key.statement_positions,
        rotation=_unless_others(key, "rotation", key.rotation, adopted=False),
        material=key.material,
        enabled=None if key.enabled is ABSENT else key.enabled,
        deletion=key.deletion,
        description=_unless_others(key, "description", key.description, adopted=adopted),
        tags=_unless_others(key, "tags", key.tags, adopted=adopted),
        aliases=tuple(sorted(linked.aliases[key.address])),
        grants=tuple(linked.grants[key.address]),
    )


def _unless_others(key: DesiredKey, field: str, value: _T | Absent, *, adopted: bool) -> _T | Absent | None:
    """`value`; None where it is absent because somebody else manages it, or the key was there before its manifest."""
    if value is ABSENT and (adopted or field in key.ignore.fields):
        return None
    return value
