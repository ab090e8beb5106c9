"""What a grant made by a grantee may be, and that the tables of operations are those of the service model."""

from __future__ import annotations

import re

import pytest
from botocore.loaders import Loader

from reconciler.policy.evaluate import narrows, works_across_accounts
from reconciler.policy.evaluate.cross_account import ACROSS_ACCOUNTS
from reconciler.policy.evaluate.grants import CARRY_CONTEXT, GRANTABLE, operation_of
from tests.policy.evaluate.world import ALICE, BOB, grant

A, AB, AC = {"a": "1"}, {"a": "1", "b": "2"}, {"a": "1", "c": "3"}
ARN = "arn:aws:s3:::bucket"


def child(*operations, **constraints):
    return grant(BOB, *operations, **constraints)


def parent(**constraints):
    return grant(ALICE, "Decrypt", "Encrypt", "CreateGrant", **constraints)


@pytest.mark.parametrize(
    ("made", "by", "may"),
    [
        (child("Decrypt"), parent(), True),
        (child("Decrypt", "CreateGrant", "Encrypt"), parent(), True),
        (child("Decrypt", "Sign"), parent(), False),
        (child("Decrypt", context_equals=A), parent(), True),
        (child("Decrypt"), parent(context_subset=A), False),
        (child("Decrypt", context_subset=A), parent(context_subset=A), True),
        (child("Decrypt", context_subset=AB), parent(context_subset=A), True),
        (child("Decrypt", context_subset=A), parent(context_subset=AB), False),
        (child("Decrypt", context_equals=AB), parent(context_subset=A), True),
        (child("Decrypt", context_equals=A), parent(context_equals=A), True),
        (child("Decrypt", context_equals={"A": "1"}), parent(context_equals=A), True),
        (child("Decrypt", context_equals=AB), parent(context_equals=A), False),
        (child("Decrypt", context_subset=A), parent(context_equals=A), False),
        (child("Decrypt", context_equals=AC), parent(context_subset=AB), False),
        (child("Decrypt"), parent(context_equals=A), False),
        (child("Decrypt"), parent(source_arn=ARN), False),
        (child("Decrypt", source_arn=ARN), parent(source_arn=ARN), True),
        (child("Decrypt", source_arn=f"{ARN}2"), parent(source_arn=ARN), False),
        (child("Decrypt", source_arn=ARN), parent(), True),
    ],
)
def test_a_grantee_makes_grants_as_narrow_as_its_own(made, by, may):
    """https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-creategrant"""
    assert narrows(made, by) is may


@pytest.fixture(scope="module")
def model():
    return Loader().load_service_model("kms", "service-2")


def test_the_operations_of_grants_are_those_of_the_service_model(model):
    assert set(model["shapes"]["GrantOperation"]["enum"]) == GRANTABLE
    assert operation_of("kms:decrypt") == "Decrypt"
    assert operation_of("kms:PutKeyPolicy") is None


def test_the_operations_with_an_encryption_context_are_those_of_the_service_model(model):
    carrying = set()
    for name, operation in model["operations"].items():
        members = model["shapes"][operation["input"]["shape"]]["members"]
        if "EncryptionContext" in members:
            carrying.add(name)
        if "SourceEncryptionContext" in members:
            carrying |= {f"{name}From", f"{name}To"}
    assert carrying & GRANTABLE == CARRY_CONTEXT


def test_the_operations_across_accounts_are_those_of_the_service_model(model):
    across = set()
    for name, operation in model["operations"].items():
        text = re.sub("<[^>]*>", "", operation["documentation"])
        if re.search(r"Cross-account use\s*:\s*Yes", text):
            across |= {f"{name}From", f"{name}To"} if name == "ReEncrypt" else {name}
    assert across == ACROSS_ACCOUNTS
    assert works_across_accounts("KMS:decrypt")
    assert not works_across_accounts("kms:PutKeyPolicy")
    assert works_across_accounts("sts:AssumeRole")
