"""Keys as manifests declare them, made ready for checks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final, TypeVar

from reconciler.kit.absent import ABSENT, Absent
from reconciler.lint.subject import Subject, SubjectGrant
from reconciler.model.address import Address
from reconciler.model.desired import AdoptReplica, DesiredGrant, DesiredKey, DesiredState, ManagedKey
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account

_T = TypeVar("_T")
_PRINCIPAL: Final = re.compile(r"arn:(?P<partition>aws[a-z-]*):(iam|sts)::")


def subjects_of(
    desired: DesiredState, accounts: Mapping[TargetName, Account | None] | None = None
) -> tuple[Subject, ...]:
    """Every key that `desired` declares, sorted by address.

    Grants on keys that nobody declares are subjects of their own, after the keys. `accounts` are those that are known,
    as for `desire`; of a target that is not in it, no check says what depends on the account or the Region. An empty
    Region or caller is not known.
    """
    linked, known = _Linked(desired), accounts or {}
    keys = (_subject(key, known.get(key.address.target), linked) for key in desired.keys)
    return (*keys, *(_of_grant(grant, known.get(grant.address.target)) for grant in linked.elsewhere))


class _Linked:
    """What refers to each key."""

    def __init__(self, desired: DesiredState) -> None:
        self.aliases: dict[Address, list[str]] = defaultdict(list)
        self.grants: dict[Address, list[SubjectGrant]] = defaultdict(list)
        self.replicas: dict[Address, list[str]] = defaultdict(list)
        for alias in desired.aliases:
            if isinstance(alias.key, ManagedKey):
                self.aliases[alias.key.address].append(alias.name)
        self.elsewhere = [grant for grant in desired.grants if not isinstance(grant.key, ManagedKey)]
        for grant in desired.grants:
            if isinstance(grant.key, ManagedKey):
                self.grants[grant.key.address].append(_grant(grant))
        for key in desired.keys:
            if isinstance(key.primary, ManagedKey):
                self.replicas[key.primary.address].append(str(key.address))


def _grant(grant: DesiredGrant) -> SubjectGrant:
    return SubjectGrant(str(grant.address), grant.terms, grant.address, grant.position)


def _of_grant(grant: DesiredGrant, account: Account | None) -> Subject:
    """A grant whose key is not known."""
    return Subject(
        resource=str(grant.address),
        account=account.account_id if account else None,
        address=grant.address,
        position=grant.position,
        grants=(_grant(grant),),
    )


def _partition_in(policy: str | Absent) -> str:
    """The partition of the first principal in a policy; AWS's own where it has none."""
    found = None if policy is ABSENT else _PRINCIPAL.search(policy)
    return found["partition"] if found else "aws"


def _subject(key: DesiredKey, account: Account | None, linked: _Linked) -> Subject:
    adopted = key.adopt is not None and not isinstance(key.adopt, AdoptReplica)
    return Subject(
        resource=str(key.address),
        partition=account.partition if account and account.region else _partition_in(key.policy),
        account=account.account_id if account else None,
        region=(account.region or None) if account else None,
        caller=(account.caller_arn or None) if account else None,
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
