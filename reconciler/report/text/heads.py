"""How reports on a terminal begin, and how they name a resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.kit.diagnostics import Position
from reconciler.kit.printable import printable
from reconciler.model.address import Address
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account
from reconciler.report.style import Style, Tone
from reconciler.report.words import also_called


def accounts(of: Mapping[TargetName, Account], style: Style) -> Iterator[str]:
    """A line for every account and Region of a run."""
    for target, account in sorted(of.items()):
        name = f"target {printable(target)}: " if target else ""
        where = f"account {printable(account.account_id)} in {printable(account.region)}"
        yield style.paint(Tone.DIM, f"  {name}{where}, as {printable(account.caller_arn)}")


def named(address: Address, resource_id: str | None, position: Position | None, style: Style) -> str:
    """A resource: its address, and what it is called in KMS and where it is declared, as far as it is."""
    parts = [style.paint(Tone.BOLD, printable(str(address)))]
    if also_called(address, resource_id):
        parts.append(style.paint(Tone.DIM, f"({printable(also_called(address, resource_id))})"))
    if position:
        parts.append(style.paint(Tone.DIM, f"{printable(position.file)}:{position.line}"))
    return " ".join(parts)
