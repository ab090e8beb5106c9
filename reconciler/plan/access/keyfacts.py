"""Keys of a stack as the analysis of access sees them: as they are, or as a simulated plan leaves them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from reconciler.model.address import Address
from reconciler.model.desired import DesiredState, GrantTerms
from reconciler.model.observed import Account, ObservedGrant, ObservedKey, ObservedState
from reconciler.plan.decide.view import views_of
from reconciler.plan.options import PlanOptions
from reconciler.policy.accepted import read_key_policy
from reconciler.policy.access import KeyFacts
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import GrantFacts, Unparsable

_CACHED = 1024
"""Many keys share few policies."""
_UNREAD = Unparsable("the key policy was not read")


def planned_keys(observed: ObservedState, desired: DesiredState) -> Mapping[Address, KeyFacts]:
    """The current key of every name of the stack that `desired` declares, and of every name that is still there.

    `observed` is what a KMS holds, or what `simulate` made of it. A policy that was not read counts as one that cannot
    be read, and of the grants those that were read are known.
    """
    views = views_of(observed, desired, PlanOptions())
    return {
        view.key_address(name): facts_of_key(key, view.observed.account, view.aliases_of.get(key.key_id, ()))
        for _, view in sorted(views.items())
        for name in sorted(view.lineages)
        if (key := view.lineage(name).current) is not None
    }


def facts_of_key(key: ObservedKey, account: Account, aliases: tuple[str, ...] = ()) -> KeyFacts:
    """What decides access to `key`, which is read as `account`; `aliases` are its names, `alias/…`."""
    return KeyFacts(
        arn=key.arn,
        account=key.arn.split(":")[4],
        partition=account.partition,
        region=key.region,
        policy=_UNREAD if key.policy is None else parsed(key.policy),
        grants=tuple(map(facts_of_grant, key.grants or ())),
        spec=str(key.key_spec),
        usage=str(key.key_usage),
        origin=str(key.origin),
        multi_region=key.multi_region,
        replica=key.is_replica,
        aliases=aliases,
        tags=key.tags,
    )


def facts_of_grant(grant: ObservedGrant) -> GrantFacts:
    """What decides of a real grant."""
    return facts_of_terms(grant.grant_id, grant.terms)


def facts_of_terms(grant_id: str, terms: GrantTerms) -> GrantFacts:
    """What decides of a grant with these terms."""
    constraints = terms.constraints
    return GrantFacts(
        grant_id=grant_id,
        grantee=terms.grantee_principal or terms.grantee_service or "",
        operations=terms.operations,
        context_equals=constraints.encryption_context_equals or None,
        context_subset=constraints.encryption_context_subset or None,
        source_arn=constraints.source_arn,
        retiring=terms.retiring_principal or terms.retiring_service,
    )


@lru_cache(maxsize=_CACHED)
def parsed(text: str) -> PolicyDocument | Unparsable:
    """The policy in a JSON text, as KMS reads it."""
    return read_key_policy(text)
