"""Amazon Resource Names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.kit.arn import Arn, alias_arn, key_arn, partition_of, root_arn

KEY = "arn:aws:kms:us-east-1:111122223333:key/k-1"


def test_an_arn_has_six_parts():
    assert Arn.parse(KEY) == Arn("aws", "kms", "us-east-1", "111122223333", "key/k-1")


@pytest.mark.parametrize(
    "text", ["", "k-1", "alias/x", "arn:aws:kms:us-east-1:111122223333:", "arn:AWS:kms:r:1:x", "arn:aws", f" {KEY}"]
)
def test_what_is_no_arn_is_none(text):
    assert Arn.parse(text) is None


@given(st.builds(Arn, st.just("aws-cn"), st.just("iam"), st.just(""), st.just("1"), st.text(min_size=1)))
def test_an_arn_comes_back_from_its_text(arn: Arn) -> None:
    assert Arn.parse(str(arn)) == arn


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_a_region_tells_its_partition(region, partition):
    assert partition_of(region) == partition


def test_arns_of_keys_aliases_and_accounts():
    assert key_arn("us-east-1", "111122223333", "k-1") == KEY
    assert alias_arn("us-east-1", "1", "alias/x", "aws-cn") == "arn:aws-cn:kms:us-east-1:1:alias/x"
    assert root_arn("1") == "arn:aws:iam::1:root"
