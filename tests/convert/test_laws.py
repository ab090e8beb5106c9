"""Whatever a file holds: no fault of ours, nothing secret, and manifests that are valid."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.convert.convert import Text, convert
from reconciler.manifest.decoding import check_characters
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.report.yaml.blocks import document

SECRET = "c2VjcmV0IG1hdGVyaWFs"
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-east-1:111122223333:key/{ID}"
POLICY = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}]}'

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 400),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        [ID, ARN, POLICY, "alias/x", "aws:tag", "${aws:region}", "us-east-1", "EXTERNAL", "RSA_2048", "a b"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
)


def fields(*names: str, **fixed):
    """A mapping with some of `names`, of any values."""
    return st.fixed_dictionaries(fixed, optional=dict.fromkeys(names, values))


KEY = (
    *("arn", "key_id", "id", "description", "policy", "tags", "tags_all", "customer_master_key_spec", "key_usage"),
    *("multi_region", "is_enabled", "enabled", "enable_key_rotation", "rotation_period_in_days", "region"),
    *("deletion_window_in_days", "custom_key_store_id", "xks_key_id", "primary_key_arn", "valid_to", "name"),
    *("target_key_id", "constraints", "grantee_principal", "retiring_principal", "operations", "custom_key_store_name"),
    *("cloud_hsm_cluster_id", "custom_key_store_type", "xks_proxy_authentication_credential", "retire_on_delete"),
    *("bypass_policy_lockout_safety_check", "trust_anchor_certificate", "grant_id", "key_state"),
)
TYPES = ("key", "external_key", "replica_key", "alias", "grant", "key_policy", "custom_key_store", "ciphertext")


@st.composite
def states(draw):
    resources = []
    for number in range(draw(st.integers(1, 4))):
        kind = f"aws_kms_{draw(st.sampled_from(TYPES))}"
        known = {"key_material_base64": SECRET, "key_store_password": SECRET, "plaintext": SECRET}
        resources.append(
            {
                "address": f"{kind}.r{number}",
                "mode": "managed",
                "type": kind,
                "name": draw(st.one_of(st.just(f"r{number}"), values)),
                "index": draw(scalars),
                "values": {**draw(fields(*KEY)), **known},
                "sensitive_values": draw(st.one_of(st.just({}), values)),
            }
        )
    root = {"resources": resources}
    where = draw(st.sampled_from(["values", "planned_values"]))
    return json.dumps({"format_version": "1.0", where: {"root_module": root}})


SPEC = (
    *("description", "policy", "tags", "keySpec", "keyUsage", "origin", "multiRegion", "enableKeyRotation", "name"),
    *("targetKeyID", "targetKeyRef", "keyID", "keyRef", "operations", "granteePrincipal", "constraints", "region"),
    *("replicaRegion", "isEnabled", "deletionWindowInDays", "targetKeyIdRef", "targetKeyIdSelector", "primaryKeyArn"),
    *("keyIdRef", "customKeyStoreId", "validTo", "keyMaterialBase64SecretRef"),
)
KINDS = ("Key", "Alias", "Grant", "ReplicaKey", "ExternalKey", "ReplicaExternalKey", "CustomKeyStore", "KeyList")
VERSIONS = ("kms.services.k8s.aws/v1alpha1", "kms.aws.upbound.io/v1beta1", "kms.aws.crossplane.io/v1alpha1")


@st.composite
def objects(draw):
    found = []
    for _ in range(draw(st.integers(1, 3))):
        spec = draw(fields(*SPEC))
        meta = draw(fields("name", "namespace", "annotations", "labels", "ownerReferences"))
        one = {"apiVersion": draw(st.sampled_from(VERSIONS)), "kind": draw(st.sampled_from(KINDS)), "metadata": meta}
        provider = {"forProvider": spec, **draw(fields("initProvider", "deletionPolicy", "managementPolicies"))}
        one["spec"] = draw(st.sampled_from([spec, provider]))
        found.append({**one, **draw(fields("status", "items"))})
    return json.dumps({"kind": "List", "items": found})


CALLS = (
    "Ref",
    "Fn::GetAtt",
    "Fn::Sub",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::If",
    "Fn::FindInMap",
    "Fn::ImportValue",
)
intrinsics = st.recursive(
    st.one_of(values, st.sampled_from(["P", "K", "K.Arn", "AWS::Region", "AWS::NoValue", "${P}", "${!a} ${K.Arn} ${"])),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from(CALLS), inner, min_size=1, max_size=1), st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)
PROPERTIES = (
    *(
        "Description",
        "KeyPolicy",
        "Tags",
        "KeySpec",
        "KeyUsage",
        "Origin",
        "MultiRegion",
        "Enabled",
        "PendingWindowInDays",
    ),
    *("EnableKeyRotation", "RotationPeriodInDays", "AliasName", "TargetKeyId", "PrimaryKeyArn"),
)


@st.composite
def templates(draw):
    resources = {}
    for name in ("K", "R", "A"):
        properties = draw(st.dictionaries(st.sampled_from(PROPERTIES), intrinsics, max_size=6))
        kind = draw(st.sampled_from(["AWS::KMS::Key", "AWS::KMS::ReplicaKey", "AWS::KMS::Alias", "AWS::IAM::Role"]))
        resources[name] = {"Type": kind, "Properties": properties, **draw(fields("DeletionPolicy", "Condition"))}
    secret = {"Type": "String", "NoEcho": True, "Default": SECRET}
    parameters = {"P": draw(st.one_of(values, st.just({"Type": "String", "Default": "d"}), st.just(secret)))}
    return json.dumps({"AWSTemplateFormatVersion": "x", "Parameters": parameters, "Resources": resources})


def holds(text: str) -> None:
    found = convert([Text("in.json", text)])
    shown = "".join(document(one.value) + "".join(one.comments) for one in found.manifests)
    shown += "".join(found.notes) + "".join(f"{one}" for one in (*found.remarks, *found.faults))
    assert SECRET not in shown
    if found.manifests:
        load([Source("out.yaml", "---\n".join(document(one.value) for one in found.manifests))])
    assert convert([Text("in.json", text)]) == found


@given(states())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
def test_a_state_of_terraform_becomes_valid_manifests_without_secrets(text):
    holds(text)


@given(objects())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
def test_objects_of_a_cluster_become_valid_manifests(text):
    holds(text)


@given(templates())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
def test_a_template_becomes_valid_manifests_without_secrets(text):
    holds(text)


@given(
    st.one_of(
        st.text().filter(lambda text: check_characters(text, "-") == text),
        values.map(json.dumps),
        values.map(lambda value: yaml.safe_dump(value)),
    )
)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
def test_any_text_is_read_or_refused(text):
    holds(text)


@pytest.mark.parametrize("depth", [10, 63, 64, 1000])
def test_depth_is_no_fault(depth):
    holds(
        '{"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": '
        + '{"Fn::Sub": ' * depth
        + "1"
        + "}" * (depth + 3)
    )
