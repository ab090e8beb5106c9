"""KC3xx: more than somebody needs.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html and
https://docs.aws.amazon.com/kms/latest/developerguide/grant-authorization.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.kit.printable import printable
from reconciler.lint.finding import Hit
from reconciler.lint.registry import Family
from reconciler.lint.statements import actions_of, allows, is_anyone, is_own_account
from reconciler.lint.subject import Subject
from reconciler.policy.actions import actions_on, cryptographic
from reconciler.policy.patterns import is_literal
from reconciler.policy.principals import Principal, PrincipalKind
from reconciler.policy.statement import Statement

_CREATE_GRANT: Final = "kms:creategrant"
_EVERYTHING: Final = ("*", "kms:*")
_GRANT_KEYS: Final = (
    "kms:grantisforawsresource", "kms:granteeprincipal", "kms:granteeserviceprincipal", "kms:grantoperations",
    "kms:grantconstrainttype", "kms:grantconstraintsourcearn", "kms:viaservice",
)  # fmt: skip
"""Conditions that bound what grants can be made."""
_DESTRUCTIVE: Final = frozenset({"ScheduleKeyDeletion", "DeleteImportedKeyMaterial", "DisableKey"})
_ADMINISTRATION: Final = "PutKeyPolicy"


def limits_grants(statement: Statement) -> bool:
    """Whether a condition bounds the grants that can be made by leave of the statement."""
    return any(condition.key.lower() in _GRANT_KEYS for condition in statement.conditions)


def _is_full(statement: Statement) -> bool:
    return any(action.lower() in _EVERYTHING for action in statement.actions)


def _is_whole_account(statement: Statement, subject: Subject) -> bool:
    return bool(statement.principals) and all(is_own_account(each, subject) for each in statement.principals)


def create_grant_unguarded(subject: Subject) -> Iterator[Hit]:
    """Whoever may make any grant may let anybody use the key."""
    for one in allows(subject):
        written = [action for action in one.statement.actions if action.lower() == _CREATE_GRANT]
        if written and not limits_grants(one.statement) and not _is_whole_account(one.statement, subject):
            yield Hit(f"{one.name} allows kms:CreateGrant for any grant", (*one.path, "Action"))


def wildcard_includes_create_grant(subject: Subject) -> Iterator[Hit]:
    """Often nobody meant it."""
    for one in allows(subject):
        wide = [each for each in one.statement.actions if not is_literal(each) and each.lower() not in _EVERYTHING]
        if "CreateGrant" not in actions_of(one.statement) or limits_grants(one.statement):
            continue
        if (
            wide
            and not any(each.lower() == _CREATE_GRANT for each in one.statement.actions)
            and not _is_full(one.statement)
        ):
            what = f"{one.name} allows kms:CreateGrant by a wildcard, so its principals can let anybody use the key"
            yield Hit(what, (*one.path, "Action"))


def full_access(subject: Subject) -> Iterator[Hit]:
    """`kms:*` is for the account alone."""
    for one in allows(subject):
        named = [each for each in one.statement.principals if not is_own_account(each, subject)]
        if named and _is_full(one.statement):
            who = "everybody" if is_anyone(named[0]) else printable(named[0].name)
            yield Hit(f"{one.name} allows {who} everything", (*one.path, "Action"))


def _allowed(subject: Subject) -> dict[Principal, frozenset[str]]:
    """What each principal is allowed, but for everything at once; accounts and everybody are nobody in particular."""
    found: dict[Principal, frozenset[str]] = {}
    for one in allows(subject):
        if _is_full(one.statement):
            continue
        for each in one.statement.principals:
            if not is_own_account(each, subject) and not is_anyone(each) and each.kind is not PrincipalKind.SERVICE:
                found[each] = found.get(each, frozenset()) | actions_of(one.statement)
    return found


def _use(subject: Subject) -> frozenset[str]:
    return frozenset(action.removeprefix("kms:") for action in cryptographic(subject.traits))


def administers_and_uses(subject: Subject) -> Iterator[Hit]:
    """Who changes a key's policy should not read what it encrypts."""
    for principal, names in _allowed(subject).items():
        if _ADMINISTRATION in names and names & _use(subject):
            yield Hit(
                f"{printable(principal.name)} may change the key's policy, and use the key", _first(subject, principal)
            )


def user_may_destroy(subject: Subject) -> Iterator[Hit]:
    """Who uses a key should not be able to end it for all others."""
    possible = {action.removeprefix("kms:") for action in actions_on(subject.traits)}
    for principal, names in _allowed(subject).items():
        ends = sorted(names & _DESTRUCTIVE & possible)
        if ends and names & _use(subject) and _ADMINISTRATION not in names:
            yield Hit(f"{printable(principal.name)} uses the key, and may {ends[0]}", _first(subject, principal))


def _first(subject: Subject, principal: Principal) -> tuple[str | int, ...]:
    return next(one.path for one in allows(subject) if principal in one.statement.principals)


def user_principal(subject: Subject) -> Iterator[Hit]:
    """Users have keys that last; roles have sessions.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
    """
    for one in allows(subject):
        users = [each.name for each in one.statement.principals if ":user/" in each.name]
        if users:
            yield Hit(f"{one.name} names the user {printable(users[0])}", (*one.path, "Principal"))


PROBES: Family = {
    "KC301": create_grant_unguarded,
    "KC302": wildcard_includes_create_grant,
    "KC303": full_access,
    "KC304": administers_and_uses,
    "KC305": user_principal,
    "KC311": user_may_destroy,
}
