"""The normal form: what counts as the same policy, and what does not."""

import copy
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.policy.compare import compare
from reconciler.policy.document import parse_document, to_json
from reconciler.policy.normalise import normalise

ACCOUNT = "111122223333"
STATEMENT = {
    "Effect": "Allow",
    "Principal": {"AWS": [ACCOUNT, "arn:aws:iam::111122223333:role/App"]},
    "Action": ["kms:Encrypt", "kms:Decrypt"],
    "Resource": "*",
    "Condition": {"StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com", "sqs.us-east-1.amazonaws.com"]}},
}
OTHER = {"Effect": "Deny", "Principal": "*", "Action": "kms:Sign", "Resource": "*"}


def normal(*statements, version="2012-10-17"):
    head = {"Version": version} if version is not None else {}
    return normalise(parse_document({**head, "Statement": list(statements)}), partition="aws")


def with_(**changes):
    return {**STATEMENT, **changes}


@pytest.mark.parametrize(
    "same",
    [
        pytest.param([with_(Action=["kms:Decrypt", "kms:Encrypt"]), OTHER], id="order of actions"),
        pytest.param([OTHER, STATEMENT], id="order of statements"),
        pytest.param([STATEMENT, OTHER, {**OTHER, "Sid": "Again"}], id="a statement said twice"),
        pytest.param([with_(Action=["KMS:DECRYPT", "kms:encrypt", "kms:Decrypt"]), OTHER], id="case of actions"),
        pytest.param([with_(Resource=["*", "*"]), OTHER], id="repetition"),
        pytest.param([with_(Sid="Named"), OTHER], id="sid"),
        pytest.param([STATEMENT, {**OTHER, "Principal": {"AWS": ["*"]}}], id="everybody"),
        pytest.param([STATEMENT, {**OTHER, "Condition": {}}], id="an empty condition"),
        pytest.param([STATEMENT, {**OTHER, "Condition": {"Bool": {}}}], id="an operator without keys"),
        pytest.param(
            [
                with_(
                    Principal={"AWS": ["arn:aws:iam::111122223333:role/App", "arn:aws:iam::111122223333:root"]},
                    Condition={
                        "StringEquals": {
                            "KMS:viaservice": ["sqs.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"]
                        }
                    },
                ),
                OTHER,
            ],
            id="account id, case of a condition key, order of values",
        ),
    ],
)
def test_ways_to_write_one_policy_have_one_normal_form(same):
    assert normal(*same) == normal(STATEMENT, OTHER)
    assert hash(normal(*same)) == hash(normal(STATEMENT, OTHER))


@pytest.mark.parametrize(
    "different",
    [
        pytest.param(with_(Effect="Deny"), id="effect"),
        pytest.param(with_(Action="kms:Decrypt"), id="actions"),
        pytest.param(
            {**{k: v for k, v in STATEMENT.items() if k != "Action"}, "NotAction": STATEMENT["Action"]}, id="not"
        ),
        pytest.param(with_(Resource="arn:aws:kms:us-east-1:111122223333:key/1"), id="resource"),
        pytest.param(
            with_(Principal={"AWS": [ACCOUNT, "arn:aws:iam::111122223333:role/app"]}), id="case of a principal"
        ),
        pytest.param(with_(Principal={"AWS": ["444455556666", "arn:aws:iam::111122223333:role/App"]}), id="account"),
        pytest.param(with_(Condition={}), id="no condition"),
        pytest.param(
            with_(Condition={"StringLike": STATEMENT["Condition"]["StringEquals"]}), id="another condition operator"
        ),
        pytest.param(
            with_(Condition={"StringEquals": {"kms:ViaService": ["S3.us-east-1.amazonaws.com"]}}), id="condition values"
        ),
    ],
)
def test_policies_that_rule_differently_have_different_normal_forms(different):
    assert normal(different) != normal(STATEMENT)


@pytest.mark.parametrize(("one", "other"), [(True, "true"), (1, "1"), ([1.5], "1.5"), ([True, "x"], ["x", "true"])])
def test_condition_values_are_equal_with_and_without_quotation_marks(one, other):
    spell = [with_(Condition={"NumericEquals": {"k": value}}) for value in (one, other)]
    assert normal(spell[0]) == normal(spell[1])


def test_bare_account_ids_are_of_the_partition_that_is_asked_about():
    document = parse_document({"Statement": STATEMENT})
    in_china = with_(Principal={"AWS": ["arn:aws-cn:iam::111122223333:root", "arn:aws:iam::111122223333:role/App"]})
    assert normalise(document, partition="aws-cn") == normalise(
        parse_document({"Statement": in_china}), partition="aws-cn"
    )
    assert normalise(document, partition="aws") != normalise(document, partition="aws-cn")


def test_the_version_means_nothing_without_variables():
    assert normal(STATEMENT, version="2008-10-17") == normal(STATEMENT, version=None) == normal(STATEMENT)


@pytest.mark.parametrize(
    "variable",
    [
        with_(Condition={"StringEquals": {"aws:username": "${aws:PrincipalTag/owner}"}}),
        with_(Resource="${aws:username}"),
        {**{k: v for k, v in STATEMENT.items() if k != "Resource"}, "NotResource": "${aws:username}"},
    ],
    ids=["condition", "resource", "not resource"],
)
def test_the_version_means_something_where_there_are_variables(variable):
    assert normal(variable, version="2008-10-17") == normal(variable, version=None) != normal(variable)


principals = st.sampled_from([
    ACCOUNT, "444455556666", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/App",
    "arn:aws:iam::444455556666:user/a/b", "*", "AROAEXAMPLEEXAMPLE123",
])  # fmt: skip
texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=6)
scalars = st.one_of(texts, st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
some = {"min_size": 1, "max_size": 3}
condition_blocks = st.dictionaries(
    st.sampled_from(["StringEquals", "ForAllValues:StringLike", "BoolIfExists", "Null"]),
    st.dictionaries(st.sampled_from(["aws:PrincipalArn", "kms:viaservice", "k${x}"]), st.lists(scalars, **some)),
    max_size=2,
)


@st.composite
def statements(draw):
    names = draw(st.lists(principals, **some))
    actions = draw(st.lists(st.sampled_from(["kms:Decrypt", "KMS:decrypt", "kms:*", "*", "kms:Get*"]), **some))
    services = {"Service": ["s3.amazonaws.com"]} if draw(st.booleans()) else {}
    return {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        draw(st.sampled_from(["Principal", "NotPrincipal"])): {"AWS": names} | services,
        draw(st.sampled_from(["Action", "NotAction"])): actions,
        draw(st.sampled_from(["Resource", "NotResource"])): ["*"],
        "Condition": draw(condition_blocks),
    }


policies = st.builds(
    lambda version, listed: {**({"Version": version} if version else {}), "Statement": listed},
    st.sampled_from([None, "2008-10-17", "2012-10-17"]),
    st.lists(statements(), min_size=1, max_size=4),
)


def rewritten(value, chance):
    """`value` with every list shuffled, or written as its only item, and account ids as ARNs or the other way round."""
    match value:
        case dict():
            items = [(name, rewritten(item, chance)) for name, item in value.items()]
            chance.shuffle(items)
            return dict(items)
        case list():
            items = [rewritten(item, chance) for item in value]
            chance.shuffle(items)
            return items[0] if len(items) == 1 and chance.random() < 0.5 else items
        case "111122223333" | "arn:aws:iam::111122223333:root":
            return chance.choice([value, ACCOUNT, "arn:aws:iam::111122223333:root"])
        case _:
            return value


def rewritten_policy(policy, chance):
    """As `rewritten`, but condition values keep their text: an account id there is no principal."""
    kept = copy.deepcopy(policy)
    for statement in kept["Statement"]:
        block = statement.pop("Condition")
        statement.update(rewritten(statement, chance))
        statement["Condition"] = {
            operator: {key: chance.sample(values, len(values)) for key, values in tests.items()}
            for operator, tests in block.items()
        }
    chance.shuffle(kept["Statement"])
    return kept


@settings(deadline=None)
@given(policies)
def test_normalising_twice_changes_nothing_more(policy):
    once = normalise(parse_document(policy), partition="aws")
    assert normalise(once.document, partition="aws") == once
    assert normalise(parse_document(to_json(once.document)), partition="aws") == once


@settings(deadline=None)
@given(policies, st.randoms(use_true_random=False))
def test_order_lists_and_account_spelling_never_change_the_normal_form_nor_make_a_difference(policy, chance):
    one, other = parse_document(policy), parse_document(rewritten_policy(policy, chance))
    assert normalise(one, partition="aws") == normalise(other, partition="aws")
    assert compare(one, other, account=ACCOUNT, partition="aws").same_meaning


@settings(deadline=None)
@given(policies)
def test_what_is_written_is_read_back_as_it_was(policy):
    document = parse_document(policy)
    assert parse_document(to_json(document)) == document


@settings(deadline=None)
@given(policies, policies)
def test_policies_with_one_normal_form_are_written_alike_and_mean_the_same(one, other):
    desired, actual = parse_document(one), parse_document(other)
    diff = compare(desired, actual, account=ACCOUNT, partition="aws")
    same = normalise(desired, partition="aws") == normalise(actual, partition="aws")
    assert same == (not diff.statements and diff.version is None)
    assert diff.same_meaning or not same


@settings(deadline=None)
@given(policies)
def test_a_policy_does_not_differ_from_itself(policy):
    diff = compare(policy, policy, account=ACCOUNT, partition="aws")
    assert (diff.statements, diff.version, diff.cosmetic, diff.accounts_gained) == ((), None, (), ())


@settings(deadline=None)
@given(policies, policies)
def test_the_difference_does_not_depend_on_the_order_of_statements(one, other):
    turned = [{**policy, "Statement": policy["Statement"][::-1]} for policy in (one, other)]
    assert compare(one, other, account=ACCOUNT, partition="aws") == compare(*turned, account=ACCOUNT, partition="aws")


def test_the_policies_that_aws_documents_are_stable(documented):
    policy = documented["policy"]
    one, other = parse_document(policy), parse_document(rewritten(policy, random.Random(7)))
    assert compare(one, other, account=ACCOUNT, partition="aws").same_meaning
    assert normalise(one, partition="aws") == normalise(other, partition="aws")
