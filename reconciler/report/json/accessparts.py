"""What the reports on access have in common as JSON: `schemas/access.schema.json`."""

from __future__ import annotations

from reconciler.policy.access import Way
from reconciler.policy.evaluate import Source, Trace
from reconciler.report.access.causes import position_of
from reconciler.report.access.sentences import VERDICTS
from reconciler.report.access.shown import GrantShown, KeyShown
from reconciler.report.json.accesschanges import condition
from reconciler.report.json.encode import Json, position


def key_json(key: KeyShown) -> Json:
    """The key that was asked about."""
    return {"title": key.title, "arn": key.arn, "planned": key.planned, "new": key.new}


def cause_json(cause: Trace, key: KeyShown) -> Json:
    """A statement or grant, and where it is declared."""
    granted = key.grants.get(cause.name, GrantShown("")).name if cause.source is Source.GRANT else None
    return {
        "source": cause.source.value,
        "name": cause.name,
        "index": cause.index,
        "sid": cause.sid,
        "grant": granted,
        "position": position(position_of(cause, key)),
    }


def way_json(way: Way, key: KeyShown) -> Json:
    """One way in which something is allowed, delegated or denied."""
    return {
        "standing": VERDICTS[way.standing],
        "causes": [cause_json(cause, key) for cause in way.causes],
        "conditions": [condition(one) for one in way.conditions],
        "excluded": list(way.excluded),
    }
