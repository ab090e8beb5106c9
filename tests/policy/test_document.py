"""Reading policies: what is accepted, what is refused and where, and writing them back."""

import json
from datetime import date

import pytest

from reconciler.kit.printable import printable
from reconciler.policy.document import parse_document, to_json, to_text
from reconciler.policy.faults import InvalidPolicy
from reconciler.policy.principals import Principal, PrincipalKind

STATEMENT = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:Decrypt", "Resource": "*"}


def policy(*statements, **elements):
    return {"Version": "2012-10-17", "Statement": list(statements or [STATEMENT]), **elements}


def with_(**changes):
    return {name: value for name, value in {**STATEMENT, **changes}.items() if value is not ...}


def faults_of(value):
    with pytest.raises(InvalidPolicy) as raised:
        parse_document(value)
    return [(fault.path, fault.what) for fault in raised.value.faults]


def test_the_policies_that_aws_documents_are_read_and_written_back_as_they_were(documented):
    document = parse_document(documented["policy"])
    again = parse_document(to_json(document))
    assert again == document
    assert parse_document(to_text(document)) == document
    assert [statement.sid for statement in document.statements] == [
        statement.get("Sid") for statement in documented["policy"]["Statement"]
    ]


def test_a_text_and_a_mapping_are_read_alike():
    assert parse_document(json.dumps(policy(), indent=4)) == parse_document(policy())


def test_one_statement_needs_no_list():
    assert parse_document({"Statement": STATEMENT}) == parse_document({"Statement": [STATEMENT]})


def test_the_fault_of_a_statement_without_list_has_no_index():
    assert faults_of({"Statement": with_(Effect="allow")}) == [("Statement.Effect", "Effect cannot be allow")]


def test_empty_version_id_and_sid_count_as_absent():
    document = parse_document(policy(with_(Sid=""), Version="", Id=""))
    assert (document.version, document.id, document.statements[0].sid) == (None, None, None)
    assert to_json(document) == {"Statement": [{**STATEMENT, "Principal": {"AWS": "111122223333"}}]}


def test_everybody_is_one_principal_however_it_is_written():
    shapes = ["*", {"AWS": "*"}, {"AWS": ["*"]}]
    read = {parse_document(policy(with_(Principal=shape))).statements[0].principals for shape in shapes}
    assert read == {(Principal(PrincipalKind.AWS, "*"),)}


def test_numbers_and_booleans_in_conditions_are_the_strings_they_are_written_as():
    values = {"a": True, "b": [1, 1.5], "c": False}
    conditions = parse_document(policy(with_(Condition={"StringEquals": values}))).statements[0].conditions
    assert [condition.values for condition in conditions] == [("true",), ("1", "1.5"), ("false",)]


def test_true_and_one_stay_apart():
    read = [parse_document(policy(with_(Condition={"Bool": {"k": value}}))) for value in (True, 1, "true")]
    assert read[0] == read[2] != read[1]


@pytest.mark.parametrize(
    ("principal", "kind"),
    [
        ("111122223333", "AWS"),
        ("*", "AWS"),
        ("arn:aws:iam::111122223333:root", "AWS"),
        ("arn:aws-cn:iam::111122223333:role/path/to/Name", "AWS"),
        ("arn:aws:iam::111122223333:user/Åsa", "AWS"),
        ("arn:aws:sts::111122223333:assumed-role/Name/session@example", "AWS"),
        ("arn:aws:sts::111122223333:federated-user/bob", "AWS"),
        ("AROAEXAMPLEEXAMPLE123", "AWS"),
        ("AIDAEXAMPLEEXAMPLE123", "AWS"),
        ("logs.us-east-1.amazonaws.com", "Service"),
        ("s3.amazonaws.com.cn", "Service"),
        ("cognito-identity.amazonaws.com", "Federated"),
        ("arn:aws:iam::111122223333:saml-provider/Example", "Federated"),
    ],
)
def test_principals_that_aws_knows_are_accepted(principal, kind):
    read = parse_document(policy(with_(Principal={kind: principal}))).statements[0].principals
    assert read == (Principal(PrincipalKind(kind), principal),)


@pytest.mark.parametrize(
    ("kind", "principal", "fix"),
    [
        ("AWS", "11112222333", "12-digit"),
        ("AWS", "", "write a string"),
        ("AWS", "arn:aws:iam::11112222333:role/short", "12-digit"),
        ("AWS", "arn:aws:iam:us-east-1:111122223333:role/regional", "12-digit"),
        ("AWS", "arn:aws:s3:::bucket", "12-digit"),
        ("AWS", "arn:aws:kms:us-east-1:111122223333:key/1", "12-digit"),
        ("AWS", "arn:aws:lambda::111122223333:role/x", "12-digit"),
        ("AWS", "arn:aws:iam::111122223333:role/*", "aws:PrincipalArn"),
        ("AWS", "arn:aws:iam::111122223333:role/a?", "aws:PrincipalArn"),
        ("AWS", "arn:aws:iam::111122223333:group/Admins", "groups"),
        ("AWS", "s3.amazonaws.com", "under Service"),
        ("Service", "s3", "a service's name"),
        ("Service", "*", "a service's name"),
        ("Federated", "nowhere", "provider"),
        ("Federated", "arn:aws:iam::111122223333:role/x", "provider"),
    ],
)
def test_a_principal_that_aws_does_not_know_is_refused_with_a_fix(kind, principal, fix):
    with pytest.raises(InvalidPolicy) as raised:
        parse_document(policy(with_(Principal={kind: [principal]})))
    (fault,) = raised.value.faults
    assert fault.path == f"Statement[0].Principal.{kind}[0]"
    assert fix in fault.fix


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Efect": "Allow"}, ("Statement[0].Efect", "a statement has no element Efect")),
        ({"Effect": ...}, ("Statement[0]", "the statement has no Effect")),
        ({"Effect": 1}, ("Statement[0].Effect", "Effect cannot be a number")),
        ({"Effect": "Permit"}, ("Statement[0].Effect", "Effect cannot be Permit")),
        ({"Principal": ...}, ("Statement[0]", "the statement has no Principal")),
        ({"Action": ...}, ("Statement[0]", "the statement has no Action")),
        ({"Resource": ...}, ("Statement[0]", "the statement has no Resource")),
        ({"NotAction": "kms:*"}, ("Statement[0]", "the statement has both Action and NotAction")),
        ({"NotResource": "*"}, ("Statement[0]", "the statement has both Resource and NotResource")),
        ({"NotPrincipal": "*"}, ("Statement[0]", "the statement has both Principal and NotPrincipal")),
        ({"Action": []}, ("Statement[0].Action", "the list is empty")),
        ({"Action": ["kms:Sign", 7]}, ("Statement[0].Action[1]", "expected a string, found a number")),
        ({"Action": "Decrypt"}, ("Statement[0].Action", "Decrypt is no action")),
        ({"Action": {"kms": "Sign"}}, ("Statement[0].Action", "expected a string, found an object")),
        ({"Resource": None}, ("Statement[0].Resource", "expected a string, found null")),
        ({"Principal": "111122223333"}, ("Statement[0].Principal", "expected an object or *, found 111122223333")),
        ({"Principal": ["*"]}, ("Statement[0].Principal", "expected an object or *, found a list")),
        ({"Principal": {}}, ("Statement[0].Principal", "no principal is named")),
        (
            {"Principal": {"Aws": "*"}},
            ("Statement[0].Principal.Aws", "a key policy has no principals of the kind Aws"),
        ),
        ({"Sid": 3}, ("Statement[0].Sid", "expected a string, found a number")),
        ({"Sid": "a\nb"}, ("Statement[0].Sid", "the Sid is not one printable line")),
        ({"Condition": []}, ("Statement[0].Condition", "expected an object, found a list")),
        (
            {"Condition": {"StringEqual": {"k": "v"}}},
            ("Statement[0].Condition.StringEqual", "StringEqual is no condition operator"),
        ),
        (
            {"Condition": {"NullIfExists": {"k": "true"}}},
            ("Statement[0].Condition.NullIfExists", "NullIfExists is no condition operator"),
        ),
        ({"Condition": {"Bool": True}}, ("Statement[0].Condition.Bool", "expected an object, found a boolean")),
        (
            {"Condition": {"Bool": {"k": None}}},
            ("Statement[0].Condition.Bool.k", "expected a string, number or boolean, found null"),
        ),
        ({"Condition": {"Bool": {"k": []}}}, ("Statement[0].Condition.Bool.k", "the list is empty")),
        (
            {"Condition": {"Bool": {"aws:A": "1", "AWS:a": "1"}}},
            ("Statement[0].Condition.Bool.AWS:a", "AWS:a is the same condition key as aws:A"),
        ),
        (
            {"Condition": {"NumericEquals": {"k": [1, float("inf")]}}},
            ("Statement[0].Condition.NumericEquals.k[1]", "the number is out of range"),
        ),
        (
            {"Condition": {"NumericEquals": {"k": 1 << 1025}}},
            ("Statement[0].Condition.NumericEquals.k", "the number is out of range"),
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_fault_in_a_statement_is_told_with_its_place(changes, expected):
    assert faults_of(policy(with_(**changes))) == [expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], ("", "expected an object, found a list")),
        ("null", ("", "expected an object, found null")),
        (3, ("", "expected an object, found a number")),
        (policy(Versoin="2012-10-17"), ("Versoin", "a policy has no element Versoin")),
        (policy(Version="2012-10-18"), ("Version", "Version cannot be 2012-10-18")),
        (policy(Version=20121017), ("Version", "Version cannot be a number")),
        (policy(Id=5), ("Id", "expected a string, found a number")),
        ({"Version": "2012-10-17"}, ("", "the policy has no Statement")),
        ({"Statement": []}, ("", "the policy has no Statement")),
        ({"Statement": "x"}, ("Statement", "expected an object, found a string")),
        ({"Statement": [STATEMENT, 1]}, ("Statement[1]", "expected an object, found a number")),
        (
            policy(with_(Sid="One"), STATEMENT, with_(Sid="One")),
            ("Statement[2].Sid", "the Sid One is that of Statement[0] too"),
        ),
        ('{"Statement": 1, "Statement": 2}', ("", "Statement is written twice in one object")),
        ('{"Statement": NaN}', ("", "NaN is no JSON number")),
        ('{"Statement": ', ("", "the text is not JSON: Expecting value at line 1, column 15")),
        ("", ("", "the text is not JSON: Expecting value at line 1, column 1")),
        ("[" * 100_000, ("", "the text is nested too deeply or holds a number that is too long")),
        ("1" * 5_000, ("", "the text is nested too deeply or holds a number that is too long")),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_fault_of_the_document_is_told_with_its_place(value, expected):
    assert faults_of(value) == [expected]


def test_a_date_that_yaml_made_of_the_version_is_a_fault():
    faults = faults_of(policy(Version=date(2012, 10, 17)))
    assert ("Version", "Version cannot be a date") in faults


def test_a_value_that_json_does_not_have_is_a_fault_wherever_it_is():
    faults = faults_of(policy(with_(Resource={"a", "b"})))
    assert faults == [
        ("Statement[0].Resource", "expected a string, found a set"),
        ("", "the policy cannot be written as JSON"),
    ]


def test_every_fault_of_a_document_is_told_at_once():
    faults = faults_of(policy({"Effect": "allow"}, with_(Action=[1, "x"]), Version="1"))
    assert [path for path, _ in faults] == [
        "Version",
        "Statement[0]",
        "Statement[0]",
        "Statement[0]",
        "Statement[0].Effect",
        "Statement[1].Action[0]",
        "Statement[1].Action[1]",
    ]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("actions", "did you mean Action?"), ("condition", "did you mean Condition?"), ("zzz", "use one of Action, ")],
)
def test_the_nearest_known_name_is_proposed(name, nearest):
    with pytest.raises(InvalidPolicy) as raised:
        parse_document(policy(with_(**{name: "x"})))
    assert raised.value.faults[0].fix.startswith(nearest)


@pytest.mark.parametrize(
    "operator",
    ["StringEquals", "StringNotLikeIfExists", "ForAllValues:StringLike", "ForAnyValue:ArnLikeIfExists", "Null", "Bool"],
)
def test_the_operators_of_iam_are_known_with_their_affixes(operator):
    condition = {operator: {"aws:PrincipalArn": "x"}}
    assert parse_document(policy(with_(Condition=condition))).statements[0].conditions[0].operator == operator


def sized(size):
    base = policy(Id="")
    empty = len(json.dumps(base, separators=(",", ":")))
    return policy(Id="é" * ((size - empty) // 2) + "x" * ((size - empty) % 2))


@pytest.mark.parametrize("as_text", [True, False], ids=["text", "mapping"])
def test_a_policy_may_have_32768_bytes_and_not_one_more(as_text):
    spell = (lambda value: json.dumps(value, indent=8, ensure_ascii=False)) if as_text else (lambda value: value)
    assert parse_document(spell(sized(32_768)))
    assert faults_of(spell(sized(32_769))) == [("", "the policy has 32,769 bytes, a key policy at most 32,768")]


@pytest.mark.parametrize("as_text", [True, False], ids=["text", "mapping"])
@pytest.mark.parametrize("character", ["\x00", "\x1b", "Ā", "€", "\U0001f511", "\ud800"], ids=ascii)
def test_characters_beyond_latin_1_and_controls_are_refused_where_they_are(character, as_text):
    value = policy(with_(Condition={"StringEquals": {"k" + character: ["x", character]}}))
    faults = faults_of(json.dumps(value, ensure_ascii=character.isascii()) if as_text else value)
    what = f"the character U+{ord(character):04X} cannot be in a key policy"
    assert [fault[1] for fault in faults] == [what, what]
    assert all(path == printable(path) for path, _ in faults)


def test_hostile_text_that_a_policy_may_hold_survives_as_data():
    hostile = "<script>\t\r\n\x9b31m\x7f ${aws:username} {{x}} ' \" \\u0041 \xad\xff"
    document = parse_document(policy(with_(Sid="<b>&", Condition={"StringEquals": {"k": hostile}}), Id=hostile))
    assert parse_document(to_text(document)) == document
    assert document.statements[0].conditions[0].values == (hostile,)


def test_a_fault_does_not_print_what_a_terminal_would_obey():
    with pytest.raises(InvalidPolicy) as raised:
        parse_document(policy(with_(**{"\x9b31m": 1, "Action": "\x9b31m", "Effect": "\x9b31m"})))
    assert "\x9b" not in raised.value.why + raised.value.fix + "".join(fault.path for fault in raised.value.faults)


def test_the_error_for_people_counts_and_joins_the_faults():
    with pytest.raises(InvalidPolicy) as raised:
        parse_document(policy(with_(Effect="x", Sid=1)))
    error = raised.value
    assert error.what == "The policy has 2 faults"
    assert error.why.count("; ") == 1
    assert error.fix == "write a string, or leave Sid out; write Allow or Deny, with a capital"
    with pytest.raises(InvalidPolicy, match=r"has 1 fault$"):
        parse_document(policy(with_(Sid=1)))


def test_a_fault_keeps_its_place_when_the_statement_was_read_before_without():
    assert parse_document(policy(STATEMENT))
    assert faults_of(policy(STATEMENT, with_(Action=1))) == [
        ("Statement[1].Action", "expected a string, found a number")
    ]


def test_a_statement_that_json_would_write_differently_is_read_from_its_values():
    key_twice = {"StringEquals": {1: "a", "1": "b"}}
    conditions = parse_document(policy(with_(Condition=key_twice))).statements[0].conditions
    assert [condition.values for condition in conditions] == [("a",), ("b",)]


def test_a_strange_character_is_found_beside_values_that_are_no_strings():
    condition = {"NumericEquals": {"k": [1, "\x01"]}}
    assert [path for path, _ in faults_of(policy(with_(Condition=condition)))] == [
        "Statement[0].Condition.NumericEquals.k[1]"
    ]
