import json

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.kit.canonical import canonical_json
from reconciler.kit.errors import InvalidInput, KmsctlError
from reconciler.manifest.desire import desire, target_names
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AdoptAlias,
    AdoptKeyId,
    AdoptTags,
    AutomaticRotation,
    Deletion,
    ExternalKey,
    GrantConstraints,
    Ignore,
    ManagedKey,
    ManualRotation,
    NoRotation,
    OnDemandRotation,
)
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.observed import Account
from tests.manifest.build import ACCOUNT, desired, loaded, manifest, refused

CHINA = Account("444455556666", "cn-north-1", "aws-cn", "arn:aws-cn:iam::444455556666:role/x")
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def key(spec):
    return desired(manifest("Key", "k", spec)).keys[0]


def grant(spec):
    return desired(manifest("Key", "k", "{}"), manifest("Grant", "g", spec)).grants[0]


def statements(text):
    return {statement["Sid"]: statement for statement in json.loads(text)["Statement"]}


def test_a_key_that_says_nothing_leaves_everything_to_others_but_its_defaults():
    found = key("{}")
    assert (found.key_spec, found.key_usage, found.origin) == (
        KeySpec.SYMMETRIC_DEFAULT,
        KeyUsage.ENCRYPT_DECRYPT,
        Origin.AWS_KMS,
    )
    assert (found.description, found.policy, found.rotation, found.tags) == (ABSENT, ABSENT, ABSENT, ABSENT)
    assert (found.enabled, found.multi_region, found.deletion) == (True, False, Deletion("Retain", 30, protect=False))
    assert (found.adopt, found.ignore, found.replacement) == (None, Ignore(), "Forbid")
    assert found.address == Address(Kind.KEY, "k")
    assert str(found.position) == "1.yaml:2:1"


def test_a_key_that_says_everything_is_taken_at_its_word():
    found = key(
        "{description: d, keySpec: RSA_2048, keyUsage: SIGN_VERIFY, origin: EXTERNAL, multiRegion: true,"
        " enabled: false, tags: {team: pay}, deletion: {policy: Schedule, windowDays: 7, protect: true},"
        " replacement: NewKey, ignore: {tags: [auto-*], fields: [policy, tags]}}"
    )
    assert (found.description, found.key_spec, found.key_usage) == ("d", KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY)
    assert (found.origin, found.multi_region, found.enabled) == (Origin.EXTERNAL, True, False)
    assert (found.tags, found.deletion) == ({"team": "pay"}, Deletion("Schedule", 7, protect=True))
    assert (found.ignore, found.replacement) == (Ignore(("auto-*",), frozenset({"policy", "tags"})), "NewKey")


def test_the_only_usage_of_a_key_spec_need_not_be_said():
    assert key("{keySpec: HMAC_256}").key_usage is KeyUsage.GENERATE_VERIFY_MAC


@pytest.mark.parametrize(
    ("rotation", "meant"),
    [
        ("{automatic: {}}", AutomaticRotation(365)),
        ("{automatic: {periodDays: 90}}", AutomaticRotation(90)),
        ("{onDemand: {serial: 3}}", OnDemandRotation(3)),
        ("{manual: {everyDays: 180}}", ManualRotation(180, None)),
        ("{manual: {everyDays: 180, keep: 2}}", ManualRotation(180, 2)),
        ("{none: {reason: legacy}}", NoRotation("legacy")),
    ],
)
def test_each_mode_of_rotation(rotation, meant):
    assert key(f"{{rotation: {rotation}}}").rotation == meant


@pytest.mark.parametrize(
    ("adopt", "meant"),
    [
        (f"{{keyId: {KEY_ID}}}", AdoptKeyId(KEY_ID)),
        (
            f"{{keyId: 'arn:${{aws:partition}}:kms:${{aws:region}}:${{aws:accountId}}:key/{KEY_ID}'}}",
            AdoptKeyId(f"arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}"),
        ),
        ("{alias: old}", AdoptAlias("alias/old")),
        ("{alias: alias/old}", AdoptAlias("alias/old")),
        (
            "{tags: {'aws:cloudformation:stack-name': 's-${aws:region}'}}",
            AdoptTags({"aws:cloudformation:stack-name": "s-us-east-1"}),
        ),
    ],
)
def test_each_way_to_adopt(adopt, meant):
    assert key(f"{{adopt: {adopt}}}").adopt == meant


def test_a_key_in_a_custom_key_store_can_be_adopted():
    assert key(f"{{origin: AWS_CLOUDHSM, adopt: {{keyId: {KEY_ID}}}}}").origin is Origin.AWS_CLOUDHSM


@pytest.mark.parametrize(
    ("spec", "enabled"),
    [
        ("{}", True),
        ("{ignore: {fields: [enabled]}}", ABSENT),
        ("{enabled: false, ignore: {fields: [enabled]}}", False),
        ("{enabled: true}", True),
    ],
)
def test_a_key_is_to_be_enabled_unless_it_says_otherwise_or_leaves_it_to_others(spec, enabled):
    assert key(spec).enabled is enabled


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


def test_resources_belong_to_the_target_that_they_name():
    manifests = loaded(
        manifest("Target", "eu", "{backend: aws, region: eu-central-1, accountId: 444455556666}")
        + manifest("Key", "here", "{description: '${aws:region}'}")
        + manifest("Key", "there", "{targetRef: {name: eu}, description: '${aws:region} ${aws:accountId}'}")
    )
    assert target_names(manifests) == {RUN_TARGET, "eu"}
    state = desire(manifests, stack="s", accounts={RUN_TARGET: ACCOUNT, "eu": None})
    assert [(str(one.address), one.description) for one in state.keys] == [
        ("Key/here", "us-east-1"),
        ("Key/there@eu", "eu-central-1 444455556666"),
    ]


def test_the_runs_own_target_is_not_part_of_addresses():
    manifests = loaded(
        manifest("Target", "eu", "{backend: local}")
        + manifest("Key", "k", "{targetRef: {name: eu}, description: '${aws:region}', aliases: [a]}")
        + manifest(
            "Grant", "g", "{targetRef: {name: eu}, keyRef: {name: k}, granteePrincipal: role/x, operations: [Decrypt]}"
        )
    )
    state = desire(manifests, stack="s", accounts={RUN_TARGET: ACCOUNT}, run_target="eu")
    assert [str(resource.address) for resource in state.resources()] == ["Key/k", "Alias/a", "Grant/g"]
    assert state.grants[0].key == ManagedKey(Address(Kind.KEY, "k"))
    assert state.keys[0].description == "us-east-1"


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("aliases: [a]", "duplicate-alias"),
        (f"adopt: {{keyId: {KEY_ID}}}", "adoption-conflict"),
    ],
    ids=["alias", "adoption"],
)
def test_what_names_the_run_s_target_shares_it_with_what_names_none(spec, fault):
    manifests = loaded(
        manifest("Target", "eu", "{backend: local}")
        + manifest("Key", "k", f"{{targetRef: {{name: eu}}, {spec}}}")
        + manifest("Key", "l", f"{{{spec}}}")
    )
    accounts = {RUN_TARGET: ACCOUNT, "eu": ACCOUNT}
    assert len(desire(manifests, stack="s", accounts=accounts).keys) == 2
    with pytest.raises(InvalidInput) as caught:
        desire(manifests, stack="s", accounts=accounts, run_target="eu")
    assert [diagnostic.name for diagnostic in caught.value.diagnostics] == [fault]


def test_offline_the_target_of_the_run_is_what_its_manifest_says():
    manifests = loaded(
        manifest("Target", "cn", "{backend: aws, region: cn-north-1, accountId: 444455556666}")
        + manifest(
            "Key", "k", "{description: '${aws:partition} ${aws:accountId}', keySpec: SM2, keyUsage: SIGN_VERIFY}"
        )
    )
    state = desire(manifests, stack="s", accounts={RUN_TARGET: None}, run_target="cn")
    assert state.keys[0].description == "aws-cn 444455556666"


FOREIGN = manifest(
    "Key",
    "k",
    "{policy: {administrators: ['arn:aws-cn:iam::444455556666:role/x'],"
    " users: ['arn:aws-cn:iam::444455556666:user/y']}}",
) + manifest("Alias", "a", f"{{name: a, key: 'arn:aws-cn:kms:cn-north-1:444455556666:key/{KEY_ID}'}}")


def test_while_nobody_knows_the_account_its_arns_are_not_judged():
    state = desire(loaded(FOREIGN), stack="s", accounts={})
    assert "arn:aws-cn:iam::444455556666:role/x" in state.keys[0].policy


def test_the_same_manifests_fit_one_account_and_not_another():
    assert desire(loaded(FOREIGN), stack="s", accounts={RUN_TARGET: CHINA}).keys
    assert {fault.name for fault in refused(FOREIGN)} == {"wrong-partition-arn"}


def test_partitions_cannot_be_mixed_even_while_nobody_knows_the_account():
    users = "['arn:aws-cn:iam::444455556666:role/x', 'arn:aws:iam::444455556666:role/y']"
    text = manifest("Key", "k", f"{{policy: {{users: {users}}}}}")
    with pytest.raises(InvalidInput) as caught:
        desire(loaded(text), stack="s", accounts={})
    assert [(fault.name, fault.position.column) for fault in caught.value.diagnostics] == [("wrong-partition-arn", 64)]


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


def test_a_stack_that_cannot_be_one_is_refused_before_anything_else():
    with pytest.raises(KmsctlError, match="stack"):
        desired(manifest("Key", "k", "{}"), stack="not a stack")


def test_the_order_of_files_does_not_change_what_is_desired():
    texts = [manifest("Key", name, f"{{aliases: [{name}]}}") for name in "cab"]
    one, other = desired(*texts), desired(*reversed(texts))
    assert [key.address for key in one.keys] == [key.address for key in other.keys]
    assert [alias.address for alias in one.aliases] == [alias.address for alias in other.aliases]
