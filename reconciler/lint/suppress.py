"""What annotations and comments set aside, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from reconciler.kit.diagnostics import Position
from reconciler.kit.printable import printable
from reconciler.lint.check import Check, checks
from reconciler.lint.finding import Finding
from reconciler.model.suppression import Suppression
from reconciler.policy.faults import nearest

UNKNOWN: Final = "KC901"
UNUSED: Final = "KC902"
UNREASONED: Final = "KC903"
META: Final = (UNKNOWN, UNUSED, UNREASONED)
"""Checks of suppressions themselves."""


class Suppressor:
    """Sets findings aside, and remembers which suppressions did."""

    def __init__(self, suppressions: tuple[Suppression, ...]) -> None:
        self._suppressions = suppressions
        self._used: set[Suppression] = set()

    def judged(self, found: Finding, home: Position | None, also: str | None = None) -> Finding:
        """`found`, set aside where a suppression says so.

        Args:
            found: as its check has it.
            home: where its statement or resource begins, which a comment may be about, too.
            also: the key that it belongs to, when that is another resource.
        """
        for one in self._suppressions:
            if one.check == found.check.id and one.reason and _covers(one, found, home, also):
                self._used.add(one)
                return replace(found, suppressed=one.reason)
        return found

    def findings(self, ignored: Collection[str]) -> Iterator[Finding]:
        """What is wrong with the suppressions; `ignored` are the checks that nobody wants to hear of."""
        for one in self._suppressions:
            shown = printable(one.check, limit=80)
            if one.check not in checks():
                fix = nearest(one.check, checks()) if len(one.check) <= 8 else ""
                what = f"there is no check {shown}" if one.check else "no check is named"
                yield _meta(UNKNOWN, one, what, fix if fix.startswith("did") else "")
            elif not one.reason:
                yield _meta(UNREASONED, one, f"nobody says why {shown} is set aside, so it is not")
            elif one not in self._used and one.check not in ignored:
                yield _meta(UNUSED, one, f"{shown} is set aside where it finds nothing")


def _covers(one: Suppression, found: Finding, home: Position | None, also: str | None) -> bool:
    if one.resource is not None and one.resource in (_bare(found.resource), _bare(also)):
        return True
    return one.covers(found.position) or one.covers(home)


def _bare(resource: str | None) -> str | None:
    """A resource as manifests call it, without its target."""
    return resource.partition("@")[0] if resource else None


def _meta(check_id: str, one: Suppression, what: str, fix: str = "") -> Finding:
    check: Check = checks()[check_id]
    return Finding(
        check=check,
        severity=check.severity,
        resource=one.resource or str(one.position.file),
        address=None,
        position=one.position,
        what=what,
        fix=fix or check.fix,
    )
