"""Ciphertexts, tokens and markers that are damaged, forged or somebody else's open nothing."""

from __future__ import annotations

import base64
import json
from random import Random

import pytest

from reconciler.engine.engine import Engine
from reconciler.engine.paging import make_marker
from reconciler.kit.errors import KmsError
from tests.engine.laws.effort import SEED, SOAK
from tests.engine.laws.fuzz.conftest import ATTACKER, MARK, VICTIM
from tests.engine.laws.fuzz.values import damaged
from tests.engine.laws.listed import listed
from tests.support.importing import FOREVER, parameters, wrap
from tests.support.people import ALL_OF_KMS, people, role, user

TRIES = 200 * (SOAK or 1)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/-_= \n\x00é"


def damages(whole, seed):
    """Bytes that are not `whole`, but nearly."""
    random = Random(seed + SEED)
    made = (damaged(random, whole) for _ in range(TRIES))
    return [one for one in made if one != whole]


def damaged_texts(whole, seed):
    """As `damages`, of a text in base 64: the bytes in it are damaged, or its digits."""
    random = Random(seed + SEED)
    texts = [base64.urlsafe_b64encode(one).decode() for one in damages(base64.urlsafe_b64decode(whole), seed)]
    for _ in range(TRIES):
        place = random.randrange(len(whole))
        texts.append(whole[:place] + random.choice(DIGITS) + whole[place + random.randrange(2) :])
    return [text for text in texts if text and text != whole]


def refusal(kms, operation, **given):
    """The code with which a call is refused, which the operation lists; None when it succeeds."""
    try:
        kms(operation, given)
    except KmsError as error:
        assert error.code in listed(operation), (error, given)
        return error.code
    return None


@pytest.fixture(scope="module")
def kms(tenants):
    return tenants.engine.client(account=ATTACKER)


def made(kms, **parameters):
    return kms("CreateKey", parameters)["KeyMetadata"]["Arn"]


def test_no_damaged_ciphertext_opens(kms):
    key = made(kms)
    for plaintext in (b"x", b"x" * 100):
        blob = kms("Encrypt", {"KeyId": key, "Plaintext": plaintext})["CiphertextBlob"]
        for number, bad in enumerate(damages(blob, len(plaintext))):
            naming = {"KeyId": key} if number % 2 else {}
            code = refusal(kms, "Decrypt", CiphertextBlob=bad, **naming) if bad else "ValidationException"
            assert code in {
                "InvalidCiphertextException",
                "IncorrectKeyException",
                "AccessDeniedException",
                "NotFoundException",
                "ValidationException",
            }


def test_parts_of_two_ciphertexts_make_no_third(kms):
    keys = [made(kms), made(kms)]
    blobs = [
        kms("Encrypt", {"KeyId": key, "Plaintext": text, "EncryptionContext": context})["CiphertextBlob"]
        for key in keys
        for text in (b"a" * 20, b"b" * 20)
        for context in ({"a": "b"}, {})
    ]
    for one in blobs:
        for other in blobs:
            for cut in range(1, len(one)) if one != other else ():
                mixed = one[:cut] + other[cut:]
                if mixed not in blobs:
                    assert refusal(kms, "Decrypt", CiphertextBlob=mixed, EncryptionContext={"a": "b"})


def test_no_damaged_import_token_brings_material_and_none_serves_another_key(kms):
    key, other = made(kms, Origin="EXTERNAL"), made(kms, Origin="EXTERNAL")
    given = parameters(kms, key)
    wrapped = {"EncryptedKeyMaterial": wrap(given["PublicKey"], "RSAES_OAEP_SHA_256", bytes(32)), **FOREVER}
    for bad in damages(given["ImportToken"], 1):
        assert refusal(kms, "ImportKeyMaterial", KeyId=key, ImportToken=bad or b"x", **wrapped)
    for bad in damages(wrapped["EncryptedKeyMaterial"], 2):
        token = {"ImportToken": given["ImportToken"], "EncryptedKeyMaterial": bad or b"x"}
        assert refusal(kms, "ImportKeyMaterial", KeyId=key, **(wrapped | token))
    right = {"ImportToken": given["ImportToken"], **wrapped}
    assert refusal(kms, "ImportKeyMaterial", KeyId=other, **right) == "InvalidImportTokenException"
    assert kms("DescribeKey", {"KeyId": other})["KeyMetadata"]["KeyState"] == "PendingImport"
    assert refusal(kms, "ImportKeyMaterial", KeyId=key, **right) is None


def test_a_damaged_grant_token_is_the_same_grant_or_none(kms):
    key = made(kms)
    grant = {"KeyId": key, "GranteePrincipal": f"arn:aws:iam::{ATTACKER}:role/r", "Operations": ["Decrypt"]}
    tokens = [kms("CreateGrant", grant)["GrantToken"] for _ in range(2)]
    for bad in damaged_texts(tokens[0], 3):
        code = refusal(kms, "DescribeKey", KeyId=key, GrantTokens=[bad])
        assert code in {None, "InvalidGrantTokenException", "ValidationException"}
        assert code or decoded(bad) == decoded(tokens[0]), "other digits for the same bytes, or refused"
        if code:
            assert refusal(kms, "RetireGrant", GrantToken=bad)
    assert len(kms("ListGrants", {"KeyId": key})["Grants"]) == 2


def decoded(text):
    """The bytes that a lenient reader makes of a text in base 64."""
    return base64.urlsafe_b64decode(text.encode())


LISTS = {
    "ListKeys": ("Marker", {"Limit": 1}),
    "ListAliases": ("Marker", {"Limit": 1}),
    "ListGrants": ("Marker", {"Limit": 1}),
    "ListResourceTags": ("Marker", {"Limit": 1}),
    "ListKeyRotations": ("Marker", {"Limit": 1, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}),
    "ListRetirableGrants": ("Marker", {"Limit": 1}),
    "DescribeCustomKeyStores": ("Marker", {"Limit": 1}),
    "cloudtrail:LookupEvents": ("NextToken", {"MaxResults": 1}),
    "tagging:GetResources": ("PaginationToken", {"ResourcesPerPage": 1}),
}
PLACES = (
    0,
    1,
    -1,
    2**63 - 1,
    2**63,
    "",
    "a",
    MARK,
    "\ud800",
    None,
    True,
    1.5,
    [],
    [0, 0],
    [1, "a"],
    [[1], 2],
    {"a": 1},
)


@pytest.mark.parametrize("operation", LISTS)
def test_a_marker_leads_nowhere_but_through_the_callers_own_list(tenants, kms, operation):
    member, given = LISTS[operation]
    key = made(kms, Tags=[{"TagKey": name, "TagValue": name} for name in "ab"])
    for name in "ab":
        kms("CreateAlias", {"AliasName": f"alias/{operation.replace(':', '-')}-{name}", "TargetKeyId": key})
        about = {"KeyId": key, "GranteePrincipal": f"arn:aws:iam::{ATTACKER}:role/{name}", "Operations": ["Decrypt"]}
        kms("CreateGrant", {**about, "RetiringPrincipal": f"arn:aws:iam::{ATTACKER}:role/r"})
    if operation in {"ListGrants", "ListResourceTags", "ListKeyRotations"}:
        given = {**given, "KeyId": key}
    if operation == "ListRetirableGrants":
        given = {**given, "RetiringPrincipal": f"arn:aws:iam::{ATTACKER}:role/r"}
    real = kms(operation, given).get("NextMarker") or kms(operation, given).get(member)
    forged = [make_marker(name, place) for name in (operation, "ListKeys") for place in PLACES]
    victims = tenants.engine.client(account=VICTIM)("ListKeys", {"Limit": 1})["NextMarker"]
    for marker in [victims, *forged, *(damaged_texts(real, 4) if real else ())]:
        try:
            answer = kms(operation, {**given, member: marker})
        except KmsError as error:
            assert error.code in listed(operation), (error, marker)
        else:
            assert MARK not in str(answer), marker


def test_no_damaged_session_token_is_credentials(tmp_path, clock):
    boss, app = f"arn:aws:iam::{ATTACKER}:user/boss", f"arn:aws:iam::{ATTACKER}:role/app"
    trust = {"Statement": {"Effect": "Allow", "Principal": {"AWS": boss}, "Action": "sts:AssumeRole"}}
    source = people(user(boss, ALL_OF_KMS), role(app, trust=trust))
    with Engine.open(tmp_path / "sessions", clock=clock, identities=source) as engine:
        given = {"RoleArn": app, "RoleSessionName": "run"}
        one, other = (engine.client(principal=boss)("sts:AssumeRole", given)["Credentials"] for _ in range(2))
        token = one["SessionToken"]
        assert engine.open_token(one["AccessKeyId"], token).secret == one["SecretAccessKey"]
        assert engine.open_token(other["AccessKeyId"], token) is None
        for bad in [*damaged_texts(token.replace("+", "-").replace("/", "_"), 5), "", "\ud800", json.dumps(given)]:
            bad = bad.replace("-", "+").replace("_", "/")
            assert bad == token or engine.open_token(one["AccessKeyId"], bad) is None
        for key_id in ("", "\ud800", "A" * 5_000, one["AccessKeyId"].lower()):
            assert engine.open_token(key_id, token) is None
