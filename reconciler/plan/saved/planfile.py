"""A plan in a file: what was reviewed is what is applied, or nothing is.

The file carries everything that applying needs (the plan, how to read and reach each target) and a digest of it all.
It holds no secret: profiles and role ARNs are names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from reconciler.kit.canonical import digest
from reconciler.kit.errors import Refused
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import ObservedState
from reconciler.model.scope import Scope
from reconciler.model.target import Target
from reconciler.plan.changes import Plan
from reconciler.plan.decide.view import views_of
from reconciler.plan.options import PlanOptions
from reconciler.plan.saved.codec import Undecodable, decode, encode
from reconciler.plan.saved.fingerprint import fingerprints

T = TypeVar("T")

FORMAT_VERSION = 1
_KIND = "kmsctl-plan"


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan, and what it takes to check and apply it elsewhere."""

    plan: Plan
    targets: Mapping[TargetName, Target]
    scopes: Mapping[TargetName, Scope]
    """What was read; the same is read again before applying."""


def dump(saved: SavedPlan) -> str:
    """The text of a plan file."""
    content = {
        "plan": encode(saved.plan),
        "targets": {name: encode(target) for name, target in saved.targets.items()},
        "scopes": {name: encode(scope) for name, scope in saved.scopes.items()},
    }
    head = {"kind": _KIND, "formatVersion": FORMAT_VERSION}
    return _text({**head, "digest": digest({**head, **content}), **content})


def load(text: str) -> SavedPlan:
    """The plan in `text`.

    Raises:
        Refused: it is no plan file, one of another version, cut short, or was edited.
    """
    try:
        return _load(text)
    except RecursionError as error:
        raise _foreign("it is nested deeper than any plan") from error


def _load(text: str) -> SavedPlan:
    content = _parsed(text)
    if not _is_as_saved(content, text):
        raise Refused(
            "the plan file was edited or damaged",
            why="its content does not match the digest that was saved with it",
            fix="make a new plan: kmsctl plan -o FILE",
        )
    try:
        return SavedPlan(
            _of(Plan, content["plan"]),
            {TargetName(name): _of(Target, target) for name, target in content["targets"].items()},
            {TargetName(name): _of(Scope, scope) for name, scope in content["scopes"].items()},
        )
    except (Undecodable, KeyError, AttributeError) as error:
        raise _foreign(f"it cannot be read: {error}") from error


def _is_as_saved(content: dict[str, Any], text: str) -> bool:
    """Whether `text` is the one text of `content`, and the digest in it fits; takes the digest out of `content`."""
    unchanged = _text(content) == text
    claimed = content.pop("digest", None)
    return unchanged and bool(claimed == digest(content))


def _of(kind: type[T], encoded: Any) -> T:
    value = decode(encoded)
    if not isinstance(value, kind):
        raise Undecodable(f"a {type(value).__name__} where a {kind.__name__} belongs")
    return value


def _text(content: Mapping[str, Any]) -> str:
    """The one text of `content`; a file that says the same in other letters was edited."""
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def stale(saved: SavedPlan, observed: ObservedState, options: PlanOptions | None = None) -> tuple[str, ...]:
    """The resources that no longer look as they did when the plan was made, sorted; empty when all do.

    `options` are those that the plan was made with; only `in_use_within` matters.
    """
    views = views_of(observed, DesiredState(saved.plan.stack), options or PlanOptions())
    now = fingerprints(saved.plan.changes, views)
    return tuple(sorted(name for name in now if now[name] != saved.plan.fingerprints.get(name)))


def _parsed(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise _foreign(f"it is not JSON, or cut short: {error}") from error
    if not isinstance(content, dict) or content.get("kind") != _KIND:
        raise _foreign("it does not say that it is one")
    if content.get("formatVersion") != FORMAT_VERSION:
        raise Refused(
            f"the plan file has format version {content.get('formatVersion')!r}",
            why=f"this kmsctl reads version {FORMAT_VERSION}",
            fix="apply it with the kmsctl that made it, or make a new plan",
        )
    return content


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _foreign(why: str) -> Refused:
    return Refused("this is no plan file of kmsctl", why=why, fix="make one with: kmsctl plan -o FILE")
