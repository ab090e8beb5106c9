"""Templates of CloudFormation."""

from __future__ import annotations

import json

import pytest

from tests.convert.converted import converted

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
STACK = "arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/1"


def template(properties, *, more="", kind="AWS::KMS::Key", head=""):
    """A template with the resource K, whose properties are YAML in flow style."""
    return f"{head}\nResources:\n  K:\n    Type: {kind}\n    Properties: {properties}\n{more}"


def description(expression, head="", **parameters):
    """What a description of that expression becomes; None when it is left out."""
    return (
        converted(template(f"{{Description: {expression}}}", head=head), **parameters)
        .named["k"]["spec"]
        .get("description")
    )


HEAD = """
Parameters:
  Stage: {Type: String, Default: prod}
  Number: {Type: Number, Default: 7}
  Bare: {Type: String}
  Hush: {Type: String, Default: hush, NoEcho: true}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}
Mappings:
  Names: {prod: {eu: europe, list: [a]}}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("!Ref Stage", "prod"),
        ("!Ref Number", "7"),
        ("!Sub '${Stage}-${Number}'", "prod-7"),
        (
            "!Sub '${AWS::AccountId} ${AWS::Region} ${AWS::Partition}'",
            "${aws:accountId} ${aws:region} ${aws:partition}",
        ),
        ("!Sub ['${A}-${ Stage }', {A: !Ref Stage}]", "prod-prod"),
        ("!Sub '${!Literal} ${AWS::URLSuffix}'", "${Literal} amazonaws.com"),
        ("!Join ['-', [a, !Ref Stage, !Ref 'AWS::NoValue', 3, true]]", "a-prod-3-true"),
        ("!Join ['-', !Split [',', 'a,b']]", "a-b"),
        ("!Select ['1', !Split [',', 'a,b']]", "b"),
        ("!Select [0, [a, b]]", "a"),
        ("!FindInMap [Names, !Ref Stage, eu]", "europe"),
        ("{'Fn::Sub': 'in ${Stage}'}", "in prod"),
        ("!GetAtt Role.Arn", "arn:${aws:partition}:iam::${aws:accountId}:role/team/reader"),
        ("!GetAtt [User, Arn]", "arn:${aws:partition}:iam::${aws:accountId}:user/bob"),
        ("!Ref Role", "reader"),
        ("!Sub '${Role.Arn}'", "arn:${aws:partition}:iam::${aws:accountId}:role/team/reader"),
        ("!Ref Given", "given"),
        ("!Ref AWS::StackName", None),
        ("!Ref 'AWS::NoValue'", None),
        ("!Ref Bare", None),
        ("!Ref Hush", None),
        ("!Ref Stored", None),
        ("!Ref Nobody", None),
        ("!Ref [a]", None),
        ("!Ref Nameless", None),
        ("!GetAtt Nameless.Arn", None),
        ("!GetAtt Odd.Arn", None),
        ("!GetAtt Role.RoleId", None),
        ("!GetAtt Role", None),
        ("!Sub '${Bare} ${Stage}'", None),
        ("!Sub '${Nobody}'", None),
        ("!Sub [1, 2]", None),
        ("!Join ['-', !Ref Bare]", None),
        ("!Join ['-', [!Ref Bare]]", None),
        ("!Join [1, [a]]", None),
        ("!Join ['-', text]", None),
        ("!Select [7, [a]]", None),
        ("!Select [0, !Split [',', !Ref Bare]]", None),
        ("!Select text", None),
        ("!Select [0, !Split ['', a]]", None),
        ("!FindInMap [Names, prod, list]", None),
        ("!FindInMap [Names, prod]", None),
        ("!If [Condition, a, b]", None),
        ("!ImportValue x", None),
        ("!Transform {Name: x}", None),
        ("'{{resolve:ssm:x}}'", None),
        ("'in ${aws:region}'", None),
        ("[a]", None),
    ],
)
def test_functions_are_resolved_where_the_template_says_enough(expression, expected):
    more = """
  Role: {Type: 'AWS::IAM::Role', Properties: {RoleName: reader, Path: /team/}}
  User: {Type: 'AWS::IAM::User', Properties: {UserName: bob}}
  Odd: {Type: 'AWS::IAM::Role', Properties: {RoleName: reader, Path: !Ref Stage}}
  Nameless: {Type: 'AWS::IAM::Role'}
"""
    text = template(f"{{Description: {expression}}}", head=HEAD, more=more)
    found = converted(text, Given="given")
    assert found.named["k"]["spec"].get("description") == expected
    assert "hush" not in str(found)
    if expected is None and "NoValue" not in expression:
        assert any("`Description` is left out" in remark.what for remark in found.remarks)


def test_a_default_and_a_suffix_that_are_taken_are_told_once():
    found = converted(template("{Description: !Sub '${Stage} ${Stage} ${AWS::URLSuffix}'}", head=HEAD))
    assert sum("taken as" in remark.what for remark in found.remarks) == 2
    assert sum("taken as" in note for note in found.notes) == 2


def test_a_given_parameter_counts_before_defaults_and_pseudo_parameters():
    given = {"Stage": "test", "AWS::Region": "eu-west-1"}
    assert description("!Sub '${Stage} ${AWS::Region}'", HEAD, **given) == "test eu-west-1"


def test_a_policy_with_a_part_that_is_not_known_is_left_out_whole():
    statement = "{Effect: Allow, Principal: {AWS: !ImportValue x}, Action: 'kms:*', Resource: '*'}"
    text = template(f"{{KeyPolicy: {{Statement: [{statement}]}}}}")
    assert converted(text).manifests == ()
    found = converted(text, stack())
    assert "policy" not in found.named["k"]["spec"]
    fault = next(remark for remark in found.remarks if "KeyPolicy" in remark.what)
    assert "!ImportValue x" in fault.why
    assert fault.position.line == 5


def test_tags_without_a_name_or_value_that_is_known_are_left_out():
    tags = "[{Key: a, Value: 1}, {Key: b, Value: !Ref Bare}, {Key: !Ref Bare, Value: c}, {Key: d}, text]"
    found = converted(template(f"{{Tags: {tags}}}", head=HEAD))
    assert found.named["k"]["spec"]["tags"] == {"a": "1", "d": ""}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("    DeletionPolicy: Retain", {"policy": "Retain"}),
        ("    DeletionPolicy: RetainExceptOnCreate", {"policy": "Retain"}),
        ("    DeletionPolicy: Delete", {"policy": "Schedule", "windowDays": 9}),
        ("    UpdateReplacePolicy: Retain", {"windowDays": 9}),
    ],
)
def test_a_key_is_scheduled_for_deletion_only_where_the_template_says_delete(attributes, expected):
    found = converted(template("{PendingWindowInDays: '9'}", more=attributes))
    assert found.named["k"]["spec"]["deletion"] == expected


def test_what_a_template_does_on_replacement_and_under_conditions_is_told():
    more = "    DeletionPolicy: Retain\n    UpdateReplacePolicy: Delete\n    Condition: Prod"
    told = "".join(remark.what for remark in converted(template("{}", more=more)).remarks)
    assert "`UpdateReplacePolicy` is left out" in told
    assert "see whether it is there" in told


@pytest.mark.parametrize("target", ["!Ref K", "!GetAtt K.Arn", "!GetAtt [K, Arn]", "!Sub '${K}'", "!Sub '${K.Arn}'"])
def test_an_alias_belongs_to_the_key_of_the_template_that_it_names(target):
    more = f"  A:\n    Type: AWS::KMS::Alias\n    Properties: {{AliasName: alias/a, TargetKeyId: {target}}}"
    found = converted(template("{}", more=more))
    assert found.named["k"]["spec"] == {"adopt": {"alias": "a"}, "aliases": ["a"]}


@pytest.mark.parametrize("target", ["!Sub 'x-${K}'", "!Ref Other", "!GetAtt {}", "!GetAtt []", "7", "[a]"])
def test_an_alias_of_no_key_that_is_known_is_left_out(target):
    more = f"  A:\n    Type: AWS::KMS::Alias\n    Properties: {{AliasName: alias/a, TargetKeyId: {target}}}"
    assert list(converted(template("{}", more=more)).named) == (["k", "a"] if target == "7" else ["k"])


def test_an_alias_of_a_key_by_its_id_is_a_manifest_of_its_own():
    found = converted(template(f"{{AliasName: alias/a, TargetKeyId: {ID}}}", kind="AWS::KMS::Alias"))
    assert found.named["k"]["spec"] == {"name": "alias/a", "key": ID}


def test_an_alias_without_a_name_that_is_known_is_left_out():
    found = converted(template("{AliasName: !ImportValue x, TargetKeyId: !Ref K}", kind="AWS::KMS::Alias"))
    assert found.manifests == ()


def test_a_key_of_which_nothing_is_known_adopts_none_and_that_is_told():
    found = converted(template("{}"))
    assert found.named["k"]["spec"] == {}
    assert any("it adopts no key" in remark.what for remark in found.remarks)


def test_a_replica_names_its_primary_and_the_target_of_that():
    arn = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    found = converted(
        template(f"{{PrimaryKeyArn: '{arn}'}}", kind="AWS::KMS::ReplicaKey"), stack("AWS::KMS::ReplicaKey")
    )
    spec = found.named["k"]["spec"]
    assert spec["primary"] == {"keyArn": arn, "targetRef": {"name": "us-east-1"}}
    assert spec["targetRef"] == {"name": "eu-west-1"}


def stack(kind="AWS::KMS::Key", *, physical=ID, listed="StackResources", **more):
    resource = {"LogicalResourceId": "K", "PhysicalResourceId": physical, "ResourceType": kind}
    return {listed: [{**resource, "StackId": STACK, "StackName": "orders", **more}, {}]}


def test_a_stack_says_the_id_the_place_and_its_name():
    found = converted(template("{Description: !Ref 'AWS::StackName'}"), stack())
    assert found.named["k"]["spec"] == {
        "adopt": {"keyId": f"arn:aws:kms:eu-west-1:111122223333:key/{ID}"},
        "description": "orders",
    }


@pytest.mark.parametrize(
    "other",
    [
        stack("AWS::S3::Bucket"),
        stack(ResourceStatus="DELETE_COMPLETE"),
        {"StackResources": []},
    ],
    ids=["another type", "gone", "empty"],
)
def test_a_stack_of_other_resources_says_nothing(other):
    assert converted(template("{}"), other).named["k"]["spec"] == {}


def test_a_list_of_resources_says_ids_without_a_place():
    listed = stack(listed="StackResourceSummaries")
    listed["StackResourceSummaries"][0] |= {"StackId": "", "StackName": ""}
    assert converted(template("{}"), listed).named["k"]["spec"] == {"adopt": {"keyId": ID}}


def test_a_ref_of_a_resource_whose_id_the_stack_says_is_that_id():
    more = "  B:\n    Type: AWS::S3::Bucket"
    resources = stack()
    resources["StackResources"].append(
        {"LogicalResourceId": "B", "PhysicalResourceId": "bucket-1", "ResourceType": "AWS::S3::Bucket"}
    )
    found = converted(template("{Description: !Ref B}", more=more), resources)
    assert found.named["k"]["spec"]["description"] == "bucket-1"


def test_loops_and_other_resources_of_kms_are_left_out():
    text = "Resources: {'Fn::ForEach::Keys': [a], T: {Type: 'AWS::KMS::Thing'}, B: {Type: 'AWS::S3::Bucket'}}"
    found = converted(text)
    assert [remark.what.partition(" (")[0] for remark in found.remarks] == [
        "Fn::ForEach::Keys: it is left out",
        "T: it is left out",
    ]


def test_two_templates_with_resources_of_one_name_are_told_apart():
    alias = "  A:\n    Type: AWS::KMS::Alias\n    Properties: {{AliasName: alias/{}, TargetKeyId: !Ref K}}"
    found = converted(template("{}", more=alias.format("one")), template("{}", more=alias.format("two")))
    assert {name: one["spec"]["aliases"] for name, one in found.named.items()} == {"k": ["one"], "k-2": ["two"]}


def test_a_template_in_json_tells_places_as_paths():
    resources = {"K": {"Type": "AWS::KMS::Key", "Properties": {"Description": {"Fn::ImportValue": "x"}}}}
    found = converted(json.dumps({"Resources": resources}))
    assert "(at Resources.K.Properties.Description)" in found.remarks[0].what


@pytest.mark.parametrize("as_text", [True, False])
def test_a_template_is_read_as_cloudformation_answers_with_it(as_text):
    body = {"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"Description": "d"}}}}
    answer = {"TemplateBody": template("{Description: d}") if as_text else body, "StagesAvailable": ["Original"]}
    assert converted(answer).named["k"]["spec"] == {"description": "d"}


def test_a_resource_of_cdk_is_called_after_its_path():
    resource = {"Type": "AWS::KMS::Key", "Metadata": {"aws:cdk:path": "Shop/Orders/Key/Resource"}}
    assert list(converted({"Resources": {"OrdersKey6AB29FA6": resource}}).named) == ["orders-key"]


def test_anchors_on_short_forms_repeat_what_they_stand_for():
    text = template(
        "{Description: &d !Sub 'in ${AWS::Region}', Tags: [{Key: a, Value: *d}, {Key: b, Value: !Sub {x: y}}]}"
    )
    assert converted(text).named["k"]["spec"]["tags"] == {"a": "in ${aws:region}"}
