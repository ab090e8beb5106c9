"""KC1xx: actions that there are not, or not for this key.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from reconciler.kit.printable import printable
from reconciler.lint.finding import Hit, Path
from reconciler.lint.policytext import Placed
from reconciler.lint.reference import SERVICE, actions_matching, covered, reference
from reconciler.lint.registry import Family
from reconciler.lint.statements import actions_of, allows, placed
from reconciler.lint.subject import Subject
from reconciler.policy.actions import actions_on
from reconciler.policy.faults import nearest
from reconciler.policy.patterns import is_literal
from reconciler.policy.permissions import KeyTraits
from reconciler.policy.statement import Effect


def _written(one: Placed) -> Iterator[tuple[str, Path]]:
    """Each action of a statement, and its place."""
    for name, actions in (("Action", one.statement.actions), ("NotAction", one.statement.not_actions)):
        for index, action in enumerate(actions):
            yield action, (*one.path, name, index) if len(actions) > 1 else (*one.path, name)


def _is_kms(action: str) -> bool:
    return action == "*" or action.lower().startswith(SERVICE)


def unknown_action(subject: Subject) -> Iterator[Hit]:
    """No action of KMS has this name, or none matches the pattern."""
    for one in placed(subject):
        for action, path in _written(one):
            if _is_kms(action) and not actions_matching(action):
                what = f"{one.name} names {printable(action)}, and KMS has no such action"
                yield Hit(what, path, _suggestion(action))


def _suggestion(action: str) -> str:
    fix = nearest(action, [SERVICE + name for name in reference().actions])
    return fix if fix.startswith("did you mean") else ""


def action_case(subject: Subject) -> Iterator[Hit]:
    """It counts, and everybody who searches for it misses it."""
    for one in placed(subject):
        for action, path in _written(one):
            if action == "*" or not is_literal(action):
                continue
            known = [SERVICE + name for name in actions_matching(action)]
            if known and action not in known:
                yield Hit(f"{one.name} writes {printable(action)} for {known[0]}", path, f"write {known[0]}")


def action_of_another_service(subject: Subject) -> Iterator[Hit]:
    """A key policy rules requests to KMS."""
    for one in placed(subject):
        for action, path in _written(one):
            if not _is_kms(action):
                yield Hit(f"{one.name} names {printable(action)}, which is no action of KMS", path)


def action_not_on_a_key(subject: Subject) -> Iterator[Hit]:
    """Its resource is no key, so no key policy rules it."""
    for one in placed(subject):
        for action, path in _written(one):
            names = actions_matching(action) if _is_kms(action) else ()
            if names and not reference().on_key.intersection(names):
                yield Hit(f"{one.name} names {printable(action)}, which is about no key", path)


@lru_cache(maxsize=64)
def _possible(key: KeyTraits) -> frozenset[str]:
    return frozenset(action.removeprefix(SERVICE) for action in actions_on(key))


def action_not_of_this_key(subject: Subject) -> Iterator[Hit]:
    """Nothing that it names can be done with a key of this kind."""
    for one in placed(subject) if subject.kind_known else ():
        named = actions_of(one.statement) & reference().on_key
        if one.statement.actions and named and not named & _possible(subject.traits):
            what = f"{one.name} is about nothing that a key of {subject.key_spec} for {subject.key_usage} can do"
            yield Hit(what, (*one.path, "Action"))


def needless_action(subject: Subject) -> Iterator[Hit]:
    """One of several actions cannot be done with a key of this kind."""
    possible = _possible(subject.traits)
    for one in allows(subject) if subject.kind_known else ():
        if not covered(one.statement.actions) & possible:
            continue
        for action, path in _written(one):
            names = reference().on_key.intersection(actions_matching(action))
            if is_literal(action) and names and not names & possible:
                kind = f"a key of {subject.key_spec} for {subject.key_usage}"
                what = f"{one.name} allows {printable(action)}, which {kind} cannot do"
                yield Hit(what, path, "remove the action")


def allow_not_action(subject: Subject) -> Iterator[Hit]:
    """It allows what AWS adds tomorrow."""
    for one in allows(subject):
        if one.statement.not_actions:
            yield Hit(f"{one.name} allows everything but what it names", (*one.path, "NotAction"))


def not_principal(subject: Subject) -> Iterator[Hit]:
    """A Deny that spares whom it names, by rules that surprise."""
    for one in placed(subject):
        if one.statement.effect is Effect.DENY and one.statement.not_principals:
            yield Hit(f"{one.name} denies everybody but whom it names", (*one.path, "NotPrincipal"))


PROBES: Family = {
    "KC103": unknown_action,
    "KC104": action_case,
    "KC110": action_of_another_service,
    "KC111": action_not_on_a_key,
    "KC112": action_not_of_this_key,
    "KC113": needless_action,
    "KC124": not_principal,
    "KC125": allow_not_action,
}
