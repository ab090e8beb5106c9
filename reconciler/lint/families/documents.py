"""KC1xx: policies that KMS refuses, and statements that it takes and that do nothing.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.kit.printable import printable
from reconciler.lint.finding import Hit
from reconciler.lint.policytext import Placed
from reconciler.lint.registry import Family
from reconciler.lint.statements import placed
from reconciler.lint.subject import Subject
from reconciler.policy.conditions import is_operator
from reconciler.policy.document import VERSIONS
from reconciler.policy.faults import PolicyFault
from reconciler.policy.normalise import normal_statement
from reconciler.policy.patterns import matches
from reconciler.policy.statement import Statement


def _kind(fault: PolicyFault, raw: tuple[Mapping[str, object], ...]) -> str:
    """The id of the check that a fault of reading belongs to."""
    match fault.location:
        case () if "bytes" in fault.what:
            return "KC108"
        case _ if "cannot be in a key policy" in fault.what:
            return "KC109"
        case ("Statement", *index) if fault.what.startswith("the statement has no "):
            said = raw[int(index[0]) if index else 0]
            return "KC102" if "Effect" in said and "Effect" not in fault.what else "KC101"
        case (*_, "Condition", str() as operator) if not is_operator(operator):
            return "KC107"
        case _:
            return "KC101"


def _faults(subject: Subject, check_id: str) -> Iterator[Hit]:
    if subject.document is None:
        return
    for fault in subject.document.faults:
        if _kind(fault, subject.document.raw) == check_id:
            yield Hit(str(fault), fault.location, fault.fix)


def invalid_policy(subject: Subject) -> Iterator[Hit]:
    """KMS would refuse it."""
    yield from _faults(subject, "KC101")


def statement_without_effect(subject: Subject) -> Iterator[Hit]:
    """No Action, Principal or Resource: KMS takes it, and it does nothing."""
    yield from _faults(subject, "KC102")


def unknown_operator(subject: Subject) -> Iterator[Hit]:
    """No condition operator of IAM's."""
    yield from _faults(subject, "KC107")


def policy_too_long(subject: Subject) -> Iterator[Hit]:
    """More than 32,768 bytes."""
    yield from _faults(subject, "KC108")


def policy_characters(subject: Subject) -> Iterator[Hit]:
    """Characters that a key policy cannot have."""
    yield from _faults(subject, "KC109")


def resource_not_this_key(subject: Subject) -> Iterator[Hit]:
    """In a key policy the resource is the key: anything else is no resource of its."""
    for one in placed(subject):
        resources = one.statement.resources
        if resources and not any(_can_be_this_key(each, subject) for each in resources):
            yield Hit(f"{one.name} is about resources that are not this key", (*one.path, "Resource"))


def _can_be_this_key(resource: str, subject: Subject) -> bool:
    if resource == "*" or "${" in resource:
        return True
    if subject.arn is not None:
        return matches(resource, subject.arn)
    return ":key/" in resource or resource.endswith("*")


def variable_in_old_version(subject: Subject) -> Iterator[Hit]:
    """Before 2012-10-17, `${…}` is plain text."""
    document = subject.document
    if document is None or document.version == VERSIONS[-1]:
        return
    version = printable(document.version or VERSIONS[0], limit=40)
    for one in placed(subject):
        if any("${" in text for text in _texts(one.statement)):
            yield Hit(
                f"{one.name} has a policy variable, which version {version} does not know",
                one.path,
            )


def _texts(statement: Statement) -> Iterator[str]:
    yield from (*statement.resources, *statement.not_resources)
    for condition in statement.conditions:
        yield from condition.values


def old_version(subject: Subject) -> Iterator[Hit]:
    """The policy is written in the language of 2008."""
    document = subject.document
    if document is not None and document.statements and document.version != VERSIONS[-1]:
        version = printable(document.version or "", limit=40)
        said = f"is of version {version}" if version else f"names no version, so {VERSIONS[0]} counts"
        yield Hit(f"the policy {said}", ("Version",))


def duplicate_statement(subject: Subject) -> Iterator[Hit]:
    """Two statements say the same."""
    seen: dict[Statement, Placed] = {}
    for one in placed(subject):
        first = seen.setdefault(normal_statement(one.statement, partition=subject.partition), one)
        if first is not one:
            yield Hit(f"{one.name} says what {first.name} says", one.path)


PROBES: Family = {
    "KC101": invalid_policy,
    "KC102": statement_without_effect,
    "KC107": unknown_operator,
    "KC108": policy_too_long,
    "KC109": policy_characters,
    "KC114": resource_not_this_key,
    "KC116": variable_in_old_version,
    "KC126": duplicate_statement,
    "KC129": old_version,
}
