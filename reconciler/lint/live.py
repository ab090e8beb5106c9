"""Keys as a KMS holds them, made ready for checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from reconciler.kit.absent import ABSENT, Absent
from reconciler.kit.printable import printable
from reconciler.lint.subject import Subject, SubjectGrant
from reconciler.model.address import Address
from reconciler.model.desired import AutomaticRotation, Rotation
from reconciler.model.identifiers import AliasName, Days, KeyId, TargetName
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedKey, ObservedRotation, ObservedState, ObservedTarget
from reconciler.model.ownership import TAG_PREFIX


def subjects_live(
    observed: ObservedState, addresses: Mapping[tuple[TargetName, KeyId], Address] | None = None
) -> tuple[Subject, ...]:
    """Every key of the customer's that was read, by target and id; facets that were not read are not known.

    `addresses` says what manifests call keys that they declare.
    """
    found = []
    for name, target in sorted(observed.targets.items()):
        aliases = defaultdict(list)
        for alias in target.aliases.values():
            aliases[alias.key_id].append(alias.name)
        for key_id, key in sorted(target.keys.items()):
            if not key.aws_managed:
                address = (addresses or {}).get((name, key_id))
                found.append(_subject(key, target, address, sorted(aliases[key_id])))
    return tuple(found)


def _subject(key: ObservedKey, target: ObservedTarget, address: Address | None, aliases: list[AliasName]) -> Subject:
    return Subject(
        resource=str(address) if address else key.arn,
        partition=target.account.partition,
        account=target.account.account_id,
        region=key.region,
        arn=key.arn,
        caller=target.account.caller_arn,
        address=address,
        key_spec=key.key_spec,
        key_usage=key.key_usage,
        origin=key.origin,
        multi_region=key.multi_region,
        replica=key.is_replica,
        replicas=key.regions.replicas if key.regions and not key.is_replica else (),
        policy=key.policy,
        rotation=_rotation(key.rotation),
        on_demand_rotations=key.rotation.on_demand_rotations if key.rotation else None,
        enabled=key.state is not KeyState.DISABLED,
        state=key.state,
        description=key.description or ABSENT,
        tags={name: value for name, value in key.tags.items() if not name.startswith(TAG_PREFIX)},
        aliases=tuple(aliases),
        grants=tuple(SubjectGrant(printable(one.name or one.grant_id), one.terms) for one in key.grants or ()),
    )


def _rotation(observed: ObservedRotation | None) -> Rotation | Absent | None:
    if observed is None:
        return None
    if not observed.enabled:
        return ABSENT
    return AutomaticRotation(observed.period) if observed.period else AutomaticRotation(Days(365))
