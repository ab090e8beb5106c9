"""One form for all the ways of writing the same policy.

Policies that differ only in the following have equal normal forms; what is left may still mean the same (statements
split or merged, one wildcard that covers another), but never the other way round.

- The order of statements, principals, actions, resources, conditions and condition values, and repetitions of them:
  each is a set (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html).
- One value or a list of one; numbers and booleans in quotation marks or not; `*` or `{"AWS": "*"}`: settled in parsing.
- An account's id or its root ARN (…/reference_policies_elements_principal.html#principal-accounts).
- The case of actions (…/reference_policies_elements_action.html) and of condition keys, the name of an encryption
  context pair or tag in them included (…/reference_policies_elements_condition.html). Condition operators, values,
  principals and resources keep their case.
- `Sid` and `Id`, which name and do not rule.
- `Version`, unless the document has a `${`: a policy variable in the later version, plain text in the earlier
  (…/reference_policies_elements_version.html, …/reference_policies_variables.html).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from reconciler.kit.arn import root_arn
from reconciler.policy.conditions import Condition
from reconciler.policy.document import VERSIONS, PolicyDocument
from reconciler.policy.principals import Principal, PrincipalKind, is_account_id
from reconciler.policy.statement import Statement

_T = TypeVar("_T", str, Principal, Condition)
_CACHED = 1024
"""Many keys share few statements; the bound keeps the memory of an account with many policies small."""


@dataclass(frozen=True, slots=True)
class NormalPolicy:
    """A policy in normal form: two are equal when the policies mean the same by the rules of this module."""

    document: PolicyDocument
    """Sorted, without repetitions, Sids and Id; `version` only where it matters. Fit for `to_json` and `normalise`."""


def normalise(document: PolicyDocument, *, partition: str) -> NormalPolicy:
    """The normal form of `document`; `partition` is the one that bare account ids are taken to be in."""
    statements = {normal_statement(statement, partition=partition) for statement in document.statements}
    return NormalPolicy(
        PolicyDocument(
            version=effective_version(document) if uses_variables(document) else None,
            id=None,
            statements=tuple(sorted(statements, key=sort_key)),
        )
    )


@lru_cache(maxsize=_CACHED)
def normal_statement(statement: Statement, *, partition: str) -> Statement:
    """The normal form of one statement."""
    return Statement(
        sid=None,
        effect=statement.effect,
        principals=_sorted_set(normal_principal(principal, partition) for principal in statement.principals),
        not_principals=_sorted_set(normal_principal(principal, partition) for principal in statement.not_principals),
        actions=_sorted_set(action.lower() for action in statement.actions),
        not_actions=_sorted_set(action.lower() for action in statement.not_actions),
        resources=_sorted_set(statement.resources),
        not_resources=_sorted_set(statement.not_resources),
        conditions=_sorted_set(normal_condition(condition) for condition in statement.conditions),
    )


def normal_principal(principal: Principal, partition: str) -> Principal:
    """`principal` with an account id written as the account's root ARN."""
    if principal.kind is PrincipalKind.AWS and is_account_id(principal.name):
        return replace(principal, name=root_arn(principal.name, partition))
    return principal


def normal_condition(condition: Condition) -> Condition:
    """`condition` with its key in lower case and its values as a sorted set."""
    return Condition(condition.operator, condition.key.lower(), _sorted_set(condition.values))


def effective_version(document: PolicyDocument) -> str:
    """The version of the language that `document` is read in."""
    return document.version or VERSIONS[0]


def sort_key(statement: Statement) -> tuple[object, ...]:
    """A total order of normal statements."""
    return (
        statement.effect.value,
        statement.principals,
        statement.not_principals,
        statement.actions,
        statement.not_actions,
        statement.resources,
        statement.not_resources,
        statement.conditions,
    )


def _sorted_set(values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(sorted(set(values)))


def uses_variables(document: PolicyDocument) -> bool:
    """Whether `document` has what the later version of the language reads as a policy variable."""
    return any(
        "${" in text
        for statement in document.statements
        for text in (
            *statement.resources,
            *statement.not_resources,
            *(value for condition in statement.conditions for value in condition.values),
        )
    )
