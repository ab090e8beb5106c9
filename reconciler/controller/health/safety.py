"""Whether what an object declares is safe, as far as lint can tell: the condition PolicySafe.

It stands apart from the five others and no tool takes it for health: a key with a careless policy works.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from reconciler.controller.health.conditions import Condition, condition_of, kept_copy
from reconciler.controller.health.reasons import Reason
from reconciler.controller.health.wording import clause, clipped, sentence
from reconciler.lint.finding import Finding
from reconciler.manifest.documents import KEY_KINDS, ManifestKind

POLICY_SAFE: Final = "PolicySafe"
EXAMINED: Final = frozenset({*KEY_KINDS, ManifestKind.KEY_POLICY})
"""The kinds that have it."""


def safety_of(
    findings: Sequence[Finding] | None, previous: Sequence[Mapping[str, Any]], generation: int, now: datetime
) -> Condition:
    """The condition PolicySafe of an object.

    Args:
        findings: of lint, those that are errors and that nobody has set aside; None where it could not look.
        previous: the conditions that the object has.
        generation: `metadata.generation` of what was looked at.
        now: the time that the condition gets if it flips.
    """
    was = next((condition for condition in previous if condition.get("type") == POLICY_SAFE), None)
    if findings is None:
        if was is not None and was.get("observedGeneration") == generation:
            return kept_copy(was)
        return condition_of(POLICY_SAFE, ("Unknown", Reason.NOT_EXAMINED, _UNKNOWN), was, generation, now)
    if findings:
        return condition_of(POLICY_SAFE, ("False", Reason.LINT_ERRORS, _told(findings)), was, generation, now)
    return condition_of(POLICY_SAFE, ("True", Reason.NO_LINT_ERRORS, ""), was, generation, now)


_UNKNOWN: Final = "it cannot be looked at before the object and what it refers to are sound"


def _told(findings: Sequence[Finding]) -> str:
    first, more = findings[0], len(findings) - 1
    told = sentence(f"{first.check.id}: {first.what}", "", clause(first.fix))
    return clipped(f"{more + 1} errors, first: {told}" if more else told)
