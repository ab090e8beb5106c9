"""Who gains and loses what by each change of a plan.

It is read off the change itself, off what it shows and does, so that a plan from a file says it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from reconciler.kit.absent import ABSENT
from reconciler.kit.arn import key_arn
from reconciler.model.observed import Account
from reconciler.plan.access.diff import (
    AccessChange,
    arn_that_matters,
    grant_changes,
    ordered,
    policy_changes,
    told_apart,
)
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
from reconciler.policy.compare import compare
from reconciler.policy.default import default_policy
from reconciler.policy.evaluate import GrantFacts, Unparsable
from reconciler.policy.principals import ANYONE

_CACHED = 1024
"""Many keys share few policies."""
PUTS_POLICY = (CreateKey, ReplicateKey, PutKeyPolicy)
"""Steps that say what a key policy is to be."""
_PLACEHOLDER = "00000000-0000-0000-0000-000000000000"
"""The id of a key that is not there yet."""
_UNREAD = Unparsable("the key policy was not read")


def access_of(change: Change, account: Account) -> tuple[AccessChange, ...]:
    """Who gains and loses what by `change`, on a target of `account`; in the order of `access_changes`."""
    if not change.steps:
        return ()
    found = [_of_step(change, step, account) for step in change.steps]
    said = [each for each in (*found, _of_grants(change)) if each]
    return said[0] if len(said) == 1 else ordered(one for each in said for one in each)


def _of_step(change: Change, step: Step, account: Account) -> tuple[AccessChange, ...]:
    match step:
        case CreateKey() | ReplicateKey():
            return _of_new(step.policy or default_policy(account.account_id, account.partition), account)
        case PutKeyPolicy(ExistingKey(key), policy):
            return _of_texts(_shown_policy(change), policy, account, key.rpartition("/")[2])
        case ScheduleDeletion():
            return (_ends(step.key, Way.DELETION),)
        case DisableKey() if EnableKey(step.key) not in change.steps:
            return (_ends(step.key, Way.DISABLED),)
        case _:
            return ()


def _ends(key: KeyHandle, way: Way) -> AccessChange:
    return AccessChange(gained=False, principal=ANYONE, actions=(), way=way, detail=shown(key))


@lru_cache(maxsize=_CACHED)
def _of_new(policy: str, account: Account) -> tuple[AccessChange, ...]:
    arn = key_arn(account.region, account.account_id, _PLACEHOLDER, account.partition)
    return policy_changes(None, parsed(policy), account=account.account_id, partition=account.partition, arn=arn)


def _of_texts(before: str | None, after: str, account: Account, key_id: str) -> tuple[AccessChange, ...]:
    arn = key_arn(account.region, account.account_id, key_id, account.partition)
    matters = arn_that_matters(parsed(before) if before else None, parsed(after), arn)
    return _of_different(before, after, account, matters)


@lru_cache(maxsize=_CACHED)
def _of_different(before: str | None, after: str, account: Account, arn: str) -> tuple[AccessChange, ...]:
    """The policies were compared when the plan was made: that is looked up, for it takes long."""
    old, new = (parsed(before) if before else _UNREAD), parsed(after)
    place = {"account": account.account_id, "partition": account.partition}
    if before is None or isinstance(old, Unparsable) or isinstance(new, Unparsable):
        return policy_changes(old, new, arn=arn, **place)
    found = compare(after, before, key_arn=arn or None, **place)
    return told_apart((old, new), found.difference, arn=arn, **place) if found.difference else ()


def _shown_policy(change: Change) -> str | None:
    """The policy before, if the change shows it."""
    shown = (field.before for field in change.fields if field.path == "policy")
    return next((before for before in shown if isinstance(before, str)), None)


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
