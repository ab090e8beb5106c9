"""Who gains and who loses access by a plan, as Markdown."""

from __future__ import annotations

from reconciler.plan.changes import Plan
from reconciler.report.accesslines import access_blocks
from reconciler.report.markdown.escape import code, prose
from reconciler.report.markdown.lines import block


def render(plan: Plan) -> str:
    """Every resource whose change gives or takes access, those of which the same is said together."""
    parts = [f"### Who gains and loses access by the plan for stack {code(plan.stack)}"]
    parts += [f"**{prose(found.title)}**\n\n{block(found.lines)}" for found in access_blocks(plan)]
    if len(parts) == 1:
        parts.append("Nobody gains or loses access.")
    return "\n\n".join(parts) + "\n"
