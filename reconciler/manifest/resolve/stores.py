"""A CustomKeyStore manifest to a desired custom key store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.manifest.documents import Document
from reconciler.manifest.resolve.material import secret_source
from reconciler.manifest.resolve.where import Where
from reconciler.model.address import Address, Kind
from reconciler.model.stores import CloudHsm, DesiredStore, XksProxy


def desired_store(document: Document, where: Where) -> DesiredStore:
    """The custom key store that `document` declares."""
    spec = document.spec
    return DesiredStore(
        Address(Kind.CUSTOM_KEY_STORE, document.name, where.target),
        document.position,
        _cluster(document, spec["cloudHsm"]) if "cloudHsm" in spec else _proxy(document, spec["xksProxy"]),
        connected=spec.get("connected", True),
    )


def _cluster(document: Document, declared: Mapping[str, Any]) -> CloudHsm:
    password = secret_source(document, declared["password"]["from"])
    return CloudHsm(declared["clusterId"], declared["trustAnchorCertificate"], password)


def _proxy(document: Document, declared: Mapping[str, Any]) -> XksProxy:
    credential = declared["credential"]
    return XksProxy(
        declared["uriEndpoint"],
        declared["uriPath"],
        declared.get("connectivity", "PUBLIC_ENDPOINT"),
        declared.get("vpcEndpointServiceName"),
        declared.get("vpcEndpointServiceOwner"),
        credential["accessKeyId"],
        secret_source(document, credential["secretAccessKey"]["from"]),
    )
