"""Who may do what with a key, as a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler.policy.access import Standing
from reconciler.report.access.groups import Group, Principal, grouped
from reconciler.report.access.people import spoken
from reconciler.report.access.sentences import VERDICTS, key_title, notes, way, when
from reconciler.report.access.shown import ListShown
from reconciler.report.html.page import page
from reconciler.report.html.verdict import Tone, Verdict
from reconciler.report.words import plural

TONES: Final = MappingProxyType(
    {Standing.ALLOWED: Tone.GOOD, Standing.DELEGATED: Tone.CHANGED, Standing.DENIED: Tone.REMOVED}
)


@dataclass(frozen=True, slots=True)
class GroupShown:
    """Actions of one principal that have the same ways."""

    tone: Tone
    verdict: str
    actions: str
    ways: tuple[str, ...]
    unless: tuple[str, ...]


def render(shown: ListShown) -> str:
    """A row for each principal and set of ways, and what is not known."""
    principals = grouped(shown.entries)
    return page(
        "access_who",
        f"Who may do what with {key_title(shown.key)}",
        _verdict(principals),
        title_of_key=key_title(shown.key),
        arn="" if shown.key.new or shown.key.title == shown.key.arn else shown.key.arn,
        principals=[
            (principal.title, [_group(group, shown) for group in principal.groups]) for principal in principals
        ],
        notes=list(notes(shown)),
    )


def _verdict(principals: tuple[Principal, ...]) -> Verdict:
    if not principals:
        return Verdict(Tone.ALARM, "Nobody")
    return Verdict(Tone.QUIET, plural(len(principals), "principal"))


def _group(group: Group, shown: ListShown) -> GroupShown:
    return GroupShown(
        TONES[group.standing],
        VERDICTS[group.standing],
        spoken(group.actions, shown.possible),
        tuple(_ways(group, shown)),
        tuple(f"but denied {way(one, shown.key)} {when(one)}".strip() for one in group.unless),
    )


def _ways(group: Group, shown: ListShown) -> Iterator[str]:
    for one in group.ways:
        verdict = f"{VERDICTS[one.standing]} " if one.standing is not group.standing else ""
        yield f"{verdict}{way(one, shown.key)} {when(one)}".strip()
