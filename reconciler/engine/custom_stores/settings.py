"""What a custom key store is made of, and which settings go together.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html and
https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateCustomKeyStore.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.engine.errors import invalid
from reconciler.engine.store.records import CustomStore
from reconciler.kit.errors import KmsError

CLOUDHSM: Final = "AWS_CLOUDHSM"
EXTERNAL: Final = "EXTERNAL_KEY_STORE"
VPC_ENDPOINT_SERVICE: Final = "VPC_ENDPOINT_SERVICE"

_CLUSTER: Final = "CloudHsmClusterId"
_TRUST_ANCHOR: Final = "TrustAnchorCertificate"
_ENDPOINT: Final = "XksProxyUriEndpoint"
_PATH: Final = "XksProxyUriPath"
_CONNECTIVITY: Final = "XksProxyConnectivity"
_SERVICE: Final = "XksProxyVpcEndpointServiceName"
_OWNER: Final = "XksProxyVpcEndpointServiceOwner"

SETTINGS: Final[Mapping[str, tuple[str, ...]]] = {
    CLOUDHSM: (_CLUSTER, _TRUST_ANCHOR),
    EXTERNAL: (_CONNECTIVITY, _ENDPOINT, _PATH, _SERVICE, _OWNER),
}
"""Settings that are no secret, by type of store; AWS's parameter names."""
SECRETS: Final[Mapping[str, str]] = {CLOUDHSM: "KeyStorePassword", EXTERNAL: "XksProxyAuthenticationCredential"}
"""The parameter that is secret, by type of store."""
_OPTIONAL: Final = frozenset({_SERVICE, _OWNER})


def refuse_foreign(kind: str, given: Mapping[str, Any]) -> None:
    """See that no parameter of the other type of store is given.

    Raises:
        KmsError: ValidationException.
    """
    other = EXTERNAL if kind == CLOUDHSM else CLOUDHSM
    for name in (*SETTINGS[other], SECRETS[other]):
        if name in given:
            raise invalid(f"{name} is not valid for custom key stores of type {kind}.")


def check_settings(kind: str, settings: Mapping[str, str], region: str) -> None:
    """See that `settings` make a store of type `kind` in `region`.

    Raises:
        KmsError: ValidationException, IncorrectTrustAnchorException, XksProxyVpcEndpointServiceNotFoundException.
    """
    for name in SETTINGS[kind]:
        if name not in settings and name not in _OPTIONAL:
            raise invalid(f"{name} is required for custom key stores of type {kind}.")
    if kind == CLOUDHSM:
        _check_trust_anchor(settings[_TRUST_ANCHOR])
    else:
        _check_endpoint_service(settings, region)


def check_unused(settings: Mapping[str, str], others: Iterable[CustomStore]) -> None:
    """See that no other store of the account and Region has the cluster, the address or the endpoint service.

    Raises:
        KmsError: CloudHsmClusterInUseException, XksProxyUriInUseException, XksProxyUriEndpointInUseException,
            XksProxyVpcEndpointServiceInUseException.
    """
    for other in others:
        if _CLUSTER in settings:
            _check_cluster_unused(settings, other.settings)
        elif _ENDPOINT in other.settings:
            _check_proxy_unused(settings, other.settings)


def secret_text(kind: str, given: Mapping[str, Any]) -> str | None:
    """What is secret among the parameters, as one text; None when it is not given."""
    secret = given.get(SECRETS[kind])
    return json.dumps(secret) if isinstance(secret, dict) else secret


def secret_key(kind: str, text: str) -> str:
    """The password, or the secret key of the credential, in the text of `secret_text`."""
    return text if kind == CLOUDHSM else str(json.loads(text)["RawSecretAccessKey"])


def access_key_id(text: str) -> str:
    """The id of the credential of an external key store."""
    return str(json.loads(text)["AccessKeyId"])


def _check_trust_anchor(certificate: str) -> None:
    from cryptography.x509 import load_pem_x509_certificate

    try:
        load_pem_x509_certificate(certificate.encode())
    except ValueError:
        raise KmsError(
            "IncorrectTrustAnchorException",
            "The trust anchor certificate is not the trust anchor certificate of the CloudHSM cluster.",
        ) from None


def _check_endpoint_service(settings: Mapping[str, str], region: str) -> None:
    service = settings.get(_SERVICE)
    if settings[_CONNECTIVITY] != VPC_ENDPOINT_SERVICE:
        if service is not None or _OWNER in settings:
            raise invalid(f"{_SERVICE} and {_OWNER} are only valid with the connectivity {VPC_ENDPOINT_SERVICE}.")
        return
    if service is None:
        raise invalid(f"{_SERVICE} is required with the connectivity {VPC_ENDPOINT_SERVICE}.")
    if service.split(".")[3] != region:
        raise KmsError(
            "XksProxyVpcEndpointServiceNotFoundException", f"There is no VPC endpoint service {service} in {region}."
        )


def _check_cluster_unused(settings: Mapping[str, str], other: Mapping[str, str]) -> None:
    """Clusters that share a backup history have the same certificate, and count as one."""
    if any(settings[name] == other.get(name) for name in (_CLUSTER, _TRUST_ANCHOR)):
        raise KmsError(
            "CloudHsmClusterInUseException",
            f"The CloudHSM cluster {settings[_CLUSTER]}, or one that shares a backup history with it, is already "
            "associated with a custom key store.",
        )


def _check_proxy_unused(settings: Mapping[str, str], other: Mapping[str, str]) -> None:
    endpoint, path, connectivity = settings[_ENDPOINT], settings[_PATH], settings[_CONNECTIVITY]
    if _SERVICE in settings and settings[_SERVICE] == other.get(_SERVICE):
        raise KmsError(
            "XksProxyVpcEndpointServiceInUseException",
            f"The VPC endpoint service {settings[_SERVICE]} is already associated with an external key store.",
        )
    if endpoint != other[_ENDPOINT]:
        return
    if connectivity != other[_CONNECTIVITY] or connectivity == VPC_ENDPOINT_SERVICE:
        raise KmsError(
            "XksProxyUriEndpointInUseException",
            f"The endpoint {endpoint} is already associated with an external key store.",
        )
    if path == other[_PATH]:
        raise KmsError(
            "XksProxyUriInUseException",
            f"The address {endpoint}{path} is already associated with an external key store.",
        )
