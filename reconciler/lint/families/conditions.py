"""KC1xx: condition keys that no request has, and operators that cannot do what they are asked.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.printable import printable
from reconciler.lint.finding import Hit, Path
from reconciler.lint.policytext import Placed
from reconciler.lint.reference import actions_matching, condition_key, is_in_request, reference, type_of
from reconciler.lint.registry import Family
from reconciler.lint.statements import actions_of, allows, placed
from reconciler.lint.subject import Subject
from reconciler.policy.conditions import Condition, split_operator
from reconciler.policy.faults import nearest
from reconciler.policy.patterns import is_literal
from reconciler.policy.statement import Effect

_EITHER = frozenset({"aws:EpochTime", "kms:ValidTo"})
"""Date and numeric operators both read them: they are seconds since 1970.

Source of the second: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-valid-to"""
_NETWORK = frozenset({"aws:sourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"})
_SPARING_SERVICES = frozenset({"aws:viaawsservice", "aws:principalisawsservice", "kms:viaservice", "aws:calledvia"})
_CONTEXT = ("kms:encryptioncontext:", "kms:encryptioncontextkeys")
_TYPED = {
    "Numeric": ("Numeric",),
    "Date": ("Date", "Numeric"),
    "Bool": ("Bool",),
    "IpAddress": ("IPAddress",),
    "NotIpAddress": ("IPAddress",),
}
"""What the operators that begin so compare; string and ARN operators compare any text."""


def tests(subject: Subject) -> Iterator[tuple[Placed, Condition, Path]]:
    """Every test of every statement, with its place."""
    for one in placed(subject):
        for condition in one.statement.conditions:
            yield one, condition, (*one.path, "Condition", condition.operator, condition.key)


def unknown_condition_key(subject: Subject) -> Iterator[Hit]:
    """No request has it, so a test of it fails, or, negated, always holds."""
    for one, condition, path in tests(subject):
        if condition_key(condition.key) is None:
            what = f"{one.name} tests {printable(condition.key, limit=80)}, and there is no such condition key"
            fix = nearest(condition.key, reference().keys)
            yield Hit(what, path, fix if fix.startswith("did you mean") else "")


def condition_key_case(subject: Subject) -> Iterator[Hit]:
    """It counts, and everybody who searches for it misses it."""
    for one, condition, path in tests(subject):
        known = condition_key(condition.key)
        if known is not None and not condition.key.startswith(known):
            whole = known + condition.key[len(known) :]
            yield Hit(
                f"{one.name} writes {printable(condition.key, limit=80)} for {printable(whole)}",
                path,
                f"write {printable(whole)}",
            )


def key_not_in_request(subject: Subject) -> Iterator[Hit]:
    """None of the statement's actions has the condition key."""
    for one, condition, path in tests(subject):
        known = condition_key(condition.key)
        names = actions_of(one.statement) & reference().on_key
        if known is None or not names or _is_hopeless_context(condition, subject):
            continue
        if not any(is_in_request(known, name) for name in names):
            yield Hit(f"{one.name} tests {known}, which no request for its actions has", path)


def key_not_in_some_requests(subject: Subject) -> Iterator[Hit]:
    """Some of the actions have the condition key, and those that have not are never allowed.

    Wildcards are left out: nobody means every action that they happen to cover.
    """
    for one in allows(subject):
        written = [action for action in one.statement.actions if is_literal(action)]
        for condition in one.statement.conditions:
            known = condition_key(condition.key)
            if known is None or not _fails_when_missing(condition):
                continue
            lacking = [action for action in written if not _has(action, known)]
            if lacking and any(is_in_request(known, name) for name in actions_of(one.statement)):
                path = (*one.path, "Condition", condition.operator, condition.key)
                what = f"{one.name} allows {printable(lacking[0])}, and tests {known}, which no request for it has"
                yield Hit(what, path)


def _has(action: str, key: str) -> bool:
    """Whether requests for a literal action can have the condition key; of what is no action on a key, none is told."""
    names = reference().on_key.intersection(actions_matching(action))
    return not names or any(is_in_request(key, name) for name in names)


def _fails_when_missing(condition: Condition) -> bool:
    set_operator, base, if_exists = split_operator(condition.operator)
    return not (if_exists or set_operator == "ForAllValues:" or "Not" in base or base == "Null")


def network_hits_services(subject: Subject) -> Iterator[Hit]:
    """A service that acts for somebody comes from its own network, and is denied along with strangers.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-aws.html#conditions-aws-ip-address
    """
    for one in placed(subject):
        keys = {condition.key.lower() for condition in one.statement.conditions}
        if one.statement.effect is not Effect.DENY or keys & _SPARING_SERVICES:
            continue
        for condition in one.statement.conditions:
            if condition.key.lower() in _NETWORK and "Not" in split_operator(condition.operator)[1]:
                path = (*one.path, "Condition", condition.operator, condition.key)
                yield Hit(f"{one.name} denies what services do for people, for they have another network", path)


def encryption_context_not_possible(subject: Subject) -> Iterator[Hit]:
    """Only symmetric encryption keys have an encryption context."""
    for one, condition, path in tests(subject):
        if _is_hopeless_context(condition, subject):
            what = f"{one.name} tests {printable(condition.key, limit=80)}"
            yield Hit(f"{what}, and a key of {subject.key_spec} has no encryption context", path)


def _is_hopeless_context(condition: Condition, subject: Subject) -> bool:
    return not subject.symmetric and condition.key.lower().startswith(_CONTEXT)


def operator_of_another_type(subject: Subject) -> Iterator[Hit]:
    """A value of the key's type is never one of the operator's."""
    for one, condition, path in tests(subject):
        known, base = condition_key(condition.key), split_operator(condition.operator)[1]
        types = next((types for start, types in _TYPED.items() if base.startswith(start)), None)
        if known is None or known in _EITHER:
            continue
        if types is not None and type_of(known) not in types:
            what = f"{one.name} compares {known}, which is of the type {type_of(known)}"
            yield Hit(f"{what}, by {printable(condition.operator, limit=80)}", path)


def set_operator_missing(subject: Subject) -> Iterator[Hit]:
    """A key with several values needs to say whether all or any of them must match."""
    for one, condition, path in tests(subject):
        known, (set_operator, base, _) = condition_key(condition.key), split_operator(condition.operator)
        if known is not None and type_of(known) == "ArrayOfString" and not set_operator and base != "Null":
            fix = f"write ForAnyValue:{base} or ForAllValues:{base}"
            yield Hit(f"{one.name} tests {known}, which has several values, without a set operator", path, fix)


def all_of_one_value(subject: Subject) -> Iterator[Hit]:
    """ForAllValues is for keys with several values; of others it only lets requests without the key pass."""
    for one in allows(subject):
        for condition in one.statement.conditions:
            known, (set_operator, base, _) = condition_key(condition.key), split_operator(condition.operator)
            if known is not None and set_operator == "ForAllValues:" and type_of(known) != "ArrayOfString":
                path = (*one.path, "Condition", condition.operator, condition.key)
                what = f"{one.name} tests {known}, which has one value, by ForAllValues, which holds without any"
                yield Hit(what, path, f"write {base}")


def guard_met_when_missing(subject: Subject) -> Iterator[Hit]:
    """Requests without the key pass every test of the statement."""
    for one in allows(subject):
        conditions = one.statement.conditions
        if conditions and all(_passes_when_missing(condition) for condition in conditions):
            yield Hit(
                f"{one.name} has conditions that hold for every request without their keys", (*one.path, "Condition")
            )


def _passes_when_missing(condition: Condition) -> bool:
    set_operator, _, if_exists = split_operator(condition.operator)
    return if_exists or set_operator == "ForAllValues:"


PROBES: Family = {
    "KC105": unknown_condition_key,
    "KC106": condition_key_case,
    "KC120": operator_of_another_type,
    "KC121": key_not_in_request,
    "KC122": set_operator_missing,
    "KC123": guard_met_when_missing,
    "KC127": encryption_context_not_possible,
    "KC133": key_not_in_some_requests,
    "KC134": network_hits_services,
    "KC135": all_of_one_value,
}
