"""Rules of a CustomKeyStore."""

from __future__ import annotations

from typing import Final

from reconciler.controller.crds.place import at
from reconciler.controller.crds.rule import Rule
from reconciler.controller.crds.rules.shared import fixed, same_target

_BY_SERVICE: Final = "(has(self.connectivity) && self.connectivity == 'VPC_ENDPOINT_SERVICE')"
_ANOTHER: Final = "KMS cannot change this: declare a store of another name, and new keys in it"
_ANCHOR: Final = "spec.cloudHsm.trustAnchorCertificate.trim()"


def _only_by_service(name: str) -> Rule:
    return Rule(
        f"!has(self.{name}) || {_BY_SERVICE}",
        f"`{name}` is declared, and the connectivity is PUBLIC_ENDPOINT: a public endpoint is reached without a "
        "service; set `connectivity: VPC_ENDPOINT_SERVICE`, or remove it",
        f".{name}",
    )


RULES: Final = (
    *at(
        "",
        fixed(
            "cloudHsm",
            "has(self.spec.cloudHsm) != has(oldSelf.spec.cloudHsm)",
            "storeId",
            f"`cloudHsm` and `xksProxy` cannot take each other's place: {_ANOTHER}",
        ),
        fixed(
            "cloudHsm.trustAnchorCertificate",
            f"has(self.spec.cloudHsm) && has(oldSelf.spec.cloudHsm) && self.{_ANCHOR} != oldSelf.{_ANCHOR}",
            "storeId",
            f"`trustAnchorCertificate` can never change: {_ANOTHER}",
        ),
        same_target("storeId"),
    ),
    *at(
        "spec.xksProxy",
        Rule(
            f"!{_BY_SERVICE} || has(self.vpcEndpointServiceName)",
            "`vpcEndpointServiceName` is missing: the connectivity VPC_ENDPOINT_SERVICE goes through it; add it",
        ),
        _only_by_service("vpcEndpointServiceName"),
        _only_by_service("vpcEndpointServiceOwner"),
    ),
)
