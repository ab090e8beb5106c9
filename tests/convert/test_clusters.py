"""Objects of ACK and Crossplane."""

from __future__ import annotations

import pytest

from tests.convert.converted import converted

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-east-1:111122223333:key/{ID}"
MRK = "mrk-1234abcd12ab34cd56ef1234567890ab"
ROLE = "arn:aws:iam::111122223333:role/a"
ACK = "kms.services.k8s.aws/v1alpha1"
UPJET = "kms.aws.upbound.io/v1beta1"
CLASSIC = "kms.aws.crossplane.io/v1alpha1"


def one(version, kind, name, spec, status=None, **metadata):
    found = {"apiVersion": version, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}
    return found if status is None else {**found, "status": status}


def xp(kind, name, parameters, status=None, *, version=UPJET, more=None, **metadata):
    spec = {"forProvider": {"region": "us-east-1", **parameters}, **(more or {})}
    return one(version, kind, name, spec, {"atProvider": status} if status else None, **metadata)


def annotated(**annotations):
    return {"annotations": {name.replace("__", "/").replace("_", "-"): value for name, value in annotations.items()}}


@pytest.mark.parametrize(
    ("annotations", "deletion"),
    [
        ({"services.k8s.aws/deletion-policy": "retain"}, {"policy": "Retain"}),
        ({"services.k8s.aws/deletion-policy": "delete"}, {"policy": "Schedule"}),
        ({"kms.services.k8s.aws/pending-window-in-days": "12"}, {"windowDays": 12}),
        ({"kms.services.k8s.aws/pending-window-in-days": "soon"}, None),
        ({}, None),
    ],
)
def test_annotations_of_ack_say_what_becomes_of_a_key(annotations, deletion):
    found = converted(one(ACK, "Key", "a", {}, annotations=annotations))
    assert found.named["a"]["spec"].get("deletion") == deletion


def test_the_place_of_an_object_of_ack_is_in_its_status_or_annotations():
    annotations = {"services.k8s.aws/region": "eu-west-1", "services.k8s.aws/owner-account-id": "444455556666"}
    place = converted(one(ACK, "Key", "a", {}, annotations=annotations)).places[0]
    assert (place.region, place.account) == ("eu-west-1", "444455556666")
    status = {"ackResourceMetadata": {"arn": ARN, "region": "us-east-1", "ownerAccountID": "111122223333"}}
    place = converted(one(ACK, "Key", "a", {}, status)).places[0]
    assert (place.region, place.account) == ("us-east-1", "111122223333")


def test_what_has_no_region_belongs_to_the_run_s_target_beside_targets_of_others():
    places = [one(ACK, "Key", at, {}, annotations={"services.k8s.aws/region": at}) for at in ("eu-west-1", "us-east-1")]
    found = converted(*places, one(ACK, "Key", "nowhere", {}))
    assert "targetRef" not in found.named["nowhere"]["spec"]
    assert len([one for one in found.manifests if one.value["kind"] == "Target"]) == 2


def test_references_of_ack_are_kept_across_namespaces():
    key = one(ACK, "Key", "a", {}, {"keyID": ID}, namespace="keys")
    twin = one(ACK, "Key", "a", {}, namespace="others")
    reference = {"from": {"name": "a", "namespace": "keys"}}
    alias = one(ACK, "Alias", "x", {"name": "alias/x", "targetKeyRef": reference}, namespace="apps")
    grant = one(
        ACK,
        "Grant",
        "g",
        {
            "keyRef": reference,
            "granteePrincipal": ROLE,
            "operations": ["Decrypt"],
            "constraints": {"encryptionContextEquals": {"b": "2", "a": "1"}, "encryptionContextSubset": {}},
        },
        {"grantID": "abc"},
        namespace="apps",
    )
    found = converted({"kind": "List", "items": [key, twin, alias, grant]})
    assert found.named["a"]["spec"] == {"adopt": {"keyId": ID}, "aliases": ["x"]}
    assert found.named["g"]["spec"] == {
        "keyRef": {"name": "a"},
        "granteePrincipal": ROLE,
        "operations": ["Decrypt"],
        "constraints": {"encryptionContextEquals": {"a": "1", "b": "2"}},
    }
    assert list(found.named) == ["a", "a-2", "g"]


def test_an_object_that_is_there_twice_is_written_once():
    found = converted(one(ACK, "Key", "a", {"description": "first"}), one(ACK, "Key", "a", {"description": "second"}))
    assert [one.value["spec"]["description"] for one in found.manifests] == ["first"]
    assert "it is the key of Key/a" in found.remarks[0].why


def test_a_replica_of_ack_is_in_the_region_that_it_names():
    arn = ARN.replace(ID, MRK)
    primary = one(ACK, "Key", "a", {"multiRegion": True}, {"ackResourceMetadata": {"arn": arn}})
    status = {"replicaKeyMetadata": {"arn": arn.replace("us-east-1", "eu-west-1")}}
    spec = {"replicaRegion": "eu-west-1", "keyRef": {"from": {"name": "a"}}}
    found = converted(primary, one(ACK, "ReplicaKey", "r", spec, status))
    assert found.named["r"]["spec"] == {
        "adopt": True,
        "primaryRef": {"name": "a"},
        "targetRef": {"name": "eu-west-1"},
    }


def test_a_replica_of_ack_finds_its_primary_by_the_id_that_both_have():
    arn = ARN.replace(ID, MRK)
    status = {"replicaKeyMetadata": {"arn": arn.replace("us-east-1", "eu-west-1")}}
    replica = one(ACK, "ReplicaKey", "r", {"replicaRegion": "eu-west-1", "keyID": MRK}, status)
    primary = one(ACK, "Key", "a", {"multiRegion": True}, {"ackResourceMetadata": {"arn": arn}})
    assert converted(replica, primary).named["r"]["spec"]["primaryRef"] == {"name": "a"}


def test_a_replica_that_names_itself_is_left_out():
    own = xp("ReplicaKey", "r", {"region": "eu-west-1", "primaryKeyArnRef": {"name": "r"}})
    assert converted(own).manifests == ()


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("CustomKeyStore", {"keyStorePassword": "hush"}),
        ("Alias", {"targetKeyID": ID}),
        ("Alias", {"name": "alias/a"}),
        ("Grant", {"keyID": ID, "operations": ["Decrypt"], "granteePrincipal": ROLE, "constraints": {"x": 1}}),
        ("Grant", {"keyID": ID, "operations": ["Fly"], "granteePrincipal": ROLE}),
        (
            "Grant",
            {"keyID": ID, "operations": ["Decrypt"], "constraints": {"encryptionContextEquals": [1]}},
        ),
        ("Grant", {"operations": ["Decrypt"], "granteePrincipal": ROLE}),
    ],
)
def test_what_of_ack_no_manifest_can_say_is_left_out(kind, spec):
    found = converted(one(ACK, kind, "a", spec))
    assert found.manifests == ()
    assert found.remarks
    assert "hush" not in str(found)


def test_a_key_of_ack_in_a_key_store_says_so():
    spec = {"origin": "EXTERNAL_KEY_STORE", "customKeyStoreID": "cks-1"}
    found = converted(one(ACK, "Key", "a", spec, {"keyID": ID}))
    assert any("custom key store cks-1" in remark.what for remark in found.remarks)


@pytest.mark.parametrize(
    ("more", "deletion"),
    [
        ({"deletionPolicy": "Orphan"}, {"policy": "Retain"}),
        ({"deletionPolicy": "Delete"}, {"windowDays": 8}),
        ({"managementPolicies": ["Observe", "Create", "Update"]}, {"policy": "Retain"}),
        ({"managementPolicies": ["*"]}, {"windowDays": 8}),
    ],
)
def test_what_crossplane_does_not_delete_is_retained(more, deletion):
    found = converted(xp("Key", "a", {"deletionWindowInDays": 8}, more=more))
    assert found.named["a"]["spec"]["deletion"] == deletion


def test_what_init_provider_says_counts_where_for_provider_says_nothing():
    found = converted(
        xp("Key", "a", {"description": "b"}, more={"initProvider": {"description": "a", "isEnabled": False}})
    )
    assert found.named["a"]["spec"]["description"] == "b"
    assert found.named["a"]["spec"]["enabled"] is False


def test_the_former_provider_has_names_of_its_own():
    tags = [{"tagKey": "team", "tagValue": "pay"}, {"tagKey": "crossplane-name", "tagValue": "a"}]
    parameters = {
        "keySpec": "RSA_2048",
        "keyUsage": "SIGN_VERIFY",
        "enabled": False,
        "pendingWindowInDays": 9,
        "tags": tags,
    }
    grant = {"operations": ["Sign"], "granteePrincipal": ROLE, "keyIdRef": {"name": "a"}, "constraints": {}}
    found = converted(
        xp("Key", "a", parameters, version=CLASSIC, annotations={"crossplane.io/external-name": ID}),
        xp("Grant", "g", grant, {"grantID": "abc"}, version=CLASSIC),
    )
    assert found.named["a"]["spec"] == {
        "adopt": {"keyId": ID},
        "keySpec": "RSA_2048",
        "keyUsage": "SIGN_VERIFY",
        "enabled": False,
        "tags": {"team": "pay"},
        "deletion": {"windowDays": 9},
    }
    assert found.named["g"]["spec"]["operations"] == ["Sign"]
    assert any("RevokeGrant of abc" in remark.fix for remark in found.remarks)


def test_an_external_key_of_crossplane_is_adopted_without_its_material():
    secret = {"name": "s", "namespace": "n", "key": "k"}
    parameters = {"keyMaterialBase64SecretRef": secret, "validTo": "2027-01-01T00:00:00Z", "enabled": False}
    found = converted(xp("ExternalKey", "a", parameters, {"arn": ARN, "keyState": "PendingImport"}))
    assert found.named["a"]["spec"] == {"adopt": {"keyId": ARN}, "origin": "EXTERNAL"}
    assert {remark.what.split("`")[1] for remark in found.remarks} == {"keyMaterialBase64SecretRef", "validTo"}


def test_a_key_behind_which_an_external_key_is_says_so():
    found = converted(xp("Key", "a", {"xksKeyId": "x1", "customKeyStoreId": "cks-1"}, {"arn": ARN}))
    assert any("custom key store cks-1" in remark.what for remark in found.remarks)


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ({"matchLabels": {"team": "a"}}, True),
        ({"matchLabels": {"team": "b"}}, False),
        ({"matchControllerRef": True}, True),
        ({"matchLabels": {"team": "a"}, "matchControllerRef": True}, True),
        ({}, False),
    ],
)
def test_a_selector_means_the_one_key_that_it_fits(selector, selected):
    owned = {"ownerReferences": [{"uid": "1", "controller": True}]}
    key = xp("Key", "k", {}, labels={"team": "a", "x": "y"}, **owned)
    other = xp("Key", "o", {}, labels={"team": "c"}, ownerReferences=[{"uid": "2", "controller": True}])
    foreign = xp("Key", "f", {}, version=CLASSIC, labels={"team": "a"})
    alias = xp("Alias", "a", {"targetKeyIdSelector": selector}, **owned)
    assert converted(key, other, foreign, alias).named["k"]["spec"].get("aliases") == (["a"] if selected else None)


def test_a_selector_that_fits_several_keys_is_left_out():
    keys = [xp("Key", name, {}, labels={"team": "a"}) for name in ("k", "l")]
    found = converted(*keys, xp("Alias", "a", {"targetKeyIdSelector": {"matchLabels": {"team": "a"}}}))
    assert any("it selects 2 keys" in remark.why for remark in found.remarks)


def test_a_replica_of_crossplane_names_its_primary():
    arn = ARN.replace(ID, MRK)
    primary = xp("Key", "k", {"multiRegion": True}, {"arn": arn})
    replica = xp("ReplicaKey", "r", {"region": "eu-west-1", "primaryKeyArnRef": {"name": "k"}})
    assert converted(primary, replica).named["r"]["spec"]["primaryRef"] == {"name": "k"}
    status = {"keySpec": "HMAC_256", "keyUsage": "GENERATE_VERIFY_MAC"}
    alone = xp("ReplicaKey", "r", {"region": "eu-west-1", "primaryKeyArn": arn}, status)
    assert converted(alone).named["r"]["spec"]["primary"] == {
        "keyArn": arn,
        "targetRef": {"name": "us-east-1"},
        "keySpec": "HMAC_256",
        "keyUsage": "GENERATE_VERIFY_MAC",
    }


def test_what_of_crossplane_is_no_key_alias_or_grant_is_left_out():
    found = converted(xp("Ciphertext", "c", {"plaintextSecretRef": {"name": "s"}}))
    assert found.manifests == ()
    assert "no key, alias or grant" in found.remarks[0].why


def test_a_grant_of_crossplane_without_a_known_principal_is_left_out():
    grant = {"operations": ["Decrypt"], "granteePrincipalRef": {"name": "role"}, "keyId": ID}
    assert converted(xp("Grant", "g", grant)).manifests == ()
    constraints = [{"encryptionContextSubset": {"a": {}}}]
    assert converted(xp("Grant", "g", {**grant, "constraints": constraints})).manifests == ()


def test_aliases_are_called_after_their_external_name_or_their_object():
    bare = xp("Alias", "b", {"targetKeyId": ID})
    named = xp("Alias", "c", {"targetKeyId": ID}, annotations={"crossplane.io/external-name": "alias/x/y"})
    found = converted(bare, named)
    assert [one.value["spec"]["name"] for one in found.manifests] == ["alias/b", "alias/x/y"]
