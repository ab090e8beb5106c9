"""Who gains and loses what by each change of a plan.

It is read off the change itself, off what it shows and does, so that a plan from a file says it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.kit.absent import ABSENT
from reconciler.kit.arn import key_arn
from reconciler.model.observed import Account
from reconciler.plan.access.diff import AccessChange, Policy, grant_changes, ordered, policy_changes
from reconciler.plan.access.keyfacts import facts_of_terms, parsed
from reconciler.plan.access.reach import Way
from reconciler.plan.changes import Change, FieldChange
from reconciler.plan.decide.aliases import shown
from reconciler.plan.decide.grants import flat_terms
from reconciler.plan.steps import (
    CreateGrant,
    CreateKey,
    DisableKey,
    EnableKey,
    ExistingKey,
    KeyHandle,
    PutKeyPolicy,
    ReplicateKey,
    RevokeGrant,
    ScheduleDeletion,
    Step,
)
from reconciler.policy.default import default_policy
from reconciler.policy.evaluate import GrantFacts, Unparsable
from reconciler.policy.principals import ANYONE

PUTS_POLICY = (CreateKey, ReplicateKey, PutKeyPolicy)
"""Steps that say what a key policy is to be."""
_PLACEHOLDER = "00000000-0000-0000-0000-000000000000"
"""The id of a key that is not there yet."""
_UNREAD = Unparsable("the key policy was not read")


def access_of(change: Change, account: Account) -> tuple[AccessChange, ...]:
    """Who gains and loses what by `change`, on a target of `account`; in the order of `access_changes`."""
    if not change.steps:
        return ()
    found = [one for step in change.steps for one in _of_step(change, step, account)]
    return ordered((*found, *_of_grants(change)))


def _of_step(change: Change, step: Step, account: Account) -> Iterator[AccessChange]:
    match step:
        case CreateKey() | ReplicateKey():
            policy = parsed(step.policy or default_policy(account.account_id, account.partition))
            yield from _of_policies(None, policy, account, _PLACEHOLDER)
        case PutKeyPolicy(ExistingKey(key), policy):
            yield from _of_policies(_before(change), parsed(policy), account, key.rpartition("/")[2])
        case ScheduleDeletion():
            yield _ends(step.key, Way.DELETION)
        case DisableKey() if EnableKey(step.key) not in change.steps:
            yield _ends(step.key, Way.DISABLED)
        case _:
            pass


def _ends(key: KeyHandle, way: Way) -> AccessChange:
    return AccessChange(gained=False, principal=ANYONE, actions=(), way=way, detail=shown(key))


def _of_policies(before: Policy | None, after: Policy, account: Account, key_id: str) -> tuple[AccessChange, ...]:
    arn = key_arn(account.region, account.account_id, key_id, account.partition)
    return policy_changes(before, after, account=account.account_id, partition=account.partition, arn=arn)


def _before(change: Change) -> Policy:
    policies = [field.before for field in change.fields if field.path == "policy"]
    return parsed(policies[0]) if policies and isinstance(policies[0], str) else _UNREAD


def _of_grants(change: Change) -> tuple[AccessChange, ...]:
    """Of the grants that are made and revoked; what is revoked beside the one that stays gave nothing more."""
    made = [step for step in change.steps if isinstance(step, CreateGrant)]
    revoked = [step for step in change.steps if isinstance(step, RevokeGrant)]
    after = flat_terms(made[0].terms) if made else {}
    before = _shown_before(after, change.fields) if revoked and (made or change.fields) else {}
    if not made and not before:
        return ()
    old = _facts(before, change.resource_id or "") if before else ()
    new = (facts_of_terms(made[0].name, made[0].terms),) if made else ()
    if any(field.path == "key" for field in change.fields):
        return (*grant_changes((), new), *grant_changes(old, ()))  # on two keys
    return grant_changes(old, new)


def _shown_before(after: Mapping[str, Any], fields: tuple[FieldChange, ...]) -> dict[str, Any]:
    """The terms of a grant before, of which a change shows what differs, in the form of `flat_terms`."""
    changed = {field.path: field.before for field in fields}
    return {path: value for path, value in {**after, **changed}.items() if value is not ABSENT and path != "key"}


def _facts(flat: Mapping[str, Any], grant_id: str) -> tuple[GrantFacts]:
    return (
        GrantFacts(
            grant_id,
            flat.get("granteePrincipal") or flat.get("granteeServicePrincipal") or "",
            frozenset(flat.get("operations", ())),
            flat.get("constraints.encryptionContextEquals"),
            flat.get("constraints.encryptionContextSubset"),
            flat.get("constraints.sourceArn"),
        ),
    )
