"""AWS Lambda: environment variables, encrypted by who deploys and decrypted by the function's own role.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
"""

from __future__ import annotations

import pytest

from tests.scenarios.played import refused
from tests.support.world import MAIN, OTHER, REGION, session_arn

DENIED = "AccessDeniedException"
LOGGED = "AccessDenied"  # CloudTrail's code for it
CHECKOUT = f"arn:aws:lambda:{REGION}:{MAIN}:function:checkout"
CONTEXT = {"aws:lambda:FunctionArn": CHECKOUT}


@pytest.fixture
def key(key_of):
    return key_of("lambda/checkout")


@pytest.fixture
def deployment(there):
    """Lambda, called by who deploys."""
    return there.through("lambda", session_arn("deployer"))


@pytest.fixture
def variable(deployment, key):
    """A variable of the function, as it is stored."""
    return deployment.encrypt(KeyId=key, Plaintext=b"hunter2", EncryptionContext=CONTEXT)["CiphertextBlob"]


def test_a_function_decrypts_its_environment_when_it_starts(there, key, variable):
    watch = there.watch(key)
    function = there.role("checkout-function")
    opened = function.decrypt(CiphertextBlob=variable, EncryptionContext=CONTEXT)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"hunter2", key)
    (event,) = watch.events("Decrypt")
    assert event["requestParameters"]["encryptionContext"] == CONTEXT
    assert event["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] == "checkout-function"
    assert "hunter2" not in str(event)


def test_who_deploys_writes_the_environment_and_cannot_read_it(there, deployment, variable):
    for kms in (deployment, there.role("deployer")):
        assert refused(kms.decrypt, CiphertextBlob=variable, EncryptionContext=CONTEXT) == DENIED


def test_who_deploys_writes_through_lambda_alone(there, key):
    deployer = there.role("deployer")
    assert refused(deployer.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT) == DENIED


def test_a_function_reads_no_environment_but_its_own(there, deployment, key):
    context = {"aws:lambda:FunctionArn": f"{CHECKOUT}-copy"}
    other = deployment.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
    watch, function = there.watch(key), there.role("checkout-function")
    assert refused(function.decrypt, CiphertextBlob=other, EncryptionContext=context) == DENIED
    assert refused(function.decrypt, CiphertextBlob=other) == DENIED
    assert [event["errorCode"] for event in watch.events("Decrypt")] == [LOGGED] * 2


def test_a_function_that_says_it_is_the_right_one_still_does_not_open_what_was_made_for_another(there, deployment, key):
    context = {"aws:lambda:FunctionArn": f"{CHECKOUT}-copy"}
    other = deployment.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
    function = there.role("checkout-function")
    assert refused(function.decrypt, CiphertextBlob=other, EncryptionContext=CONTEXT) == "InvalidCiphertextException"


@pytest.mark.parametrize(("role", "account"), [("documents", MAIN), ("restore", OTHER)])
def test_no_other_role_reads_it(there, variable, role, account):
    kms = there.role(role, account=account)
    assert refused(kms.decrypt, CiphertextBlob=variable, EncryptionContext=CONTEXT) == DENIED
