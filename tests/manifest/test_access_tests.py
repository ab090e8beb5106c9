"""AccessTests as manifests say them, resolved for each of their keys."""

from __future__ import annotations

import pytest

from reconciler.manifest.checks.references import references_of
from reconciler.manifest.desire import desire
from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.observed import Account
from tests.manifest.build import desired, loaded, manifest, refused

NOBODY = "mustDeny: [{principals: ['*'], actions: ['*']}]"
DB = manifest("Key", "db", "{}")


def read(*texts):
    return desired("".join(texts)).tests


def line_of(expectation, key=DB):
    (test,) = read(key, manifest("AccessTest", "t", f"{{keyRef: {{name: db}}, mustAllow: [{expectation}]}}"))
    (line,) = test.must_allow
    return line


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("role/app", "arn:aws:iam::111122223333:role/app"),
        ("user/ann", "arn:aws:iam::111122223333:user/ann"),
        ("'444455556666'", "arn:aws:iam::444455556666:root"),
        ("'${aws:accountId}'", "arn:aws:iam::111122223333:root"),
        ("'arn:${aws:partition}:iam::444455556666:role/x'", "arn:aws:iam::444455556666:role/x"),
        ("arn:aws:sts::111122223333:assumed-role/app/ann", "arn:aws:sts::111122223333:assumed-role/app/ann"),
        ("logs.us-east-1.amazonaws.com", "logs.us-east-1.amazonaws.com"),
        ("'*'", "arn:aws:iam::000000000000:role/stranger"),
    ],
)
def test_who_asks_is_spelled_out(written, meant):
    assert line_of(f"{{principals: [{written}], actions: [Decrypt]}}").principals == (meant,)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Decrypt", ("kms:Decrypt",)),
        ("kms:decrypt", ("kms:Decrypt",)),
        ("'ReEncrypt*', ReEncryptTo", ("kms:ReEncryptFrom", "kms:ReEncryptTo")),
        ("'Retire*', Decrypt", ("kms:Decrypt",)),
        ("RetireGrant", ("kms:RetireGrant",)),
    ],
)
def test_actions_are_spelled_out_each_once(written, meant):
    assert line_of(f"{{principals: [role/x], actions: [{written}]}}").actions == meant


def test_the_rest_of_a_request_is_filled_in():
    line = line_of(
        "{principals: [role/x], actions: [Decrypt], via: s3, delegated: allowed, context: {a: '${aws:region}'}, "
        "facts: {aws:SourceAccount: '${aws:accountId}'}}"
    )
    assert (line.via, line.delegated) == ("s3", True)
    assert (line.context, line.facts) == ({"a": "us-east-1"}, {"aws:sourceaccount": "111122223333"})


@pytest.mark.parametrize(
    ("which", "names"),
    [
        ("keyRef: {name: db}", ["db"]),
        ("keys: [sig, db]", ["db", "sig"]),
        ("allKeys: true", ["db", "other", "sig"]),
    ],
)
def test_a_test_is_about_the_keys_that_it_names(which, names):
    keys = (
        DB + manifest("Key", "other", "{}") + manifest("Key", "sig", "{keySpec: ECC_NIST_P256, keyUsage: SIGN_VERIFY}")
    )
    found = read(keys, manifest("AccessTest", "t", f"{{{which}, {NOBODY}}}"))
    assert [test.key.name for test in found] == names
    assert {str(test) for test in found} == {"AccessTest/t"}


def test_each_key_is_asked_what_it_can_be_asked_in_its_own_account():
    key = "{targetRef: {name: eu}, keySpec: HMAC_256}"
    target = manifest("Target", "eu", "{backend: local, region: eu-west-1, accountId: '444455556666'}")
    lines = "mustDeny: [{principals: [role/x], actions: ['*Mac', Decrypt]}]"
    texts = DB + manifest("Key", "mac", key) + target + manifest("AccessTest", "t", f"{{allKeys: true, {lines}}}")
    here = Account("111122223333", "us-east-1", "aws", "")
    there = Account("444455556666", "eu-west-1", "aws", "")
    eu = TargetName("eu")
    state = desire(loaded(texts), stack="default", accounts={RUN_TARGET: here, eu: there})
    asked = {test.key: (test.must_deny[0].principals, test.must_deny[0].actions) for test in state.tests}
    assert asked == {
        Address(Kind.KEY, "db"): (("arn:aws:iam::111122223333:role/x",), ("kms:Decrypt",)),
        Address(Kind.KEY, "mac", eu): (("arn:aws:iam::444455556666:role/x",), ("kms:GenerateMac", "kms:VerifyMac")),
    }


def test_a_replica_is_a_key_too():
    primary = manifest("Key", "db", "{multiRegion: true}")
    target = manifest("Target", "eu", "{backend: local, region: eu-west-1}")
    replica = manifest("ReplicaKey", "db-eu", "{primaryRef: {name: db}, targetRef: {name: eu}}")
    found = read(primary, target, replica, manifest("AccessTest", "t", f"{{keys: [db-eu], {NOBODY}}}"))
    assert [test.key.kind for test in found] == [Kind.REPLICA_KEY]


def test_where_an_expectation_stands_is_kept():
    assert line_of("{principals: [role/x], actions: [Decrypt]}").position.line == 10


def test_the_keys_of_a_list_are_references():
    texts = DB + manifest("Key", "other", "{}") + manifest("AccessTest", "t", f"{{keys: [db, other], {NOBODY}}}")
    test = loaded(texts).documents[-1]
    assert [name for _, name in references_of(test)] == ["db", "other"]


@pytest.mark.parametrize("keys", ["db", "{a: db}", "[1, {}]"])
def test_a_list_of_keys_of_another_shape_is_one_fault_of_shape(keys):
    found = refused(DB + manifest("AccessTest", "t", f"{{keys: {keys}, {NOBODY}}}"))
    assert {fault.name for fault in found} == {"wrong-type"}
