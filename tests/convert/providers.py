"""Keys made by the calls that other tools make, and what those tools then keep of them.

Each provider makes a key in the bundled KMS and answers with what its files say of it: a resource in a state, an object
with its status, a resource of a template.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ROOT = "arn:aws:iam::111122223333:root"
OPEN = {"Sid": "All", "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Id": "p", "Statement": [OPEN]}
Call = Callable[..., dict[str, Any]]


def tags_of(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": name, "TagValue": value} for name, value in tags.items()]


@dataclass
class Terraform:
    """The provider of HashiCorp, and a state as `terraform show -json` prints it."""

    call: Call
    resources: list[dict[str, Any]] = field(default_factory=list)

    def state(self, *modules: dict[str, Any]) -> str:
        root = {"resources": self.resources, "child_modules": list(modules)}
        return json.dumps({"format_version": "1.0", "terraform_version": "1.9.8", "values": {"root_module": root}})

    def resource(self, kind: str, name: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
        address = f"aws_kms_{kind}.{name}"
        one = {"address": address, "mode": "managed", "type": f"aws_kms_{kind}", "name": name, "values": values}
        self.resources.append({**one, "sensitive_values": {}, **more})
        return self.resources[-1]

    def key(self, name: str, *, region: str = "us-east-1", rotates: int | None = None, **fields: Any) -> dict[str, Any]:
        """`aws_kms_key`: CreateKey, then EnableKeyRotation; the state is what a refresh reads."""
        made = self.call("CreateKey", region=region, **fields)["KeyMetadata"]
        if rotates is not None:
            self.call("EnableKeyRotation", region=region, KeyId=made["KeyId"], RotationPeriodInDays=rotates)
        values = {
            **self.common(made, region, fields),
            "customer_master_key_spec": made["KeySpec"],
            "custom_key_store_id": "",
            "enable_key_rotation": rotates is not None,
            "is_enabled": True,
            "rotation_period_in_days": rotates or 0 if rotates else None,
            "xks_key_id": "",
        }
        return self.resource("key", name, values)["values"]

    def common(self, made: dict[str, Any], region: str, fields: dict[str, Any]) -> dict[str, Any]:
        tags = {tag["TagKey"]: tag["TagValue"] for tag in fields.get("Tags", ())}
        policy = self.call("GetKeyPolicy", region=region, KeyId=made["KeyId"], PolicyName="default")["Policy"]
        return {
            "arn": made["Arn"],
            "bypass_policy_lockout_safety_check": False,
            "deletion_window_in_days": None,
            "description": made["Description"],
            "id": made["KeyId"],
            "key_id": made["KeyId"],
            "key_usage": made["KeyUsage"],
            "multi_region": made["MultiRegion"],
            "policy": policy,
            "tags": tags,
            "tags_all": tags,
        }

    def replica(self, name: str, primary: dict[str, Any], region: str, **fields: Any) -> dict[str, Any]:
        """`aws_kms_replica_key`: ReplicateKey in the primary's Region."""
        made = self.call("ReplicateKey", KeyId=primary["key_id"], ReplicaRegion=region, **fields)["ReplicaKeyMetadata"]
        values = {**self.common(made, region, fields), "enabled": True, "key_spec": made["KeySpec"]}
        return self.resource("replica_key", name, {**values, "primary_key_arn": primary["arn"]})["values"]

    def alias(self, name: str, key: dict[str, Any], alias: str, region: str = "us-east-1") -> None:
        """`aws_kms_alias`: CreateAlias."""
        self.call("CreateAlias", region=region, AliasName=alias, TargetKeyId=key["key_id"])
        arn = f"arn:aws:kms:{region}:111122223333:{alias}"
        values = {"arn": arn, "id": alias, "name": alias, "target_key_arn": key["arn"], "target_key_id": key["key_id"]}
        self.resource("alias", name, values)


def ack(call: Call, name: str, *, rotates: bool = False, **spec: Any) -> list[dict[str, Any]]:
    """A Key of ACK and its Alias, as its controller makes them and writes their status."""
    fields = {
        "Description": spec.get("description", ""),
        "Policy": spec.get("policy"),
        "Tags": [{"TagKey": tag["tagKey"], "TagValue": tag["tagValue"]} for tag in spec.get("tags", ())]
        + tags_of({"services.k8s.aws/controller-version": "kms-1.2.3", "services.k8s.aws/namespace": "prod"}),
        **{ours: spec.get(theirs) for ours, theirs in (("KeySpec", "keySpec"), ("KeyUsage", "keyUsage"))},
    }
    made = call("CreateKey", **{one: value for one, value in fields.items() if value is not None})["KeyMetadata"]
    if rotates:
        call("EnableKeyRotation", KeyId=made["KeyId"])
    call("CreateAlias", AliasName=f"alias/{name}", TargetKeyId=made["KeyId"])
    status = {"arn": made["Arn"], "ownerAccountID": "111122223333", "region": "us-east-1"}
    spec = {**spec, **({"enableKeyRotation": True} if rotates else {})}
    alias = {"name": f"alias/{name}", "targetKeyRef": {"from": {"name": name}}}
    return [
        k8s(
            "kms.services.k8s.aws/v1alpha1", "Key", name, spec, {"ackResourceMetadata": status, "keyID": made["KeyId"]}
        ),
        k8s("kms.services.k8s.aws/v1alpha1", "Alias", name, alias),
    ]


def k8s(version: str, kind: str, name: str, spec: dict[str, Any], status: dict[str, Any] | None = None, **meta: Any):
    metadata = {"name": name, "namespace": "prod", **meta}
    one = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
    return one if status is None else {**one, "status": status}


def crossplane(call: Call, name: str, version: str, **parameters: Any) -> list[dict[str, Any]]:
    """A Key of Crossplane and its Alias, as its provider makes them and writes their status."""
    tags = {**parameters.get("tags", {}), "crossplane-kind": "key.kms", "crossplane-name": name}
    made = call("CreateKey", Description=parameters.get("description", ""), Tags=tags_of(tags))["KeyMetadata"]
    if parameters.get("enableKeyRotation"):
        call("EnableKeyRotation", KeyId=made["KeyId"], RotationPeriodInDays=parameters["rotationPeriodInDays"])
    call("CreateAlias", AliasName=f"alias/{name}", TargetKeyId=made["KeyId"])
    asked = {**parameters, "region": "us-east-1", "tags": tags}
    target = {"region": "us-east-1", "targetKeyIdRef": {"name": name}}
    external = {"annotations": {"crossplane.io/external-name": made["KeyId"]}}
    return [
        k8s(version, "Key", name, {"forProvider": asked}, {"atProvider": {"arn": made["Arn"]}}, **external),
        k8s(version, "Alias", name, {"forProvider": target}),
    ]
