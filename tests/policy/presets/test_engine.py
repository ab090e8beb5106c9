"""The bundled KMS decides on the same calls as the presets' cases say: real requests, with its authorisation on."""

import json
from datetime import UTC, datetime

import pytest

from reconciler.engine.caller import ServiceCall
from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsError
from reconciler.policy.document import to_text
from tests.policy.presets.scenarios import REGION, THEM, US, elsewhere, scenarios
from tests.support.people import ALL_OF_KMS, people, role

ALL = list(scenarios())
SERVICE_LINKED = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
NAMES = ("role/app", "role/reader", "role/stranger", "role/grantee", SERVICE_LINKED, f"{SERVICE_LINKED}_web")
ROLES = [role(f"arn:aws:iam::{account}:{name}", ALL_OF_KMS) for account in (US, THEM) for name in NAMES]
REFUSED = "AccessDeniedException"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with Engine.open(
        tmp_path_factory.mktemp("kms"), clock=ManualClock(datetime(2026, 11, 22, tzinfo=UTC)), identities=people(*ROLES)
    ) as opened:
        yield opened


def policy_of(scenario):
    return {"Policy": to_text(scenario.key().policy), "BypassPolicyLockoutSafetyCheck": True}


class Calls:
    """Makes the calls of one scenario, on a key with its policy."""

    def __init__(self, engine, scenario):
        self.engine = engine
        self.root = engine.client(account=US, region=REGION)
        self.key = self.new_key()
        contexts = [
            *scenario.calls,
            *scenario.refused,
            *(other for one in scenario.calls for other in elsewhere(scenario, one)),
        ]
        self.ciphertexts = {json.dumps(call.context): self.encrypt(self.key, call) for call in contexts}
        self.root("PutKeyPolicy", {"KeyId": self.key, **policy_of(scenario)})

    def new_key(self):
        return self.root("CreateKey", {})["KeyMetadata"]["Arn"]

    def encrypt(self, key, call):
        return self.root("Encrypt", {"KeyId": key, "Plaintext": b"x", **self.context(call)})["CiphertextBlob"]

    @staticmethod
    def context(call, name="EncryptionContext"):
        return {name: dict(call.context)} if call.context else {}

    def client(self, call):
        if call.of_service:
            service = ServiceCall(call.caller, call.source, call.source_account)
            return self.engine.client(account=US, region=REGION, service=service)
        principal = call.ask().principal
        service = ServiceCall(f"{call.via}.amazonaws.com") if call.via else None
        return self.engine.client(principal=principal, region=REGION, service=service)

    def outcome(self, call):
        operation, parameters = self.request(call)
        try:
            self.client(call)(operation, parameters)
        except KmsError as error:
            return error.code
        return "ok"

    def request(self, call):
        key, context = {"KeyId": self.key}, self.context(call)
        match call.action:
            case "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext":
                return call.action, {**key, "KeySpec": "AES_256", **context}
            case "GenerateDataKeyPair":
                return call.action, {**key, "KeyPairSpec": "ECC_NIST_P256", **context}
            case "Encrypt":
                return call.action, {**key, "Plaintext": b"x", **context}
            case "Decrypt":
                return call.action, {**key, "CiphertextBlob": self.ciphertexts[json.dumps(call.context)], **context}
            case "CreateGrant":
                constraints = {"Constraints": self.context(call, "EncryptionContextSubset")} if call.context else {}
                grantee = {"GranteePrincipal": f"arn:aws:iam::{US}:role/grantee", "Operations": ["Decrypt"]}
                return call.action, {**key, **grantee, **constraints}
            case "ReEncryptFrom" | "ReEncryptTo":
                return "ReEncrypt", self.re_encryption(call)
            case _:
                return call.action, key

    def re_encryption(self, call):
        """From or to another key, which lets the caller do everything."""
        principal = {"Service": call.caller} if call.of_service else {"AWS": "*"}
        statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
        other = self.new_key()
        blob = self.encrypt(other, call)
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.root("PutKeyPolicy", {"KeyId": other, "Policy": policy, "BypassPolicyLockoutSafetyCheck": True})
        if call.action == "ReEncryptFrom":
            blob = self.ciphertexts[json.dumps(call.context)]
        source, target = (self.key, other) if call.action == "ReEncryptFrom" else (other, self.key)
        contexts = {
            f"{side}EncryptionContext": dict(call.context) for side in ("Source", "Destination") if call.context
        }
        return {"CiphertextBlob": blob, "SourceKeyId": source, "DestinationKeyId": target, **contexts}


def moved(scenario):
    """The same operations from elsewhere, as far as a request can come from there."""
    others = ((one, other) for one in scenario.calls for other in elsewhere(scenario, one))
    return [other for one, other in others if other.action == one.action and not other.facts]


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: f"{one.service}: {one.name}")
def test_the_bundled_kms_lets_pass_what_the_service_calls_and_nothing_else(scenario, engine):
    calls = Calls(engine, scenario)
    refused = [one for one in (*scenario.refused, *moved(scenario)) if one.action != "RevokeGrant"]
    assert [one for one in scenario.calls if calls.outcome(one) != "ok"] == []
    assert [one for one in refused if calls.outcome(one) != REFUSED] == []
