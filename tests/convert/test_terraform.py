"""States and plans of Terraform and OpenTofu."""

from __future__ import annotations

import json

import pytest

from tests.convert.converted import converted
from tests.convert.states import ARN, EU, ID, configured, plan, resource, state


@pytest.mark.parametrize(
    ("module", "name", "index", "expected"),
    [
        ("", "orders", None, "orders"),
        ("", "this", None, "this"),
        ("", "Orders_Prod", None, "orders-prod"),
        ("module.orders", "this", None, "orders"),
        ("module.orders[0]", "main", 0, "orders"),
        ('module.orders["eu.west"].module.kms', "key", "a/b", "orders-eu-west-kms-a-b"),
        ("module.orders", "signing", None, "orders-signing"),
        ("", "öäü", None, "key"),
    ],
)
def test_names_say_what_tells_a_key_from_others(module, name, index, expected):
    found = converted(state(modules=[(module, [resource("key", name, {"arn": ARN}, module=module, index=index)])]))
    assert list(found.named) == [expected]


def test_instances_of_count_are_told_apart_by_their_number():
    other = ARN.replace("1234abcd", "2234abcd")
    found = converted(state(resource("key", "a", {"arn": ARN}, index=0), resource("key", "a", {"arn": other}, index=1)))
    assert list(found.named) == ["a-0", "a-1"]


def test_data_sources_and_resources_of_others_are_nobody_s_business():
    data = resource("key", "a", {"arn": ARN}) | {"mode": "data"}
    bucket = resource("key", "b", {}) | {"type": "aws_s3_bucket"}
    found = converted(state(data, bucket, resource("key", "c", {"arn": ARN})))
    assert list(found.named) == ["c"]
    assert found.remarks == ()


def test_a_state_file_of_a_backend_is_read_like_what_is_shown():
    instance = {"index_key": "a", "attributes": {"arn": ARN, "description": "x", "policy": "{}"}}
    sensitive = {"sensitive_attributes": [[{"type": "get_attr", "value": "description"}], []]}
    key = {"mode": "managed", "type": "aws_kms_key", "name": "this", "module": "module.cards"}
    deposed = {"deposed": "1234", "attributes": {"arn": EU}}
    found = converted(
        {
            "version": 4,
            "resources": [
                {**key, "instances": [{**instance, **sensitive}, deposed]},
                {"mode": "managed", "type": "aws_kms_key", "name": "b", "instances": [{"attributes": {"arn": EU}}]},
                {"mode": "data", "type": "aws_kms_key", "name": "c", "instances": [{"attributes": {}}]},
            ],
        }
    )
    assert list(found.named)[-2:] == ["cards-a", "b"]
    assert "description" not in found.named["cards-a"]["spec"]
    assert any("marked as sensitive" in remark.why for remark in found.remarks)


@pytest.mark.parametrize("marks", [True, {"a": [True]}, [{"b": True}]])
def test_what_is_marked_as_sensitive_in_any_part_is_not_shown(marks):
    sensitive = {"tags_all": marks, "description": False}
    values = {"arn": ARN, "tags_all": {"a": "hush"}, "description": "shown"}
    found = converted(state(resource("key", "a", values, sensitive_values=sensitive)))
    assert found.named["a"]["spec"] == {"adopt": {"keyId": ARN}, "description": "shown"}
    assert "hush" not in str(found)


def test_tags_are_those_with_the_provider_s_defaults():
    values = {"arn": ARN, "tags": {"a": "1"}, "tags_all": {"a": "1", "b": "2"}}
    assert converted(state(resource("key", "a", values))).named["a"]["spec"]["tags"] == {"a": "1", "b": "2"}


def test_what_is_no_resource_that_is_known_is_left_out_and_its_values_are_not_shown():
    found = converted(state(resource("ciphertext", "a", {"plaintext": "hush"})))
    assert "aws_kms_ciphertext is not a key" in found.remarks[0].why
    assert "hush" not in str(found)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"bypass_policy_lockout_safety_check": True}, "`bypass_policy_lockout_safety_check` is left out"),
        ({"policy": "{"}, "its policy is left out"),
        ({"policy": '{"Statement": [], "x": "${aws:region}"}'}, "`policy` is left out"),
        ({"description": "in ${aws:accountId}"}, "`description` is left out"),
        ({"description": []}, "`description` is left out"),
        ({"is_enabled": "maybe"}, "`is_enabled` is left out"),
        ({"deletion_window_in_days": True}, "`deletion_window_in_days` is left out"),
        ({"deletion_window_in_days": 3}, "`deletion` is left out"),
        ({"tags": {"aws:x": "1"}}, "the tag aws:x is left out"),
        ({"tags": {"kms.reconciler.dev/stack": "1"}}, "the tag kms.reconciler.dev/stack is left out"),
        ({"tags": {f"t{number}": "" for number in range(44)}}, "its tags are left out"),
        (
            {"enable_key_rotation": True, "customer_master_key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY"},
            "`rotation`",
        ),
    ],
)
def test_what_no_manifest_can_say_of_a_key_is_left_out_and_told(values, words):
    found = converted(state(resource("key", "a", {"arn": ARN, **values})))
    assert list(found.named) == ["a"]
    assert words in "".join(remark.what for remark in found.remarks)
    assert any(words in comment.lower() for comment in found.manifests[0].comments)


@pytest.mark.parametrize("policy", ["{", '{"Statement": 1}', "[]", '{"Statement": "${aws:region}"}'])
def test_a_key_that_is_to_be_made_is_not_made_with_another_policy(policy):
    found = converted(plan(resource("key", "a", {"policy": policy}), resource("alias", "b", {"name": "alias/b"})))
    assert found.manifests == ()
    assert any("would get KMS's default" in remark.why for remark in found.remarks)


def test_a_key_that_is_to_be_made_is_not_made_without_a_policy_that_validate_refuses():
    condition = {"StringEquals": {"aws:SourceAccount": "${aws:AccountId}"}}
    statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Statement": [{**statement, "Condition": condition}]})
    assert converted(plan(resource("key", "a", {"policy": policy}))).manifests == ()
    assert "policy" not in converted(state(resource("key", "a", {"policy": policy, "arn": ARN}))).named["a"]["spec"]


def test_a_field_that_nobody_knows_is_told():
    found = converted(
        state(resource("key", "a", {"arn": ARN, "quantum": "soon", "other": None, "timeouts": {"a": "b"}}))
    )
    assert [remark.what.partition(" (")[0] for remark in found.remarks] == ["aws_kms_key.a: `quantum` is left out"]


def test_a_key_that_never_could_be_is_left_out_as_a_whole():
    found = converted(state(resource("key", "a", {"arn": ARN, "customer_master_key_spec": "RSA_1024"})))
    assert found.manifests == ()
    assert any(note.startswith("aws_kms_key.a: It is left out.") for note in found.notes)


def test_what_refers_to_a_key_that_is_left_out_is_left_out_with_it():
    grant = {"key_id": ID, "operations": ["Decrypt"], "grantee_principal": "arn:aws:iam::111122223333:role/a"}
    key = resource("key", "a", {"arn": ARN, "customer_master_key_spec": "RSA_1024"})
    assert converted(state(key, resource("grant", "g", grant))).manifests == ()


def test_an_alias_of_a_key_of_others_is_a_manifest_of_its_own():
    found = converted(state(resource("alias", "a", {"name": "alias/a", "target_key_id": ID})))
    assert found.named["a"]["spec"] == {"name": "alias/a", "key": ID}


@pytest.mark.parametrize("values", [{"target_key_id": ID}, {"name": "alias/a"}])
def test_an_alias_of_which_too_little_is_known_is_left_out(values):
    assert converted(state(resource("alias", "a", values))).manifests == ()


def test_a_policy_of_a_key_of_others_is_left_out():
    policy = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}'
    found = converted(state(resource("key_policy", "p", {"key_id": ID, "policy": policy})))
    assert found.manifests == ()
    assert "its key is not declared here" in found.remarks[0].why


def test_a_key_that_is_declared_twice_is_written_once():
    again = resource("key", "b", {"arn": ARN})
    alias = resource("alias", "c", {"name": "alias/c", "target_key_id": ID})
    found = converted(state(resource("key", "a", {"arn": ARN}), again, alias))
    assert list(found.named) == ["a"]
    assert found.named["a"]["spec"]["aliases"] == ["c"]
    assert "it is the key of aws_kms_key.a" in found.remarks[0].why


def test_keys_of_two_accounts_in_one_region_have_targets_of_their_own():
    other = ARN.replace("111122223333", "444455556666").replace("1234abcd", "2234abcd")
    found = converted(state(resource("key", "a", {"arn": ARN}), resource("key", "b", {"arn": other})))
    assert list(found.named) == ["us-east-1-111122223333", "us-east-1-444455556666", "a", "b"]


def test_a_replica_of_nobody_knows_what_is_left_out():
    found = converted(state(resource("replica_key", "r", {"arn": EU})))
    assert found.manifests == ()
    assert any("replica of is not known" in remark.why for remark in found.remarks)


def test_an_external_replica_says_so_of_its_primary():
    mrk = ARN.replace(ID, "mrk-1234abcd12ab34cd56ef1234567890ab")
    values = {"arn": mrk.replace("us-east-1", "eu-west-1"), "primary_key_arn": mrk, "key_material_base64": "aHVzaA=="}
    found = converted(state(resource("replica_external_key", "r", values)))
    assert found.named["r"]["spec"]["primary"] == {
        "keyArn": mrk,
        "targetRef": {"name": "us-east-1"},
        "origin": "EXTERNAL",
    }
    assert "aHVzaA" not in str(found)


def test_a_plan_adopts_what_is_there_and_makes_what_is_not():
    old = resource("key", "old", {"arn": ARN, "id": ID})
    gone = resource("key", "gone", {"arn": EU})
    replaced = resource("key", "swap", {"arn": EU.replace("1234abcd", "3234abcd")})
    changes = [
        {"address": "aws_kms_key.swap", "change": {"actions": ["delete", "create"]}},
        {"address": "aws_kms_key.old", "change": {"actions": ["update"]}},
        {"address": "aws_kms_key.odd"},
    ]
    found = converted(
        plan(
            resource("key", "old", {"description": "new words"}),
            resource("key", "new", {"description": "n"}),
            resource("key", "swap", {"description": "s"}),
            before=[old, gone, replaced],
            changes=changes,
        )
    )
    assert found.named["old"]["spec"] == {"adopt": {"keyId": ARN}, "description": "new words"}
    assert found.named["new"]["spec"] == {"description": "n"}
    assert found.named["swap"]["spec"] == {"description": "s"}
    assert "gone" not in found.named


def test_a_plan_knows_by_its_configuration_which_alias_is_whose():
    regions = {"aws": {"expressions": {"region": {"constant_value": "us-east-1"}}}}
    inner = {
        "resources": [
            configured("key", "this"),
            configured("alias", "this", target_key_id=["aws_kms_key.this[0].key_id", "aws_kms_key.this[0]"]),
        ]
    }
    configuration = {
        "resources": [
            configured("key", "each"),
            configured("alias", "each", target_key_id=["aws_kms_key.each", "each.key"]),
            configured("alias", "lost", target_key_id=["var.key"]),
        ],
        "module_calls": {"m": {"module": inner}},
    }
    planned = plan(
        resource("key", "each", {}, index="a"),
        resource("key", "each", {}, index="b"),
        resource("alias", "each", {"name": "alias/a"}, index="a"),
        resource("alias", "each", {"name": "alias/b"}, index="b"),
        resource("alias", "lost", {"name": "alias/lost"}),
        configuration=configuration,
        providers=regions,
    )
    module = [
        resource("key", "this", {}, module="module.m", index=0),
        resource("alias", "this", {"name": "alias/m"}, module="module.m", index=0),
    ]
    planned["planned_values"]["root_module"]["child_modules"] = [{"address": "module.m", "resources": module}]
    found = converted(planned)
    aliases = {name: one["spec"].get("aliases") for name, one in found.named.items()}
    assert aliases == {"each-a": ["a"], "each-b": ["b"], "m": ["m"]}
    assert found.places[0].region == "us-east-1"


def test_what_is_printed_of_a_state_is_one_line_of_it_at_most():
    found = converted(state(resource("key", "a", {"arn": ARN, "is_enabled": 7})))
    assert "(at values.root_module.resources[0].values.is_enabled)" in found.remarks[0].what


def test_an_empty_state_has_nothing_to_write():
    assert converted({"format_version": "1.0", "terraform_version": "1.8.0"}).manifests == ()
