"""IAM policy documents for KMS keys: from JSON to values and back.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reconciler.kit.printable import printable
from reconciler.policy.faults import FaultList, InvalidPolicy, PolicyFault, json_type, nearest
from reconciler.policy.jsontext import compact, load
from reconciler.policy.limits import check_limits, is_plainly_within
from reconciler.policy.principals import Principal
from reconciler.policy.statement import PolicyForm, Statement, read_statement

VERSIONS = ("2008-10-17", "2012-10-17")
"""The versions of the policy language; a document that names none is of the first."""

_CACHED = 2048
"""Texts kept: what a plan compares, it asks again who gains and loses by."""
_ELEMENTS = ("Version", "Id", "Statement")


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A policy, as its author spells it, of one statement or more.

    `version` and `id` are None when they are not given, or empty.
    """

    version: str | None
    id: str | None
    statements: tuple[Statement, ...]


def parse_document(value: str | Mapping[str, Any]) -> PolicyDocument:
    """The key policy in a JSON text or in a mapping of JSON-like values.

    Raises:
        InvalidPolicy: with every fault of the document, in the order in which they were found.
    """
    return _parse(value, PolicyForm.KEY)


@lru_cache(maxsize=_CACHED)
def parse_text(text: str) -> PolicyDocument:
    """As `parse_document`, once for all who ask about the same text.

    Raises:
        InvalidPolicy: with every fault of the document, in the order in which they were found.
    """
    return parse_document(text)


def parse_identity_policy(value: str | Mapping[str, Any]) -> PolicyDocument:
    """The policy of a user, role or session, or a permission boundary: its statements have no principals.

    Raises:
        InvalidPolicy: with every fault of the document, in the order in which they were found.
    """
    return _parse(value, PolicyForm.IDENTITY)


def parse_attached_policy(value: Mapping[str, Any]) -> PolicyDocument:
    """As `parse_identity_policy`, of any length: AWS's own managed policies are longer than anybody else's may be.

    Raises:
        InvalidPolicy: with every fault of the document, in the order in which they were found.
    """
    return _parse(value, PolicyForm.IDENTITY, limited=False)


def parse_trust_policy(value: str | Mapping[str, Any]) -> PolicyDocument:
    """The policy of a role that says who may assume it: its statements have no resources.

    Raises:
        InvalidPolicy: with every fault of the document, in the order in which they were found.
    """
    return _parse(value, PolicyForm.TRUST)


def _parse(value: str | Mapping[str, Any], form: PolicyForm, *, limited: bool = True) -> PolicyDocument:
    document: object = load(value) if isinstance(value, str) else value
    if not isinstance(document, Mapping):
        raise InvalidPolicy(
            [PolicyFault((), f"expected an object, found {json_type(document)}", "write {Version, Statement}")]
        )
    faults = FaultList()
    elements = {str(name): item for name, item in document.items()}
    for name in (name for name in elements if name not in _ELEMENTS):
        what = f"a policy has no element {printable(name, limit=80)}"
        faults.add((name,), what, nearest(name, _ELEMENTS))
    parsed = PolicyDocument(
        version=_read_version(elements, faults),
        id=_read_id(elements, faults),
        statements=_read_statements(elements, faults, form),
    )
    if limited and not (isinstance(value, str) and is_plainly_within(value, form)):
        check_limits(elements, faults, form)
    faults.raise_if_any()
    return parsed


def to_json(document: PolicyDocument) -> dict[str, Any]:
    """`document` as JSON values, in AWS's order of elements, a list of one written as its item.

    `parse_document(to_json(document)) == document`, but for the grouping of conditions by operator.
    """
    head = {"Version": document.version, "Id": document.id}
    statements = [_statement_json(statement) for statement in document.statements]
    return {**{name: value for name, value in head.items() if value is not None}, "Statement": statements}


def to_text(document: PolicyDocument) -> str:
    """The JSON text to send to a KMS: no white space, characters as they are."""
    return compact(to_json(document))


def _statement_json(statement: Statement) -> dict[str, Any]:
    elements: dict[str, Any] = {
        "Sid": statement.sid,
        "Effect": statement.effect.value,
        "Principal": _principals_json(statement.principals),
        "NotPrincipal": _principals_json(statement.not_principals),
        "Action": _strings_json(statement.actions),
        "NotAction": _strings_json(statement.not_actions),
        "Resource": _strings_json(statement.resources),
        "NotResource": _strings_json(statement.not_resources),
        "Condition": _conditions_json(statement),
    }
    return {name: value for name, value in elements.items() if value}


def _strings_json(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def _principals_json(principals: tuple[Principal, ...]) -> dict[str, str | list[str]]:
    kinds: dict[str, tuple[str, ...]] = {}
    for principal in principals:
        kinds[principal.kind.value] = (*kinds.get(principal.kind.value, ()), principal.name)
    return {kind: _strings_json(names) for kind, names in kinds.items()}


def _conditions_json(statement: Statement) -> dict[str, dict[str, str | list[str]]]:
    operators: dict[str, dict[str, str | list[str]]] = {}
    for condition in statement.conditions:
        operators.setdefault(condition.operator, {})[condition.key] = _strings_json(condition.values)
    return operators


def _read_version(elements: Mapping[str, object], faults: FaultList) -> str | None:
    version = elements.get("Version", "")
    if version in ("", *VERSIONS):
        return str(version) or None
    shown = printable(version, limit=80) if isinstance(version, str) else json_type(version)
    faults.add(("Version",), f"Version cannot be {shown}", f'write "{VERSIONS[-1]}", in quotation marks')
    return None


def _read_id(elements: Mapping[str, object], faults: FaultList) -> str | None:
    identifier = elements.get("Id", "")
    if isinstance(identifier, str):
        return identifier or None
    faults.add(("Id",), f"expected a string, found {json_type(identifier)}", "write a string, or leave Id out")
    return None


def _read_statements(elements: Mapping[str, object], faults: FaultList, form: PolicyForm) -> tuple[Statement, ...]:
    value = elements.get("Statement", [])
    if not isinstance(value, list | tuple):
        statement = read_statement(value, ("Statement",), faults, form)
        return (statement,) if statement else ()
    if not value:
        faults.add((), "the policy has no Statement", "add one; a key that nobody may use or manage is lost")
    found: list[Statement] = []
    sids: dict[str, int] = {}
    for index, item in enumerate(value):
        statement = read_statement(item, ("Statement", index), faults, form)
        if statement:
            _check_sid(statement.sid, index, sids, faults)
            found.append(statement)
    return tuple(found)


def _check_sid(sid: str | None, index: int, sids: dict[str, int], faults: FaultList) -> None:
    if sid is None:
        return
    first = sids.setdefault(sid, index)
    if first != index:
        what = f"the Sid {printable(sid, limit=80)} is that of Statement[{first}] too"
        faults.add(("Statement", index, "Sid"), what, "give every statement its own Sid, or none")
