"""How two statements differ, element by element, by their normal forms; told in the spelling of their authors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.policy.normalise import normal_principal
from reconciler.policy.statement import ELEMENTS, Statement

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ElementChange:
    """The values that one element loses and gains; both sorted, in the spelling of the policy that has them."""

    path: Path
    """`("Effect",)`, `("Action",)`, `("Principal", "AWS")`, `("Condition", operator, key)` and the like."""
    lost: tuple[str, ...]
    gained: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Fact:
    """One value of one element: `path` and `value` normal, the rest as written."""

    path: Path
    value: str
    written_path: Path
    written: str


def element_changes(before: Statement, after: Statement, *, partition: str) -> tuple[ElementChange, ...]:
    """What `before` must lose and gain to rule what `after` does, in AWS's order of elements."""
    old, new = _facts(before, partition), _facts(after, partition)
    lost = [fact for key, fact in old.items() if key not in new]
    gained = [fact for key, fact in new.items() if key not in old]
    spelling = {fact.path: fact.written_path for fact in (*old.values(), *new.values())}
    changed = sorted({fact.path for fact in (*lost, *gained)}, key=lambda path: (ELEMENTS.index(path[0]), path))
    return tuple(ElementChange(spelling[path], _written(path, lost), _written(path, gained)) for path in changed)


def likeness(before: Statement, after: Statement, *, partition: str) -> float:
    """The part of all they say that both say, from 0 to 1."""
    old, new = _facts(before, partition).keys(), _facts(after, partition).keys()
    return len(old & new) / len(old | new)


def _written(path: Path, facts: list[_Fact]) -> tuple[str, ...]:
    return tuple(sorted(fact.written for fact in facts if fact.path == path))


def _facts(statement: Statement, partition: str) -> dict[tuple[Path, str], _Fact]:
    return {(fact.path, fact.value): fact for fact in _say(statement, partition)}


def _say(statement: Statement, partition: str) -> Iterator[_Fact]:
    yield _Fact(("Effect",), statement.effect, ("Effect",), statement.effect.value)
    for name, principals in (("Principal", statement.principals), ("NotPrincipal", statement.not_principals)):
        for principal in principals:
            kind = (name, principal.kind.value)
            yield _Fact(kind, normal_principal(principal, partition).name, kind, principal.name)
    for name, actions in (("Action", statement.actions), ("NotAction", statement.not_actions)):
        yield from (_Fact((name,), action.lower(), (name,), action) for action in actions)
    for name, resources in (("Resource", statement.resources), ("NotResource", statement.not_resources)):
        yield from (_Fact((name,), resource, (name,), resource) for resource in resources)
    for condition in statement.conditions:
        path = ("Condition", condition.operator, condition.key.lower())
        written_path = ("Condition", condition.operator, condition.key)
        yield from (_Fact(path, value, written_path, value) for value in condition.values)
