"""Resource control policies: key policies, as it were, of an organisation, which only ever deny.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from reconciler.policy.document import PolicyDocument, parse_document
from reconciler.policy.faults import FaultList, Location
from reconciler.policy.jsontext import load
from reconciler.policy.principals import ANYONE, Principal, PrincipalKind
from reconciler.policy.statement import Effect, Statement

_EVERYBODY: Final = (Principal(PrincipalKind.AWS, ANYONE),)


def parse_control_policy(value: str | Mapping[str, Any]) -> PolicyDocument:
    """The resource control policy in a JSON text or in a mapping of JSON-like values.

    Raises:
        InvalidPolicy: with every fault of the document.
    """
    given = load(value) if isinstance(value, str) else value
    document = parse_document(value)
    faults = FaultList()
    alone = isinstance(given, Mapping) and isinstance(given.get("Statement"), Mapping)
    for index, statement in enumerate(document.statements):
        _check(statement, ("Statement",) if alone else ("Statement", index), faults)
    faults.raise_if_any()
    return document


def _check(statement: Statement, where: Location, faults: FaultList) -> None:
    if statement.effect is not Effect.DENY:
        faults.add(where, "a resource control policy allows nothing", 'write "Effect": "Deny"')
    if statement.principals != _EVERYBODY:
        faults.add(where, "a resource control policy is about everybody", 'write "Principal": "*", and conditions')
    if statement.not_actions:
        faults.add(where, "a resource control policy has no NotAction", "write Action, and conditions")
