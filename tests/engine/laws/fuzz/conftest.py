"""A store with two tenants: an attacker, who knows all names, and a victim, whose every secret has a mark."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field

import pytest

from reconciler.engine.crypto import wrapping
from reconciler.engine.engine import Engine
from reconciler.engine.server.application import Application
from reconciler.engine.server.authentication import anyone
from reconciler.engine.server.messages import Request

ATTACKER, VICTIM = "111122223333", "444455556666"
MARK = "Rumpelstilzchen"
"""In everything that only the victim knows."""
MARKED = (MARK.encode(), base64.b64encode(MARK.encode() * 3)[4:-4])


@dataclass
class Tenants:
    """The application, and what the attacker knows."""

    application: Application
    engine: Engine
    pool: dict[str, list[object]] = field(default_factory=dict)
    """Values by the names of parameters."""

    def ask(self, operation, body, account=ATTACKER, region="us-east-1", **headers):
        """One request without a signature; the response."""
        prefix, _, name = operation.rpartition(":")
        target = {"": "TrentService", "cloudtrail": TARGETS["cloudtrail"], "tagging": TARGETS["tagging"]}[prefix]
        credential = f"AWS4-HMAC-SHA256 Credential={account}/20261122/{region}/kms/aws4_request"
        sent = {"x-amz-target": f"{target}.{name}", "authorization": credential, **headers}
        return self.application.answer(Request("POST", "/", "", sent, body, "127.0.0.1", False))


TARGETS = {
    "cloudtrail": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
    "tagging": "ResourceGroupsTaggingAPI_20170126",
}


@pytest.fixture(scope="module")
def tenants(tmp_path_factory):
    """Both tenants, with keys of several kinds, and tokens and ciphertexts of each."""
    pair, generate = wrapping.generate("RSA_2048"), wrapping.generate
    wrapping.generate = lambda _: pair
    with Engine.open(tmp_path_factory.mktemp("tenants") / "data") as engine:
        made = Tenants(Application(engine, anyone, now=lambda: 0.0), engine)
        for account, mark in ((ATTACKER, "mine"), (VICTIM, MARK)):
            _settle(made, engine.client(account=account), mark)
        yield made
    wrapping.generate = generate


def _settle(tenants, kms, mark):
    """Keys and what belongs to them; what names them goes into the pool, what `mark` is in does not."""
    kinds = [{}, {"Origin": "EXTERNAL"}, {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}]
    kinds += [{"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, {"MultiRegion": True}]
    tags = [{"TagKey": mark, "TagValue": mark}]
    keys = [kms("CreateKey", {"Description": mark, "Tags": tags, **kind})["KeyMetadata"] for kind in kinds]
    first, brought = keys[0]["KeyId"], keys[1]["KeyId"]
    for key in keys:
        policy = json.loads(kms("GetKeyPolicy", {"KeyId": key["KeyId"]})["Policy"])
        policy["Statement"][0]["Sid"] = mark
        kms("PutKeyPolicy", {"KeyId": key["KeyId"], "Policy": json.dumps(policy)})
    kms("CreateAlias", {"AliasName": f"alias/{mark}", "TargetKeyId": first})
    me = f"arn:aws:iam::{kms.account}:role/{mark}"
    grants = [kms("CreateGrant", {"KeyId": first, "GranteePrincipal": me, "Operations": ["Decrypt"], "Name": mark})]
    wrapping_terms = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    token = kms("GetParametersForImport", {"KeyId": brought, **wrapping_terms})["ImportToken"]
    blobs = [
        kms("Encrypt", {"KeyId": first, "Plaintext": mark.encode() * 3, "EncryptionContext": context})["CiphertextBlob"]
        for context in ({}, {"a": "b"})
    ]
    pool = {
        "KeyId": [name for key in keys for name in (key["Arn"], key["KeyId"])],
        "CiphertextBlob": [base64.b64encode(blob).decode() for blob in blobs],
        "ImportToken": [base64.b64encode(token).decode()],
        "GrantToken": [grant["GrantToken"] for grant in grants],
        "GrantTokens": [[grant["GrantToken"]] for grant in grants],
        "GrantId": [grant["GrantId"] for grant in grants],
        "EncryptionContext": [{}, {"a": "b"}],
    }
    for alias, name in {"TargetKeyId": "KeyId", "SourceKeyId": "KeyId", "DestinationKeyId": "KeyId"}.items():
        pool[alias] = pool[name]
    for name, values in pool.items():
        tenants.pool.setdefault(name, []).extend(values)
