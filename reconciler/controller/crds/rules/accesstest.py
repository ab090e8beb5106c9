"""Rules of an AccessTest."""

from __future__ import annotations

from typing import Final

from reconciler.controller.crds.place import at
from reconciler.controller.crds.rule import Rule

RULES: Final = at(
    "spec",
    Rule(
        "has(self.mustAllow) || has(self.mustDeny)",
        "the AccessTest expects nothing: it would hold whatever the policy says; add `mustAllow:` or `mustDeny:`",
    ),
)
