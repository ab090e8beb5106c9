"""What could go wrong for those who use a key when its policy changes, and by whom a grant lets in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.kit.printable import printable
from reconciler.model.observed import ObservedKey
from reconciler.plan.access.changed import access_of
from reconciler.plan.access.keyfacts import facts_of_key, facts_of_terms, parsed
from reconciler.plan.changes import Change, Risk, RiskLevel
from reconciler.plan.decide.view import TargetView
from reconciler.plan.risk.services import cut_off, denied_grants
from reconciler.plan.risk.widening import may_be_in_use, wider_use
from reconciler.plan.steps import CreateGrant, ExistingKey
from reconciler.policy.document import PolicyDocument
from reconciler.policy.exposure import external_accounts
from reconciler.policy.principals import Principal, PrincipalKind, account_of


def user_risks(view: TargetView, change: Change, key: ObservedKey, policy: str) -> Iterator[Risk]:
    """Of putting `policy` on `key`, for whoever uses it or will."""
    access = access_of(change, view.observed.account)
    yield from wider_use(view, key, access)
    yield from cut_off(access, in_use=may_be_in_use(view, key))
    old, real = _policy_of(key), facts_of_key(key, view.observed.account, view.aliases_of.get(key.key_id, ()))
    declared = [facts_of_terms(str(one.address), one.terms) for one in view.grants_on(change.address, key)]
    known = {(one.grantee, one.operations) for one in declared}
    undeclared = [one for one in real.grants if (one.grantee, one.operations) not in known]
    yield from denied_grants(replace(real, policy=parsed(policy)), old, [*declared, *undeclared])


def external_grant(view: TargetView, step: CreateGrant) -> Iterator[Risk]:
    """`external-account` for a grantee of an account that neither the key's policy nor a grant on it lets in yet."""
    key = view.key_of(step.key.key) if isinstance(step.key, ExistingKey) else None
    own = view.observed.account.account_id
    stranger = _account(step.terms.grantee_principal)
    if stranger is None or stranger == own:
        return
    old = _policy_of(key) if key else None
    known = {_account(one.terms.grantee_principal) for one in (key.grants or () if key else ())}
    if stranger not in known | (external_accounts(old, own) if old else frozenset()):
        what = ", ".join(sorted(step.terms.operations))
        why = f"account {stranger} gets access to the key: {printable(step.terms.grantee_principal or '')} may {what}"
        yield Risk(RiskLevel.CAUTION, "external-account", why)


def _account(principal: str | None) -> str | None:
    return account_of(Principal(PrincipalKind.AWS, principal)) if principal else None


def _policy_of(key: ObservedKey) -> PolicyDocument | None:
    policy = parsed(key.policy) if key.policy else None
    return policy if isinstance(policy, PolicyDocument) else None
