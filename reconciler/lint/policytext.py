"""A policy as it is, faults and all: every statement that can be read, and what is wrong with the others.

KMS has policies that a strict reader refuses, for instance statements without an action, which have no effect.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from reconciler.kit.printable import printable
from reconciler.policy.document import PolicyDocument, parse_document, parse_identity_policy
from reconciler.policy.faults import FaultList, InvalidPolicy, PolicyFault
from reconciler.policy.statement import PolicyForm, Statement, read_statement

_KEPT = 1024
"""Policies: many keys share few."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement and where it is."""

    index: int
    """From 0."""
    statement: Statement

    @property
    def path(self) -> tuple[str | int, ...]:
        """The way to it."""
        return ("Statement", self.index)

    @property
    def name(self) -> str:
        """What people call it."""
        sid = self.statement.sid
        return f"the statement {printable(sid, limit=80)}" if sid else f"statement {self.index + 1}"


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy, read as far as it can be."""

    text: str
    version: str | None
    statements: tuple[Placed, ...]
    faults: tuple[PolicyFault, ...]
    document: PolicyDocument | None
    """What can be read of it; None when that is nothing."""
    raw: tuple[Mapping[str, object], ...]
    """Every statement as JSON values; empty in the place of what is no object."""


@lru_cache(maxsize=_KEPT)
def read_policy(text: str, form: PolicyForm = PolicyForm.KEY) -> PolicyText:
    """What there is to know of the policy `text`. It never raises: what is wrong is in its faults."""
    parse = parse_document if form is PolicyForm.KEY else parse_identity_policy
    try:
        document = parse(text)
    except InvalidPolicy as invalid:
        return _salvaged(text, invalid.faults, form)
    placed = tuple(Placed(index, statement) for index, statement in enumerate(document.statements))
    return PolicyText(text, document.version, placed, (), document, _raw(text))


def _salvaged(text: str, faults: tuple[PolicyFault, ...], form: PolicyForm) -> PolicyText:
    raw = _raw(text)
    placed = tuple(_readable(raw, form))
    version = _version(text)
    document = PolicyDocument(version, None, tuple(one.statement for one in placed)) if placed else None
    return PolicyText(text, version, placed, faults, document, raw)


def _readable(raw: tuple[Mapping[str, object], ...], form: PolicyForm) -> Iterator[Placed]:
    for index, value in enumerate(raw):
        faults = FaultList()
        statement = read_statement(value, (), faults, form)
        try:
            faults.raise_if_any()
        except InvalidPolicy:
            continue
        if statement is not None:
            yield Placed(index, statement)


def _loaded(text: str) -> Mapping[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _version(text: str) -> str | None:
    version = _loaded(text).get("Version")
    return version if isinstance(version, str) else None


def _raw(text: str) -> tuple[Mapping[str, object], ...]:
    statements = _loaded(text).get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return tuple(one if isinstance(one, dict) else {} for one in listed)
