"""Custom key stores, and the fields of a Key that belong to one.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html and API_CreateKey.html
(CustomKeyStoreId, XksKeyId).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.checks.keys import KeyFacts, facts_of
from reconciler.manifest.documents import Document, ManifestKind, Manifests, Message
from reconciler.model.keyspec import Origin, capabilities

_ORIGINS: Final = {"cloudHsm": Origin.AWS_CLOUDHSM, "xksProxy": Origin.EXTERNAL_KEY_STORE}
_SERVICE: Final = ("vpcEndpointServiceName", "vpcEndpointServiceOwner")


def check_store(document: Document) -> Iterator[Diagnostic]:
    """What is wrong with a CustomKeyStore by itself."""
    proxy = document.spec.get("xksProxy")
    if proxy is None:
        return
    by_service = proxy.get("connectivity") == "VPC_ENDPOINT_SERVICE"
    if by_service and _SERVICE[0] not in proxy:
        what, why = "`vpcEndpointServiceName` is missing", "the connectivity VPC_ENDPOINT_SERVICE goes through it"
        yield document.fault(("spec", "xksProxy"), Message("missing-field", what, why, "add it"), of_key=True)
    for name in _SERVICE:
        if name in proxy and not by_service:
            what = f"`{name}` is declared, and the connectivity is PUBLIC_ENDPOINT"
            fix = "set `connectivity: VPC_ENDPOINT_SERVICE`, or remove it"
            message = Message("conflicting-fields", what, "a public endpoint is reached without a service", fix)
            yield document.fault(("spec", "xksProxy", name), message, of_key=True)


def check_custody(document: Document, facts: KeyFacts) -> Iterator[Diagnostic]:
    """What is wrong with a Key's custom key store, whether that is declared or not."""
    spec, in_store = document.spec, facts.origin in _ORIGINS.values()
    possible = facts.origin in capabilities(facts.key_spec).origins and not facts.multi_region
    if in_store and possible and "customKeyStoreRef" not in spec and "adopt" not in spec:
        yield document.fault(
            ("spec", "origin"),
            Message(
                "custom-key-store-needed",
                f"a key of origin {facts.origin} cannot be created",
                "its material lives in a custom key store, and no `customKeyStoreRef` names one",
                "add `customKeyStoreRef: {name: …}` of a CustomKeyStore, take an existing key over with `adopt:`, or "
                "use the origin AWS_KMS",
            ),
        )
    if "customKeyStoreRef" in spec and not in_store:
        yield _conflict(document, "customKeyStoreRef", facts, "AWS_CLOUDHSM or EXTERNAL_KEY_STORE")
    if "xksKeyId" in spec and facts.origin is not Origin.EXTERNAL_KEY_STORE:
        yield _conflict(document, "xksKeyId", facts, "EXTERNAL_KEY_STORE")
    if facts.origin is Origin.EXTERNAL_KEY_STORE and "customKeyStoreRef" in spec and "xksKeyId" not in spec:
        what, why = "`xksKeyId` is missing", "behind a key of an external key store is a key of the external manager"
        message = Message("missing-field", what, why, "add the id that the proxy knows it by")
        yield document.fault(("spec", "customKeyStoreRef"), message, of_key=True)
    yield from _check_successors(document)


def _check_successors(document: Document) -> Iterator[Diagnostic]:
    if "xksKeyId" in document.spec and "manual" in document.spec.get("rotation", {}):
        what, why = "`spec` has `xksKeyId` and `manual` rotation", "no two keys have the same external key behind them"
        fix = "use `none: {reason: …}`; the material is the external key manager's to rotate"
        message = Message("conflicting-fields", what, why, fix)
        yield document.fault(("spec", "rotation", "manual"), message, of_key=True)


def check_store_of(document: Document, manifests: Manifests) -> Iterator[Diagnostic]:
    """Whether the store that a Key names is of its type, and where it is."""
    store = manifests.get(ManifestKind.CUSTOM_KEY_STORE, document.spec.get("customKeyStoreRef", {}).get("name", ""))
    if store is None:
        return
    origin = next(origin for name, origin in _ORIGINS.items() if name in store.spec)
    path = ("spec", "customKeyStoreRef", "name")
    if facts_of(document).origin in _ORIGINS.values() and facts_of(document).origin is not origin:
        what = f"a key of origin {facts_of(document).origin} cannot be in {store}"
        message = Message(
            "invalid-key-combination", what, f"the keys of that store have the origin {origin}", "change one"
        )
        yield document.fault(path, message)
    if store.target != document.target:
        what, why = f"{store} is on another target", "a key is created in a store of its own account and Region"
        yield document.fault(path, Message("target-mismatch", what, why, "give both the same `targetRef`"))


def _conflict(document: Document, name: str, facts: KeyFacts, possible: str) -> Diagnostic:
    what = f"`{name}` is declared of a key of origin {facts.origin}"
    message = Message(
        "conflicting-fields", what, f"it is of keys of origin {possible}", f"set `origin`, or remove `{name}`"
    )
    return document.fault(("spec", name), message, of_key=True)
