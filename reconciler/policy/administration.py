"""Who can change a key's policy: what keeps a key manageable.

This reads the structure and evaluates no request, and it fails closed: an Allow counts only without conditions, a Deny
counts unless it plainly spares the caller. PutKeyPolicy works only within the key's account
(https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html).
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.arn import Arn, root_arn
from reconciler.kit.printable import printable
from reconciler.policy.conditions import Condition, split_operator
from reconciler.policy.document import PolicyDocument
from reconciler.policy.normalise import normal_principal
from reconciler.policy.patterns import covers_action, is_literal, matches, matches_arn
from reconciler.policy.principals import ANYONE, Principal, PrincipalKind, account_of
from reconciler.policy.statement import Effect, Statement

_CHANGE_POLICY = "kms:PutKeyPolicy"


def administrators(document: PolicyDocument, *, account: str, partition: str) -> frozenset[str]:
    """ARNs of the principals of `account` that may change the policy; `*` when everybody in the account may.

    The account's root ARN stands for the account, which hands the permission on through IAM policies. Principals that a
    Deny may hit are left out, and so is a statement with `NotPrincipal`.
    """
    allowed = _allowed(document, account, partition)
    return frozenset(name for name in allowed if _denial(document, name, account, partition) is None)


def locks_out(document: PolicyDocument, *, account: str, partition: str, caller_arn: str) -> str | None:
    """Why `caller_arn` could not change the policy again once it is `document`; None when nothing speaks against it.

    The caller may be allowed itself or through the account. The ARN of an assumed-role session counts as its role.
    AWS makes the same check unless told to bypass it
    (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key).
    """
    caller = printable(caller_arn)
    if _account(caller_arn) != account:
        return f"{caller} is not of the account {account}, and {_CHANGE_POLICY} does not work across accounts"
    denial = _denial(document, caller_arn, account, partition)
    if denial:
        return f"{_named(denial)} denies {_CHANGE_POLICY} to {caller}"
    allowed = _allowed(document, account, partition)
    if allowed & {ANYONE, root_arn(account, partition)} or any(_is_same(name, caller_arn) for name in allowed):
        return None
    others = administrators(document, account=account, partition=partition)
    if not others:
        return f"no statement allows {_CHANGE_POLICY} to anybody without conditions: the policy could never be changed"
    return f"{_CHANGE_POLICY} is allowed to {', '.join(sorted(map(printable, others)))}, and not to {caller}"


def _allowed(document: PolicyDocument, account: str, partition: str) -> frozenset[str]:
    """The names in the unconditional Allows of PutKeyPolicy, as far as they are of `account`, or everybody."""
    return frozenset(
        principal.name
        for statement in document.statements
        if statement.effect is Effect.ALLOW and not statement.conditions and "*" in statement.resources
        if _covers_change(statement)
        for principal in _principals(statement.principals, partition)
        if principal.name == ANYONE or _is_of(principal.name, account, partition)
    )


def _denial(document: PolicyDocument, name: str, account: str, partition: str) -> Statement | None:
    """The first statement that may deny PutKeyPolicy to the principal `name`."""
    for statement in document.statements:
        if statement.effect is Effect.DENY and _covers_change(statement):
            spared = any(_never_met(condition, name, account) for condition in statement.conditions)
            if not spared and _aims_at(statement, name, root_arn(account, partition), partition):
                return statement
    return None


def _covers_change(statement: Statement) -> bool:
    if statement.actions:
        return covers_action(statement.actions, _CHANGE_POLICY)
    return not covers_action(statement.not_actions, _CHANGE_POLICY)


def _aims_at(statement: Statement, name: str, root: str, partition: str) -> bool:
    """Whether a Deny is about `name`.

    A `NotPrincipal` spares only who is listed together with their account: AWS looks at the account first
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html).
    """
    if statement.principals:
        names = {principal.name for principal in _principals(statement.principals, partition)}
        return bool(names & {ANYONE, root}) or any(_role_or_self(each) == _role_or_self(name) for each in names)
    spared = {principal.name for principal in _principals(statement.not_principals, partition)}
    return ANYONE not in spared and not (root in spared and any(_is_same(each, name) for each in spared))


def _never_met(condition: Condition, name: str, account: str) -> bool:
    """Whether no PutKeyPolicy that kmsctl sends for the principal `name` of `account` can meet `condition`."""
    set_operator, base, if_exists = split_operator(condition.operator)
    if set_operator:
        return False
    match condition.key.lower():
        case "aws:securetransport":  # KMS answers nothing but TLS
            return base == "Bool" and set(condition.values) == {"false"}
        case "kms:bypasspolicylockoutsafetycheck":  # kmsctl never sets it, so it may be missing
            return base == "Bool" and set(condition.values) == {"true"} and not if_exists
        case "kms:calleraccount" | "aws:principalaccount":
            return base in ("StringNotEquals", "StringNotLike") and account in condition.values
        case "aws:principalarn":
            return any(_spares(base, value, name) for value in condition.values)
        case _:
            return False


def _spares(base: str, value: str, name: str) -> bool:
    """Whether a test that the principal's ARN is not `value` fails for `name`, so that a Deny with it does not hold."""
    arn = _role_arn(name)
    # A session's ARN hides the role's path, so there the role's name decides; a pattern might mean another path.
    same = value == arn if arn == name or not is_literal(value) else _is_same(value, arn)
    match base:
        case "StringNotEquals":
            return same
        case "StringNotLike":
            return same or matches(value, arn)
        case "ArnNotEquals" | "ArnNotLike":
            return same or matches_arn(value, arn)
        case _:
            return False


def _principals(principals: tuple[Principal, ...], partition: str) -> Iterator[Principal]:
    """The AWS principals among `principals`, account ids as root ARNs."""
    return (normal_principal(each, partition) for each in principals if each.kind is PrincipalKind.AWS)


def _account(name: str) -> str | None:
    return account_of(Principal(PrincipalKind.AWS, name))


def _is_of(name: str, account: str, partition: str) -> bool:
    return _account(name) == account and name.startswith(f"arn:{partition}:")


def _is_same(listed: str, name: str) -> bool:
    """Whether the principal `listed` in a policy includes `name`; a listed session is that one session alone."""
    return listed == name or (":assumed-role/" not in listed and _role_or_self(listed) == _role_or_self(name))


def _role_or_self(name: str) -> tuple[str, ...]:
    """What tells principals apart: a role by account and name, for a session's ARN lacks the role's path.

    Role names are unique within an account, whatever their path
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
    """
    arn = Arn.parse(name)
    if arn is None:
        return (name,)
    kind, _, rest = arn.resource.partition("/")
    match kind:
        case "role":
            return (arn.partition, arn.account, rest.rpartition("/")[2])
        case "assumed-role":
            return (arn.partition, arn.account, rest.partition("/")[0])
        case _:
            return (name,)


def _role_arn(name: str) -> str:
    """The `aws:PrincipalArn` of the principal `name`, as far as its ARN tells: a session's is its role's."""
    arn = Arn.parse(name)
    if arn is None or not arn.resource.startswith("assumed-role/"):
        return name
    return str(Arn(arn.partition, "iam", "", arn.account, f"role/{arn.resource.split('/')[1]}"))


def _named(statement: Statement) -> str:
    return f"the statement {printable(statement.sid, limit=80)}" if statement.sid else "a statement without Sid"
