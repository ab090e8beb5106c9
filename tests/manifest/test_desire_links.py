"""What manifests say of aliases and grants."""

import pytest

from reconciler.kit.errors import InvalidInput
from reconciler.model.address import Address, Kind
from reconciler.model.desired import ExternalKey, GrantConstraints, ManagedKey
from tests.manifest.build import KEY_ID, desired, manifest


def grant(spec):
    return desired(manifest("Key", "k", "{}"), manifest("Grant", "g", spec)).grants[0]


def test_aliases_of_a_key_and_of_alias_manifests_look_the_same():
    state = desired(
        manifest("Key", "k", "{aliases: [a, alias/b]}"),
        manifest("Alias", "whatever", "{name: alias/c, keyRef: {name: k}}")
        + manifest("Alias", "other", f"{{name: d, key: {KEY_ID}}}"),
    )
    managed = ManagedKey(Address(Kind.KEY, "k"))
    assert [(alias.address.name, alias.name, alias.key, str(alias.position)) for alias in state.aliases] == [
        ("a", "alias/a", managed, "1.yaml:5:18"),
        ("b", "alias/b", managed, "1.yaml:5:21"),
        ("c", "alias/c", managed, "2.yaml:2:1"),
        ("d", "alias/d", ExternalKey(KEY_ID), "2.yaml:7:1"),
    ]


def test_a_grant_carries_all_its_terms():
    terms = grant(
        "{keyRef: {name: k}, granteeServicePrincipal: rds.us-east-1.amazonaws.com,"
        " retiringServicePrincipal: rds.us-east-1.amazonaws.com, operations: [Decrypt, Encrypt],"
        " constraints: {encryptionContextSubset: {a: b}, sourceArn: 'arn:aws:rds:us-east-1:111122223333:db:x'}}"
    ).terms
    assert (terms.grantee_principal, terms.grantee_service) == (None, "rds.us-east-1.amazonaws.com")
    assert (terms.retiring_principal, terms.retiring_service) == (None, "rds.us-east-1.amazonaws.com")
    assert terms.operations == {"Decrypt", "Encrypt"}
    assert terms.constraints == GrantConstraints({}, {"a": "b"}, "arn:aws:rds:us-east-1:111122223333:db:x")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("role/path/x", "arn:aws:iam::111122223333:role/path/x"),
        ("user/x", "arn:aws:iam::111122223333:user/x"),
        ("444455556666", "arn:aws:iam::444455556666:root"),
        ("'arn:aws:sts::444455556666:assumed-role/x/session'", "arn:aws:sts::444455556666:assumed-role/x/session"),
    ],
)
def test_principals_of_grants_can_be_written_short(written, meant):
    terms = grant(f"{{keyRef: {{name: k}}, granteePrincipal: {written}, operations: [Decrypt]}}").terms
    assert terms.grantee_principal == meant


@pytest.mark.parametrize(
    "reference",
    [
        KEY_ID,
        "mrk-1234abcd12ab34cd56ef1234567890ab",
        "alias/theirs",
        f"arn:aws:kms:us-east-1:444455556666:key/{KEY_ID}",
    ],
)
def test_a_grant_can_be_on_a_key_of_somebody_else(reference):
    found = grant(f"{{key: '{reference}', granteePrincipal: role/x, operations: [Sign]}}")
    assert found.key == ExternalKey(reference)


def test_names_of_grants_must_fit_with_the_stack():
    texts = [
        manifest("Key", "k", "{}"),
        manifest(
            "Grant",
            "g" * 63 + ("." + "g" * 63) * 2,
            "{keyRef: {name: k}, granteePrincipal: role/x, operations: [Decrypt]}",
        ),
    ]
    assert desired(*texts, stack="short").grants
    with pytest.raises(InvalidInput) as caught:
        desired(*texts, stack="s" * 63)
    assert [fault.name for fault in caught.value.diagnostics] == ["name-too-long"]
