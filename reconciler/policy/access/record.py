"""What is true of a key now, as requests that are allowed and requests that are denied.

Each is asked before it is recorded, so a test of all of them passes. What IAM policies decide is neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from reconciler.kit.arn import root_arn
from reconciler.policy.access.answer import Standing
from reconciler.policy.access.ask import Ask
from reconciler.policy.access.can import can
from reconciler.policy.access.entry import Way
from reconciler.policy.access.key import KeyFacts
from reconciler.policy.access.subjects import subjects
from reconciler.policy.access.who import who
from reconciler.policy.actions import actions_on
from reconciler.policy.conditions import Condition, split_operator
from reconciler.policy.permissions import KeyTraits
from reconciler.policy.principals import NOBODYS_ACCOUNT, is_principal_arn, is_service, stranger

_OF_GRANTS: Final = "kms:RetireGrant"
"""Which grant it is for decides."""
_ADDRESS: Final = "IpAddress"
_ONE_VALUE: Final = frozenset({
    "StringEquals", "StringLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike", "Bool", _ADDRESS,
})  # fmt: skip
"""Operators that a value of the condition itself satisfies; what has wildcards in it is tried all the same."""
_CONTEXT, _CONTEXT_KEYS, _VIA = "kms:encryptioncontext:", "kms:encryptioncontextkeys", "kms:viaservice"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a request has beside principal and action."""

    context: tuple[tuple[str, str], ...] = ()
    via: str | None = None
    facts: tuple[tuple[str, str], ...] = ()

    def ask(self, principal: str, action: str) -> Ask:
        """The request."""
        return Ask(principal, action, dict(self.context), self.via, {name: (value,) for name, value in self.facts})


PLAIN: Final = Circumstances()


@dataclass(frozen=True, slots=True)
class Line:
    """Requests that are answered alike: every principal asking for every action."""

    principals: tuple[str, ...]
    actions: tuple[str, ...]
    """With their prefix, sorted."""
    circumstances: Circumstances = PLAIN


@dataclass(frozen=True, slots=True)
class Record:
    """What is true of one key."""

    possible: tuple[str, ...]
    """Every action that was asked for."""
    allowed: tuple[Line, ...]
    denied: tuple[Line, ...]
    left: tuple[Line, ...] = ()
    """What IAM policies decide."""


@dataclass(slots=True)
class _Found:
    """By circumstances and principal, the actions."""

    actions: defaultdict[tuple[Circumstances, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, principal: str, action: str, circumstances: Circumstances = PLAIN) -> None:
        self.actions[circumstances, principal].append(action)

    def lines(self) -> Iterator[Line]:
        """Principals with the same actions together, in the order in which they were found."""
        together: defaultdict[tuple[Circumstances, tuple[str, ...]], list[str]] = defaultdict(list)
        for (circumstances, principal), actions in self.actions.items():
            together[circumstances, tuple(sorted(set(actions)))].append(principal)
        for (circumstances, names), principals in together.items():
            yield Line(tuple(principals), names, circumstances)


def record(key: KeyFacts) -> Record:
    """What every principal that is named anywhere, and strangers, may and may not do with `key`."""
    traits = KeyTraits(key.usage, key.spec, key.origin, key.multi_region)
    possible = tuple(action for action in actions_on(traits) if action != _OF_GRANTS)
    ways = {(entry.principal, entry.action): entry.ways for entry in who(key, possible)}
    found = {standing: _Found() for standing in Standing}
    for principal in _askers(key):
        for action in possible:
            standing = can(key, PLAIN.ask(principal, action)).standing
            found[standing].add(principal, action)
            if standing is not Standing.ALLOWED:
                for circumstances in _allowing(key, principal, action, ways.get((principal, action), ())):
                    found[Standing.ALLOWED].add(principal, action, circumstances)
    allowed, left, denied = (tuple(found[standing].lines()) for standing in Standing)
    return Record(possible, allowed, denied, left)


def _askers(key: KeyFacts) -> Iterator[str]:
    """Whoever can ask, each once; identity providers cannot, and who was deleted does not."""
    named = (subject.requester.arn for subject in subjects(key, None))
    strangers = (stranger(key.partition), root_arn(NOBODYS_ACCOUNT, key.partition))
    names = dict.fromkeys(chain(named, strangers))
    yield from (name for name in names if is_principal_arn(name) or is_service(name))


def _allowing(key: KeyFacts, principal: str, action: str, ways: Iterable[Way]) -> Iterator[Circumstances]:
    """Circumstances under which it is allowed after all, one for each way that can be said as a request."""
    tried = dict.fromkeys(_circumstances(way.conditions) for way in ways if way.conditions)
    for circumstances in tried:
        if circumstances and can(key, circumstances.ask(principal, action)).standing is Standing.ALLOWED:
            yield circumstances


def _circumstances(conditions: Iterable[Condition]) -> Circumstances | None:
    """Such that all of `conditions` hold; None where that is more than a value for each."""
    context: dict[str, str] = {}
    facts: dict[str, str] = {}
    via = None
    for condition in conditions:
        name = condition.key.lower()
        if name == _CONTEXT_KEYS:
            continue
        operator = split_operator(condition.operator)[1]
        if operator not in _ONE_VALUE:
            return None
        value = condition.values[0]
        if "${" in value:  # manifests have parameters of their own there
            return None
        if name.startswith(_CONTEXT):
            context[condition.key[len(_CONTEXT) :]] = value
        elif name == _VIA:
            via = value.partition(".")[0]
        else:
            facts[name] = value.partition("/")[0] if operator == _ADDRESS else value
    return Circumstances(_sorted(context), via, _sorted(facts))


def _sorted(pairs: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(pairs.items()))
