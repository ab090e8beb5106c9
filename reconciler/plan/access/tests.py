"""AccessTests held against keys: as they are, or as a simulated plan leaves them. Pure.

An answer that IAM policies decide counts as neither allowed nor denied where they are not known: they might say either.
What cannot be told fails.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Final, Literal

from reconciler.model.accesstest import AccessTest, Expectation
from reconciler.model.address import Address
from reconciler.model.desired import DesiredState
from reconciler.model.observed import ObservedState
from reconciler.plan.access.deciders import Places
from reconciler.plan.access.failure import Failure
from reconciler.plan.access.keyfacts import planned_keys
from reconciler.policy.access import Answer, Ask, Identities, KeyFacts, Standing, can
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import NamedPolicy, Unparsable

_CACHED: Final = 1024
_OF_ONE_KEY: Final = ("aws:resourcetag/", "kms:resourcealiases")
"""How condition keys begin whose values differ from key to key of one kind."""
Wanted = Literal[Standing.ALLOWED, Standing.DENIED]


def failures(
    tests: Iterable[AccessTest],
    observed: ObservedState,
    desired: DesiredState,
    since: ObservedState | None = None,
    identities: Identities | None = None,
) -> tuple[Failure, ...]:
    """What `tests` expect of the keys in `observed` and is not so, in their order.

    Args:
        tests: of keys of the stack of `desired`.
        observed: what a KMS holds, or what `simulate` made of it; of tested keys with their policy and all grants.
        desired: what is declared: it says which names there are, and where what decides stands.
        since: with it, only what does not hold any more: what failed in that state is left out.
        identities: what is known of IAM; None for nothing.
    """
    asked = tuple(tests)
    if not asked:
        return ()
    known = identities or Identities()
    after = Scene(planned_keys(observed, desired), Places.of(desired, observed), known)
    before = None if since is None else Scene(planned_keys(since, desired), identities=known)
    return judged(asked, after, before)


def judged(tests: Iterable[AccessTest], after: Scene, before: Scene | None = None) -> tuple[Failure, ...]:
    """As `failures`, of keys as they are in `after`, and were in `before`.

    Of keys that differ in nothing that could matter, one is asked: thousands share few policies and tests.
    """
    found: list[Failure] = []
    passed: set[Hashable] = set()
    for test in tests:
        like = _likeness(test, after) if before is None else None
        if like is not None and like in passed:
            continue
        failed = tuple(_of_test(test, after, before))
        found += failed
        if like is not None and not failed:
            passed.add(like)
    return tuple(found)


def _likeness(test: AccessTest, scene: Scene) -> Hashable | None:
    """What the answers to `test` follow from; None where they may be the key's own."""
    key = scene.keys.get(test.key)
    if (
        key is None
        or not scene.alike_for(test)
        or key.grants
        or isinstance(key.policy, Unparsable)
        or not _is_of_any_key(key.policy)
    ):
        return None
    lines = tuple((one.principals, one.actions) for one in test.lines)
    place = (key.account, key.partition, key.region)
    return (id(key.policy), place, key.spec, key.usage, key.origin, key.multi_region, key.replica, test.name, lines)


@lru_cache(maxsize=_CACHED)
def _is_of_any_key(policy: PolicyDocument) -> bool:
    """Whether a policy says the same of every key, whatever its ARN, tags and aliases."""
    conditions = [condition for statement in policy.statements for condition in statement.conditions]
    return (
        all(statement.resources == ("*",) for statement in policy.statements)
        and not any(condition.key.lower().startswith(_OF_ONE_KEY) for condition in conditions)
        and not any("${" in value for condition in conditions for value in condition.values)
    )


def _is_of_every_key(policy: NamedPolicy) -> bool:
    return isinstance(policy.document, PolicyDocument) and _is_of_any_key(policy.document)


@dataclass(frozen=True, slots=True)
class Scene:
    """Keys by the addresses that tests name them by, and where what decides about them stands."""

    keys: Mapping[Address, KeyFacts]
    places: Places = field(default_factory=Places)
    identities: Identities = field(default_factory=Identities)

    def alike_for(self, test: AccessTest) -> bool:
        """Whether what IAM says of the principals of `test` is the same of every key."""
        if not self.identities.accounts:
            return True
        known = (self.identities.policies_of(name) for line in test.lines for name in line.principals)
        rails = (rail.resource_control for rail in self.identities.guardrails.values())
        return all(map(_is_of_every_key, chain(chain.from_iterable(one.every for one in known if one), *rails)))

    def answer(self, key: KeyFacts, ask: Ask) -> Answer:
        """Whether a request is allowed, by all that is known."""
        if not self.identities.accounts:
            return can(key, ask)
        known = self.identities
        return can(known.guarded(key), known.informed(ask), known.policies_of(ask.principal))

    def holds(self, line: _Line, principal: str, action: str) -> bool:
        """Whether one request is answered as the line expects; nobody may do anything with a key that is not there."""
        key = self.keys.get(line.test.key)
        if key is None:
            return line.wanted is Standing.DENIED
        return not isinstance(key.policy, Unparsable) and line.accepts(
            self.answer(key, line.ask(principal, action)).standing
        )


@dataclass(frozen=True, slots=True)
class _Line:
    """One expectation of a test."""

    test: AccessTest
    expectation: Expectation
    wanted: Wanted

    def ask(self, principal: str, action: str) -> Ask:
        expected = self.expectation
        facts = {name: (value,) for name, value in expected.facts.items()}
        return Ask(principal, action, expected.context, expected.via, facts)

    def accepts(self, standing: Standing) -> bool:
        if standing is Standing.DELEGATED:
            return self.wanted is Standing.ALLOWED and self.expectation.delegated
        return standing is self.wanted

    def failure(self, principal: str, actions: tuple[str, ...], found: Standing | None, why: str) -> Failure:
        at = self.expectation.position
        return Failure(self.test.name, self.test.key, at, principal, actions, self.wanted, found, why)


def _of_test(test: AccessTest, after: Scene, before: Scene | None) -> Iterator[Failure]:
    lines = [_Line(test, one, Standing.ALLOWED) for one in test.must_allow]
    lines += [_Line(test, one, Standing.DENIED) for one in test.must_deny]
    for line in lines:
        for principal in line.expectation.principals:
            yield from _of_principal(line, principal, after, before)


def _of_principal(line: _Line, principal: str, after: Scene, before: Scene | None) -> Iterator[Failure]:
    """The requests of one principal that are answered otherwise; those with one answer and reason together."""
    actions = [action for action in line.expectation.actions if before is None or before.holds(line, principal, action)]
    key = after.keys.get(line.test.key)
    why = "the key is not there" if key is None else _unreadable(key)
    if key is None or why:
        if actions:
            yield line.failure(principal, tuple(actions), None, why)
        return
    found: dict[tuple[Standing, str], list[str]] = {}
    for action in actions:
        answer = after.answer(key, line.ask(principal, action))
        if not line.accepts(answer.standing):
            found.setdefault(_told(answer, line, key, after.places), []).append(action)
    for (standing, why), together in found.items():
        yield line.failure(principal, tuple(together), standing, why)


def _told(answer: Answer, line: _Line, key: KeyFacts, places: Places) -> tuple[Standing, str]:
    return answer.standing, places.explain(key, line.test.key, answer)


def _unreadable(key: KeyFacts) -> str:
    return key.policy.why if isinstance(key.policy, Unparsable) else ""
