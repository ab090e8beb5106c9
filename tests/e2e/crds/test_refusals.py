"""What the API server says of manifests that cannot be, and of changes that nobody can make."""

from __future__ import annotations

import pytest

from tests.e2e.crds.definitions import MERGE, applied, faults, manifest, path_of, set_status, tried

KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}"
TABLE = f"arn:aws:dynamodb:us-east-1:111122223333:table/{KEY_ID}"
DYNAMODB = "dynamodb.us-east-1.amazonaws.com"
FROM = {"from": {"env": "M"}}
PROXY = {
    "uriEndpoint": "https://xks.example.com",
    "uriPath": "/example/kms/xks/v1",
    "credential": {"accessKeyId": "ABCDE2345FGHIJ67KLMN", "secretAccessKey": {"from": {"env": "XKS"}}},
}
REASON = {"reason": "x"}


def grant(**spec):
    return manifest("Grant", keyRef={"name": "k"}, **{"operations": ["Decrypt"], "granteePrincipal": "role/x", **spec})


def to_service(**spec):
    service = {"granteeServicePrincipal": DYNAMODB, **spec}
    return manifest("Grant", keyRef={"name": "k"}, operations=["Decrypt"], **service)


def target(**spec):
    return manifest("Target", **{"backend": "aws", "region": "eu-west-1", **spec})


FAULTY = {
    "no spec": ({**manifest("Key"), "spec": None}, "spec: Required value"),
    "a misspelt field": (manifest("Key", aliasses=[]), 'unknown field "spec.aliasses"'),
    "a field of another place": (manifest("ReplicaKey", primaryRef={"name": "p"}, keySpec="SM2"), "spec.keySpec"),
    "a wrong type": (manifest("Key", enabled="yes"), "spec.enabled in body must be of type boolean"),
    "an unknown value": (manifest("Key", keySpec="RSA_1024"), '"RSA_2048", "RSA_3072"'),
    "a period that is too short": (manifest("Key", rotation={"automatic": {"periodDays": 89}}), "equal to 90"),
    "two rotations": (manifest("Key", rotation={"automatic": {}, "none": REASON}),
        "spec.rotation: Invalid value: it has more than one of `automatic`, `onDemand`, `manual`, `none`"),
    "no rotation in one": (manifest("Key", rotation={}), "spec.rotation: Invalid value: it lacks one of `automatic`"),
    "a usage that is missing": (manifest("Key", keySpec="RSA_2048"), "a key of RSA_2048 needs a `keyUsage`"),
    "a usage that does not fit": (manifest("Key", keyUsage="SIGN_VERIFY"),
        "spec.keyUsage: Invalid value: a key of SYMMETRIC_DEFAULT cannot be for SIGN_VERIFY"),
    "an origin that does not fit": (manifest("Key", keySpec="HMAC_256", origin="AWS_CLOUDHSM"),
        "a key of HMAC_256 cannot have the origin AWS_CLOUDHSM"),
    "a store in several Regions": (manifest("Key", origin="AWS_CLOUDHSM", multiRegion=True), "cannot be multi-Region"),
    "a store without a name": (manifest("Key", origin="AWS_CLOUDHSM"), "no `customKeyStoreRef` names one"),
    "a store of another origin": (manifest("Key", customKeyStoreRef={"name": "s"}), "set `origin`, or remove it"),
    "an external key of another origin": (manifest("Key", xksKeyId="1"), "`xksKeyId` is of keys of origin EXTERNAL"),
    "nothing behind an external store": (manifest("Key", origin="EXTERNAL_KEY_STORE", customKeyStoreRef={"name": "s"}),
        "`xksKeyId` is missing"),
    "a new key for one external key": (manifest("Key", origin="EXTERNAL_KEY_STORE", xksKeyId="1",
        customKeyStoreRef={"name": "s"}, rotation={"manual": {"everyDays": 9}}), "no two keys have the same"),
    "automatic rotation of what cannot": (manifest("Key", keySpec="HMAC_256", rotation={"automatic": {}}),
        "spec.rotation.automatic: Invalid value: `automatic` rotation is not possible"),
    "rotation on demand in a store": (manifest("Key", origin="AWS_CLOUDHSM", customKeyStoreRef={"name": "s"},
        rotation={"onDemand": {"serial": 1}}), "`onDemand` rotation is not possible"),
    "a primary of one Region": (manifest("Key", primaryRegion="eu-west-1"), "set `multiRegion: true`"),
    "material of KMS's own key": (manifest("Key", importedMaterial=FROM), "set `origin: EXTERNAL`"),
    "material that nobody can check": (manifest("Key", keySpec="ML_KEM_512", origin="EXTERNAL", importedMaterial=FROM),
        "kmsctl cannot import material of this `keySpec`"),
    "a serial of one material": (manifest("Key", keySpec="HMAC_256", origin="EXTERNAL",
        importedMaterial={**FROM, "serial": 2}), "`serial` is not possible for imported material"),
    "a description of one material": (manifest("Key", keySpec="HMAC_256", origin="EXTERNAL",
        importedMaterial={**FROM, "description": "d"}), "`description` is not possible for imported material"),
    "a wrapping that is too small": (manifest("Key", keySpec="RSA_2048", keyUsage="SIGN_VERIFY", origin="EXTERNAL",
        importedMaterial={**FROM, "wrappingAlgorithm": "RSAES_OAEP_SHA_256"}), "cannot be wrapped by this algorithm"),
    "a day that is none": (manifest("Key", origin="EXTERNAL",
        importedMaterial={**FROM, "validTo": "2027-02-30T00:00:00Z"}), "must be of type date-time"),
    "material from two places": (manifest("Key", origin="EXTERNAL",
        importedMaterial={"from": {"env": "M", "file": "m"}}), "it has more than one of `file`, `env`, `secretRef`"),
    "material and rotation on demand": (manifest("Key", origin="EXTERNAL", importedMaterial=FROM,
        rotation={"onDemand": {"serial": 1}}), "raise `importedMaterial.serial`"),
    "material and new keys": (manifest("Key", origin="EXTERNAL", importedMaterial=FROM,
        rotation={"manual": {"everyDays": 9}}), "every new key would get the same material"),
    "two policies": (manifest("Key", policy={}, policyRef={"name": "p"}), "a key has one policy"),
    "a document and roles": (manifest("KeyPolicy", document={}, users=["role/x"]), "has `document` and roles"),
    "a document as text, and roles": (manifest("Key", policy={"document": "{}", "delegateToIam": False}),
        "spec.policy: Invalid value: the policy has `document` and roles"),
    "a principal twice": (manifest("KeyPolicy", users=["role/x", "role/x"]), 'Duplicate value: "role/x"'),
    "a tag of AWS": (manifest("Key", tags={"AWS:x": "1"}), "tags that begin with aws: belong to AWS"),
    "a tag of ours": (manifest("Key", tags={"kms.reconciler.dev/stack": "x"}), "are how kmsctl knows its keys"),
    "a tag with a comma in its name": (manifest("Key", tags={"a,b": "1"}), "the name of a tag holds a character"),
    "a tag with a comma in its value": (manifest("Key", tags={"a": "1,2"}), "the value of a tag holds a character"),
    "a tag without a name": (manifest("Key", tags={"": "1"}), "a name here has 1 to 128 characters"),
    "too many tags": (manifest("Key", tags={str(number): "" for number in range(44)}), "must have at most 43 items"),
    "an alias of AWS": (manifest("Key", aliases=["alias/aws/s3"]), "belong to AWS's own keys"),
    "an alias that is a prefix": (manifest("Alias", name="alias/", keyRef={"name": "k"}), "it is only the prefix"),
    "an alias that is too long": (manifest("Alias", name="a" * 251, keyRef={"name": "k"}), "at most 256 are allowed"),
    "an alias twice": (manifest("Key", aliases=["a", "alias/a"]), "an alias is declared twice"),
    "too many aliases": (manifest("Key", aliases=[str(number) for number in range(51)]), "must have at most 50 items"),
    "an alias of nothing": (manifest("Alias", name="a"), "spec: Invalid value: it lacks one of `keyRef`, `key`"),
    "an alias of two keys": (manifest("Alias", name="a", keyRef={"name": "k"}, key=KEY_ID), "more than one of"),
    "an alias of AWS's key": (manifest("Alias", name="a", key="alias/aws/s3"), "name keys that AWS manages"),
    "an alias of no key": (manifest("Alias", name="a", key="orders"), "it is no key id, key ARN or alias"),
    "an adoption in two ways": (manifest("Key", adopt={"alias": "a", "keyId": KEY_ID}), "more than one of `keyId`"),
    "an adoption of AWS's key": (manifest("Key", adopt={"alias": "aws/s3"}), "adopt a customer managed key"),
    "an adoption of another kind of key": (manifest("Key", adopt={"keyId": ARN}, multiRegion=True), "begin with mrk-"),
    "an adoption of no key": (manifest("Key", adopt={"keyId": "orders"}), "it is no key id or key ARN"),
    "a replica of nothing": (manifest("ReplicaKey"), "it lacks one of `primaryRef`, `primary`"),
    "a replica of itself": (manifest("ReplicaKey", primaryRef={"name": "k"}), "it names itself as its primary"),
    "a replica of one Region": (manifest("ReplicaKey", primary={"keyArn": ARN}), "it is no multi-Region key"),
    "a replica of no ARN": (manifest("ReplicaKey", primary={"keyArn": "mrk-" + "0" * 32}), "it is no key ARN"),
    "a grant to nobody": (manifest("Grant", keyRef={"name": "k"}, operations=["Decrypt"]), "the grant has no grantee"),
    "a grant to two": (grant(granteeServicePrincipal=DYNAMODB), "a grant has one of them at most"),
    "a grant that two retire": (grant(retiringPrincipal="role/x", retiringServicePrincipal=DYNAMODB),
        "it has `retiringPrincipal` and `retiringServicePrincipal`"),
    "a grant to a service, not constrained": (to_service(retiringServicePrincipal=DYNAMODB), "`constraints.sourceArn`"),
    "a grant to a service that nobody retires": (to_service(constraints={"sourceArn": TABLE}), "`retiringPrincipal`"),
    "a grant of nothing": (grant(operations=[]), "should have at least 1 items"),
    "a store of nothing": (manifest("CustomKeyStore"), "it lacks one of `cloudHsm`, `xksProxy`"),
    "a proxy in a VPC without a service": (manifest("CustomKeyStore", xksProxy={**PROXY,
        "connectivity": "VPC_ENDPOINT_SERVICE"}), "`vpcEndpointServiceName` is missing"),
    "a service of a public proxy": (manifest("CustomKeyStore", xksProxy={**PROXY,
        "vpcEndpointServiceOwner": "111122223333"}), "set `connectivity: VPC_ENDPOINT_SERVICE`, or remove it"),
    "a Target nowhere": (manifest("Target", backend="aws"), "has neither `region` nor `profile`"),
    "a role for the bundled KMS": (target(backend="local", roleArn="arn:aws:iam::111122223333:role/x"),
        "spec.roleArn: Invalid value: `roleArn` does not go with the backend local"),
    "credentials for the bundled KMS": (target(backend="local", credentials={"secretRef": {"name": "s"}}),
        "`credentials` does not go with the backend local"),
    "credentials from two places": (target(profile="p", credentials={"secretRef": {"name": "s"}}), "keep one of them"),
    "an account that is not allowed": (target(accountId="111122223333", allowedAccountIds=["444455556666"]),
        "the account is not one of `allowedAccountIds`"),
    "an external id for nobody": (target(externalId="abc"), "`externalId` is there without `roleArn`"),
    "a role of another account": (target(accountId="444455556666", roleArn="arn:aws:iam::111122223333:role/x"),
        "the role is of another account than the Target"),
    "a namespace in capitals": (target(allowedNamespaces=["Payments"]), "spec.allowedNamespaces[0] in body should"),
    "a drift policy of another word": (manifest("Key", driftPolicy="Ignore"), 'values: "Correct", "Report"'),
}  # fmt: skip


@pytest.mark.parametrize(("body", "said"), FAULTY.values(), ids=FAULTY)
def test_a_manifest_that_cannot_be_is_refused_and_it_is_said_why(cluster, body, said):
    assert said in faults(tried(cluster, body, "default"))


ANCHOR = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
HSM = {"clusterId": "cluster-2a23b4cdefg", "trustAnchorCertificate": ANCHOR, "password": FROM}
STORE = {"origin": "EXTERNAL_KEY_STORE", "customKeyStoreRef": {"name": "a"}, "xksKeyId": "1"}
MRK = "arn:aws:kms:us-east-1:111122223333:key/mrk-" + "0" * 32
KEY, ALIAS, GRANT, SID = ({"keyId": KEY_ID}, {"arn": "arn:aws:kms:us-east-1:111122223333:alias/a"}, {"grantId": "g"},
    {"storeId": "cks-1"})  # fmt: skip
CHANGES = {
    "keySpec": ("Key", {}, {"keySpec": "HMAC_256"}, KEY, "`keySpec` can never change"),
    "keyUsage": ("Key", {"keySpec": "RSA_2048", "keyUsage": "SIGN_VERIFY"}, {"keyUsage": "ENCRYPT_DECRYPT"}, KEY,
        "`keyUsage` can never change"),
    "origin": ("Key", {}, {"origin": "EXTERNAL"}, KEY, "`origin` can never change"),
    "multiRegion": ("Key", {"multiRegion": True}, {"multiRegion": None}, KEY, "`multiRegion` can never change"),
    "customKeyStoreRef": ("Key", STORE, {"customKeyStoreRef": {"name": "b"}}, KEY, "`customKeyStoreRef` can never"),
    "xksKeyId": ("Key", STORE, {"xksKeyId": "2"}, KEY, "`xksKeyId` can never change"),
    "the target of a key": ("Key", {"targetRef": {"name": "a"}}, {"targetRef": {"name": "b"}}, KEY,
        "`targetRef` can never change"),
    "primaryRef": ("ReplicaKey", {"primaryRef": {"name": "a"}}, {"primaryRef": {"name": "b"}}, KEY,
        "`primaryRef` can never change"),
    "primary": ("ReplicaKey", {"primary": {"keyArn": MRK}}, {"primary": {"keyArn": MRK[:-1] + "1"}}, KEY,
        "`primary` can never become another key"),
    "the name of an alias": ("Alias", {"name": "a", "keyRef": {"name": "k"}}, {"name": "b"}, ALIAS,
        "the name of an alias can never change"),
    "the target of a grant": ("Grant", {**grant()["spec"], "targetRef": {"name": "a"}}, {"targetRef": {"name": "b"}},
        GRANT, "`targetRef` can never change"),
    "the type of a store": ("CustomKeyStore", {"cloudHsm": HSM}, {"cloudHsm": None, "xksProxy": PROXY}, SID,
        "`cloudHsm` and `xksProxy` cannot take each other's place"),
    "the trust anchor": ("CustomKeyStore", {"cloudHsm": HSM}, {"cloudHsm": {"trustAnchorCertificate":
        ANCHOR.replace("AAAA", "AAAB")}}, SID,
        "`trustAnchorCertificate` can never change"),
    "the Region of a target": ("Target", target()["spec"], {"region": "eu-west-2"}, {"keys": 1},
        "`region` cannot change while keys are behind this Target"),
}  # fmt: skip


@pytest.fixture
def changed(cluster, namespace):
    """Ask for a change of the spec of an object that is made for it, with that status; what is said against it."""
    made = []

    def change(kind, spec, patch, status):
        name = f"{namespace}-{len(made)}"
        made.append((kind, name))
        applied(cluster, namespace, "tests", manifest(kind, name, **spec))
        if status:
            set_status(cluster, kind, name, namespace, **status)
        path = f"{path_of(kind, namespace, name)}?fieldValidation=Strict&fieldManager=tests"
        answer = cluster.api.call("PATCH", path, {"spec": patch}, media_type=MERGE)
        return "" if answer.status == 200 else answer.body["message"]

    yield change
    for kind, name in made:
        cluster.kubectl("delete", kind, name, f"--namespace={namespace}")


@pytest.mark.parametrize(("kind", "spec", "patch", "status", "said"), CHANGES.values(), ids=CHANGES)
def test_what_is_fixed_in_kms_does_not_change_once_it_is_there(changed, kind, spec, patch, status, said):
    assert said in changed(kind, spec, patch, status)
    assert changed(kind, spec, patch, None) == ""


ALLOWED = {
    "a replacement": ("Key", {}, {"keySpec": "HMAC_256", "replacement": "NewKey"}, KEY),
    "a default that is written out": ("Key", {}, {"keySpec": "SYMMETRIC_DEFAULT", "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS", "multiRegion": False}, KEY),
    "a target that gets its name": ("Key", {}, {"targetRef": {"name": "default"}}, KEY),
    "a prefix": ("Alias", {"name": "a", "keyRef": {"name": "k"}}, {"name": "alias/a"}, ALIAS),
    "another key of an alias": ("Alias", {"name": "a", "keyRef": {"name": "k"}},
        {"keyRef": None, "key": KEY_ID}, ALIAS),
    "everything of a grant": ("Grant", grant()["spec"], {"operations": ["Encrypt"], "keyRef": {"name": "b"},
        "granteePrincipal": "role/y"}, GRANT),
    "a primary in other words": ("ReplicaKey", {"primary": {"keyArn": MRK}},
        {"primary": {"keyArn": MRK.replace("111122223333", "${aws:accountId}")}}, KEY),
    "a target without keys": ("Target", target()["spec"], {"region": "eu-west-2"}, {"keys": 0}),
    "a line end of a trust anchor": ("CustomKeyStore", {"cloudHsm": HSM},
        {"cloudHsm": {"trustAnchorCertificate": ANCHOR + "\n"}}, SID),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "spec", "patch", "status"), ALLOWED.values(), ids=ALLOWED)
def test_what_can_change_or_says_the_same_in_other_words_is_taken(changed, kind, spec, patch, status):
    assert changed(kind, spec, patch, status) == ""
