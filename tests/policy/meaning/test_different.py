"""What differs is told by a request, and the evaluator says so too."""

import sys

import pytest

from reconciler.policy.access import Ask
from reconciler.policy.document import parse_document
from reconciler.policy.evaluate import Requester
from reconciler.policy.evaluate.question import Question
from reconciler.policy.meaning import Effectiveness, Undecided, Witness, automaton, cases, effectiveness, split, witness
from reconciler.policy.meaning.clauses import Columns
from reconciler.policy.meaning.following import Following
from reconciler.policy.meaning.people import Mentioned, people
from reconciler.policy.principals import Principal, PrincipalKind
from tests.policy.evaluate.world import KEY, US
from tests.policy.meaning.test_same import when
from tests.policy.meaning.world import APP, BATCH, DELEGATE, ROLE, THEM, allow, deny, difference, found

ANN = f"arn:aws:iam::{US}:user/ann"
S3 = "s3.amazonaws.com"
NOT, DELEGATED, LIMITED, DIRECT, DENIED = Effectiveness
STRANGER = "arn:aws:iam::999988887777:role/some-role"


def via(*names):
    return when("StringEquals", "kms:ViaService", *names)


DIFFERENT = {
    "a principal more": ([allow(APP)], [allow([APP, BATCH])], (BATCH, "kms:Decrypt", {}, NOT, LIMITED)),
    "an action less": (
        [allow(APP, ["kms:Sign", "kms:Verify"])],
        [allow(APP, "kms:Verify")],
        (APP, "kms:Sign", {}, LIMITED, NOT),
    ),
    "a role of an account that could let it in": (
        [DELEGATE, allow(APP)],
        [DELEGATE],
        (APP, "kms:Decrypt", {}, LIMITED, DELEGATED),
    ),
    "a user": (
        [],
        [allow(f"arn:aws:iam::{US}:user/ann")],
        (f"arn:aws:iam::{US}:user/ann", "kms:Decrypt", {}, NOT, DIRECT),
    ),
    "a Deny of what nobody may": (
        [DELEGATE, deny(f"{ROLE}/x", "kms:Sign")],
        [DELEGATE],
        (f"{ROLE}/x", "kms:Sign", {}, DENIED, DELEGATED),
    ),
    "a condition": (
        [allow(APP)],
        [allow(APP, when=via("a"))],
        (APP, "kms:Decrypt", {"kms:viaservice": ()}, LIMITED, NOT),
    ),
    "a value": (
        [allow(APP, when=via("a"))],
        [allow(APP, when=via("a", "b"))],
        (APP, "kms:Decrypt", {"kms:viaservice": ("b",)}, NOT, LIMITED),
    ),
    "a pattern that covers more": (
        [allow(APP, when=when("StringLike", "kms:ViaService", "a*b"))],
        [allow(APP, when=when("StringLike", "kms:ViaService", "a*b", "ac"))],
        (APP, "kms:Decrypt", {"kms:viaservice": ("ac",)}, NOT, LIMITED),
    ),
    "patterns that nearly cover another": (
        [allow(APP, when=when("StringLike", "kms:ViaService", "a*b*"))],
        [allow(APP, when=when("StringLike", "kms:ViaService", "a*bx*", "a*b"))],
        (APP, "kms:Decrypt", {"kms:viaservice": ("aby",)}, LIMITED, NOT),
    ),
    "colons within the parts of an ARN": (
        [allow(APP, when=when("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"))],
        [allow(APP, when=when("StringLike", "aws:SourceArn", "arn:aws:s3:*"))],
        (APP, "kms:Decrypt", {"aws:sourcearn": ("arn:aws:s3:x::",)}, NOT, LIMITED),
    ),
    "a network": (
        [allow(APP, when=when("IpAddress", "aws:SourceIp", "10.0.0.0/8"))],
        [allow(APP, when=when("IpAddress", "aws:SourceIp", "10.0.0.0/8", "11.0.0.0/8"))],
        (APP, "kms:Decrypt", {"aws:sourceip": ("11.0.0.0",)}, NOT, LIMITED),
    ),
    "a number": (
        [allow(APP, when=when("NumericLessThan", "kms:RotationPeriodInDays", "90"))],
        [allow(APP, when=when("NumericLessThanEquals", "kms:RotationPeriodInDays", "90"))],
        (APP, "kms:Decrypt", {"kms:rotationperiodindays": ("90",)}, NOT, LIMITED),
    ),
    "a date": (
        [allow(APP, when=when("DateLessThan", "aws:CurrentTime", "2026-01-01"))],
        [allow(APP, when=when("DateLessThanEquals", "aws:CurrentTime", "2026-01-01"))],
        (APP, "kms:Decrypt", {"aws:currenttime": ("2026-01-01T00:00:00Z",)}, NOT, LIMITED),
    ),
    "an epoch": (
        [allow(APP, when=when("NumericLessThan", "aws:EpochTime", "1798761600"))],
        [allow(APP, when=when("DateLessThanEquals", "aws:EpochTime", "1798761600"))],
        (APP, "kms:Decrypt", {"aws:epochtime": ("1798761600",)}, NOT, LIMITED),
    ),
    "until when imported material is valid": (
        [allow(APP, when=when("NumericLessThanEquals", "kms:ValidTo", "1546257599.0"))],
        [],
        (APP, "kms:Decrypt", {"kms:validto": ("1546257598",)}, LIMITED, NOT),
    ),
    "some values or all": (
        [allow(APP, when=when("ForAnyValue:StringEquals", "aws:TagKeys", "a"))],
        [allow(APP, when={"ForAllValues:StringEquals": {"aws:TagKeys": "a"}, "Null": {"aws:TagKeys": "false"}})],
        (APP, "kms:Decrypt", {"aws:tagkeys": ("something-else", "a")}, LIMITED, NOT),
    ),
    "a missing key": (
        [allow(APP, when=when("StringEqualsIfExists", "kms:ViaService", "a"))],
        [allow(APP, when=via("a"))],
        (APP, "kms:Decrypt", {"kms:viaservice": ()}, LIMITED, NOT),
    ),
    "everybody": ([allow(US)], [allow("*")], (STRANGER, "kms:Decrypt", {}, NOT, DELEGATED)),
    "another account": ([], [allow(THEM)], (f"arn:aws:iam::{THEM}:role/some-role", "kms:Decrypt", {}, NOT, DELEGATED)),
    "a service": ([], [allow({"Service": S3})], (S3, "kms:Decrypt", {}, NOT, DIRECT)),
    "one service of two": (
        [deny("*", when=when("StringEquals", "aws:PrincipalServiceName", S3))],
        [deny("*", when=when("StringLike", "aws:PrincipalServiceName", "s3.*"))],
        ("s3.x.amazonaws.com", "kms:Decrypt", {}, NOT, DENIED),
    ),
    "an action that nobody knows": ([], [allow(APP, "kms:Teleport")], (APP, "kms:Teleport", {}, NOT, LIMITED)),
    "a pattern of actions that nobody knows": ([], [allow(APP, "kms:Tele*")], (APP, "kms:Tele", {}, NOT, LIMITED)),
    "those whose ARNs look so": (
        [allow("*", when=when("ArnLike", "aws:PrincipalArn", f"{ROLE}/a*"))],
        [allow("*", when=when("ArnLike", "aws:PrincipalArn", f"{ROLE}/a*", f"arn:aws:iam::{THEM}:role/b?"))],
        (f"arn:aws:iam::{THEM}:role/bx", "kms:Decrypt", {}, NOT, DELEGATED),
    ),
    "accounts that begin so": (
        [deny("*", when=when("StringLike", "kms:CallerAccount", "4444*"))],
        [],
        ("arn:aws:iam::444400000000:role/some-role", "kms:Decrypt", {}, DENIED, NOT),
    ),
    "users of a name": (
        [allow("*", when=when("StringLike", "aws:username", "an*"))],
        [allow("*", when=when("StringLike", "aws:username", "an?"))],
        ("arn:aws:iam::999988887777:user/an", "kms:Decrypt", {}, DELEGATED, NOT),
    ),
    "all but a role's sessions": (
        [deny(None, NotPrincipal={"AWS": [US, APP, f"arn:aws:sts::{US}:assumed-role/app/x"]})],
        [deny(None, NotPrincipal={"AWS": [US, APP]})],
        (f"arn:aws:sts::{US}:assumed-role/app/x", "kms:Decrypt", {}, NOT, DENIED),
    ),
    "all but some, allowed": (
        [allow(None, NotPrincipal={"AWS": [US, THEM]})],
        [allow(None, NotPrincipal={"AWS": [US]})],
        (f"arn:aws:iam::{THEM}:role/some-role", "kms:Decrypt", {}, NOT, DELEGATED),
    ),
    "a role and one of its sessions": (
        [allow(APP), allow(f"arn:aws:sts::{US}:assumed-role/app/x")],
        [allow(APP)],
        (f"arn:aws:sts::{US}:assumed-role/app/x", "kms:Decrypt", {}, DIRECT, LIMITED),
    ),
    "this key and another": (
        [allow(APP, Resource=KEY)],
        [allow(APP, NotResource=KEY)],
        (APP, "kms:Decrypt", {}, LIMITED, NOT),
    ),
    "a variable and its text": (
        [allow(APP, when=when("StringEquals", "kms:EncryptionContext:who", "${aws:PrincipalTag/who}"))],
        [allow(APP, when=when("StringEquals", "kms:EncryptionContext:who", "ann"))],
        (
            APP,
            "kms:Decrypt",
            {"aws:principaltag/who": ("one-thing",), "kms:encryptioncontext:who": ("ann",)},
            NOT,
            LIMITED,
        ),
    ),
    "a variable for its own key": (
        [allow(ANN, when=when("StringEquals", "aws:username", "${aws:username}"))],
        [],
        (ANN, "kms:Decrypt", {}, DIRECT, NOT),
    ),
    "a variable for its own key, which may be missing": (
        [allow(APP, when=when("StringEquals", "x:y", "${x:y}"))],
        [],
        (APP, "kms:Decrypt", {"x:y": ("one-thing",)}, LIMITED, NOT),
    ),
    "the name of who asks": (
        [allow(ANN, when=when("StringEquals", "kms:EncryptionContext:who", "${aws:username}"))],
        [allow(ANN, when=when("StringEquals", "kms:EncryptionContext:who", "bob"))],
        (ANN, "kms:Decrypt", {"kms:encryptioncontext:who": ("ann",)}, DIRECT, NOT),
    ),
}
PAD = deny(f"{ROLE}/nobody", "kms:Sign")


@pytest.mark.parametrize(("one", "other", "expected"), DIFFERENT.values(), ids=DIFFERENT)
def test_a_difference_comes_with_the_request_that_is_answered_differently(one, other, expected):
    told = found([PAD, *one], [PAD, *other])
    principal, action, facts, before, after = expected
    assert (told.principal, told.action, dict(told.facts)) == (principal, action, facts)
    assert (told.before, told.after) == (before, after)
    back = found([PAD, *other], [PAD, *one])
    assert (back.before, back.after) != (back.after, back.before)


def test_the_version_is_a_difference_where_it_gives_variables_a_meaning():
    said = allow(APP, when=when("StringEquals", "kms:EncryptionContext:who", "${aws:PrincipalTag/who}"))
    new, old = (parse_document({"Version": version, "Statement": said}) for version in ("2012-10-17", "2008-10-17"))
    assert isinstance(witness(old, new, account=US, partition="aws"), Witness)


def test_without_the_key_a_difference_names_one_that_could_be():
    told = found([DELEGATE], [DELEGATE, allow(APP, Resource=f"arn:aws:kms:eu-west-1:{US}:key/mrk-*")], key_arn=None)
    assert told.resource == f"arn:aws:kms:eu-west-1:{US}:key/mrk-x"
    told = found([DELEGATE], [DELEGATE, allow(APP, Resource="arn:aws:kms:*:*:key/a?")], key_arn=None)
    assert told.resource.startswith("arn:aws:kms:")
    assert told.resource.endswith(f":{US}:key/ax")


def test_a_witness_is_a_question_to_the_analysis_of_access():
    told = found([PAD], [PAD, allow(APP, when=when("StringEquals", "kms:EncryptionContext:Who", "ann"))])
    assert told.ask == Ask(APP, "kms:Decrypt", context={"who": "ann"}, facts={"kms:encryptioncontext:who": ("ann",)})
    told = found([PAD, allow(APP, when=via("a"))], [PAD, allow(APP)])
    assert told.given == {}
    assert told.ask.facts == {"kms:viaservice": ()}


TWO = "${aws:PrincipalTag/a}*${aws:PrincipalTag/b}"
MIXED = {"NumericLessThan": {"x:y": "5"}, "StringLike": {"x:y": "1*2"}}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            {"StringLike": {"kms:ViaService": TWO}},
            {"StringLike": {"kms:ViaService": [TWO, TWO.replace("*", "")]}},
            id="variables",
        ),
        pytest.param(
            {"NumericLessThan": {"x:y": "5"}, "StringLike": {"x:y": "*77*"}},
            {"NumericLessThan": {"x:y": "4"}, "StringLike": {"x:y": "*77*"}},
            id="a text that is a number",
        ),
    ],
)
def test_what_nobody_can_tell_counts_as_different(one, other):
    told = difference([PAD, allow(APP, when=one)], [PAD, allow(APP, when=other)])
    assert isinstance(told, Undecided)


def test_of_several_types_of_values_what_can_be_told_is_told():
    assert difference([PAD, allow(APP, when=MIXED)], [PAD, allow(APP, when=MIXED), PAD]) is None
    told = found([PAD, allow(APP, when=MIXED)], [PAD, allow(APP, when={"NumericLessThan": {"x:y": "5"}})])
    assert told.before is NOT


def test_a_request_that_the_evaluator_does_not_bear_out_is_no_witness(monkeypatch):
    monkeypatch.setattr(sys.modules[witness.__module__], "effectiveness", lambda *_, **__: NOT)
    assert isinstance(difference([PAD], [PAD, allow(APP)]), Undecided)


def test_more_combinations_than_anybody_looks_at_count_as_a_difference(monkeypatch):
    monkeypatch.setattr(split.Budget.__init__, "__defaults__", (3,))
    clauses = [allow(APP, when=when("StringEquals", f"kms:EncryptionContext:{name}", "1")) for name in "abcdef"]
    both = allow(APP, when={"StringEquals": dict.fromkeys(("x:a", "x:b"), "1")})
    assert isinstance(difference([*clauses, PAD], [*clauses, PAD, both]), Undecided)


def test_what_one_action_leaves_open_another_may_tell():
    open_before = allow(APP, "kms:CreateGrant", when={"StringLike": {"kms:ViaService": TWO}})
    open_after = allow(APP, "kms:CreateGrant", when={"StringLike": {"kms:ViaService": [TWO, TWO.replace("*", "")]}})
    told = found([PAD, open_before], [PAD, open_after, allow(APP, "kms:Verify")])
    assert told.action == "kms:Verify"


def test_the_sets_of_values_of_a_key_that_asks_much_are_given_up(monkeypatch):
    monkeypatch.setattr(cases, "_MOST", 4)
    several = {f"For{of}:StringEquals": {"aws:TagKeys": ["a", "b"]} for of in ("AllValues", "AnyValue")}
    one_of_them = {**several, "StringLike": {"aws:TagKeys": "*"}}
    assert difference([PAD, allow(APP, when=several)], [PAD, allow(APP, when=one_of_them)]) is not None


def test_nothing_is_asked_of_a_policy_that_does_not_work_across_accounts():
    policy = parse_document({"Statement": [allow("*", "kms:*")]})
    for action, said in (("kms:putkeypolicy", NOT), ("kms:decrypt", DELEGATED)):
        question = Question(Requester.of(STRANGER), action, KEY)
        assert effectiveness(policy, question, {}, account=US) is said


def test_many_clauses_of_one_principal_are_compared_too():
    def clauses(count, key):
        asked = [{"kms:EncryptionContext:a": str(n), key: str(n % 3)} for n in range(count)]
        return [allow(APP, when={"StringEquals": each}) for each in asked]

    many = clauses(40, "x:y")
    assert difference(many, [*many[::-1], many[0]]) is None
    assert found(many, many[1:]).facts == {"kms:encryptioncontext:a": ("0",), "x:y": ("0",)}


def test_for_everybody_who_is_told_apart_there_is_somebody():
    names = {
        Principal(PrincipalKind.AWS, f"arn:aws:sts::{US}:assumed-role/app/x"),
        Principal(PrincipalKind.AWS, ANN),
        Principal(PrincipalKind.AWS, f"arn:aws:iam::{THEM}:root"),
        Principal(PrincipalKind.AWS, "AROAEXAMPLEEXAMPLE123"),
        Principal(PrincipalKind.AWS, f"{ROLE}/some-role"),
        Principal(PrincipalKind.FEDERATED, f"arn:aws:iam::{US}:saml-provider/corp"),
        Principal(PrincipalKind.SERVICE, S3),
    }
    asking = [*people(Mentioned(frozenset(names), frozenset(), Following(Columns().numbers), US, "aws"))]
    assert {
        APP, ANN, f"arn:aws:sts::{US}:assumed-role/app/session", f"arn:aws:iam::{THEM}:user/some-user", STRANGER,
        f"arn:aws:iam::{US}:root", f"{ROLE}/some-role1", f"arn:aws:sts::{US}:assumed-role/some-role1/session",
        "arn:aws:sts::999988887777:federated-user/some-federated-user", S3, "some-service.amazonaws.com",
        f"arn:aws:iam::{US}:saml-provider/corp",
    } <= {*asking}  # fmt: skip
    assert asking.index(STRANGER) < asking.index(APP)


def test_what_takes_too_long_to_tell_people_apart_counts_as_a_difference(monkeypatch):
    def asking(end):
        return allow("*", when={"ArnLike": {"aws:PrincipalArn": f"{ROLE}/*a*b{end}"}})

    monkeypatch.setattr(automaton, "VISITS", 30)
    assert isinstance(difference([PAD, asking("")], [PAD, asking("*")]), Undecided)
