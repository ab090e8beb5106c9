"""The IAM policy that a plan needs."""

from __future__ import annotations

import json

from reconciler.report.json.permissions import render


def test_the_policy_is_given_as_iam_takes_it():
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["kms:*"], "Resource": ["\x1b"]}]}
    text = render(policy)
    assert json.loads(text) == policy
    assert text.isascii()
    assert text.endswith("}\n")
