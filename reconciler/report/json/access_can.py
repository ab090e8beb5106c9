"""The answer to one question about access for machines: `schemas/access.schema.json`."""

from __future__ import annotations

from reconciler.policy.access import Ask
from reconciler.policy.evaluate import Trace
from reconciler.report.access.sentences import VERDICTS
from reconciler.report.access.shown import AnswerShown, KeyShown
from reconciler.report.json.accessparts import cause_json, key_json
from reconciler.report.json.encode import Json, document


def render(shown: AnswerShown) -> str:
    """The answer, with what became of every statement and grant."""
    answer, key = shown.answer, shown.key
    return document(
        "AccessAnswer",
        {
            "key": key_json(key),
            "request": _request(shown.ask),
            "standing": VERDICTS[answer.standing],
            "reason": answer.reason.value,
            "applicable": not shown.inapplicable,
            "missing": list(answer.missing),
            "decider": cause_json(answer.decider, key) if answer.decider else None,
            "trace": [_trace(one, key) for one in answer.trace],
        },
    )


def _request(ask: Ask) -> Json:
    return {
        "principal": ask.principal,
        "action": ask.action,
        "encryptionContext": dict(sorted(ask.context.items())),
        "via": ask.via,
        "facts": {name: list(values) for name, values in sorted(ask.facts.items())},
    }


def _trace(one: Trace, key: KeyShown) -> Json:
    outcome = one.outcome.name.lower().replace("_", " ")
    return {"cause": cause_json(one, key), "effect": str(one.effect), "outcome": outcome, "detail": one.detail}
