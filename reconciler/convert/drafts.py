"""What is declared, in words of no tool: what every reader makes, and manifests are made of."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.convert.places import Node
from reconciler.kit.arn import Arn

_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")


class Tool(enum.StrEnum):
    """Who declared it."""

    TERRAFORM = "Terraform"
    CLOUDFORMATION = "CloudFormation"
    ACK = "ACK"
    CROSSPLANE = "Crossplane"


@dataclass(frozen=True, slots=True)
class Subject:
    """Which resource something is about."""

    tool: Tool
    title: str
    """What its tool calls it, for people."""
    name: str
    """What its manifest might be called; not made valid yet."""
    handle: str
    """By what other resources of the same input refer to it; unique."""
    node: Node
    """Where it is declared."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource is, as far as that is known."""

    region: str | None = None
    account: str | None = None

    @classmethod
    def of(cls, arn: str | None, region: str | None = None, account: str | None = None) -> Place:
        """By an ARN, else by what is said of its Region and account; what cannot be either is not known."""
        parsed = Arn.parse(arn) if arn else None
        where = (parsed.region or region, parsed.account or account) if parsed else (region, account)
        return cls(_fit(_REGION, where[0]), _fit(_ACCOUNT, where[1]))


def _fit(form: re.Pattern[str], text: str | None) -> str | None:
    return text if text and len(text) <= 63 and form.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class Link:
    """How one resource names another."""

    handles: tuple[str, ...] = ()
    """The resource itself, if it is declared in the input: the first of these that is."""
    text: str | None = None
    """Its id, ARN or alias, where that is known."""


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """A key, or a replica of one."""

    subject: Subject
    place: Place
    identity: str | None
    """Its ARN or id, as the tool knows it."""
    fields: Mapping[str, Any]
    """`spec`, without what refers to others."""
    may_exist: bool = True
    """Whether a key without a known id might be there already."""
    primary: Link | None = None
    """Of a replica: whose."""
    store: Link | None = None
    """The custom key store that it is in."""
    shared: Mapping[str, Any] = field(default_factory=dict)
    """Of a replica: what is known of its primary's fields that never change."""


@dataclass(frozen=True, slots=True)
class AliasDraft:
    """An alias."""

    subject: Subject
    place: Place
    name: str
    key: Link


@dataclass(frozen=True, slots=True)
class GrantDraft:
    """A grant."""

    subject: Subject
    place: Place
    key: Link
    fields: Mapping[str, Any]
    grant_id: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A key policy that is declared apart from its key."""

    subject: Subject
    place: Place
    key: Link
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoreDraft:
    """A custom key store."""

    subject: Subject
    place: Place
    identity: str | None
    fields: Mapping[str, Any]


Draft = KeyDraft | AliasDraft | GrantDraft | PolicyDraft | StoreDraft
