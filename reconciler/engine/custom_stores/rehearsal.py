"""What the clusters, proxies and external keys behind custom key stores answer: nothing but what their names say.

The names are in `rehearsal.json`. A cluster goes by its id, a proxy by the first label of its host name, an endpoint
service by what follows `vpce-svc-`, an external key by its id. A password or secret key that begins with `wrong` is
wrong, and the host names that RFC 6761 keeps unreachable (`.invalid`) are unreachable.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from reconciler.engine.custom_stores.settings import VPC_ENDPOINT_SERVICE
from reconciler.engine.instants import SECOND
from reconciler.kit.errors import KmsError

INVALID_CREDENTIALS: Final = "INVALID_CREDENTIALS"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that stands behind a custom key store."""

    described: str
    refuses: Mapping[str, str] = field(default_factory=dict)
    """Error codes by what is asked: create, update, connect, contact."""
    fails: str | None = None
    """The ConnectionErrorCode with which connecting to it ends."""
    seconds: int = 0
    """How long connecting takes."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt to connect ends: after so many microseconds, with this ConnectionErrorCode or well."""

    duration: int
    failure: str | None


def ask(asked: str, settings: Mapping[str, str]) -> None:
    """Ask what stands behind a store whether it goes along with `asked`: create, update or connect.

    Raises:
        KmsError: one of the errors about clusters, proxies and endpoint services that AWS lists for the operation.
    """
    for part in _parts(settings):
        if asked in part.refuses:
            raise KmsError(part.refuses[asked], f"{part.described} does not go along with this request.")


def contact(settings: Mapping[str, str], secret: str) -> None:
    """Ask a proxy with a public endpoint for its health, as KMS does before it believes new settings.

    Raises:
        KmsError: one of the errors about proxies.
    """
    if settings.get("XksProxyConnectivity") in {None, VPC_ENDPOINT_SERVICE}:
        return
    ask("contact", settings)
    if _is_wrong(secret):
        raise KmsError(
            "XksProxyIncorrectAuthenticationCredentialException",
            f"The proxy credentials failed to authenticate to {settings['XksProxyUriEndpoint']}.",
        )


def attempt(settings: Mapping[str, str], secret: str) -> Attempt:
    """How connecting a store with these settings goes."""
    parts = list(_parts(settings))
    failure = next((part.fails for part in parts if part.fails), None)
    if failure is None and _is_wrong(secret):
        failure = INVALID_CREDENTIALS
    return Attempt(max(part.seconds for part in parts) * SECOND, failure)


def ask_external_key(xks_key_id: str) -> None:
    """Ask the external key manager for a key.

    Raises:
        KmsError: XksKeyNotFoundException, XksKeyInvalidConfigurationException.
    """
    part = _part("externalKeys", xks_key_id, f"The external key {xks_key_id}")
    if "create" in part.refuses:
        raise KmsError(part.refuses["create"], f"{part.described} cannot serve a KMS key.")


def _parts(settings: Mapping[str, str]) -> Iterator[Part]:
    cluster = settings.get("CloudHsmClusterId")
    if cluster is not None:
        yield _part("clusters", cluster, f"The CloudHSM cluster {cluster}")
        return
    endpoint = settings["XksProxyUriEndpoint"]
    host = endpoint.removeprefix("https://")
    label = "unreachable" if host.endswith(".invalid") else host.partition(".")[0]
    yield _part("proxies", label, f"The external key store proxy at {endpoint}{settings['XksProxyUriPath']}")
    service = settings.get("XksProxyVpcEndpointServiceName")
    if service is not None:
        yield _part("endpointServices", service.rpartition("-")[2], f"The VPC endpoint service {service}")


def _part(kind: str, name: str, described: str) -> Part:
    known = _data()[kind].get(name, {})
    return Part(described, known.get("refuses", {}), known.get("fails"), known.get("seconds", 0))


def _is_wrong(secret: str) -> bool:
    return secret.startswith(_data()["wrongSecret"])


@cache
def _data() -> Any:
    return json.loads(files("reconciler.engine.custom_stores").joinpath("rehearsal.json").read_text("utf-8"))
