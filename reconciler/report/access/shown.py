"""What the reports on access show: the key, one answer, or the list of everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.kit.diagnostics import Position
from reconciler.policy.access import Answer, Ask, Entry


@dataclass(frozen=True, slots=True)
class GrantShown:
    """A grant, as its manifest or its maker calls it."""

    name: str
    """The address of its manifest, or the name it was given in KMS; may be empty."""
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class KeyShown:
    """The key that was asked about."""

    title: str
    """`Key/orders@eu`; of a key without manifest, its ARN."""
    arn: str
    planned: bool = False
    """Whether it is the key as the plan leaves it, and not as it is."""
    new: bool = False
    """Whether it is still to be created: its id stands for the one that KMS will give."""
    statements: Mapping[int, Position] = field(default_factory=dict)
    """Where the statements of its key policy are declared, by index."""
    grants: Mapping[str, GrantShown] = field(default_factory=dict)
    """By grant id."""


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """The answer to one question."""

    key: KeyShown
    ask: Ask
    answer: Answer
    inapplicable: bool = False
    """Whether KMS refuses the action on every key of this kind, whatever policies say."""


@dataclass(frozen=True, slots=True)
class ListShown:
    """The list of who may do what."""

    key: KeyShown
    entries: tuple[Entry, ...]
    actions: tuple[str, ...]
    """What was asked for, sorted."""
    possible: tuple[str, ...]
    """All that a key of this kind can be asked."""
    known: frozenset[str] = frozenset()
    """Accounts whose IAM is known."""
    unreadable: str = ""
    """Why the key policy cannot be read."""
