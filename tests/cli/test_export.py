"""`kmsctl export`: what it prints adopts the keys that are there, and changes nothing."""

from __future__ import annotations

import json

import pytest

from tests.manifest.build import manifest

ROOT = "arn:aws:iam::111122223333:root"
OWN = "kms.reconciler.dev/"
OPEN = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}


@pytest.fixture
def key(call):
    """Make a key, with aliases; its id."""

    def make(*aliases, region="us-east-1", **parameters):
        key_id = call("CreateKey", region=region, **parameters)["KeyMetadata"]["KeyId"]
        for alias in aliases:
            call("CreateAlias", region=region, AliasName=f"alias/{alias}", TargetKeyId=key_id)
        return key_id

    return make


@pytest.fixture
def exported(kmsctl, tmp_path):
    """Export into keys.yaml."""

    def run(*argv):
        result = kmsctl("export", *argv)
        assert result.code == 0, result.err
        (tmp_path / "keys.yaml").write_text(result.out, encoding="utf-8")
        return result

    return run


def adopts_without_change(kmsctl, *argv):
    """Whether a plan of keys.yaml does nothing but adopt, and after an apply nothing at all."""
    assert kmsctl("validate", "-f", "keys.yaml").code == 0
    changes = json.loads(kmsctl("plan", "-f", "keys.yaml", "--output", "json", *argv).out)["changes"]
    done = {
        (change["action"], *(field["path"] for field in change["fields"] if OWN not in field["path"]))
        for change in changes
    }
    assert done <= {("adopt",), ("no-op",)}
    applied = kmsctl("apply", "-f", "keys.yaml", "-y", *argv)
    assert applied.code == 0, applied.err
    after = kmsctl("plan", "-f", "keys.yaml", "--detailed-exitcode", *argv)
    assert after.code == 0, after.out
    return sum(change["action"] == "adopt" for change in changes)


SPECS = [
    {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    {"KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"},
    {"KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"},
    {"Origin": "EXTERNAL"},
    {"MultiRegion": True},
]


def test_keys_of_every_kind_are_adopted_as_they_are(kmsctl, key, call, exported):
    for fields in SPECS:
        key(**fields, Description=f"{fields} {{{{ x }}}} # é 😀\n\tend")
    rotating = key(
        "orders/prod", "Orders", Tags=[{"TagKey": "no", "TagValue": "0123"}, {"TagKey": "a:b", "TagValue": ""}]
    )
    call("EnableKeyRotation", KeyId=rotating, RotationPeriodInDays=100)
    call("DisableKey", KeyId=key("orders"))
    exported()
    assert adopts_without_change(kmsctl) == len(SPECS) + 2


def test_names_are_after_aliases_and_each_is_another(key, exported):
    key("Orders/Prod")
    key("orders-prod")
    bare = key()
    out = exported().out
    assert [name for name in ("orders-prod", "orders-prod-2", bare) if f"name: {name}\n" in out.replace('"', "")] == [
        "orders-prod",
        "orders-prod-2",
        bare,
    ]


def test_an_odd_policy_is_kept_word_for_word(kmsctl, key, exported):
    condition = {"Null": {"kms:ViaService": True}, "StringLike": {"aws:PrincipalTag/t": "${aws:username}"}}
    deny = {"Sid": "a b", "Effect": "Deny", "Principal": "*", "NotAction": ["kms:*"], "Resource": "*"}
    policy = {"Version": "2008-10-17", "Statement": [OPEN, {**deny, "Condition": condition}]}
    key(Policy=json.dumps(policy))
    exported()
    assert adopts_without_change(kmsctl) == 1


def test_a_policy_that_no_manifest_can_say_is_left_as_it_is(kmsctl, key, exported):
    foreign = {**OPEN, "Effect": "Deny", "Principal": {"AWS": "arn:aws-cn:iam::111122223333:root"}}
    key(Policy=json.dumps({"Statement": [OPEN, foreign]}))
    assert "# Its policy is left as it is: no Key can say it." in exported().out
    assert adopts_without_change(kmsctl) == 1


def test_more_than_a_manifest_takes_is_said_in_a_comment(kmsctl, key, exported):
    tags = [{"TagKey": f"t{number}", "TagValue": "v"} for number in range(45)]
    key(Tags=tags, Description="in ${aws:region}")
    out = exported().out
    assert "# It has 45 tags, and a manifest takes 43: none is declared." in out
    assert "# Its description is left as it is: it holds what a manifest takes for a parameter." in out
    assert adopts_without_change(kmsctl) == 1


def test_what_must_not_be_adopted_is_left_out_with_the_reason(kmsctl, key, call, exported, tmp_path):
    (tmp_path / "ours.yaml").write_text(manifest("Key", "ours", "{aliases: [ours]}"))
    assert kmsctl("apply", "-f", "ours.yaml", "-y").code == 0
    call("ScheduleKeyDeletion", KeyId=key("going"))
    key(Tags=[{"TagKey": f"t{number}", "TagValue": "v"} for number in range(50)])
    call("DescribeKey", KeyId="alias/aws/s3")
    key("fine")
    result = exported()
    left = [line for line in result.out.splitlines() if line.startswith("# Left out")]
    assert len(left) == 2
    assert "its deletion is scheduled for 2026-03-31" in "".join(left)
    assert "it has 50 of 50 tags" in "".join(left)
    assert result.out.count("kind: Key") == 1
    assert result.err == "1 key written, 2 left out: the first lines of the manifests say why\n"
    assert "it is ours of this stack already" in kmsctl("export", "alias/ours").out
    assert "it is ours of the stack default already" in kmsctl("export", "alias/ours", "--stack", "other").out


def test_some_keys_are_exported_by_alias_id_or_arn(kmsctl, key, exported):
    by_id = key()
    key("a")
    key("b")
    key("c")
    arn = "arn:aws:kms:us-east-1:111122223333:alias/b"
    assert exported("alias/a", by_id, arn, "alias/a").out.count("kind: Key") == 3
    assert adopts_without_change(kmsctl) == 3


@pytest.mark.parametrize(
    "name",
    ["nope", "alias/nope", "alias/aws/s3", "arn:aws:kms:eu-west-1:111122223333:alias/a", "x\ny"],
)
def test_a_key_that_is_not_there_is_an_error(kmsctl, key, name):
    key("a")
    result = kmsctl("export", name)
    assert (result.code, result.out) == (1, "")
    assert "there is no key" in result.err
    assert "kmsctl show --all" in result.err


def test_what_manifests_adopt_already_is_not_written_twice(kmsctl, key, exported, tmp_path):
    key("a")
    first = exported().out
    (tmp_path / "first.yaml").write_text(first)
    (tmp_path / "by-alias.yaml").write_text(manifest("Key", "b-c", "{adopt: {alias: b}}"))
    key("b")
    key("b/c")
    out = exported("-f", "first.yaml", "-f", "by-alias.yaml").out
    assert "Key/a adopts it already" in out
    assert "Key/b-c adopts it already" in out
    assert out.count("kind: Key") == 1
    assert "name: b-c-2" in out


def test_a_replica_names_its_primary_and_where_that_is(kmsctl, key, call, exported):
    primary = key("sessions", MultiRegion=True)
    call("ReplicateKey", KeyId=primary, ReplicaRegion="eu-west-1")
    call("CreateAlias", region="eu-west-1", AliasName="alias/sessions", TargetKeyId=primary)
    out = exported("--region", "eu-west-1").out
    assert "name: sessions-eu-west-1" in out
    assert "kind: Target" in out
    assert adopts_without_change(kmsctl, "--region", "eu-west-1") == 1


def test_a_declared_target_is_the_one_that_manifests_name(kmsctl, key, call, exported, tmp_path):
    regions = {"eu": "eu-west-1", "us": "us-east-1"}
    targets = "".join(manifest("Target", name, f"{{backend: local, region: {at}}}") for name, at in regions.items())
    (tmp_path / "targets.yaml").write_text(targets)
    primary = key(MultiRegion=True)
    call("ReplicateKey", KeyId=primary, ReplicaRegion="eu-west-1")
    out = exported("-f", "targets.yaml", "--target", "eu").out
    assert "kind: Target" not in out
    (tmp_path / "keys.yaml").write_text(f"{targets}---\n{out}")
    assert adopts_without_change(kmsctl) == 1


def test_an_account_without_keys_gives_comments_alone_and_says_so(exported, key):
    result = exported()
    assert {line[0] for line in result.out.splitlines()} == {"#"}
    assert result.err.startswith("nothing to export")
    key()
    assert exported().err == ""


def test_a_key_in_a_custom_key_store_is_adopted_where_it_is(kmsctl, key, call, exported):
    store = call(
        "CreateCustomKeyStore",
        CustomKeyStoreName="vault",
        CustomKeyStoreType="EXTERNAL_KEY_STORE",
        XksProxyUriEndpoint="https://xks.example.com",
        XksProxyUriPath="/kms/xks/v1",
        XksProxyConnectivity="PUBLIC_ENDPOINT",
        XksProxyAuthenticationCredential={"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s" * 43},
    )["CustomKeyStoreId"]
    call("ConnectCustomKeyStore", CustomKeyStoreId=store)
    key("held", Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId="bb8562717f809024")
    assert f"# It is in the custom key store {store}." in exported().out
    assert adopts_without_change(kmsctl) == 1
