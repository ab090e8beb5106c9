"""Everybody listed: who may do what, under which conditions, by which statements and grants."""

import pytest

from reconciler.policy.access import Guardrails, Identities, Person, Standing, who
from reconciler.policy.conditions import Condition
from reconciler.policy.document import parse_document
from reconciler.policy.evaluate import IdentityPolicies, NamedPolicy, Source, Unparsable
from tests.policy.access.world import (
    ACCOUNT,
    ADMIN,
    APP,
    BOB,
    DELEGATED,
    KEY_ARN,
    OTHER,
    ROOT,
    SESSION,
    STRANGER,
    allow,
    deny,
    grant,
    iam,
    key,
    when,
)

DECRYPT = ("kms:Decrypt",)
VIA_S3 = when(StringEquals={"kms:ViaService": "s3.us-east-1.amazonaws.com"})
THE_VIA = Condition("StringEquals", "kms:ViaService", ("s3.us-east-1.amazonaws.com",))
OTHER_ROOT = f"arn:aws:iam::{OTHER}:root"
LOGS = {"Service": "logs.amazonaws.com"}


def standings(*statements, actions=DECRYPT, identities=None, **more):
    return {one.principal: one.standing.name for one in who(key(*statements, **more), actions, identities)}


def the_only(*statements, actions=DECRYPT, identities=None, **more):
    (entry,) = who(key(*statements, **more), actions, identities)
    return entry


def knowing(*people, accounts=(ACCOUNT,), **more):
    return Identities.of_people(accounts, people, **more)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([DELEGATED], {ROOT: "DELEGATED"}, id="an account delegates"),
        pytest.param([allow(ACCOUNT)], {ROOT: "DELEGATED"}, id="an account's id is its root ARN"),
        pytest.param([allow(APP)], {APP: "ALLOWED"}, id="a role"),
        pytest.param([allow(BOB), allow(APP, "kms:Sign")], {BOB: "ALLOWED"}, id="only the actions asked for"),
        pytest.param([allow(STRANGER)], {STRANGER: "DELEGATED"}, id="somebody of another account"),
        pytest.param([allow(OTHER)], {OTHER_ROOT: "DELEGATED"}, id="another account"),
        pytest.param([allow("*")], {"*": "ALLOWED"}, id="everybody"),
        pytest.param([allow(LOGS)], {"logs.amazonaws.com": "ALLOWED"}, id="a service"),
        pytest.param(
            [allow({"Federated": "graph.facebook.com"})], {"graph.facebook.com": "DELEGATED"}, id="a provider"
        ),
        pytest.param([allow("AROAEXAMPLEEXAMPLE123")], {}, id="nobody for a role that was deleted"),
        pytest.param([allow(APP), DELEGATED], {ROOT: "DELEGATED", APP: "ALLOWED"}, id="accounts first"),
        pytest.param([allow(SESSION)], {SESSION: "ALLOWED"}, id="one session of a role"),
    ],
)
def test_everybody_named_by_the_key_policy_is_listed_once(statements, expected):
    found = standings(*statements)
    assert found == expected
    assert list(found) == list(expected)


def test_a_role_named_with_and_without_its_path_is_one():
    assert len(who(key(allow(ADMIN), allow(ADMIN.replace("/ops", ""), "kms:*")), DECRYPT)) == 1


def test_what_does_not_work_across_accounts_is_nobodys_elsewhere():
    assert standings(allow(STRANGER, "kms:*"), actions=["kms:PutKeyPolicy"]) == {}
    assert standings(allow(LOGS, "kms:*"), actions=["kms:DescribeKey"]) == {"logs.amazonaws.com": "ALLOWED"}


def test_conditions_that_the_request_decides_stay_open_and_are_told():
    assert the_only(allow(APP, **VIA_S3)).ways[0].conditions == (THE_VIA,)


@pytest.mark.parametrize(
    ("condition", "more", "holds"),
    [
        pytest.param(when(StringEquals={"kms:CallerAccount": ACCOUNT}), {}, True, id="the caller's account"),
        pytest.param(when(StringEquals={"kms:CallerAccount": OTHER}), {}, False, id="another account"),
        pytest.param(when(StringEquals={"aws:ResourceTag/Env": "prod"}), {"tags": {"env": "prod"}}, True, id="a tag"),
        pytest.param(when(StringEquals={"aws:ResourceTag/Env": "prod"}), {}, False, id="no such tag"),
        pytest.param(when(Bool={"aws:SecureTransport": "false"}), {}, False, id="no secure transport"),
        pytest.param(when(Bool={"kms:GrantIsForAWSResource": "true"}), {}, False, id="a key of grants, to decrypt"),
        pytest.param(when(StringEquals={"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}), {}, True, id="the algorithm"),
        pytest.param(when(Null={"kms:ResourceAliases": "true"}), {}, True, id="no alias"),
        pytest.param(when(Null={"aws:PrincipalServiceName": "true"}), {}, True, id="no service"),
    ],
)
def test_conditions_that_are_known_are_settled(condition, more, holds):
    entries = who(key(allow(APP, **condition), **more), DECRYPT)
    assert [entry.ways[0].conditions for entry in entries] == ([()] if holds else [])


def test_a_context_cannot_be_met_by_what_has_none_and_may_be_by_what_has():
    policy = allow(APP, ["kms:Encrypt", "kms:DescribeKey"], **when(StringEquals={"kms:EncryptionContext:app": "a"}))
    assert [one.action for one in who(key(policy), ["kms:Encrypt", "kms:DescribeKey"])] == ["kms:Encrypt"]


def test_the_algorithm_of_an_asymmetric_key_is_for_the_request_to_say():
    policy = allow(APP, **when(StringEquals={"kms:EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}))
    assert len(the_only(policy, spec="RSA_2048").ways[0].conditions) == 1


def test_who_a_condition_asks_for_is_listed_with_the_statement():
    named = when(ArnEquals={"aws:PrincipalArn": [APP, f"arn:aws:iam::{ACCOUNT}:role/x*"]})
    everybody, app = who(key(allow("*", **named)), DECRYPT)
    assert (everybody.principal, len(everybody.ways[0].conditions)) == ("*", 1)
    assert (app.principal, app.standing, app.ways[0].conditions) == (APP, Standing.ALLOWED, ())


def test_whom_a_condition_excepts_is_not_listed():
    entry = the_only(allow("*", **when(ArnNotEquals={"aws:PrincipalArn": APP})))
    assert entry.principal == "*"


def test_each_way_is_told_and_unconditional_ones_come_first():
    entry = the_only(allow(APP, Sid="Via", **VIA_S3), allow(APP, Sid="Plain"))
    assert [way.causes[0].sid for way in entry.ways] == ["Plain", "Via"]


def test_an_explicit_deny_denies_whoever_would_be_allowed():
    denied = deny("*", Sid="No")
    entry = next(one for one in who(key(allow(APP), denied), DECRYPT) if one.principal == APP)
    assert (entry.standing, entry.ways[0].causes[0].sid, entry.unless) == (Standing.DENIED, "No", ())


def test_who_is_named_in_a_deny_alone_is_listed_as_denied():
    assert standings(DELEGATED, deny(BOB)) == {ROOT: "DELEGATED", BOB: "DENIED"}


def test_a_conditional_deny_is_an_exception_to_what_is_allowed():
    entry = the_only(allow(APP), deny(APP, Sid="NotViaS3", **VIA_S3))
    assert (entry.standing, entry.unless[0].causes[0].sid, entry.unless[0].conditions) == (
        Standing.ALLOWED,
        "NotViaS3",
        (THE_VIA,),
    )


def test_a_conditional_deny_alone_lists_nobody():
    assert standings(deny(APP, **VIA_S3)) == {}


def without(statement, name, **more):
    return {**{field: value for field, value in statement.items() if field != name}, **more}


def test_an_allow_for_all_but_some_is_everybodys_with_the_exception():
    entry = the_only(without(allow(APP), "Principal", NotPrincipal={"AWS": BOB}))
    assert (entry.principal, entry.ways[0].excluded) == ("*", (BOB,))


def test_a_deny_for_all_but_some_leaves_everybody_with_an_exception():
    spared = without(deny(APP), "Principal", NotPrincipal={"AWS": [APP, ROOT]})
    everybody, app = who(key(allow("*"), allow(APP), spared), DECRYPT)
    assert (everybody.standing, everybody.unless[0].excluded) == (Standing.ALLOWED, (APP, ROOT))
    assert (app.standing, app.unless) == (Standing.ALLOWED, ())


def test_a_deny_for_all_but_some_of_an_account_leaves_it_to_those():
    spared = without(deny(APP), "Principal", NotPrincipal={"AWS": [APP, ROOT]})
    entry = the_only(DELEGATED, spared)
    assert (entry.principal, entry.standing, entry.unless[0].excluded) == (ROOT, Standing.DELEGATED, (APP,))
    root = the_only(DELEGATED, spared, identities=knowing())
    assert (root.principal, root.standing, root.unless) == (ROOT, Standing.ALLOWED, ())


def test_a_policy_variable_in_a_resource_is_a_condition():
    mine = without(allow(APP), "Resource", Resource="arn:aws:kms:*:*:key/${aws:PrincipalTag/key}")
    assert the_only(mine).ways[0].conditions == (
        Condition("ArnLike", "resource", ("arn:aws:kms:*:*:key/${aws:PrincipalTag/key}",)),
    )


@pytest.mark.parametrize(
    ("action", "constraints", "conditions"),
    [
        pytest.param("Decrypt", {}, (), id="none"),
        pytest.param(
            "Decrypt",
            {"context_subset": {"b": "2", "a": "1"}},
            (
                Condition("StringEquals", "kms:EncryptionContext:a", ("1",)),
                Condition("StringEquals", "kms:EncryptionContext:b", ("2",)),
            ),
            id="a part of the context",
        ),
        pytest.param(
            "Decrypt",
            {"context_equals": {"a": "1"}},
            (
                Condition("StringEquals", "kms:EncryptionContext:a", ("1",)),
                Condition("ForAllValues:StringEquals", "kms:EncryptionContextKeys", ("a",)),
            ),
            id="the whole context",
        ),
        pytest.param("DescribeKey", {"context_equals": {"a": "1"}}, (), id="a context where there is none"),
        pytest.param(
            "DescribeKey",
            {"source_arn": "arn:aws:s3:::b"},
            (Condition("StringEquals", "aws:SourceArn", ("arn:aws:s3:::b",)),),
            id="a source",
        ),
        pytest.param("RetireGrant", {"source_arn": "arn:aws:s3:::b"}, (), id="a source does not keep from retiring"),
    ],
)
def test_a_grantee_is_listed_with_the_grant_and_its_constraints(action, constraints, conditions):
    granted = grant(BOB, action, **constraints)
    entry = the_only(allow(APP, "kms:Sign"), actions=[f"kms:{action}"], grants=(granted,))
    (way,) = entry.ways
    assert (entry.principal, entry.standing, way.causes[0].source) == (BOB, Standing.ALLOWED, Source.GRANT)
    assert way.conditions == conditions


def test_a_grant_to_an_account_is_delegated_and_one_to_a_service_is_not():
    grants = (grant(OTHER_ROOT, "Decrypt"), grant("logs.amazonaws.com", "Decrypt"))
    assert standings(allow([APP, STRANGER], "kms:Sign"), grants=grants) == {
        OTHER_ROOT: "DELEGATED",
        "logs.amazonaws.com": "ALLOWED",
    }


def test_a_key_policy_lets_nobody_retire_grants_but_its_account():
    retire = ["kms:RetireGrant"]
    assert standings(allow([APP, OTHER], "kms:*"), actions=retire) == {}
    assert standings(DELEGATED, actions=retire) == {ROOT: "DELEGATED"}
    bob = Person(BOB, iam({"Action": "kms:*"}))
    assert standings(DELEGATED, actions=retire, identities=knowing(bob)) == {ROOT: "ALLOWED", BOB: "ALLOWED"}


def test_a_retiring_principal_is_listed_and_may_do_nothing_else():
    granted = grant(BOB, "Decrypt", retiring=STRANGER)
    found = standings(allow(ADMIN, "kms:Sign"), actions=["kms:RetireGrant"], grants=(granted,))
    assert found == {STRANGER: "ALLOWED"}
    assert standings(allow(ADMIN, "kms:Sign"), grants=(granted,)) == {BOB: "ALLOWED"}


def test_a_policy_that_cannot_be_read_lets_nobody_in():
    broken = type(key(allow(APP)))(KEY_ARN, ACCOUNT, "aws", "us-east-1", Unparsable("no JSON"))
    assert who(broken, DECRYPT) == ()


def test_known_people_are_listed_with_the_iam_policy_that_allows_and_the_root_user_with_all():
    bob = Person(BOB, iam({"Action": "kms:Decrypt", **VIA_S3}))
    root, found = who(key(DELEGATED), DECRYPT, knowing(bob, Person(APP, iam({"Action": "s3:*"}))))
    assert (root.principal, root.standing) == (ROOT, Standing.ALLOWED)
    (way,) = found.ways
    assert (found.principal, found.standing, way.conditions) == (BOB, Standing.ALLOWED, (THE_VIA,))
    assert [(cause.source, cause.name) for cause in way.causes] == [
        (Source.KEY_POLICY, ""),
        (Source.IDENTITY_POLICY, "policy 0"),
    ]


def test_a_role_is_known_with_its_path_whatever_the_key_policy_says():
    found = who(key(allow(ADMIN.replace("/ops", ""))), DECRYPT, knowing(Person(ADMIN)))
    assert [entry.principal for entry in found] == [ADMIN]


@pytest.mark.parametrize(
    ("statement", "listed"),
    [
        pytest.param({"Action": "KMS:Decrypt"}, True, id="an action of KMS"),
        pytest.param({"Action": "k?s:*"}, True, id="a pattern of services"),
        pytest.param({"Action": "*"}, True, id="everything"),
        pytest.param({"NotAction": "s3:*"}, True, id="everything but"),
        pytest.param({"Action": ["s3:*", "sqs:*"]}, False, id="other services"),
        pytest.param({"Effect": "Deny", "NotAction": "s3:*"}, False, id="a Deny"),
    ],
)
def test_of_known_people_those_are_listed_whom_iam_lets(statement, listed):
    found = standings(DELEGATED, identities=knowing(Person(BOB, iam(statement))))
    assert (BOB in found) is listed


def test_known_people_are_listed_where_everybody_is_let_in_whatever_iam_says():
    assert standings(allow("*"), identities=knowing(Person(BOB))) == {"*": "ALLOWED", BOB: "ALLOWED"}


def test_people_of_another_account_need_both_sides():
    known = knowing(Person(STRANGER, iam({"Action": "kms:*"})), accounts=[OTHER])
    assert standings(allow(STRANGER), identities=known) == {STRANGER: "ALLOWED"}
    assert standings(allow(STRANGER), identities=knowing(Person(STRANGER), accounts=[OTHER])) == {}
    assert standings(allow(APP), identities=known) == {APP: "ALLOWED"}


@pytest.mark.parametrize(
    ("statement", "boundary", "expected"),
    [
        pytest.param(allow(APP), {"Action": "s3:*"}, {}, id="a role named is limited"),
        pytest.param(allow(BOB), {"Action": "s3:*"}, {BOB: "ALLOWED"}, id="a user named is not limited"),
        pytest.param(DELEGATED, {"Action": "s3:*"}, {ROOT: "ALLOWED"}, id="what IAM allows is limited"),
        pytest.param(DELEGATED, {"Action": "kms:*"}, {ROOT: "ALLOWED", APP: "ALLOWED", BOB: "ALLOWED"}, id="within it"),
    ],
)
def test_permission_boundaries_count(statement, boundary, expected):
    people = [Person(arn, iam({"Action": "kms:*"}, boundary=boundary)) for arn in (APP, BOB)]
    assert standings(statement, identities=knowing(*people)) == expected


def test_denials_of_iam_policies_and_boundaries_count():
    no = {"Effect": "Deny", "Action": "kms:*"}
    people = [Person(APP, iam({"Action": "*"}, no)), Person(BOB, iam({"Action": "*"}, boundary=no))]
    entries = who(key(DELEGATED, allow(APP), allow(BOB)), DECRYPT, knowing(*people))
    denied = {one.principal: one.ways[0].causes[0].source for one in entries if one.standing is Standing.DENIED}
    assert denied == {APP: Source.IDENTITY_POLICY, BOB: Source.BOUNDARY}


def test_an_iam_policy_that_cannot_be_read_lets_nobody_in():
    broken = IdentityPolicies((NamedPolicy("x", Unparsable("no JSON")),))
    assert standings(allow(BOB), identities=knowing(Person(BOB, broken))) == {}


def test_tags_and_organisations_of_known_people_settle_conditions():
    mine = when(StringEquals={"aws:PrincipalTag/Team": "a", "aws:PrincipalOrgID": "o-1"})
    bob = Person(BOB, tags={"team": "a"})
    entry = the_only(allow(BOB, **mine), identities=knowing(bob, guardrails={ACCOUNT: Guardrails("o-1")}))
    assert entry.ways[0].conditions == ()


def test_statements_come_from_a_policy_of_the_older_version_too():
    old = parse_document({"Statement": [allow(APP)]})
    assert [one.principal for one in who(type(key(allow(APP)))(KEY_ARN, ACCOUNT, "aws", "us-east-1", old), DECRYPT)]
