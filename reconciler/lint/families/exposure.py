"""KC2xx: who is let in from outside.

It reads statements one by one and fails closed: of all that a Deny elsewhere could narrow, only the fence that AWS
documents counts, a Deny for everybody whom one condition does not name.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.printable import printable
from reconciler.lint.finding import Hit
from reconciler.lint.policytext import Placed
from reconciler.lint.registry import Family
from reconciler.lint.statements import actions_of, allows, is_anyone, placed
from reconciler.lint.subject import Subject
from reconciler.policy.conditions import Condition, split_operator
from reconciler.policy.document import PolicyDocument
from reconciler.policy.exposure import external_accounts, is_public
from reconciler.policy.principals import ANYONE, Principal, PrincipalKind
from reconciler.policy.statement import Effect, Statement

_VIA = "kms:viaservice"
_OF_AWS = "aws:principalisawsservice"
_SOURCES = (
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "kms:calleraccount",
    "kms:grantconstraintsourcearn",
)
_CONTEXT = "kms:encryptioncontext:"
_HARMLESS = ("Describe", "Get", "List")
"""Actions that begin so tell about a key, and use nothing."""
_POSITIVE = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"})


def _alone(one: Placed, subject: Subject) -> PolicyDocument:
    version = subject.document.version if subject.document else None
    return PolicyDocument(version, None, (one.statement,))


def _public(subject: Subject) -> Iterator[Placed]:
    return (one for one in allows(subject) if is_public(_alone(one, subject)) and not _is_fenced(one, subject))


def _is_fenced(one: Placed, subject: Subject) -> bool:
    """Whether a Deny keeps out of the statement everybody but those whom its conditions name."""
    return any(
        other.statement.effect is Effect.DENY
        and any(map(is_anyone, other.statement.principals))
        and "*" in other.statement.resources
        and actions_of(one.statement) <= actions_of(other.statement)
        and _spares_few(other.statement, subject)
        for other in placed(subject)
    )


def _spares_few(denial: Statement, subject: Subject) -> bool:
    """Whether a Deny holds for all but those whom one condition names; AWS's own services may be spared beside them.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
    """
    fences = [condition for condition in denial.conditions if condition.key.lower() != _OF_AWS]
    if len(fences) != 1:
        return False
    (fence,) = fences
    set_operator, base, _ = split_operator(fence.operator)
    if "Not" not in base or set_operator == "ForAnyValue:":
        return False
    named = Condition(base.replace("Not", ""), fence.key, fence.values)
    anyone = (Principal(PrincipalKind.AWS, ANYONE),)
    let_in = Statement(None, Effect.ALLOW, principals=anyone, actions=("kms:*",), resources=("*",), conditions=(named,))
    return not is_public(PolicyDocument(subject.document.version if subject.document else None, None, (let_in,)))


def _only_via_service(one: Placed) -> bool:
    return any(condition.key.lower() == _VIA for condition in one.statement.conditions)


def public_key_policy(subject: Subject) -> Iterator[Hit]:
    """Everybody in every account may."""
    for one in _public(subject):
        if not _only_via_service(one):
            who = "everybody but whom it names" if one.statement.not_principals else "everybody, in every account"
            yield Hit(f"{one.name} lets in {who}", one.path)


def via_service_is_the_only_guard(subject: Subject) -> Iterator[Hit]:
    """Everybody can call through a service from an account of their own."""
    for one in _public(subject):
        if _only_via_service(one):
            yield Hit(f"{one.name} lets in everybody who calls through a service, whatever their account", one.path)


def external_account(subject: Subject) -> Iterator[Hit]:
    """Known, and worth a look."""
    if subject.account is None:
        return
    for one in allows(subject):
        accounts = sorted(external_accounts(_alone(one, subject), subject.account))
        if accounts:
            yield Hit(f"{one.name} lets in {', '.join(accounts)}", one.path)


def service_without_source(subject: Subject) -> Iterator[Hit]:
    """Without a source, the service does for one customer what another asked: the confused deputy.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    for one in allows(subject):
        services = [each.name for each in one.statement.principals if each.kind is PrincipalKind.SERVICE]
        if services and _uses(one) and not any(map(_names_source, one.statement.conditions)):
            yield Hit(f"{one.name} lets {printable(services[0], limit=80)} act for every account", one.path)


def _uses(one: Placed) -> bool:
    return any(not name.startswith(_HARMLESS) for name in actions_of(one.statement))


def _names_source(condition: Condition) -> bool:
    set_operator, base, if_exists = split_operator(condition.operator)
    if if_exists or base not in _POSITIVE or set_operator == "ForAllValues:":
        return False
    key = condition.key.lower()
    if key in _SOURCES:
        return all(value.strip("*?:") not in ("", "arn") for value in condition.values)
    return key.startswith(_CONTEXT) and all(_names_account(value) for value in condition.values)


def _names_account(value: str) -> bool:
    """Whether an ARN in an encryption context has its account, or a resource of its own, in it."""
    parts = value.split(":", 5)
    return len(parts) == 6 and (parts[4].isdecimal() or (not parts[4] and parts[5].strip("*?") != ""))


def everyone_with_conditions(subject: Subject) -> Iterator[Hit]:
    """The conditions alone decide who that is."""
    public = {one.index for one in _public(subject)}
    for one in allows(subject):
        if one.index not in public and any(map(is_anyone, one.statement.principals)):
            yield Hit(
                f"{one.name} names everybody, and leaves it to its conditions who that is", (*one.path, "Principal")
            )


PROBES: Family = {
    "KC201": public_key_policy,
    "KC202": via_service_is_the_only_guard,
    "KC206": external_account,
    "KC207": service_without_source,
    "KC209": everyone_with_conditions,
}
