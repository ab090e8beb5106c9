"""What can be found: every check, by its id. Its words are data (`data/checks.json`), its code is in `families`."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

_ID: Final = re.compile(r"KC[0-9]{3}")
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Severity(enum.StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """Something is open, lost or refused."""
    WARNING = "warning"
    """It does not do what it looks like, or is wider or weaker than it needs to be."""
    NOTE = "note"
    """Worth knowing; often as it is for a good reason."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that lint looks for."""

    id: str
    """`KC201`: the first digit is the family."""
    name: str
    """In kebab case, e.g. `public-key-policy`."""
    severity: Severity
    title: str
    """What is found, without a full stop."""
    why: str
    """What follows from it."""
    fix: str
    """What to do, where the finding itself says nothing better."""
    frameworks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What it answers of others, by framework: the ids that those give it."""
    sources: tuple[str, ...] = ()
    """AWS's pages that say so."""

    @property
    def page(self) -> str:
        """Its page, from the root of the repository."""
        return f"docs/lint/{self.id}.md"


@cache
def checks() -> Mapping[str, Check]:
    """Every check by its id, in the order of the ids.

    Raises:
        ValueError: the data is not what it must be; the installation is broken.
    """
    data = json.loads(files("reconciler.lint").joinpath("data/checks.json").read_text("utf-8"))
    return MappingProxyType(read_checks(data))


def read_checks(data: Mapping[str, Any]) -> dict[str, Check]:
    """The checks that `data` lists, sorted by id.

    Raises:
        ValueError: an id or a name is there twice, or is none.
    """
    found: dict[str, Check] = {}
    names: set[str] = set()
    for one in data["checks"]:
        check = _check(one)
        if not _ID.fullmatch(check.id) or not _NAME.fullmatch(check.name):
            raise ValueError(f"{check.id} {check.name} is no name of a check")
        if check.id in found or check.name in names:
            raise ValueError(f"{check.id} {check.name} is there twice")
        found[check.id] = check
        names.add(check.name)
    return dict(sorted(found.items()))


def _check(one: Mapping[str, Any]) -> Check:
    return Check(
        id=one["id"],
        name=one["name"],
        severity=Severity(one["severity"]),
        title=one["title"],
        why=one["why"],
        fix=one["fix"],
        frameworks=MappingProxyType({name: tuple(ids) for name, ids in one.get("frameworks", {}).items()}),
        sources=tuple(one.get("sources", ())),
    )
