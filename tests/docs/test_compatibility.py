"""Each difference that the page blames on moto is shown by its call; the bundled KMS answers as AWS documents."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.resources import files
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session

from reconciler.engine.operations import OPERATIONS
from reconciler.kit.errors import KmsError
from reconciler.kms.aws import connect
from reconciler.kms.port import Kms
from reconciler.model.target import Target
from tests.docs.pages import DOCS, named, tables

Probe = Callable[[Kms], bool]
"""Whether a KMS answers as AWS documents."""


def key(kms: Kms, **parameters: Any) -> str:
    return kms("CreateKey", parameters)["KeyMetadata"]["KeyId"]


def role(kms: Kms) -> str:
    return f"arn:aws:iam::{kms('sts:GetCallerIdentity', {})['Account']}:role/reader"


def answers(kms: Kms, operation: str, parameters: dict[str, Any]) -> str:
    """The code of the error, `done` when there is none."""
    try:
        kms(operation, parameters)
    except KmsError as error:
        return error.code
    return "done"


def grants(kms: Kms, **parameters: Any) -> list[dict[str, Any]]:
    """Of a new key, after one was created with `parameters`."""
    id_ = key(kms)
    kms("CreateGrant", {"KeyId": id_, "Operations": ["Decrypt"], "Name": "reader", **parameters})
    return kms("ListGrants", {"KeyId": id_})["Grants"]


def rotation_period(kms: Kms) -> bool:
    id_ = key(kms)
    kms("EnableKeyRotation", {"KeyId": id_, "RotationPeriodInDays": 180})
    return kms("GetKeyRotationStatus", {"KeyId": id_}).get("RotationPeriodInDays") == 180


def replica_tags(kms: Kms) -> bool:
    tags = [{"TagKey": "team", "TagValue": "a"}]
    answer = kms("ReplicateKey", {"KeyId": key(kms, MultiRegion=True), "ReplicaRegion": "eu-west-1", "Tags": tags})
    return answer.get("ReplicaTags") == tags


def grant_idempotence(kms: Kms) -> bool:
    wanted = {"KeyId": key(kms), "GranteePrincipal": role(kms), "Operations": ["Decrypt"], "Name": "reader"}
    return kms("CreateGrant", wanted)["GrantId"] == kms("CreateGrant", wanted)["GrantId"]


def grant_to_service(kms: Kms) -> bool:
    service = "dynamodb.us-east-1.amazonaws.com"
    table = role(kms).replace(":iam::", ":dynamodb:us-east-1:").replace("role/reader", "table/sessions")
    (grant,) = grants(
        kms,
        GranteeServicePrincipal=service,
        RetiringServicePrincipal=service,
        Constraints={"SourceArn": table},
    )
    return grant.get("GranteeServicePrincipal") == service


def alias_dates(kms: Kms) -> bool:
    id_ = key(kms)
    kms("CreateAlias", {"AliasName": "alias/dated", "TargetKeyId": id_})
    (alias,) = kms("ListAliases", {"KeyId": id_})["Aliases"]
    return {"CreationDate", "LastUpdatedDate"} <= alias.keys()


def pages(kms: Kms) -> bool:
    key(kms), key(kms)
    answer = kms("ListKeys", {"Limit": 1})
    return (len(answer["Keys"]), answer["Truncated"]) == (1, True)


def newer_key_specs(kms: Kms) -> bool:
    usages = {
        "ECC_NIST_EDWARDS25519": "SIGN_VERIFY",
        "ML_DSA_44": "SIGN_VERIFY",
        "ML_KEM_768": "ENCAPSULATE_DECAPSULATE",
    }
    said = {answers(kms, "CreateKey", {"KeySpec": spec, "KeyUsage": usage}) for spec, usage in usages.items()}
    assert said in ({"done"}, {"ValidationException"})
    return said == {"done"}


def policy_validation(kms: Kms) -> bool:
    policy = {"KeyId": key(kms), "PolicyName": "default", "Policy": json.dumps({"Version": "2012-10-17"})}
    return answers(kms, "PutKeyPolicy", policy) == "MalformedPolicyDocumentException"


def disabled_keys(kms: Kms) -> bool:
    id_, grantee = key(kms), role(kms)
    kms("DisableKey", {"KeyId": id_})
    grant = {"KeyId": id_, "GranteePrincipal": grantee, "Operations": ["Decrypt"]}
    said = {answers(kms, "EnableKeyRotation", {"KeyId": id_}), answers(kms, "CreateGrant", grant)}
    assert said in ({"done"}, {"DisabledException"})
    return said == {"DisabledException"}


def keys_awaiting_deletion(kms: Kms) -> bool:
    id_ = key(kms)
    kms("ScheduleKeyDeletion", {"KeyId": id_})
    tag = {"KeyId": id_, "Tags": [{"TagKey": "a", "TagValue": "b"}]}
    return answers(kms, "TagResource", tag) == "KMSInvalidStateException"


def rotation_by_key_spec(kms: Kms) -> bool:
    id_ = key(kms, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    return answers(kms, "EnableKeyRotation", {"KeyId": id_}) == "UnsupportedOperationException"


def alias_between_types(kms: Kms) -> bool:
    kms("CreateAlias", {"AliasName": "alias/moving", "TargetKeyId": key(kms)})
    other = key(kms, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    return answers(kms, "UpdateAlias", {"AliasName": "alias/moving", "TargetKeyId": other}) == "ValidationException"


def on_demand_limit(kms: Kms) -> bool:
    id_ = key(kms)
    for _ in range(25):
        kms("RotateKeyOnDemand", {"KeyId": id_})
    return answers(kms, "RotateKeyOnDemand", {"KeyId": id_}) == "LimitExceededException"


def aws_managed_keys(kms: Kms) -> bool:
    aliases = kms("ListAliases", {})["Aliases"]
    managed = [alias["TargetKeyId"] for alias in aliases if alias["AliasName"].startswith("alias/aws/")]
    return {answers(kms, "DescribeKey", {"KeyId": id_}) for id_ in managed} <= {"done"}


PROBES: dict[str, Probe] = {
    "rotation-period": rotation_period,
    "last-use": lambda kms: answers(kms, "GetKeyLastUsage", {"KeyId": key(kms)}) == "done",
    "event-history": lambda kms: answers(kms, "cloudtrail:LookupEvents", {}) == "done",
    "grant-idempotence": grant_idempotence,
    "grant-to-service": grant_to_service,
    "grant-key-arn": lambda kms: grants(kms, GranteePrincipal=role(kms))[0]["KeyId"].startswith("arn:"),
    "alias-dates": alias_dates,
    "pages": pages,
    "newer-key-specs": newer_key_specs,
    "default-key-usage": lambda kms: kms("CreateKey", {})["KeyMetadata"].get("KeyUsage") == "ENCRYPT_DECRYPT",
    "imported-key-state": lambda kms: (
        kms("CreateKey", {"Origin": "EXTERNAL"})["KeyMetadata"]["KeyState"] == "PendingImport"
    ),
    "multi-region-id": lambda kms: bool(re.fullmatch("mrk-[0-9a-f]{32}", key(kms, MultiRegion=True))),
    "replica-tags": replica_tags,
    "policy-name": lambda kms: answers(kms, "GetKeyPolicy", {"KeyId": key(kms)}) == "done",
    "policy-validation": policy_validation,
    "disabled-keys": disabled_keys,
    "keys-awaiting-deletion": keys_awaiting_deletion,
    "rotation-by-key-spec": rotation_by_key_spec,
    "alias-between-types": alias_between_types,
    "on-demand-limit": on_demand_limit,
    "aws-managed-keys": aws_managed_keys,
}


@pytest.fixture
def moto(moto_endpoint: str) -> Iterator[Kms]:
    with closing(connect(Target(backend="aws", region="us-east-1", endpoint_url=moto_endpoint))) as kms:
        yield kms


def test_every_difference_has_a_row_and_every_row_a_call():
    assert named(DOCS / "compatibility.md", "difference").keys() == PROBES.keys()


@pytest.mark.parametrize("name", PROBES)
def test_the_bundled_kms_answers_as_documented(name: str, engine_client: Kms):
    assert PROBES[name](engine_client)


@pytest.mark.moto
@pytest.mark.parametrize("name", PROBES)
def test_moto_does_not(name: str, moto: Kms):
    assert not PROBES[name](moto), f"moto has mended `{name}`: take its row out of docs/compatibility.md, and its probe"


def with_recipient(kms: Kms) -> str:
    attested = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"x"}
    return answers(kms, "GenerateDataKey", {"KeyId": key(kms), "KeySpec": "AES_256", "Recipient": attested})


def with_second_factor(kms: Kms) -> str:
    asked = {"RoleArn": role(kms), "RoleSessionName": "me", "TokenCode": "123456"}
    return answers(kms, "sts:AssumeRole", {**asked, "SerialNumber": "arn:aws:iam::111122223333:mfa/me"})


MISSING: dict[str, Callable[[Kms], str]] = {
    "enclaves": with_recipient,
    "sm2": lambda kms: answers(kms, "CreateKey", {"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}),
    "ml-kem-512": lambda kms: answers(
        kms, "CreateKey", {"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}
    ),
    "second-factors": with_second_factor,
    "other-operations": lambda kms: answers(kms, "sts:GetSessionToken", {}),
}


def test_everything_that_is_missing_has_a_row():
    assert named(DOCS / "compatibility.md", "missing").keys() == MISSING.keys()


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_answered_as_the_page_says(name: str, engine_client: Kms):
    assert MISSING[name](engine_client) == named(DOCS / "compatibility.md", "missing")[name][2].strip("`")


def test_the_operations_of_the_bundled_kms_and_of_moto_are_counted_rightly():
    model = set(get_session().get_service_model("kms").operation_names)
    source = ast.parse(files("moto.kms").joinpath("responses.py").read_text("utf-8"))
    methods = {node.name for node in ast.walk(source) if isinstance(node, ast.FunctionDef)}
    lacking = {name for name in model if xform_name(name) not in methods}
    text = (DOCS / "compatibility.md").read_text("utf-8")
    assert set(re.findall("`(.*?)`", text.partition("moto lacks: ")[2].partition(".")[0])) == lacking
    (row,) = (row for table in tables(DOCS / "compatibility.md") for row in table if row[0].startswith("operations of"))
    assert row[0] == f"operations of {len(model)} in botocore 1.44"
    assert row[1:3] == (str(len(model & OPERATIONS.keys())), str(len(model - lacking)))
