"""What the policies of manifests come to: roles, documents, pseudo-parameters, and where their faults are."""

import json

import pytest

from reconciler.kit.canonical import canonical_json
from reconciler.model.desired import GrantConstraints
from tests.manifest.build import desired, key, manifest, refused


def statements(text):
    return {statement["Sid"]: statement for statement in json.loads(text)["Statement"]}


def test_roles_are_compiled_for_the_usage_of_each_key_that_shares_them():
    keys = desired(
        manifest("KeyPolicy", "p", "{administrators: [role/admin], users: [role/app], delegateToIam: false}"),
        manifest("Key", "encrypt", "{policyRef: {name: p}}")
        + manifest("Key", "sign", "{policyRef: {name: p}, keySpec: ECC_NIST_P256, keyUsage: SIGN_VERIFY}"),
    ).keys
    encrypt, sign = (statements(one.policy) for one in keys)
    assert encrypt["AllowUse"]["Principal"] == {"AWS": "arn:aws:iam::111122223333:role/app"}
    assert "kms:Decrypt" in encrypt["AllowUse"]["Action"]
    assert "kms:Sign" in sign["AllowUse"]["Action"]
    assert "EnableIamUserPermissions" not in encrypt


def test_every_role_reaches_the_policy():
    found = statements(
        key(
            "{policy: {administrators: [role/a], users: [role/b], readOnly: [role/c], grantors: [role/d],"
            " accounts: [444455556666], statements: [{Sid: Own, Effect: Deny, Principal: '*', Action: kms:Decrypt,"
            " Resource: '*'}]}}"
        ).policy
    )
    assert set(found) == {
        "EnableIamUserPermissions",
        "AllowAdministration",
        "AllowUse",
        "AllowUseByAccounts",
        "AllowReadOnly",
        "AllowServiceGrants",
        "Own",
    }


DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}],
}


@pytest.mark.parametrize("form", ["object", "text"])
def test_a_document_is_taken_verbatim_in_canonical_form(form):
    text = json.dumps(DOCUMENT)
    found = key(f"{{policy: {{document: {text if form == 'object' else repr(text)}}}}}")
    assert found.policy == canonical_json(DOCUMENT)


def test_policies_are_compact_canonical_json():
    policy = key("{policy: {administrators: [role/a]}}").policy
    assert policy == canonical_json(json.loads(policy))


def test_pseudo_parameters_are_replaced_in_policies_grants_tags_and_descriptions_and_variables_are_left():
    state = desired(
        manifest(
            "Key",
            "k",
            "{description: 'in ${aws:region}', tags: {where: '${aws:accountId}/${aws:partition}'}, policy: {document:"
            " {Statement: [{Effect: Allow, Principal: {AWS: 'arn:${aws:partition}:iam::${aws:accountId}:root'},"
            " Action: 'kms:*', Resource: '*',"
            " Condition: {StringEquals: {'aws:PrincipalTag/t': '${aws:PrincipalTag/x}'}}}]}}}",
        ),
        manifest(
            "Grant",
            "g",
            "{keyRef: {name: k}, granteePrincipal: 'arn:aws:iam::${aws:accountId}:role/x', operations: [Decrypt],"
            " constraints: {encryptionContextEquals: {account: '${aws:accountId}'},"
            " sourceArn: 'arn:aws:sqs:${aws:region}:${aws:accountId}:q'}}",
        ),
    )
    (found,), (granted,) = state.keys, state.grants
    assert found.description == "in us-east-1"
    assert found.tags == {"where": "111122223333/aws"}
    (statement,) = json.loads(found.policy)["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalTag/t": "${aws:PrincipalTag/x}"}}
    assert granted.terms.grantee_principal == "arn:aws:iam::111122223333:role/x"
    assert granted.terms.constraints == GrantConstraints(
        {"account": "111122223333"}, {}, "arn:aws:sqs:us-east-1:111122223333:q"
    )


def test_a_fault_in_a_shared_policy_is_told_once_where_it_is_written():
    faults = refused(
        manifest("KeyPolicy", "p", "{users: ['*']}")
        + manifest("Key", "a", "{policyRef: {name: p}}")
        + manifest("Key", "b", "{policyRef: {name: p}, keySpec: HMAC_256}")
    )
    assert [(fault.name, fault.position.line) for fault in faults] == [("invalid-policy", 5)]


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ("{Statement: [{Effect: Allow}, 7]}", (5, 40)),
        ("[]", None),
        ('\'{"Statement": {"Effect": 1}}\'', (5, 27)),
        (
            "{Statement: {Effect: Allow, Principal: {AWS: ['arn:aws-cn:iam::111122223333:root', 7]}}}",
            (5, 73),
        ),
        ("{Statement: [{Effect: Allow, Principal: '*', Action: 'kms:*', Resource: '*'}, x, {Principal: 5}]}", None),
        ("'[1]'", None),
        ("{}", None),
    ],
    ids=str,
)
def test_faults_of_a_document_are_placed_inside_it(document, place):
    faults = refused(manifest("Key", "k", f"{{policy: {{document: {document}}}}}"))
    assert {fault.position.line for fault in faults} == {5}
    if place:
        assert place in [(fault.position.line, fault.position.column) for fault in faults]


ROLES = """---
apiVersion: kms.reconciler.dev/v1alpha1
kind: KeyPolicy
metadata: {name: p}
spec:
  users:
    - role/app
  administrators: [role/admin]
  statements:
    - {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "kms:*", Resource: "*"}
    - Effect: Deny
      Principal: "*"
      Action: kms:Decrypt
      Resource: "*"
"""
A_DOCUMENT = """---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: k}
spec:
  policy:
    document:
      Statement:
        - {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "kms:*", Resource: "*"}
        - Effect: Deny
          Principal: "*"
          Action: kms:Decrypt
          Resource: "*"
"""
ONE_STATEMENT = f"{{policy: {{document: {{Statement: {json.dumps(DOCUMENT['Statement'][0])}}}}}}}"


@pytest.mark.parametrize(
    ("texts", "places"),
    [
        ([ROLES, manifest("Key", "k", "{policyRef: {name: p}}")], ["1:5:1", "1:8:3", "1:6:3", "1:10:7", "1:11:7"]),
        ([A_DOCUMENT], ["1:9:11", "1:10:11"]),
        ([manifest("Key", "k", ONE_STATEMENT)], ["1:5:28"]),
        ([manifest("Key", "k", f"{{policy: {{document: {json.dumps(DOCUMENT)!r}}}}}")], ["1:5:17"]),
        ([manifest("Key", "k", "{}")], []),
    ],
    ids=["roles, shared", "a document", "one statement that is in no list", "JSON text", "no policy"],
)
def test_every_statement_is_placed_where_it_is_written_or_at_the_field_that_it_comes_from(texts, places):
    (found,) = desired(*texts).keys
    assert [str(place).replace(".yaml", "") for place in found.statement_positions] == places
    assert [place.line for place in found.statement_positions[1:]] == [int(place.split(":")[1]) for place in places[1:]]


def test_services_become_statements_for_the_account_and_region_of_the_key():
    found = key(
        "{policy: {services: [{service: s3, principals: [role/app], sourceArn: 'arn:${aws:partition}:s3:::d'}]}}"
    )
    assert statements(found.policy)["AllowS3"]["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::d/*"},
        "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"},
    }
    assert [place.column for place in found.statement_positions] == [8, 28]


@pytest.mark.parametrize(
    ("entry", "fault", "column"),
    [
        ("{service: s4}", "unknown-value", 38),
        ("{service: s3, sourceARN: 'arn:aws:s3:::d'}", "unknown-field", 42),
        ("{service: s3, advanced: true}", "invalid-policy", 52),
        ("{service: cloudtrail}", "invalid-policy", 28),
        ("{service: s3, sourceArn: [documents]}", "invalid-policy", 54),
        ("{service: s3, readers: ['arn:aws-cn:iam::111122223333:role/app']}", "wrong-partition-arn", 52),
    ],
    ids=["service", "field", "option of another service", "option needed", "value", "partition"],
)
def test_faults_of_services_are_told_where_they_are(entry, fault, column):
    (found,) = refused(manifest("Key", "k", f"{{policy: {{services: [{entry}]}}}}"))
    assert (found.name, found.position.line, found.position.column) == (fault, 5, column)
    assert found.fix
