"""Rules of a ReplicaKey."""

from __future__ import annotations

from typing import Final

from reconciler.controller.crds.place import at
from reconciler.controller.crds.rules.keyspecs import USAGE_FITS, USAGE_NEEDED
from reconciler.controller.crds.rules.shared import fixed, independent, same_target

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
    ),
    *at("spec.primary", USAGE_NEEDED, USAGE_FITS),
    *independent(),
)
