"""Who gains and who loses what when a policy or the grants of a key change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, event, given, settings

from reconciler.plan.access.diff import AccessChange, access_changes
from reconciler.plan.access.reach import Origin, Way
from reconciler.policy.access import KeyFacts
from reconciler.policy.document import PolicyDocument, parse_document
from reconciler.policy.evaluate import Requester
from reconciler.policy.evaluate.question import Question
from reconciler.policy.meaning import Effectiveness, effectiveness, witness
from tests.plan.access.saying import (
    APP,
    ARN,
    BATCH,
    DELEGATE,
    LOGS,
    ROOT,
    THEIR_ROOT,
    THEIRS,
    US,
    VIA_S3,
    allow,
    changes,
    deny,
    grant,
    key,
)
from tests.policy.evaluate import strategies as made
from tests.policy.evaluate.world import KEY

USE = allow(APP, "kms:Decrypt", "kms:Encrypt")
PATIENT = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([DELEGATE], [DELEGATE, USE], ["+ role/app Decrypt Encrypt [KEY_POLICY]"], id="a user more"),
        pytest.param([DELEGATE, USE], [DELEGATE], ["- role/app Decrypt Encrypt [KEY_POLICY]"], id="a user less"),
        pytest.param(
            [USE],
            [allow(APP, "kms:Decrypt", when=VIA_S3)],
            [
                "+ role/app Decrypt if kms:ViaService s3.us-east-1.amazonaws.com [KEY_POLICY]",
                "- role/app Decrypt Encrypt [KEY_POLICY]",
            ],
            id="less, and under a condition",
        ),
        pytest.param(
            [allow(APP, "kms:Decrypt", when=VIA_S3)],
            [allow(APP, "kms:Decrypt")],
            ["+ role/app Decrypt [KEY_POLICY]"],
            id="a condition falls, and nothing is lost",
        ),
        pytest.param(
            [USE],
            [USE, allow(APP, "kms:Decrypt", "kms:Sign", when=VIA_S3)],
            ["+ role/app Sign if kms:ViaService s3.us-east-1.amazonaws.com [KEY_POLICY]"],
            id="what is allowed anyway is no gain",
        ),
        pytest.param([USE], [DELEGATE, USE], ["+ root everything [DELEGATION]"], id="IAM policies decide from now on"),
        pytest.param(
            [USE],
            [USE, allow(THEIR_ROOT, "kms:Decrypt", "kms:PutKeyPolicy"), allow(THEIRS, "kms:Encrypt")],
            ["+ their root Decrypt [BOTH_ACCOUNTS]", "+ their role/x Encrypt [BOTH_ACCOUNTS]"],
            id="another account, without what works in the key's own alone",
        ),
        pytest.param(
            [USE], [USE, allow({"Service": LOGS}, "kms:Decrypt")], [f"+ {LOGS} Decrypt [KEY_POLICY]"], id="a service"
        ),
        pytest.param([USE], [USE, allow("*", "kms:Decrypt")], ["+ * Decrypt [KEY_POLICY]"], id="everybody"),
        pytest.param(
            [USE, DELEGATE],
            [USE, DELEGATE, deny(APP, "kms:Decrypt")],
            ["- role/app Decrypt [KEY_POLICY]"],
            id="an explicit denial of what is allowed by name is said once",
        ),
        pytest.param(
            [USE, DELEGATE],
            [USE, DELEGATE, deny(APP, "kms:Sign")],
            ["- role/app Sign [DENIAL]"],
            id="an explicit denial of what only IAM policies allow",
        ),
        pytest.param(
            [DELEGATE, deny(BATCH, "kms:Sign")],
            [DELEGATE],
            ["+ role/batch Sign [DENIAL]"],
            id="an explicit denial falls",
        ),
        pytest.param(
            [USE],
            [USE, deny("*", "kms:*", when=VIA_S3)],
            ["- * everything if kms:ViaService s3.us-east-1.amazonaws.com [DENIAL]"],
            id="a denial under conditions leaves the rest as it is",
        ),
        pytest.param(
            [allow("*", "kms:Decrypt")],
            [allow("*", "kms:Decrypt"), deny("*", "kms:Decrypt")],
            ["- * Decrypt [KEY_POLICY]"],
            id="everybody is denied",
        ),
        pytest.param(
            [allow({"Federated": "accounts.google.com"}, "kms:Sign"), DELEGATE],
            [allow({"Federated": "accounts.google.com"}, "kms:Sign"), deny(APP, "kms:Sign"), DELEGATE],
            ["- role/app Sign [DENIAL]"],
            id="a denial of one leaves a provider alone",
        ),
        pytest.param(
            [DELEGATE],
            [DELEGATE, deny(None, "kms:Sign", NotPrincipal={"AWS": [ROOT, APP]})],
            [f"- * except {APP}, {ROOT} Sign [DENIAL]".replace(f"arn:aws:iam::{US}:", "")],
            id="all but some are denied",
        ),
        pytest.param(
            [DELEGATE],
            [DELEGATE, allow(APP, "kms:Sign", Resource=f"{ARN[:-1]}2")],
            [],
            id="a statement on another key says nothing",
        ),
        pytest.param(
            [DELEGATE],
            [DELEGATE, allow(APP, "kms:Sign", Resource=None, NotResource=f"{ARN[:-1]}2")],
            ["+ role/app Sign [KEY_POLICY]"],
            id="all but another key is this one",
        ),
        pytest.param(
            [DELEGATE],
            [DELEGATE, allow(BATCH, Action=None, NotAction=["kms:*Key*", "kms:*Grant*", "kms:*a*", "kms:*e*"])],
            ["+ role/batch Sign [KEY_POLICY]"],
            id="all but many actions",
        ),
        pytest.param([DELEGATE], [DELEGATE, allow("AROAEXAMPLEEXAMPLE123", "kms:Sign")], [], id="who was deleted"),
        pytest.param(
            [allow(APP, "kms:Decrypt", "kms:Encrypt")],
            [allow(APP, "kms:ENCRYPT"), {**allow(APP, "kms:Decrypt"), "Sid": "x"}],
            [],
            id="the same in other words",
        ),
    ],
)
def test_policies_are_compared_by_whom_they_let_do_what(before, after, expected):
    assert changes(key(*before), key(*after)) == expected


def test_of_a_new_key_everybody_in_its_policy_gains_and_of_one_that_ends_everybody_loses():
    one = key(DELEGATE, USE, deny("*", "kms:Sign"), grants=[grant(BATCH, "Decrypt")])
    assert changes(None, one) == [
        "+ root everything [DELEGATION]",
        "+ role/batch Decrypt [GRANT]",
        "+ role/app Decrypt Encrypt [KEY_POLICY]",
        "- * Sign [DENIAL]",
    ]
    assert changes(one, None) == [
        "- root everything [DELEGATION]",
        "- role/batch Decrypt [GRANT]",
        "- role/app Decrypt Encrypt [KEY_POLICY]",
    ]
    assert changes(None, None) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([], [grant(APP, "Decrypt")], ["+ role/app Decrypt [GRANT]"], id="made"),
        pytest.param([grant(APP, "Decrypt")], [], ["- role/app Decrypt [GRANT]"], id="revoked"),
        pytest.param([grant(APP, "Decrypt")], [grant(APP, "Decrypt", grant_id="g-2")], [], id="made anew"),
        pytest.param(
            [grant(APP, "Decrypt", context_subset={"a": "1"})],
            [grant(APP, "Decrypt", context_subset={"A": "1"})],
            [],
            id="the case of a pair's name does not count",
        ),
        pytest.param(
            [grant(APP, "Decrypt", "Sign", "RetireGrant")],
            [grant(APP, "Decrypt", "Sign", "RetireGrant", context_subset={"a": "1"})],
            ["+ role/app Decrypt if kms:EncryptionContext:a 1 [GRANT]", "- role/app Decrypt [GRANT]"],
            id="constrained: what has no context is as it was",
        ),
        pytest.param(
            [grant(APP, "Decrypt", "Sign", context_equals={"a": "1"})],
            [grant(APP, "Decrypt", "Sign", context_subset={"a": "1"})],
            ["+ role/app Decrypt if kms:EncryptionContext:a 1 [GRANT]"],
            id="equality becomes a part",
        ),
        pytest.param(
            [grant(LOGS, "Decrypt", "RetireGrant", source_arn="arn:aws:logs:x")],
            [grant(LOGS, "Decrypt", "RetireGrant")],
            [f"+ {LOGS} Decrypt [GRANT]"],
            id="no source any more",
        ),
    ],
)
def test_grants_are_compared_by_what_they_allow(before, after, expected):
    assert changes(key(DELEGATE, grants=before), key(DELEGATE, grants=after)) == expected


def test_a_change_names_the_statements_and_grants_that_say_so():
    after = key({**USE, "Sid": "Use"}, allow(APP, "kms:Sign"), grants=[grant(BATCH, "Sign", grant_id="g-7")])
    by_statements, by_grant = sorted(access_changes(None, after), key=lambda one: one.way is Way.GRANT)
    assert by_statements.origins == (Origin(0, "Use"), Origin(1, ""))
    assert by_grant.origins == (Origin(name="g-7"),)


def test_of_a_policy_that_cannot_be_read_nobody_knows():
    unreadable = key(unreadable="no JSON")
    unknown = AccessChange(gained=False, principal="?", actions=(), way=Way.UNKNOWN, detail="no JSON")
    assert access_changes(unreadable, key(USE))[-1] == unknown
    assert changes(key(USE), unreadable) == ["+ ?  [UNKNOWN]", "- role/app Decrypt Encrypt [KEY_POLICY]"]
    assert access_changes(unreadable, unreadable) == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            [DELEGATE],
            [DELEGATE, allow(None, "kms:Sign", NotPrincipal={"AWS": APP})],
            [f"+ * except {APP} Sign [KEY_POLICY]"],
            id="all but one",
        ),
        pytest.param(
            [DELEGATE, allow(APP, "kms:Sign", when={"StringLike": {"aws:PrincipalTag/a": ["x*", "y"]}})],
            [DELEGATE, allow(APP, "kms:Sign", when={"StringLike": {"aws:PrincipalTag/a": ["x*", "y", "xy"]}})],
            [],
            id="a value that another one covers",
        ),
    ],
)
def test_what_is_said_in_another_way_is_looked_through(before, after, expected):
    assert [c.replace("role/app", APP) if "except" in c else c for c in changes(key(*before), key(*after))] == expected


def as_key(policy: object) -> KeyFacts:
    return KeyFacts(KEY, US, "aws", "us-east-1", parse_document(policy))  # type: ignore[arg-type]


@PATIENT
@given(made.policies(), made.policies(), made.grants, made.grants)
def test_nothing_is_said_exactly_when_policies_mean_the_same_and_grants_allow_the_same(one, other, some, more):
    before, after = parse_document(one), parse_document(other)
    different = witness(before, after, account=US, partition="aws", key_arn=KEY)
    same_grants = {(g.grantee, g.operations) for g in some} == {(g.grantee, g.operations) for g in more}
    first = KeyFacts(KEY, US, "aws", "us-east-1", before, some)
    second = KeyFacts(KEY, US, "aws", "us-east-1", after, more)
    said = access_changes(first, second)
    event(f"policies {'same' if different is None else 'differ'}, grants {'same' if same_grants else 'differ'}")
    assert [one for one in said if one.way is Way.GRANT] == [] or not same_grants
    assert [one for one in said if one.way is not Way.GRANT] == [] if different is None else said != ()


@PATIENT
@given(made.policies())
def test_whoever_gains_without_conditions_is_let_by_the_policy_or_denied_by_another_statement(policy):
    document = parse_document(policy)
    for change in access_changes(None, as_key(policy)):
        plain = change.gained and not change.conditions and change.principal.startswith("arn:")
        if plain and not any(
            "${" in pattern for s in document.statements for pattern in (*s.resources, *s.not_resources)
        ):
            for action in change.actions:
                assert _said(document, change.principal, action) is not Effectiveness.NOT_ALLOWED


def _said(document: PolicyDocument, who: str, action: str) -> Effectiveness:
    return effectiveness(document, Question(Requester.of(who), action.lower(), KEY), {}, account=US)


def versions(when: object) -> tuple[KeyFacts, KeyFacts]:
    """A key whose policy becomes one of the later version, in which `${…}` is a variable."""
    said = [DELEGATE, allow(APP, "kms:Sign", when=when)]
    before, after = ({"Version": version, "Statement": said} for version in ("2008-10-17", "2012-10-17"))
    return tuple(KeyFacts(ARN, US, "aws", "us-east-1", parse_document(one)) for one in (before, after))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("${aws:username}", "- role/app Sign if aws:requesttag/x ${aws:username} [KEY_POLICY]", id="lost"),
        pytest.param("${$}", "+ role/app Sign if aws:requesttag/x $ [KEY_POLICY]", id="gained"),
    ],
)
def test_where_the_statements_read_the_same_a_request_says_what_differs(value, expected):
    assert changes(*versions({"StringEquals": {"aws:RequestTag/x": value}})) == [expected]


def test_policies_that_cannot_be_told_apart_are_said_to_be_so():
    (change,) = access_changes(
        *versions(
            {"StringEquals": {"aws:RequestTag/x": "${aws:username}"}, "NumericLessThan": {"aws:RequestTag/x": "1"}}
        )
    )
    assert (change.principal, change.way) == ("?", Way.UNKNOWN)
    assert "could not be told apart" in change.detail


def test_a_request_that_a_denial_decides_is_lost():
    before, after = versions({"StringEquals": {"aws:RequestTag/x": "${$}"}})
    denying = [{**DELEGATE}, deny(APP, "kms:Sign", when={"StringEquals": {"aws:RequestTag/x": "${$}"}})]
    one, other = ({"Version": version, "Statement": denying} for version in ("2008-10-17", "2012-10-17"))
    said = changes(replace(before, policy=parse_document(one)), replace(after, policy=parse_document(other)))
    assert said == ["- role/app Sign if aws:requesttag/x $ [KEY_POLICY]"]


def test_whoever_was_deleted_and_an_allow_for_nobody_give_nobody_anything():
    nobody = allow(None, "kms:Sign", NotPrincipal="*")
    assert changes(None, key(USE, allow("AROAEXAMPLEEXAMPLE123", "kms:Sign"), nobody)) == [
        "+ role/app Decrypt Encrypt [KEY_POLICY]"
    ]
