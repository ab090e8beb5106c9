"""One thing that must be allowed, and IAM statements made of many: no wider, and none twice.

Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html (which
resources and condition keys each action takes) and
https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html (keys by their tags, in IAM policies).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

Condition = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Operators, condition keys and values, sorted: all of them must hold."""

MOST_KEYS = 20
"""Keys of the stack that one statement lists by ARN; more are meant by their tag, for a policy has 6,144 characters:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length"""


@dataclass(frozen=True, slots=True)
class Resource:
    """What an action is taken on."""

    arn: str
    """Or a pattern of ARNs, or `*`."""
    condition: Condition = ()
    """What picks some of those that `arn` means."""
    ours: Resource | None = None
    """Of one key of the stack: all keys of the stack there."""

    def covers(self, other: Resource) -> bool:
        """Whether all that `other` means is meant, as far as that can be told from the two."""
        if not _matches(self.arn, other.arn):
            return False
        given = {*other.condition, *(other.ours.condition if other.ours else ())}
        return given.issuperset(self.condition)


ANYTHING = Resource("*")


@dataclass(frozen=True, slots=True)
class Need:
    """An action, on something."""

    action: str
    on: Resource
    when: Condition = ()
    """What is known of the request."""


def statements(needs: Iterable[Need]) -> list[dict[str, Any]]:
    """IAM statements that allow `needs`, the same whatever their order."""
    resources: defaultdict[tuple[str, Condition], set[str]] = defaultdict(set)
    for need in _fewest(set(needs)):
        resources[need.action, _together(need.on.condition, need.when)].add(need.on.arn)
    actions: defaultdict[tuple[tuple[str, ...], Condition], list[str]] = defaultdict(list)
    for (action, condition), named in resources.items():
        actions[tuple(sorted(named)), condition].append(action)
    return [_statement(together, *which) for which, together in sorted(actions.items())]


def literal(text: str) -> str:
    """`text` in a condition's value, where `${` would begin a policy variable."""
    return text.replace("${", "${$}{")


def _statement(actions: list[str], resources: tuple[str, ...], condition: Condition) -> dict[str, Any]:
    said: dict[str, Any] = {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}
    tests: defaultdict[str, dict[str, str | list[str]]] = defaultdict(dict)
    for operator, key, values in condition:
        tests[operator][key] = values[0] if len(values) == 1 else list(values)
    return {**said, "Condition": dict(tests)} if tests else said


def _fewest(needs: set[Need]) -> Iterator[Need]:
    """Without what the others allow."""
    by_action: defaultdict[str, list[Need]] = defaultdict(list)
    for need in _by_tag_where_many(needs):
        by_action[need.action].append(need)
    for together in by_action.values():
        for need in together:
            if not any(other != need and allows(other, need) for other in together):
                yield need


def _by_tag_where_many(needs: set[Need]) -> set[Need]:
    """A long list of keys of the stack becomes: all keys of the stack."""
    listed: defaultdict[tuple[str, Condition, Resource | None], set[Need]] = defaultdict(set)
    for need in needs:
        listed[need.action, need.when, need.on.ours].add(need)
    return {
        replace(need, on=ours) if ours is not None and len(together) > MOST_KEYS else need
        for (_, _, ours), together in listed.items()
        for need in together
    }


def allows(wide: Need, narrow: Need) -> bool:
    """Whether whoever may do `wide` may do `narrow`."""
    given = {(operator, key): values for operator, key, values in narrow.when}
    return wide.on.covers(narrow.on) and all(
        _is_wider(operator, values, given.get((operator, key), ())) for operator, key, values in wide.when
    )


def _is_wider(operator: str, wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    if not narrow:
        return False
    if operator == "NumericGreaterThanEquals":
        return min(map(int, wide)) <= min(map(int, narrow))
    return set(wide) >= set(narrow)


def _matches(pattern: str, arn: str) -> bool:
    return pattern in ("*", arn) or (pattern.endswith("*") and arn.startswith(pattern[:-1]))


def _together(*conditions: Condition) -> Condition:
    return tuple(sorted({test for condition in conditions for test in condition}))
