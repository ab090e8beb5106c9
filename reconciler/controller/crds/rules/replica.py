"""Rules of a ReplicaKey."""

from __future__ import annotations

from typing import Final

from reconciler.controller.crds.place import at
from reconciler.controller.crds.rule import Rule
from reconciler.controller.crds.rules.keyspecs import USAGE_FITS, USAGE_NEEDED
from reconciler.controller.crds.rules.shared import KEY_ARN, fixed, independent, same_target

_PRIMARY: Final = "oldSelf.spec.primary.keyArn"

RULES: Final = (
    *at(
        "",
        fixed(
            "primaryRef",
            "has(self.spec.primaryRef) && has(oldSelf.spec.primaryRef) && "
            "self.spec.primaryRef.name != oldSelf.spec.primaryRef.name",
            "keyId",
            "a replica stays one of its primary: `primaryRef` can never change; declare another ReplicaKey",
        ),
        fixed(
            "primary",
            "has(self.spec.primary) && has(oldSelf.spec.primary) && "
            f"!self.spec.primary.keyArn.endsWith({_PRIMARY}.substring({_PRIMARY}.lastIndexOf('/') + 1))",
            "keyId",
            "a replica stays one of its primary: `primary` can never become another key; declare another ReplicaKey",
        ),
        same_target("keyId"),
        Rule(
            "!has(self.spec.primaryRef) || self.spec.primaryRef.name != self.metadata.name",
            "it names itself as its primary: every replica is made of the primary, wherever that is; name a Key",
            ".spec.primaryRef.name",
        ),
    ),
    *at(
        "spec.primary.keyArn",
        KEY_ARN,
        Rule(
            "self.matches('(^|/)mrk-[^/]*$')",
            "it is no multi-Region key: ids of multi-Region keys begin with mrk-; name a multi-Region key",
        ),
    ),
    *at("spec.primary", USAGE_NEEDED, USAGE_FITS),
    *independent(),
)
