"""Where changes are made, in the question before they are."""

from __future__ import annotations

import pytest

from reconciler.cli.places import in_short
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.observed import Account
from reconciler.model.target import Target

HERE = Account("111122223333", "eu-west-1", "aws", "arn:aws:iam::111122223333:user/me")
PROD = TargetName("prod")


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (Target(backend="local"), "in account 111122223333 (eu-west-1) of the bundled KMS"),
        (Target(backend="aws"), "in AWS account 111122223333 (eu-west-1)"),
        (
            Target(backend="aws", endpoint_url="http://127.0.0.1:5000"),
            "in account 111122223333 (eu-west-1) at http://127.0.0.1:5000",
        ),
    ],
    ids=["bundled", "AWS", "another endpoint"],
)
def test_the_question_says_which_kms_is_changed(target, text):
    assert in_short({RUN_TARGET: target}, {RUN_TARGET: HERE}) == text


def test_every_target_is_named_in_the_question():
    targets = {RUN_TARGET: Target(), PROD: Target(PROD, backend="aws")}
    assert in_short(targets, {RUN_TARGET: HERE, PROD: HERE}) == (
        "in account 111122223333 (eu-west-1) of the bundled KMS and in AWS account 111122223333 (eu-west-1)"
    )


def test_apply_and_destroy_ask_with_the_place(kmsctl, tmp_path):
    (tmp_path / "keys.yaml").write_text(
        "apiVersion: kms.reconciler.dev/v1alpha1\nkind: Key\nmetadata: {name: orders}\nspec: {}\n"
    )
    place = "Make these changes in account 111122223333 (us-east-1) of the bundled KMS? Only `yes` is accepted: "
    assert place in kmsctl("apply", "-f", "keys.yaml", tty=True, stdin=b"yes\n").err
    assert place in kmsctl("destroy", tty=True, stdin=b"no\n").err
