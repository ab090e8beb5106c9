"""What the policies of organisations leave of access."""

import pytest

from reconciler.policy.access import Guardrails, Identities, Person, Standing, can, who
from reconciler.policy.control import parse_control_policy
from reconciler.policy.evaluate import NamedPolicy, Reason, Source, Unparsable, parse_identity_policy
from tests.policy.access.world import (
    ACCOUNT,
    APP,
    BOB,
    DELEGATED,
    OTHER,
    ROOT,
    STRANGER,
    allow,
    ask,
    deny,
    iam,
    key,
    when,
)

DECRYPT = ("kms:Decrypt",)
ABROAD = {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}
NO_VPC = {"Null": {"aws:SourceVpc": "true"}}
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"


def scp(*statements):
    return NamedPolicy("scp", parse_identity_policy({"Statement": list(statements)}))


def rcp(*statements):
    return NamedPolicy("rcp", parse_control_policy({"Statement": list(statements)}))


def may(action="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


def may_not(action="*", **more):
    return {**may(action, **more), "Effect": "Deny"}


EVERYBODY = (Person(APP, iam({"Action": "kms:*"})), Person(BOB), Person(LINKED))


def known(levels=(), control=(), *, organization=None):
    rails = Guardrails(organization, tuple(levels), tuple(control))
    return Identities.of_people([ACCOUNT], EVERYBODY, {ACCOUNT: rails})


def standings(one, identities):
    return {entry.principal: entry.standing for entry in who(one, DECRYPT, identities)}


def test_nobody_has_what_a_level_of_the_organisation_does_not_allow():
    limited = known([(scp(may()),), (scp(may("s3:*")),)])
    assert standings(key(DELEGATED, allow(BOB), allow(LINKED)), limited) == {LINKED: Standing.ALLOWED}


def test_what_every_level_allows_is_as_it_was_and_no_policy_of_the_organisation_is_its_cause():
    (root, app, bob) = who(key(DELEGATED, allow(BOB)), DECRYPT, known([(scp(may()),), (scp(may("kms:*")),)]))
    assert (root.principal, app.principal, bob.principal) == (ROOT, APP, BOB)
    sources = {cause.source for entry in (root, app, bob) for way in entry.ways for cause in way.causes}
    assert sources == {Source.KEY_POLICY, Source.IDENTITY_POLICY}


def test_conditions_of_a_level_are_conditions_of_whoever_it_allows():
    limited = known([(scp(may(**when(**NO_VPC)), may("s3:*")),)])
    entries = who(key(allow(BOB)), DECRYPT, limited)
    assert [[condition.key for condition in way.conditions] for way in entries[0].ways] == [["aws:SourceVpc"]]


def test_a_deny_of_the_organisation_is_told_where_it_always_applies_and_where_it_may():
    limited = known([(scp(may(), may_not("kms:Decrypt")),)])
    (entry,) = who(key(allow(BOB)), DECRYPT, limited)
    assert (entry.standing, entry.ways[0].causes[0].source) == (Standing.DENIED, Source.SERVICE_CONTROL)
    (entry,) = who(key(allow(BOB)), DECRYPT, known([(scp(may(), may_not(**when(**NO_VPC))),)]))
    assert (entry.standing, entry.unless[0].causes[0].source) == (Standing.ALLOWED, Source.SERVICE_CONTROL)


def test_a_resource_control_policy_keeps_strangers_out_and_lets_the_organisation_in():
    ours = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:PrincipalIsAWSService": "false"}}
    controlled = known(control=[rcp(deny("*", "kms:*", **when(**ours)))], organization="o-1")
    theirs = Identities.of_people([OTHER], [Person(STRANGER, iam({"Action": "*"}))], {OTHER: Guardrails("o-2")})
    found = standings(key(allow(BOB), allow(STRANGER), allow({"Service": "s3.amazonaws.com"})), controlled | theirs)
    assert found == {BOB: Standing.ALLOWED, "s3.amazonaws.com": Standing.ALLOWED, STRANGER: Standing.DENIED}


def test_a_resource_control_policy_is_not_about_roles_of_services_nor_about_who_retires_grants():
    closed = known(control=[rcp(deny("*", "kms:*"))])
    one = key(DELEGATED, allow(LINKED), allow(BOB))
    assert [entry.standing for entry in who(one, DECRYPT, closed) if entry.principal == LINKED] == [Standing.ALLOWED]
    assert [entry.standing for entry in who(one, ["kms:RetireGrant"], closed) if entry.principal == APP] == [
        Standing.ALLOWED
    ]


@pytest.mark.parametrize(
    "identities",
    [
        pytest.param(known([(NamedPolicy("scp", Unparsable("no JSON")),)]), id="service control"),
        pytest.param(known(control=[NamedPolicy("rcp", Unparsable("no JSON"))]), id="resource control"),
    ],
)
def test_a_policy_of_the_organisation_that_cannot_be_read_lets_nobody_in(identities):
    assert standings(key(allow(BOB)), identities) == {}


@pytest.mark.parametrize(
    ("identities", "reason", "source"),
    [
        pytest.param(known([(scp(may_not()),)]), Reason.DENIED_BY_SERVICE_CONTROL, Source.SERVICE_CONTROL, id="denied"),
        pytest.param(known([(scp(may("s3:*")),)]), Reason.NOT_ALLOWED_BY_SERVICE_CONTROL, None, id="not allowed"),
        pytest.param(
            known(control=[rcp(deny("*"))]), Reason.DENIED_BY_RESOURCE_CONTROL, Source.RESOURCE_CONTROL, id="controlled"
        ),
    ],
)
def test_a_question_is_answered_with_the_statement_of_the_organisation_that_decides(identities, reason, source):
    answer = can(identities.guarded(key(allow(BOB))), ask(BOB), identities.policies_of(BOB))
    assert (answer.standing, answer.reason) == (Standing.DENIED, reason)
    assert (answer.decider.source if answer.decider else None) is source
