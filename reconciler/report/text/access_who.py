"""Who may do what with a key, for people: principal by principal."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kit.printable import printable
from reconciler.policy.access import Way
from reconciler.report.access.groups import Group, grouped
from reconciler.report.access.people import spoken
from reconciler.report.access.sentences import VERDICTS, key_title, notes, way, when
from reconciler.report.access.shown import ListShown
from reconciler.report.style import Style, Tone
from reconciler.report.text.access_can import TONES
from reconciler.report.text.prose import labelled, sentence


def render(shown: ListShown, style: Style) -> str:
    """Everybody with what they may do, in which ways; and what is not known."""
    lines = [f"Who may do what with {style.paint(Tone.BOLD, key_title(shown.key))}"]
    if shown.key.title != shown.key.arn and not shown.key.new:
        lines.append(style.paint(Tone.DIM, f"  {printable(shown.key.arn)}"))
    for principal in grouped(shown.entries):
        lines += ["", style.paint(Tone.BOLD, principal.title)]
        for group in principal.groups:
            lines += _group(group, shown, style)
    if not shown.entries:
        lines += ["", "Nobody."]
    told = [line for note in notes(shown) for line in sentence(f"Note: {note}.", style, 0)]
    return "\n".join([*lines, *([""] if told else []), *told]) + "\n"


def _group(group: Group, shown: ListShown, style: Style) -> Iterator[str]:
    verdict = VERDICTS[group.standing]
    yield from labelled(verdict, spoken(group.actions, shown.possible), style, tone=TONES[group.standing])
    for one in group.ways:
        yield from sentence(_differing(way(one, shown.key), group, VERDICTS[one.standing]), style, 4)
        yield from _conditions(one, style)
    for one in group.unless:
        yield from sentence(f"but denied {way(one, shown.key)}", style, 4)
        yield from _conditions(one, style)


def _conditions(one: Way, style: Style) -> list[str]:
    return sentence(when(one), style, 6) if one.conditions else []


def _differing(text: str, group: Group, verdict: str) -> str:
    """`text`, with its verdict where that is not the group's."""
    return text if verdict == VERDICTS[group.standing] else f"{verdict} {text}"
