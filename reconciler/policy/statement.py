"""One statement of a policy: who may, or may not, do what, when.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html#key-policy-elements
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from reconciler.kit.printable import printable
from reconciler.policy.conditions import Condition, read_conditions
from reconciler.policy.faults import FaultList, InvalidPolicy, Location, json_type, nearest
from reconciler.policy.jsontext import compact, load
from reconciler.policy.principals import Principal, read_principals
from reconciler.policy.strings import read_strings

_T = TypeVar("_T")
_ACTION = re.compile(r"\*|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+")
_CACHED = 2048
"""Statements kept: many keys share most of theirs."""
_SID = re.compile(r"[\x20-\xff]*")

ELEMENTS = (
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
)  # fmt: skip
"""Every element that a statement can have, in the order in which AWS's pages write them."""


class PolicyForm(enum.Enum):
    """The kinds of policy, which differ in the elements of their statements; the value is what people call them."""

    KEY = "key policy"
    """Every statement has `Principal` and `Resource`."""
    IDENTITY = "identity policy"
    """Of a user, role or session, or a permission boundary: no `Principal`, for it is about whom it is attached to."""
    TRUST = "trust policy"
    """Of a role, which says who may assume it: no `Resource`, for it is about the role."""

    @property
    def foreign(self) -> tuple[str, ...]:
        """The elements that its statements do not have."""
        return _FOREIGN[self]


_FOREIGN: dict[PolicyForm, tuple[str, ...]] = {
    PolicyForm.KEY: (),
    PolicyForm.IDENTITY: ("Principal", "NotPrincipal"),
    PolicyForm.TRUST: ("Resource", "NotResource"),
}


class Effect(enum.StrEnum):
    """What a statement does to the requests that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, as the document spells it.

    Of each pair `principals`/`not_principals`, `actions`/`not_actions`, `resources`/`not_resources` exactly one is
    filled, none of the first in an identity policy, none of the last in a trust policy. `sid` is None when there is
    none or it is empty.
    """

    sid: str | None
    effect: Effect
    principals: tuple[Principal, ...] = ()
    not_principals: tuple[Principal, ...] = ()
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


def read_statement(
    value: object, location: Location, faults: FaultList, form: PolicyForm = PolicyForm.KEY
) -> Statement | None:
    """`value` as a statement; what is wrong with it goes to `faults`, None when nothing can be read from it."""
    return _read_known(value, form) or _read(value, location, faults, form)


def _read_known(value: object, form: PolicyForm) -> Statement | None:
    """`value` as a statement when it is one without faults: many keys share most of their statements."""
    try:
        return _read_faultless(compact(value), form)
    except (TypeError, ValueError, RecursionError):
        return None


@lru_cache(maxsize=_CACHED)
def _read_faultless(text: str, form: PolicyForm) -> Statement | None:
    faults = FaultList()
    try:
        statement = _read(load(text), (), faults, form)
        faults.raise_if_any()
    except InvalidPolicy:
        return None
    return statement


def _read(value: object, location: Location, faults: FaultList, form: PolicyForm) -> Statement | None:
    if not isinstance(value, Mapping):
        faults.add(
            location, f"expected an object, found {json_type(value)}", "write a statement: {Effect, Principal, …}"
        )
        return None
    elements = {str(name): item for name, item in value.items()}
    for name in (name for name in elements if name not in ELEMENTS):
        what = f"a statement has no element {printable(name, limit=80)}"
        faults.add((*location, name), what, nearest(name, ELEMENTS))
    for name in (name for name in form.foreign if name in elements):
        faults.add((*location, name), f"a statement of this {form.value} has no {name}", f"leave {name} out")
    return _Reader(elements, location, faults, form).statement()


class _Reader:
    """Reads the elements of one statement."""

    def __init__(self, elements: Mapping[str, object], location: Location, faults: FaultList, form: PolicyForm) -> None:
        self._elements = elements
        self._location = location
        self._faults = faults
        self._form = form

    def statement(self) -> Statement:
        principals, not_principals = self._pair("Principal", read_principals)
        actions, not_actions = self._pair("Action", _read_actions)
        resources, not_resources = self._pair("Resource", _read_resources)
        return Statement(
            sid=self._sid(),
            effect=self._effect(),
            principals=principals,
            not_principals=not_principals,
            actions=actions,
            not_actions=not_actions,
            resources=resources,
            not_resources=not_resources,
            conditions=self._one("Condition", read_conditions),
        )

    def _one(self, name: str, read: Callable[[object, Location, FaultList], tuple[_T, ...]]) -> tuple[_T, ...]:
        if name not in self._elements:
            return ()
        return read(self._elements[name], (*self._location, name), self._faults)

    def _pair(
        self, name: str, read: Callable[[object, Location, FaultList], tuple[_T, ...]]
    ) -> tuple[tuple[_T, ...], tuple[_T, ...]]:
        negated = f"Not{name}"
        if name in self._form.foreign:
            return (), ()
        if name in self._elements and negated in self._elements:
            self._faults.add(
                self._location, f"the statement has both {name} and {negated}", f"keep {name} or {negated}"
            )
        elif name not in self._elements and negated not in self._elements:
            self._faults.add(self._location, f"the statement has no {name}", f"add {name}: every statement needs one")
        return self._one(name, read), self._one(negated, read)

    def _sid(self) -> str | None:
        sid = self._elements.get("Sid", "")
        place = (*self._location, "Sid")
        if not isinstance(sid, str):
            self._faults.add(place, f"expected a string, found {json_type(sid)}", "write a string, or leave Sid out")
            return None
        if not _SID.fullmatch(sid):
            self._faults.add(place, "the Sid is not one printable line", "use letters, digits, spaces and punctuation")
        return sid or None

    def _effect(self) -> Effect:
        if "Effect" not in self._elements:
            self._faults.add(self._location, "the statement has no Effect", "add Effect: Allow or Deny")
            return Effect.DENY
        effect = self._elements["Effect"]
        if isinstance(effect, str) and effect in set(Effect):
            return Effect(effect)
        shown = printable(effect, limit=80) if isinstance(effect, str) else json_type(effect)
        self._faults.add(
            (*self._location, "Effect"), f"Effect cannot be {shown}", "write Allow or Deny, with a capital"
        )
        return Effect.DENY


def _read_actions(value: object, location: Location, faults: FaultList) -> tuple[str, ...]:
    found = tuple(read_strings(value, location, faults))
    for place, action in found:
        if not _ACTION.fullmatch(action):
            faults.add(place, f"{printable(action)} is no action", "write service:Action, e.g. kms:Decrypt or kms:Get*")
    return tuple(action for _, action in found)


def _read_resources(value: object, location: Location, faults: FaultList) -> tuple[str, ...]:
    return tuple(resource for _, resource in read_strings(value, location, faults))
