"""Who gains and who loses access by a plan, for people: all of it, and nothing else of the plan."""

from __future__ import annotations

from reconciler.kit.printable import printable
from reconciler.plan.changes import Plan
from reconciler.report.accesslines import access_blocks
from reconciler.report.style import Style, Tone
from reconciler.report.text.heads import accounts
from reconciler.report.text.lines import painted


def render(plan: Plan, style: Style) -> str:
    """Every resource whose change gives or takes access, those of which the same is said together."""
    title = f"Who gains and loses access by the plan for stack {printable(plan.stack)}"
    lines = [style.paint(Tone.BOLD, title), *accounts(plan.accounts, style)]
    blocks = access_blocks(plan)
    for block in blocks:
        lines += ["", block.title, *painted(block.lines, style, indent=2)]
    if not blocks:
        lines += ["", "Nobody gains or loses access."]
    return "\n".join(lines) + "\n"
