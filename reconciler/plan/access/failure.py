"""What an AccessTest expects and is not so, in words that every format says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.model.address import Address
from reconciler.policy.access import Standing

RISK: Final = "access-test"
"""The name of the risk, and of the diagnostic."""
_MOST: Final = 4
"""Actions that are told one by one."""
_FIX: Final = "change the policy or the grants, or what the test expects"
_FOUND: Final = {
    Standing.ALLOWED: "allowed",
    Standing.DELEGATED: "left to IAM policies",
    Standing.DENIED: "denied",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Requests of one principal that are answered otherwise than one line of a test expects."""

    test: str
    """The name of the AccessTest."""
    key: Address
    position: Position
    """Of the expectation."""
    principal: str
    actions: tuple[str, ...]
    """Each of which is answered so, for the same reason."""
    expected: Literal[Standing.ALLOWED, Standing.DENIED]
    found: Standing | None
    """None where it cannot be told."""
    why: str
    """The statement or grant that decides, where it stands, or why there is none."""

    @property
    def what(self) -> str:
        """The fault, in one sentence without a full stop, without where the expectation stands."""
        return f"AccessTest/{self.test}: {self._answer}"

    @property
    def _answer(self) -> str:
        actions = ", ".join(self.actions[:_MOST])
        if len(self.actions) > _MOST:
            actions += f" and {len(self.actions) - _MOST} more"
        wanted = f"{self.principal} must be {_FOUND[self.expected]} {actions} on {self.key}"
        return f"{wanted}, and is {_FOUND[self.found]}" if self.found else f"{wanted}, and that cannot be told"

    @property
    def diagnostic(self) -> Diagnostic:
        """With where the expectation stands."""
        return Diagnostic(RISK, self.position, self.what, self.why, _FIX)

    @property
    def told(self) -> str:
        """All of it in one sentence, with where the expectation stands."""
        return f"AccessTest/{self.test} ({self.position.file}:{self.position.line}): {self._answer}: {self.why}"
