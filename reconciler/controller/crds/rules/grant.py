"""Rules of a Grant. Nothing in it is fixed: a changed grant is made anew."""

from __future__ import annotations

from typing import Final

from reconciler.controller.crds.place import at
from reconciler.controller.crds.rule import Rule, never_both
from reconciler.controller.crds.rules.shared import EXTERNAL_KEY, same_target

_ONE: Final = "a grant has one of them at most"
_TWO_GRANTS: Final = "keep one of them, and write a second grant if both are needed"

RULES: Final = (
    *at("", same_target("grantId")),
    *at(
        "spec",
        Rule(
            "has(self.granteePrincipal) || has(self.granteeServicePrincipal)",
            "the grant has no grantee: it permits something to one principal or one service; add "
            "`granteePrincipal:` or `granteeServicePrincipal:`",
        ),
        never_both("granteePrincipal", "granteeServicePrincipal", _ONE, _TWO_GRANTS),
        never_both("retiringPrincipal", "retiringServicePrincipal", _ONE, _TWO_GRANTS),
        Rule(
            "!has(self.granteeServicePrincipal) || (self.?constraints.?sourceArn.hasValue() && "
            "(has(self.retiringPrincipal) || has(self.retiringServicePrincipal)))",
            "a grant to a service lacks `constraints.sourceArn`, or `retiringPrincipal` or `retiringServicePrincipal`: "
            "KMS asks for both, so that the service cannot be made to use the key for somebody else; add them",
            ".granteeServicePrincipal",
        ),
    ),
    *at("spec.key", *EXTERNAL_KEY),
)
