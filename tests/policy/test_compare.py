"""What differs between two policies, told statement by statement."""

import json

import pytest

from reconciler.policy.compare import (
    CosmeticChange,
    PolicyDiff,
    StatementAdded,
    StatementChanged,
    StatementRemoved,
    compare,
    orphan_principals,
)
from reconciler.policy.document import parse_document
from reconciler.policy.elements import ElementChange
from reconciler.policy.faults import InvalidPolicy
from reconciler.policy.meaning import Witness

ROLE = "arn:aws:iam::111122223333:role"
ROOT = {
    "Sid": "Root",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*",
    "Resource": "*",
}
USE = {
    "Sid": "Use",
    "Effect": "Allow",
    "Principal": {"AWS": [f"{ROLE}/App", f"{ROLE}/Batch"]},
    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"],
    "Resource": "*",
    "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
}


def policy(*statements, **elements):
    return {"Version": "2012-10-17", "Statement": list(statements), **elements}


def difference(desired, actual):
    return compare(desired, actual, account="111122223333", partition="aws")


def renamed(statement, sid):
    return {**{name: value for name, value in statement.items() if name != "Sid"}, **({"Sid": sid} if sid else {})}


def read(statement):
    return parse_document({"Statement": statement}).statements[0]


def test_texts_mappings_and_documents_compare_alike():
    spellings = [policy(ROOT), json.dumps(policy(ROOT)), parse_document(policy(ROOT))]
    for desired in spellings:
        for actual in spellings:
            assert difference(desired, actual) == PolicyDiff()


def test_a_statement_that_only_one_policy_has_was_added_or_removed():
    assert difference(policy(ROOT, USE), policy(ROOT)).statements == (StatementAdded(read(USE)),)
    assert difference(policy(ROOT), policy(ROOT, USE)).statements == (StatementRemoved(read(USE)),)
    assert not difference(policy(ROOT), policy(ROOT, USE)).same_meaning


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"Effect": "Deny"}, [(("Effect",), ("Allow",), ("Deny",))], id="effect"),
        pytest.param(
            {"Principal": {"AWS": [f"{ROLE}/App", "444455556666"]}},
            [(("Principal", "AWS"), (f"{ROLE}/Batch",), ("444455556666",))],
            id="principals",
        ),
        pytest.param(
            {"Principal": {"AWS": USE["Principal"]["AWS"], "Service": "s3.amazonaws.com"}},
            [(("Principal", "Service"), (), ("s3.amazonaws.com",))],
            id="another kind of principal",
        ),
        pytest.param(
            {"Action": ["KMS:encrypt", "kms:ReEncrypt*", "kms:DescribeKey"]},
            [(("Action",), ("kms:Decrypt",), ("kms:ReEncrypt*",))],
            id="actions",
        ),
        pytest.param({"Resource": "arn:x"}, [(("Resource",), ("*",), ("arn:x",))], id="resources"),
        pytest.param(
            {"Condition": {"StringEquals": {"KMS:ViaService": ["s3.us-east-1.amazonaws.com", "b"]}}},
            [(("Condition", "StringEquals", "KMS:ViaService"), (), ("b",))],
            id="a condition value, the key spelled otherwise",
        ),
        pytest.param(
            {"Condition": {"StringLike": {"kms:ViaService": "s3.*"}}},
            [
                (("Condition", "StringEquals", "kms:ViaService"), ("s3.us-east-1.amazonaws.com",), ()),
                (("Condition", "StringLike", "kms:ViaService"), (), ("s3.*",)),
            ],
            id="another condition operator",
        ),
    ],
)
def test_a_statement_that_changed_tells_what_each_element_lost_and_gained(changes, expected):
    (change,) = difference(policy(ROOT, {**USE, **changes}), policy(USE, ROOT)).statements
    assert isinstance(change, StatementChanged)
    assert change.before == read(USE)
    assert change.elements == tuple(ElementChange(*each) for each in expected)


def test_action_turned_into_not_action_is_told_as_both():
    turned = {name: value for name, value in USE.items() if name not in ("Action", "Principal", "Resource")}
    turned |= {"NotAction": "kms:Sign", "NotPrincipal": {"AWS": f"{ROLE}/App"}, "NotResource": "arn:x"}
    (change,) = difference(policy(turned), policy(USE)).statements
    assert [element.path[0] for element in change.elements] == [
        "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
    ]  # fmt: skip


def test_statements_are_matched_by_sid_before_likeness():
    desired = policy({**USE, "Sid": "A", "Action": "kms:Sign"}, {**USE, "Sid": "B", "Action": "kms:Verify"})
    actual = policy({**USE, "Sid": "A", "Action": "kms:VerifyMac"}, {**USE, "Sid": "B", "Action": "kms:GenerateMac"})
    changes = difference(desired, actual).statements
    assert [(change.before.sid, change.after.sid) for change in changes] == [("A", "A"), ("B", "B")]


def test_statements_without_common_sid_are_matched_when_they_are_alike():
    desired = policy(renamed(USE, None), ROOT)
    actual = policy({**renamed(USE, "Old"), "Action": ["kms:Encrypt", "kms:Decrypt"]}, ROOT)
    diff = difference(desired, actual)
    assert [type(change) for change in diff.statements] == [StatementChanged]
    assert diff.cosmetic == (CosmeticChange("Sid", "Old", None),)


def test_the_most_alike_statements_are_matched_first():
    near = {**renamed(USE, "Near"), "Action": ["kms:Encrypt", "kms:Decrypt"]}
    far = {**renamed(USE, "Far"), "Action": ["kms:Encrypt"]}
    diff = difference(policy(renamed(USE, "New")), policy(far, near))
    assert [type(change) for change in diff.statements] == [StatementRemoved, StatementChanged]
    assert diff.statements[1].before.sid == "Near"


def test_statements_that_share_little_are_not_one_that_changed():
    desired = policy({**ROOT, "Sid": "A"})
    diff = difference(desired, policy({**USE, "Sid": "B"}))
    assert [type(change) for change in diff.statements] == [StatementAdded, StatementRemoved]


def test_changes_come_by_sid_and_those_without_one_last():
    desired = policy(renamed(USE, None), {**USE, "Sid": "C", "Action": "kms:Sign"}, {**ROOT, "Sid": "A"})
    actual = policy({"Effect": "Deny", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "s3:*", "Resource": "r"})
    changes = difference(desired, actual).statements
    assert [change.statement.sid for change in changes] == ["A", "C", None, None]


def test_of_statements_that_say_the_same_the_one_with_a_sid_is_shown():
    (change,) = difference(policy(ROOT, renamed(USE, None), USE), policy(ROOT)).statements
    assert change == StatementAdded(read(USE))


@pytest.mark.parametrize(
    ("desired", "actual", "expected"),
    [
        pytest.param(policy(ROOT, Id="a"), policy(ROOT), [("Id", None, "a")], id="id"),
        pytest.param(policy(renamed(ROOT, "New")), policy(ROOT), [("Sid", "Root", "New")], id="sid"),
        pytest.param(policy(renamed(ROOT, None)), policy(ROOT), [("Sid", "Root", None)], id="no sid"),
        pytest.param(policy(ROOT, renamed(ROOT, "Twice")), policy(ROOT), [("Sid", None, "Twice")], id="said twice"),
        pytest.param(
            policy(ROOT, Version="2008-10-17"), policy(ROOT), [("Version", "2012-10-17", "2008-10-17")], id="version"
        ),
        pytest.param(policy(ROOT, Version=""), policy(ROOT, Version="2008-10-17"), [], id="no version is the first"),
        pytest.param(policy(ROOT), policy(ROOT), [], id="none"),
    ],
)
def test_a_cosmetic_difference_is_shown_and_changes_no_meaning(desired, actual, expected):
    diff = difference(desired, actual)
    assert diff.same_meaning
    assert diff.cosmetic == tuple(CosmeticChange(*each) for each in expected)


def test_the_version_is_a_difference_in_meaning_where_the_policy_has_variables():
    statement = {**USE, "Condition": {"StringEquals": {"aws:username": "${aws:PrincipalTag/a}"}}}
    diff = difference(policy(statement), policy(statement, Version="2008-10-17"))
    assert not diff.same_meaning
    assert (diff.version, diff.statements, diff.cosmetic) == (("2008-10-17", "2012-10-17"), (), ())


@pytest.mark.parametrize("actual", ["{", "", {"Statement": [{"Effect": "Maybe"}]}, {}], ids=repr)
def test_a_live_policy_that_cannot_be_read_is_a_difference(actual):
    diff = difference(policy(ROOT), actual)
    assert not diff.same_meaning
    assert diff.unparsable
    assert diff.statements == ()


def test_a_desired_policy_that_cannot_be_read_is_an_error():
    with pytest.raises(InvalidPolicy):
        difference("{", policy(ROOT))


def test_accounts_that_a_change_lets_in_are_named():
    opened = {**USE, "Principal": {"AWS": ["444455556666", "arn:aws:iam::555566667777:role/x", f"{ROLE}/App"]}}
    known = {**USE, "Principal": {"AWS": "444455556666"}}
    assert difference(policy(opened), policy(known)).accounts_gained == ("555566667777",)
    assert difference(policy(known), policy(opened)).accounts_gained == ()


def test_ids_of_deleted_roles_and_users_are_found_once_each():
    deleted = {"AWS": ["AROAEXAMPLEEXAMPLE123", f"{ROLE}/AROAEXAMPLEEXAMPLE123", "111122223333"]}
    also = {"AWS": ["AIDAEXAMPLEEXAMPLE123", "AROAEXAMPLEEXAMPLE123"]}
    exempt = {"Effect": "Deny", "NotPrincipal": also, "Action": "kms:*", "Resource": "*"}
    document = parse_document(policy({**USE, "Principal": deleted}, exempt))
    assert orphan_principals(document) == ("AIDAEXAMPLEEXAMPLE123", "AROAEXAMPLEEXAMPLE123")
    assert orphan_principals(parse_document(policy(ROOT))) == ()


KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SPLIT = [{**USE, "Action": action} for action in USE["Action"]]


def for_key(desired, actual):
    desired, actual = json.dumps(desired), json.dumps(actual)
    return compare(desired, actual, account="111122223333", partition="aws", key_arn=KEY)


def test_other_words_for_one_meaning_are_told_and_are_no_difference():
    split = [renamed(each, None) for each in SPLIT]
    diff = difference(policy(ROOT, *split), policy(ROOT, USE))
    assert diff.same_meaning
    assert diff.reworded
    assert diff.difference is None
    assert diff.accounts_gained == ()
    assert {type(change) for change in diff.statements} == {StatementAdded, StatementChanged}


def test_a_difference_names_a_request_for_the_key():
    told = for_key(policy(ROOT, USE), policy(ROOT)).difference
    assert isinstance(told, Witness)
    assert (told.principal, told.resource) == (f"{ROLE}/App", KEY)
    assert for_key(policy(ROOT), policy(ROOT)) == PolicyDiff()


def test_the_key_by_its_arn_is_what_every_key_is_for_itself():
    named = {**USE, "Resource": KEY}
    assert for_key(policy(named), policy(USE)).same_meaning
    assert not difference(policy(named), policy(USE)).same_meaning
    assert not for_key(policy({**USE, "Resource": "arn:x"}), policy(USE)).same_meaning
