"""Ways to say one thing: none of them is a difference, from either side."""

import pytest

from tests.policy.evaluate.world import KEY, ROOT, US
from tests.policy.meaning.world import APP, BATCH, DELEGATE, ROLE, THEM, allow, deny, difference

EVERY = ["kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:GenerateDataKeyPair",
         "kms:GenerateDataKeyPairWithoutPlaintext", "kms:GenerateMac"]  # fmt: skip


def when(operator, key, *values):
    return {operator: {key: list(values)}}


def both(one, other):
    return allow(APP, when={"StringEquals": {"kms:ViaService": [*one], "kms:KeyOrigin": [*other]}})


WHO = "a${aws:PrincipalTag/who}b"
SAME = {
    "order of statements": ([allow(APP), deny(BATCH)], [deny(BATCH), allow(APP)]),
    "split by principal": ([allow([APP, BATCH])], [allow(APP), allow(BATCH)]),
    "split by action": ([allow(APP, ["kms:Sign", "kms:Verify"])], [allow(APP, "kms:Sign"), allow(APP, "kms:Verify")]),
    "split by both, unevenly": (
        [allow([APP, BATCH], ["kms:Sign", "kms:Verify"])],
        [allow([APP, BATCH], "kms:Sign"), allow(APP, "kms:Verify"), allow(BATCH, "kms:Verify")],
    ),
    "split by condition value": (
        [allow(APP, when=when("StringEquals", "kms:ViaService", "a", "b"))],
        [allow(APP, when=when("StringEquals", "kms:ViaService", one)) for one in "ab"],
    ),
    "split by condition values": (
        [allow(APP, when=when("StringEquals", "kms:ViaService", "a", "b", "c"))],
        [allow(APP, when=when("StringEquals", "kms:ViaService", *some)) for some in ("ab", "c")],
    ),
    "split by one key or by the other": (
        [both(one, "12") for one in "12"],
        [both("12", one) for one in "12"],
    ),
    "a wildcard for all it covers": ([allow(APP, "kms:Generate*")], [allow(APP, EVERY)]),
    "a wildcard and what it covers": ([allow(APP, ["kms:*", "kms:Decrypt"])], [allow(APP, "kms:*")]),
    "a narrower wildcard beside a wider": ([allow(APP, ["kms:Gen*", "kms:Generate*"])], [allow(APP, "kms:Gen*")]),
    "everything, of whatever service": ([allow(APP, "*")], [allow(APP, ["kms:*", "s3:GetObject"])]),
    "all but some": ([allow(APP, NotAction="kms:*")], [allow(APP, "s3:*")]),
    "actions that are about no key": ([allow(APP, ["kms:Sign", "kms:ListKeys"])], [allow(APP, "kms:sign")]),
    "one principal twice": ([allow([APP, APP])], [allow(APP)]),
    "account id or root": ([allow(US)], [allow(ROOT)]),
    "everybody": ([allow("*")], [allow({"AWS": "*"})]),
    "case of actions and keys": (
        [allow(APP, "KMS:DECRYPT", when("Bool", "AWS:SecureTransport", "TRUE"))],
        [allow(APP, when=when("Bool", "aws:securetransport", "true"))],
    ),
    "a literal with the operator for patterns": (
        [allow(APP, when=when("StringLike", "kms:ViaService", "s3"))],
        [allow(APP, when=when("StringEquals", "kms:ViaService", "s3"))],
    ),
    "the two operators for ARNs": (
        [allow("*", when=when("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"))],
        [allow("*", when=when("ArnEquals", "aws:SourceArn", "arn:aws:s3:::*"))],
    ),
    "a pattern and what it covers": (
        [allow(APP, when=when("StringLike", "kms:ViaService", "s3.*", "s3.eu-*", "s3.x"))],
        [allow(APP, when=when("StringLike", "kms:ViaService", "s3.*"))],
    ),
    "patterns that cover the same together": (
        [allow(APP, when=when("StringLike", "kms:ViaService", "a", "a?*"))],
        [allow(APP, when=when("StringLike", "kms:ViaService", "a*"))],
    ),
    "equal in any case": (
        [allow(APP, when=when("StringEqualsIgnoreCase", "kms:ViaService", "A"))],
        [allow(APP, when=when("StringEquals", "kms:ViaService", "a", "A"))],
    ),
    "networks side by side": (
        [allow("*", when=when("IpAddress", "aws:SourceIp", "10.0.0.0/8"))],
        [allow("*", when=when("IpAddress", "aws:SourceIp", "10.0.0.0/9", "10.128.0.0/9"))],
    ),
    "whole numbers": (
        [allow(APP, when=when("NumericLessThan", "kms:RotationPeriodInDays", "91"))],
        [allow(APP, when=when("NumericLessThanEquals", "kms:RotationPeriodInDays", "90"))],
    ),
    "bounds of which one is enough": (
        [allow(APP, when=when("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"))],
        [allow(APP, when=when("DateLessThan", "aws:CurrentTime", "2027-01-01T01:00:00+01:00"))],
    ),
    "true, or not false": (
        [allow(APP, when=when("Bool", "kms:MultiRegion", "true"))],
        [allow(APP, when={"Bool": {"kms:MultiRegion": ["true"]}, "Null": {"kms:MultiRegion": "false"}})],
    ),
    "a condition that is always met": ([allow(APP, when=when("Null", "kms:KeySpec", "false"))], [allow(APP)]),
    "a condition that nothing meets": (
        [
            DELEGATE,
            allow(APP, when={"StringEquals": {"kms:ViaService": "a"}, "StringNotEquals": {"kms:ViaService": "a"}}),
        ],
        [DELEGATE],
    ),
    "all values of a key that has one": (
        [allow(APP, when=when("ForAllValues:StringEquals", "kms:ViaService", "a"))],
        [allow(APP, when=when("StringEqualsIfExists", "kms:ViaService", "a"))],
    ),
    "an Allow within another": (
        [allow(APP), allow(APP, when=when("StringEquals", "kms:ViaService", "a"))],
        [allow(APP)],
    ),
    "a Deny within another": ([DELEGATE, deny(APP, "kms:*"), deny(APP, "kms:Sign")], [DELEGATE, deny(APP, "kms:*")]),
    "an Allow of what is denied": (
        [deny("*", "kms:*"), allow(APP)],
        [deny("*", "kms:*")],
    ),
    "a role with and without its path": ([allow(f"{ROLE}/team/app")], [allow(APP)]),
    "a role in another account that is let in": (
        [allow([THEM, f"arn:aws:iam::{THEM}:role/x"])],
        [allow(f"arn:aws:iam::{THEM}:root")],
    ),
    "what does not work across accounts": (
        [DELEGATE, allow(THEM, ["kms:Decrypt", "kms:PutKeyPolicy"])],
        [DELEGATE, allow(THEM, "kms:Decrypt")],
    ),
    "both cases of a text, and a pattern beside": (
        [allow(APP, when=when("StringEqualsIgnoreCase", "kms:ViaService", "a")),
         allow(APP, when=when("StringLike", "kms:ViaService", "b*"))],
        [allow(APP, when=when("StringLike", "kms:ViaService", "a", "A", "b*"))],
    ),
    "true in words": (
        [allow(APP, when=when("Bool", "x:y", "true"))],
        [allow(APP, when=when("StringEqualsIgnoreCase", "x:y", "true"))],
    ),
    "bytes": (
        [allow(APP, when=when("BinaryEquals", "x:y", "QUJD", "AAAA"))],
        [allow(APP, when=when("BinaryEquals", "x:y", one)) for one in ("AAAA", "QUJD")],
    ),
    "networks of a key that nobody knows": (
        [allow(APP, when=when("IpAddress", "x:y", "10.0.0.0/8", "10.1.0.0/16"))],
        [allow(APP, when=when("IpAddress", "x:y", "10.0.0.0/8"))],
    ),
    "dates of a key that nobody knows": (
        [allow(APP, when=when("DateGreaterThan", "x:y", "2026-01-01", "2027-01-01"))],
        [allow(APP, when=when("DateGreaterThan", "x:y", "2026-01-01"))],
    ),
    "a resource that cannot be read": ([DELEGATE, allow(APP, Resource="${")], [DELEGATE]),
    "a session by itself": (
        [allow([f"arn:aws:sts::{US}:assumed-role/app/x", APP]), deny("*", NotAction="kms:Decrypt")],
        [allow(APP), allow(f"arn:aws:sts::{US}:assumed-role/app/x"), deny("*", NotAction="kms:Decrypt")],
    ),
    "only what does not work across accounts": ([DELEGATE, allow(THEM, "kms:PutKeyPolicy")], [DELEGATE]),
    "somebody who was deleted": ([allow([APP, "AROAEXAMPLEEXAMPLE123"])], [allow(APP)]),
    "its own account by two keys": (
        [allow("*", when=when("StringEquals", "kms:CallerAccount", US))],
        [allow("*", when=when("StringEquals", "aws:PrincipalAccount", US))],
    ),
    "its own account by ARN": (
        [allow("*", when=when("ArnLike", "aws:PrincipalArn", f"arn:aws:*::{US}:*"))],
        [allow("*", when=when("StringEquals", "aws:PrincipalAccount", US))],
    ),
    "everybody with the ARN of one": (
        [allow("*", when=when("StringEquals", "aws:PrincipalArn", APP)), deny("*", NotAction="kms:Decrypt")],
        [allow(APP), deny("*", NotAction="kms:Decrypt")],
    ),
    "services by name or by kind": (
        [deny({"Service": "s3.amazonaws.com"}), deny("*", when=when("Bool", "aws:PrincipalIsAWSService", "true"))],
        [deny("*", when=when("Bool", "aws:PrincipalIsAWSService", "true"))],
    ),
    "this key": ([allow(APP, Resource=KEY)], [allow(APP)]),
    "every key": ([allow(APP, Resource="arn:aws:kms:*:*:key/*")], [allow(APP)]),
    "another key": ([DELEGATE, allow(APP, Resource=KEY + "0")], [DELEGATE]),
    "all but another key": ([allow(APP, NotResource=KEY + "0")], [allow(APP)]),
    "a condition that cannot be read": ([DELEGATE, allow(APP, when=when("Bool", "kms:MultiRegion", "x"))], [DELEGATE]),
    "a Deny that cannot be read": ([deny(APP, when=when("Bool", "kms:MultiRegion", "x"))], [deny(APP)]),
    "one that denies everybody else": (
        [deny(NotPrincipal={"AWS": [ROOT, APP, f"arn:aws:sts::{US}:assumed-role/app/x"]}, principal=None)],
        [deny(NotPrincipal={"AWS": [f"arn:aws:sts::{US}:assumed-role/app/x", APP, US]}, principal=None)],
    ),
    "variables, and another key": (
        [allow(APP, when={**when("StringLike", "x:y", WHO), **when("StringEquals", "x:z", *"12")})],
        [
            allow(APP, when={**when("StringLike", "x:y", WHO), **when("StringEquals", "x:z", one)})
            for one in "12"
        ],
    ),
    "variables, split": (
        [allow([APP, BATCH], when=when("StringEquals", "kms:EncryptionContext:who", "${aws:PrincipalTag/who}"))],
        [allow(one, when=when("StringEquals", "kms:EncryptionContext:Who", "${aws:PrincipalTag/who}"))
         for one in (BATCH, APP)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_other_words_for_one_meaning_are_no_difference(one, other):
    assert difference(one, other) is None
    assert difference(other, one) is None


@pytest.mark.parametrize("name", ["every key", "split by both, unevenly"])
def test_without_the_key_policies_are_compared_for_every_key(name):
    one, other = SAME[name]
    assert difference(one, other, key_arn=None) is None


def test_the_version_counts_where_variables_mean_something():
    statement = allow(APP, when={"StringEquals": {"kms:ViaService": "a$b"}})
    assert difference([statement], [statement], version="2008-10-17") is None
