"""What checks ask of statements."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.lint.policytext import Placed
from reconciler.lint.reference import covered, reference
from reconciler.lint.subject import Subject
from reconciler.policy.principals import ANYONE, Principal, PrincipalKind, account_of
from reconciler.policy.statement import Effect, Statement


def placed(subject: Subject) -> tuple[Placed, ...]:
    """The statements of the subject's policy; none where it has no policy that is known."""
    return subject.document.statements if subject.document else ()


def allows(subject: Subject) -> Iterator[Placed]:
    """Those that allow."""
    return (one for one in placed(subject) if one.statement.effect is Effect.ALLOW)


def accounts_of(subject: Subject) -> frozenset[str]:
    """The key's account; where that is not known, each that its policy names as a principal."""
    if subject.account is not None:
        return frozenset({subject.account})
    named = (account_of(each) for one in placed(subject) for each in one.statement.principals)
    return frozenset(account for account in named if account is not None)


def actions_of(statement: Statement) -> frozenset[str]:
    """The names of KMS's actions that it is about, without `kms:`."""
    if statement.actions:
        return covered(statement.actions)
    return frozenset(reference().actions) - covered(statement.not_actions)


def is_own_account(principal: Principal, subject: Subject) -> bool:
    """Whether it stands for the key's account as a whole; of an account that is not known, for any."""
    if not is_account(principal):
        return False
    return subject.account is None or account_of(principal) == subject.account


def is_account(principal: Principal) -> bool:
    """Whether it stands for a whole account."""
    name = principal.name
    return (
        principal.kind is PrincipalKind.AWS
        and account_of(principal) is not None
        and (name.isdecimal() or name.endswith(":root"))
    )


def is_foreign(principal: Principal, subject: Subject) -> bool:
    """Whether it is certainly of another account."""
    owner = account_of(principal)
    return subject.account is not None and owner is not None and owner != subject.account


def is_anyone(principal: Principal) -> bool:
    """Whether it is everybody."""
    return principal.kind is PrincipalKind.AWS and principal.name == ANYONE
