"""What somebody without access learns: the same whether there is a key or not."""

from __future__ import annotations

import pytest

from tests.engine.authz.cast import BOB, EVE
from tests.support.people import ALL_OF_KMS, OTHER, allow, user


@pytest.mark.parametrize(
    ("operation", "parameter", "more"),
    [
        ("DescribeKey", "KeyId", {}),
        ("ListAliases", "KeyId", {}),
        ("ScheduleKeyDeletion", "KeyId", {}),
        ("RevokeGrant", "KeyId", {"GrantId": "0" * 64}),
        ("RetireGrant", "KeyId", {"GrantId": "0" * 64}),
        ("CreateAlias", "TargetKeyId", {"AliasName": "alias/a"}),
        ("ReEncrypt", "SourceKeyId", {"CiphertextBlob": b"x", "DestinationKeyId": "alias/own"}),
        ("ReEncrypt", "DestinationKeyId", {"CiphertextBlob": b"x"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_stranger_is_told_the_same_whether_there_is_a_key_or_not(make_world, operation, parameter, more):
    world = make_world(user(EVE, ALL_OF_KMS))
    there = world.key()
    absent = there[:-12] + "0" * 12
    eve = world.client(EVE)
    eve("CreateAlias", {"AliasName": "alias/own", "TargetKeyId": world.key(account=OTHER)})
    said = {}
    for key in (there, absent):
        call = world.asked(eve, operation, **{parameter: key}, **more)
        said[key] = f"{call.result['refused']} {call.resources}".replace(key, "X")
    assert said[there] == said[absent]
    assert "AccessDenied" in said[there]


@pytest.mark.parametrize(
    ("operation", "parameter", "more"),
    [
        ("CreateAlias", "TargetKeyId", {"AliasName": "alias/a"}),
        ("ReEncrypt", "SourceKeyId", {"CiphertextBlob": b"x", "DestinationKeyId": "alias/own"}),
        ("ReEncrypt", "DestinationKeyId", {"CiphertextBlob": b"x", "SourceKeyId": "alias/own"}),
    ],
    ids=["CreateAlias", "ReEncrypt from", "ReEncrypt to"],
)
def test_who_lacks_another_permission_too_is_told_the_same_whether_there_is_a_key_or_not(
    make_world, operation, parameter, more
):
    world = make_world(user(EVE))
    there = world.key()
    absent = there[:-12] + "0" * 12
    own = world.key(account=OTHER)
    world.client(account=OTHER)("CreateAlias", {"AliasName": "alias/own", "TargetKeyId": own})
    said = set()
    for key in (there, absent):
        call = world.asked(world.client(EVE), operation, **{parameter: key}, **more)
        said.add(f"{call.result['refused']} {call.resources}".replace(key, "X"))
    assert len(said) == 1
    assert "AccessDenied" in said.pop()


def test_who_may_not_decrypt_learns_nothing_from_a_ciphertext(make_world):
    world = make_world(user(BOB, allow("kms:Encrypt")))
    key = world.key()
    blob = world.client(BOB)("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    call = world.asked(world.client(BOB), "Decrypt", CiphertextBlob=blob)
    assert call.result["refused"].message.startswith("The ciphertext refers to a customer master key that does not")


def test_who_may_not_decrypt_does_not_find_in_the_record_whether_there_is_a_key(make_world):
    world = make_world(user(EVE, ALL_OF_KMS))
    key = world.key()
    blob = world.client()("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    call = world.asked(world.client(EVE), "Decrypt", CiphertextBlob=blob)
    assert call.resources == []
    assert "refused" in call.result
