"""Who may do what with a key, for machines: `schemas/access.schema.json`."""

from __future__ import annotations

from reconciler.policy.access import Entry
from reconciler.report.access.sentences import VERDICTS
from reconciler.report.access.shown import KeyShown, ListShown
from reconciler.report.json.accessparts import key_json, way_json
from reconciler.report.json.encode import Json, document


def render(shown: ListShown) -> str:
    """One entry for each principal and action."""
    return document(
        "AccessList",
        {
            "key": key_json(shown.key),
            "actions": list(shown.actions),
            "knownAccounts": sorted(shown.known),
            "unreadable": shown.unreadable,
            "entries": [_entry(entry, shown.key) for entry in shown.entries],
        },
    )


def _entry(entry: Entry, key: KeyShown) -> Json:
    return {
        "principal": entry.principal,
        "action": entry.action,
        "standing": VERDICTS[entry.standing],
        "ways": [way_json(way, key) for way in entry.ways],
        "unless": [way_json(way, key) for way in entry.unless],
    }
