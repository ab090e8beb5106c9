"""What a decision tells besides yes or no: what settles it, what it needs to know, and its trace."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.policy.conditions import Condition
from reconciler.policy.document import PolicyDocument, parse_document
from reconciler.policy.evaluate import (
    IdentityPolicies,
    NamedPolicy,
    Outcome,
    Reason,
    Requester,
    RequesterKind,
    Source,
    Unparsable,
    parse_identity_policy,
    prepare,
)
from reconciler.policy.principals import Principal, PrincipalKind
from reconciler.policy.statement import Effect, Statement
from tests.policy.evaluate.world import (
    ALICE,
    APP,
    BOB,
    DELEGATE,
    FEDERATED,
    KEY,
    ROOT,
    S3,
    SESSION,
    STRANGER,
    THEIR_ROOT,
    US,
    Case,
    allow,
    deny,
    grant,
)

TLS = {"Bool": {"aws:SecureTransport": "false"}}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
PAGE = ""


def ask(key_policy, **more):
    return Case("", PAGE, key_policy, Reason.KEY_POLICY, **more)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (ask([allow(ALICE)]), Reason.KEY_POLICY),
        (ask([DELEGATE], identity=[allow()]), Reason.IDENTITY_POLICY),
        (ask([DELEGATE], who=ROOT, root=True), Reason.KEY_POLICY),
        (ask([allow(THEIR_ROOT)], who=STRANGER, identity=[allow()]), Reason.BOTH_ACCOUNTS),
        (ask([allow(ALICE), allow(ALICE, Condition=TLS)]), Reason.KEY_POLICY),
        (ask([allow(ALICE), deny(ALICE), deny(ALICE, Condition=TLS)]), Reason.DENIED_BY_KEY_POLICY),
        (ask([allow(ALICE), deny(BOB, Condition=TLS)]), Reason.KEY_POLICY),
        (ask([allow(ALICE)], boundary=[deny()]), Reason.DENIED_BY_BOUNDARY),
        (ask([DELEGATE], action="kms:PutKeyPolicy"), Reason.NOT_ALLOWED_BY_IDENTITY_POLICY),
        (ask([allow(BOB)], action="kms:PutKeyPolicy"), Reason.NOT_ALLOWED_BY_KEY_POLICY),
        (ask(None, action="kms:CreateKey", resource="*"), Reason.NOT_ALLOWED_BY_IDENTITY_POLICY),
        (ask(Unparsable("x")), Reason.UNPARSABLE_POLICY),
        (ask([allow(THEIR_ROOT)], who=STRANGER, action="kms:EnableKey"), Reason.NOT_ACROSS_ACCOUNTS),
    ],
)
def test_what_no_context_can_change_is_settled(case, reason):
    prepared = case.prepared()
    assert prepared.settled is not None
    assert prepared.settled.reason is reason
    assert prepared.decide({"aws:securetransport": ("true",)}) is prepared.settled


@pytest.mark.parametrize(
    ("case", "needs"),
    [
        (ask([allow(ALICE, Condition=MFA)]), {"aws:multifactorauthpresent"}),
        (ask([allow(ALICE), deny("*", Condition=TLS)]), {"aws:securetransport"}),
        (ask([allow(BOB, Condition=MFA), allow(ALICE, Condition=TLS)]), {"aws:securetransport"}),
        (ask([allow(ALICE, "kms:Encrypt", Condition=MFA)]), set()),
        (ask([DELEGATE], identity=[allow(None, Condition=MFA)]), {"aws:multifactorauthpresent"}),
        (ask([DELEGATE], identity=[allow()], boundary=[allow(None, Condition=MFA)],
             session=[allow(None, Condition=TLS)], who=SESSION), {"aws:multifactorauthpresent", "aws:securetransport"}),
        (ask([allow(ALICE, Condition={"StringLike": {"aws:PrincipalArn": "*${aws:username}"}})]),
         {"aws:principalarn", "aws:username"}),
        (ask([allow(ALICE, Condition={"StringEquals": {"kms:EncryptionContext:Tenant": "${aws:PrincipalTag/T,'x'}"}})]),
         {"kms:encryptioncontext:tenant", "aws:principaltag/t"}),
        (ask([allow(ALICE, Condition={"Null": {"kms:ViaService": "true"}})]), {"kms:viaservice"}),
        (ask([DELEGATE]), set()),
    ],
)  # fmt: skip
def test_only_the_keys_that_matter_are_asked_for(case, needs):
    prepared = case.prepared()
    assert prepared.settled is None
    assert prepared.needs == needs


@pytest.mark.parametrize(
    ("case", "any_resource"),
    [
        (ask([allow(ALICE)]), True),
        (ask([allow(ALICE, Condition=MFA), deny("*", Condition=TLS)]), True),
        (ask([allow(ALICE), allow(BOB, Resource=KEY)]), True),
        (ask([allow(ALICE), allow(ALICE, "kms:Encrypt", Resource=KEY)]), True),
        (ask([allow(ALICE, Resource=KEY)]), False),
        (ask([allow(ALICE, Resource=[KEY, "*"])]), True),
        (ask([allow(ALICE), deny("*", Resource=f"{KEY}0")]), False),
        (ask([allow(ALICE, NotResource="*")]), False),
        (ask([DELEGATE], identity=[allow()], boundary=[allow()], session=[allow()]), True),
        (ask([DELEGATE], identity=[allow(None, Resource="arn:aws:kms:*:*:key/*")]), False),
        (ask([DELEGATE], identity=[allow()], boundary=[allow(None, Resource=KEY)]), False),
        (ask([DELEGATE], identity=[allow(None, Resource="arn:aws:kms:*:*:key/${aws:username}")]), False),
        (ask(None, action="kms:CreateKey", resource="*", identity=[allow()]), True),
        (ask([allow(THEIR_ROOT)], who=STRANGER, action="kms:EnableKey"), True),
    ],
)
def test_what_is_prepared_may_serve_for_every_resource(case, any_resource):
    assert case.prepared().any_resource is any_resource


def test_a_request_that_a_grant_might_allow_is_not_settled():
    case = ask([DELEGATE])
    assert case.prepared().settled is None
    assert replace(case, grants=(grant(ALICE, "Decrypt"),)).decide().reason is Reason.GRANT


def outcomes(decision):
    return [(one.source, one.name, one.sid or one.index, one.outcome) for one in decision.trace]


def test_a_trace_tells_every_statement_of_every_policy_and_every_grant_that_was_looked_at():
    case = ask(
        [
            {**allow(BOB), "Sid": "Other"},
            {**allow(SESSION, "kms:Encrypt"), "Sid": "Encrypt"},
            {**allow(SESSION, Resource=f"{KEY}0"), "Sid": "Elsewhere"},
            {**allow(SESSION, Condition=MFA), "Sid": "Mfa"},
            DELEGATE,
        ],
        who=SESSION,
        identity=[allow(None, "kms:Encrypt")],
        boundary=[allow()],
        session=[allow()],
        grants=(grant(BOB, "Decrypt"), grant(APP, "Encrypt"), grant(APP, "Decrypt", context_equals={"a": "b"}),
                grant(APP, "Decrypt"), grant(SESSION, "Decrypt")),
        facts={"aws:multifactorauthpresent": "false"},
    )  # fmt: skip
    decision = case.decide()
    assert decision.reason is Reason.GRANT
    assert outcomes(decision) == [
        (Source.KEY_POLICY, "", "Other", Outcome.OTHER_PRINCIPAL),
        (Source.KEY_POLICY, "", "Encrypt", Outcome.OTHER_ACTION),
        (Source.KEY_POLICY, "", "Elsewhere", Outcome.OTHER_RESOURCE),
        (Source.KEY_POLICY, "", "Mfa", Outcome.CONDITION_FAILED),
        (Source.KEY_POLICY, "", 4, Outcome.MATCHED),
        (Source.IDENTITY_POLICY, "own", 0, Outcome.OTHER_ACTION),
        (Source.BOUNDARY, "boundary", 0, Outcome.MATCHED),
        (Source.SESSION_POLICY, "session", 0, Outcome.MATCHED),
        (Source.GRANT, "grant-1", 0, Outcome.OTHER_PRINCIPAL),
        (Source.GRANT, "grant-1", 1, Outcome.OTHER_ACTION),
        (Source.GRANT, "grant-1", 2, Outcome.CONDITION_FAILED),
        (Source.GRANT, "grant-1", 3, Outcome.MATCHED),
        (Source.GRANT, "grant-1", 4, Outcome.MATCHED),
    ]
    assert decision.trace[3].detail == "Bool aws:MultiFactorAuthPresent"


def test_a_trace_of_what_is_settled_leaves_conditions_open():
    case = ask([allow(ALICE), allow(ALICE, Condition={**MFA, "Null": {"kms:ViaService": "true"}})])
    traces = case.decide().trace
    assert [one.outcome for one in traces] == [Outcome.MATCHED, Outcome.CONDITION_OPEN]
    assert traces[1].detail == "Bool aws:MultiFactorAuthPresent, Null kms:ViaService"


def test_a_trace_says_which_policy_cannot_be_read_and_why():
    (first, second) = ask([allow(ALICE)], identity=Unparsable("not JSON")).decide().trace
    assert first.outcome is Outcome.MATCHED
    assert (second.source, second.outcome, second.detail) == (Source.IDENTITY_POLICY, Outcome.UNPARSABLE, "not JSON")


def test_a_trace_without_identity_policies_tells_the_key_policy_alone():
    assert outcomes(ask([DELEGATE], unknown=True).decide()) == [(Source.KEY_POLICY, "", 0, Outcome.MATCHED)]


def test_a_trace_without_a_boundary_tells_the_session_policy():
    case = ask([allow(SESSION)], who=SESSION, session=[allow()])
    assert outcomes(case.decide())[1:] == [(Source.SESSION_POLICY, "session", 0, Outcome.MATCHED)]


def test_a_trace_of_what_is_about_no_key_tells_the_identity_policies():
    case = ask(None, action="kms:CreateKey", resource="*", identity=[allow()])
    assert outcomes(case.decide()) == [(Source.IDENTITY_POLICY, "own", 0, Outcome.MATCHED)]


def test_a_trace_tells_a_variable_in_a_resource_that_has_no_value():
    case = ask([DELEGATE], identity=[allow(None, Resource="arn:aws:kms:*:*:key/${aws:PrincipalTag/key}")])
    assert case.decide().trace[1].outcome is Outcome.OTHER_RESOURCE


def test_a_trace_prints_no_control_characters():
    condition = {"StringEquals": {"kms:EncryptionContext:\x1b[31m": "x"}}
    document = PolicyDocument(
        None,
        None,
        (
            Statement(
                None,
                Effect.ALLOW,
                (Principal(PrincipalKind.AWS, ALICE),),
                actions=("*",),
                resources=("*",),
                conditions=tuple(Condition(o, k, (v,)) for o, t in condition.items() for k, v in t.items()),
            ),
        ),
    )
    prepared = prepare(Requester.of(ALICE), "kms:Decrypt", KEY, key_account=US, key_policy=document, identity=None)
    assert "\x1b" not in prepared.decide().trace[0].detail


def by_hand(effect, **elements):
    principals = (Principal(PrincipalKind.AWS, ALICE),)
    said = {"principals": principals, "actions": ("kms:*",), "resources": ("*",), **elements}
    return Statement(None, effect, **said)


@pytest.mark.parametrize("operator", ["StringResembles", "ForSomeValues:StringEquals", "stringequals", "NullIfExists"])
def test_an_unknown_operator_neither_allows_nor_spares(operator):
    """The parser refuses such a policy; one made by hand fails closed all the same."""
    bad = (Condition(operator, "aws:username", ("alice",)),)
    good = by_hand(Effect.ALLOW)
    for statements in ((by_hand(Effect.ALLOW, conditions=bad),), (good, by_hand(Effect.DENY, conditions=bad))):
        document = PolicyDocument("2012-10-17", None, statements)
        prepared = prepare(Requester.of(ALICE), "kms:Decrypt", KEY, key_account=US, key_policy=document, identity=None)
        assert not prepared.decide({"aws:username": ("alice",)}).allowed


def test_a_statement_without_actions_has_no_effect():
    document = PolicyDocument("2012-10-17", None, (by_hand(Effect.ALLOW, actions=()),))
    prepared = prepare(Requester.of(ALICE), "kms:Decrypt", KEY, key_account=US, key_policy=document, identity=None)
    assert prepared.decide().reason is Reason.NOT_ALLOWED_BY_KEY_POLICY


@pytest.mark.parametrize(
    ("arn", "kind", "account", "role"),
    [
        (ROOT, RequesterKind.ROOT, US, None),
        (ALICE, RequesterKind.USER, US, None),
        (APP, RequesterKind.ROLE, US, APP),
        (f"arn:aws:iam::{US}:role/team/app", RequesterKind.ROLE, US, APP),
        (SESSION, RequesterKind.SESSION, US, APP),
        (FEDERATED, RequesterKind.FEDERATED_USER, US, None),
        (S3, RequesterKind.SERVICE, None, None),
        (f"arn:aws:iam::{US}:saml-provider/corp", RequesterKind.PROVIDER, US, None),
        (f"arn:aws:iam::{US}:policy/x", RequesterKind.OTHER, US, None),
        ("arn:aws:iam::aws:policy/x", RequesterKind.OTHER, None, None),
    ],
)
def test_a_requester_is_known_by_its_arn(arn, kind, account, role):
    requester = Requester.of(arn)
    assert (requester.kind, requester.account, requester.role) == (kind, account, role)
    assert requester == Requester.of(arn)
    assert hash(requester) == hash(Requester.of(arn))


def test_an_older_policy_takes_variables_literally_next_to_a_newer_one():
    key = parse_document({"Version": "2012-10-17", "Statement": [DELEGATE]})
    own = {"Statement": [allow(None, Condition={"StringEquals": {"aws:username": "${aws:username}"}})]}
    facts = {"aws:username": ("alice",)}
    for version, allowed in (("2012-10-17", True), ("2008-10-17", False)):
        identity = IdentityPolicies((NamedPolicy("own", parse_identity_policy({"Version": version, **own})),))
        prepared = prepare(Requester.of(ALICE), "kms:Decrypt", KEY, key_account=US, key_policy=key, identity=identity)
        assert prepared.decide(facts).allowed is allowed
