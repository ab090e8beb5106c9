"""Who gains and who loses access by a plan, as a page."""

from __future__ import annotations

from reconciler.plan.changes import Plan
from reconciler.report.accesslines import access_blocks
from reconciler.report.html.page import page
from reconciler.report.html.verdict import Count, Tone, Verdict
from reconciler.report.lines import Mark
from reconciler.report.words import plural


def render(plan: Plan) -> str:
    """Every resource whose change gives or takes access, those of which the same is said together."""
    blocks = access_blocks(plan)
    changed = sum(len(block.addresses) for block in blocks)
    text = f"Access changes on {plural(changed, 'resource')}" if blocks else "Nobody gains or loses access"
    marks = [line.mark for block in blocks for line in block.lines]
    return page(
        "access_diff",
        f"Access by the plan for stack {plan.stack}",
        Verdict(Tone.CHANGED if blocks else Tone.GOOD, text),
        plan=plan,
        blocks=blocks,
        counts=[
            Count(str(marks.count(Mark.ADDED)), "gained", Tone.GOOD),
            Count(str(marks.count(Mark.REMOVED)), "lost", Tone.REMOVED),
        ],
    )
