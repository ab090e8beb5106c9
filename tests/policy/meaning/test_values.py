"""The values that stand for all others."""

import pytest

from reconciler.policy.meaning.keykinds import Kind, kind_of, spelled
from reconciler.policy.meaning.ordered import addresses, dates, numbers

BEFORE, DAY = "2025-12-31T23:59:59Z", "2026-01-01T00:00"


def test_numbers_lie_at_and_between_bounds_and_beyond():
    assert [*numbers(["2", "1.5", "x"], whole=False)] == ["0.5", "1.5", "1.75", "2", "3"]
    assert [*numbers(["0", "2.5"], whole=True)] == ["0", "1", "2", "3"]
    assert [*numbers(["x"], whole=True)] == ["100000"]


@pytest.mark.parametrize(
    ("texts", "kind", "expected"),
    [
        pytest.param(["2026-01-01"], Kind.DATE, [BEFORE, f"{DAY}:00Z", f"{DAY}:01Z"], id="date"),
        pytest.param(["1800000000"], Kind.EPOCH, ["1799999999", "1800000000", "1800000001"], id="epoch"),
        pytest.param(["10000"], Kind.EPOCH, ["10000", "10001"], id="four digits are a year"),
        pytest.param(
            ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"],
            Kind.UNKNOWN,
            [BEFORE, f"{DAY}:00Z", f"{DAY}:00.5Z", f"{DAY}:01Z", f"{DAY}:02Z"],
            id="between seconds",
        ),
        pytest.param(["0900"], Kind.DATE, [], id="out of reach"),
    ],
)  # fmt: skip
def test_dates_lie_at_and_beside_bounds(texts, kind, expected):
    assert [*dates(texts, kind)] == expected


def test_addresses_lie_in_every_part_that_networks_cut():
    found = [*addresses(["10.0.0.0/8", "10.1.0.0/16", "::/0", "x"])]
    assert {"0.0.0.0", "10.0.0.0", "10.1.0.0", "10.2.0.0", "11.0.0.0", "::"} <= {*found}
    assert [*addresses(["255.255.255.255"])][-2] == "255.255.255.255"


@pytest.mark.parametrize(
    ("key", "kind", "many", "always"),
    [
        ("kms:viaservice", Kind.TEXT, False, False),
        ("kms:encryptioncontext:x", Kind.TEXT, False, False),
        ("kms:resourcealiases", Kind.TEXT, True, False),
        ("kms:multiregion", Kind.BOOLEAN, False, True),
        ("aws:sourcearn", Kind.ARN, False, False),
        ("aws:currenttime", Kind.DATE, False, True),
        ("saml:aud", Kind.UNKNOWN, True, False),
    ],
)
def test_what_is_known_of_condition_keys(key, kind, many, always):
    found = kind_of(key)
    assert (found.kind, found.many, found.always) == (kind, many, always)


@pytest.mark.parametrize(
    "key", ["kms:ViaService", "kms:EncryptionContext:team", "aws:PrincipalTag/team", "kms:ResourceAliases", "x:y"]
)
def test_condition_keys_are_spelled_as_aws_does(key):
    assert spelled(key.lower()) == key
