"""When one list of a principal's retirable grants can stand for a list of grants a key: the cost model.

`ListGrants` costs one call a key. `ListRetirableGrants` costs one call for every hundred grants of a principal, on any
number of keys, but shows only grants that this principal may retire. It is enough for a key of ours when every grant
declared on it has such a principal, all of them are found, and the key's tag says that it never had more of ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from reconciler.kit.arn import Arn
from reconciler.model.identifiers import KeyId
from reconciler.model.observed import Account, ObservedGrant
from reconciler.model.ownership import GrantName, most_grants
from reconciler.model.scope import Wanted

FEWEST_KEYS = 3
"""A principal of fewer keys is not worth a list of its own."""

Candidates = Mapping[KeyId, frozenset[str]]
"""Keys, and the retiring principals of all grants declared on each."""


def principals_for(wanted: Wanted, tags: Mapping[str, str], account: Account) -> frozenset[str] | None:
    """The principals whose lists would show every grant of ours on the key; None when no lists would.

    Only principals of one's own account can be asked for.
    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html
    """
    if wanted.every_grant or not wanted.grants or most_grants(tags) != len(wanted.grants):
        return None
    principals = set()
    for principal in wanted.grants.values():
        arn = Arn.parse(principal) if principal else None
        if arn is None or arn.account != account.account_id:
            return None
        principals.add(str(arn))
    return frozenset(principals)


def worth_sweeping(candidates: Candidates) -> dict[str, int]:
    """The principals to ask for, sorted, and how many pages each may cost at most: one for every key it stands for.

    Dropping a principal drops the keys that need it, and so perhaps another principal.
    """
    remaining = dict(candidates)
    while True:
        keys = Counter(principal for principals in remaining.values() for principal in principals)
        kept = {
            key: principals
            for key, principals in remaining.items()
            if all(keys[principal] >= FEWEST_KEYS for principal in principals)
        }
        if len(kept) == len(remaining):
            return dict(sorted(keys.items()))
        remaining = kept


def proven(
    candidates: Candidates,
    swept: Mapping[str, Iterable[ObservedGrant]],
    declared: Mapping[KeyId, Iterable[str]],
    stack: str,
) -> dict[KeyId, tuple[ObservedGrant, ...]]:
    """The keys whose grants the lists show in full, with those grants; the rest need a `ListGrants` each."""
    found: dict[KeyId, dict[str, ObservedGrant]] = {}
    for grants in swept.values():
        for grant in grants:
            found.setdefault(grant.key_id, {})[grant.grant_id] = grant
    shown = {}
    for key, principals in candidates.items():
        grants_of_key = found.get(key, {}).values()
        names = [GrantName.of(grant.name) for grant in grants_of_key]
        ours = {name.name for name in names if name and name.stack == stack}
        if principals <= swept.keys() and ours.issuperset(declared[key]):
            shown[key] = by_id(grants_of_key)
    return shown


def by_id(grants: Iterable[ObservedGrant]) -> tuple[ObservedGrant, ...]:
    """`grants` in the one order in which they are always given."""
    return tuple(sorted(grants, key=lambda grant: grant.grant_id))
