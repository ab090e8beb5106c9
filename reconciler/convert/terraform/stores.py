"""Custom key stores of Terraform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from reconciler.convert.drafts import Place, StoreDraft
from reconciler.convert.fields import Fields
from reconciler.convert.remarks import TO_DO, Words
from reconciler.convert.terraform.instances import Instance

_PASSWORD: Final = "KMSUSER_PASSWORD"  # noqa: S105  the name of a variable
_SECRET_KEY: Final = "XKS_SECRET_ACCESS_KEY"  # noqa: S105  likewise


def store(fields: Fields, instance: Instance) -> Iterator[StoreDraft]:
    """The store that an `aws_kms_custom_key_store` declares, without its password or secret key."""
    external = fields.text("custom_key_store_type") == "EXTERNAL_KEY_STORE"
    spec = {"xksProxy": _proxy(fields)} if external else {"cloudHsm": _cluster(fields)}
    name = fields.text("custom_key_store_name")
    if name is None:
        fields.tell(
            fields.node, Words("it is left out", "the name of a store is what it is known by, and there is none")
        )
        return
    variable = _SECRET_KEY if external else _PASSWORD
    why = "manifests say where a password or secret key is, never what it is"
    fix = f"have the apply find it in the environment variable {variable}, or name another place"
    fields.tell(fields.node, Words("its password or secret key is left out", why, fix, TO_DO))
    place = Place.of(None, fields.text("region") or instance.region)
    yield StoreDraft(fields.subject, place, fields.text("id"), {**spec, "name": name})


def _cluster(fields: Fields) -> dict[str, Any]:
    return {
        "clusterId": fields.text("cloud_hsm_cluster_id"),
        "trustAnchorCertificate": fields.text("trust_anchor_certificate"),
        "password": {"from": {"env": _PASSWORD}},
    }


def _proxy(fields: Fields) -> dict[str, Any]:
    credential = next(fields.node.get("xks_proxy_authentication_credential").items(), fields.node.get("-"))
    connectivity = fields.text("xks_proxy_connectivity")
    found = {
        "uriEndpoint": fields.text("xks_proxy_uri_endpoint"),
        "uriPath": fields.text("xks_proxy_uri_path"),
        "connectivity": connectivity if connectivity != "PUBLIC_ENDPOINT" else None,
        "vpcEndpointServiceName": fields.text("xks_proxy_vpc_endpoint_service_name"),
        "credential": {
            "accessKeyId": credential.text("access_key_id") or None,
            "secretAccessKey": {"from": {"env": _SECRET_KEY}},
        },
    }
    return {name: value for name, value in found.items() if value is not None}
