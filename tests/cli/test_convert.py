"""`kmsctl convert`: what it prints for what other tools keep adopts their keys, and changes nothing."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.convert.providers import OPEN, POLICY, Terraform, ack, crossplane, tags_of

OWN = "kms.reconciler.dev/"


@pytest.fixture
def terraform(call):
    return Terraform(call)


@pytest.fixture
def converted(kmsctl, tmp_path):
    """Convert a text into keys.yaml."""

    def run(text, *argv):
        result = kmsctl("convert", "-", *argv, stdin=text.encode())
        assert result.code == 0, result.err
        (tmp_path / "keys.yaml").write_text(result.out, encoding="utf-8")
        return result

    return run


def actions(kmsctl, *argv):
    """What a plan of keys.yaml does, with the fields that it changes but for kmsctl's own tags."""
    validated = kmsctl("validate", "-f", "keys.yaml")
    assert validated.code == 0, validated.err
    planned = kmsctl("plan", "-f", "keys.yaml", "--backend", "local", "--output", "json", *argv)
    changes = json.loads(planned.out)["changes"]
    return {
        (change["action"], *(field["path"] for field in change["fields"] if OWN not in field["path"]))
        for change in changes
    }


def adopts_without_change(kmsctl, *argv):
    """Whether a plan of keys.yaml does nothing but adopt, and after an apply nothing at all."""
    assert actions(kmsctl, *argv) <= {("adopt",), ("no-op",)}
    applied = kmsctl("apply", "-f", "keys.yaml", "-y", "--backend", "local", *argv)
    assert applied.code == 0, applied.err
    after = kmsctl("plan", "-f", "keys.yaml", "--detailed-exitcode", "--backend", "local", *argv)
    assert after.code == 0, after.out
    return True


def test_keys_of_a_terraform_state_are_adopted_without_a_change(kmsctl, terraform, call, converted):
    orders = terraform.key("orders", rotates=200, Description="Orders {{ x }} é", Tags=tags_of({"team": "shop"}))
    terraform.alias("orders", orders, "alias/orders")
    terraform.alias("old", orders, "alias/orders/old")
    terraform.key("mac", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC", Policy=json.dumps(POLICY))
    off = terraform.key("off")
    call("DisableKey", KeyId=off["key_id"])
    off["is_enabled"] = False
    result = converted(terraform.state())
    assert "alias: " not in result.out
    assert result.err == "3 keys written, 0 remarks\n"
    assert adopts_without_change(kmsctl)


def test_keys_of_every_spec_are_adopted_without_a_change(kmsctl, terraform, converted):
    specs = {
        "HMAC_512": "GENERATE_VERIFY_MAC",
        "ECC_NIST_P256": "KEY_AGREEMENT",
        "ECC_NIST_EDWARDS25519": "SIGN_VERIFY",
        "RSA_3072": "ENCRYPT_DECRYPT",
        "ML_DSA_44": "SIGN_VERIFY",
    }
    for spec, usage in specs.items():
        terraform.key(spec, KeySpec=spec, KeyUsage=usage)
    assert converted(terraform.state()).out.count("kind: Key") == len(specs)
    assert adopts_without_change(kmsctl)


def test_replicas_of_a_terraform_state_are_adopted_on_targets_of_their_own(kmsctl, terraform, converted):
    primary = terraform.key("sessions", MultiRegion=True, rotates=365)
    replica = terraform.replica("ireland", primary, "eu-west-1", Description="Sessions in Europe")
    terraform.alias("ireland", replica, "alias/sessions", "eu-west-1")
    out = converted(terraform.state()).out
    assert "primaryRef:\n    name: sessions" in out
    assert "# Make one of these Targets the run's: `--target eu-west-1`." in out
    assert adopts_without_change(kmsctl, "--target", "eu-west-1")


def test_a_replica_whose_primary_is_in_another_state_names_it_by_its_arn(kmsctl, terraform, converted):
    primary = terraform.key("sessions", MultiRegion=True)
    terraform.replica("ireland", primary, "eu-west-1")
    terraform.resources = terraform.resources[1:]
    out = converted(terraform.state()).out
    assert f"keyArn: {primary['arn']}" in out.replace('"', "")
    assert adopts_without_change(kmsctl, "--target", "eu-west-1")


def test_an_external_key_is_adopted_and_its_material_is_nowhere(kmsctl, terraform, call, converted):
    made = call("CreateKey", Origin="EXTERNAL")["KeyMetadata"]
    values = {
        **terraform.common(made, "us-east-1", {}),
        "key_material_base64": "c2VjcmV0",
        "key_state": "PendingImport",
    }
    terraform.resource("external_key", "cards", {**values, "enabled": False, "valid_to": "2027-01-01T00:00:00Z"})
    result = converted(terraform.state())
    assert "c2VjcmV0" not in result.out + result.err
    assert "`key_material_base64` is left out" in result.err
    assert "`valid_to` is left out" in result.err
    assert adopts_without_change(kmsctl)


def test_a_policy_of_its_own_resource_is_the_key_s(kmsctl, terraform, call, converted):
    key = terraform.key("orders")
    call("PutKeyPolicy", KeyId=key["key_id"], PolicyName="default", Policy=json.dumps(POLICY))
    terraform.resource("key_policy", "orders", {"key_id": key["key_id"], "policy": json.dumps(POLICY)})
    assert "Id: p\n" in converted(terraform.state()).out
    assert adopts_without_change(kmsctl)


def test_a_grant_is_made_a_second_time_and_that_is_said(kmsctl, terraform, call, converted):
    key = terraform.key("orders")
    batch = "arn:aws:iam::111122223333:user/batch"
    asked = {"GranteePrincipal": batch, "Operations": ["Decrypt", "Encrypt"]}
    constraints = {"EncryptionContextSubset": {"tenant": "blue"}}
    made = call("CreateGrant", KeyId=key["key_id"], **asked, Constraints=constraints)
    values = {
        "constraints": [{"encryption_context_equals": None, "encryption_context_subset": {"tenant": "blue"}}],
        "grant_id": made["GrantId"],
        "grant_token": made["GrantToken"],
        "grantee_principal": batch,
        "key_id": key["key_id"],
        "operations": ["Encrypt", "Decrypt"],
        "retiring_principal": "",
    }
    terraform.resource("grant", "batch", values)
    result = converted(terraform.state())
    assert f"RevokeGrant of {made['GrantId']}" in result.out
    assert made["GrantToken"] not in result.out + result.err
    assert {action[0] for action in actions(kmsctl)} == {"adopt", "create"}
    assert kmsctl("apply", "-f", "keys.yaml", "-y").code == 0
    grants = call("ListGrants", KeyId=key["key_id"])["Grants"]
    assert len(grants) == 2
    assert all(grant["Constraints"] == constraints and grant["GranteePrincipal"] == batch for grant in grants)


def test_keys_of_ack_are_adopted_without_a_change(kmsctl, call, converted):
    tags = [{"tagKey": "team", "tagValue": "pay"}]
    objects = ack(call, "payments", rotates=True, description="Payments", tags=tags, policy=json.dumps(POLICY))
    objects += ack(call, "signer", keySpec="ECC_NIST_P256", keyUsage="SIGN_VERIFY")
    result = converted(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    assert result.err == "2 keys written, 0 remarks\n"
    assert adopts_without_change(kmsctl)


@pytest.mark.parametrize("version", ["kms.aws.upbound.io/v1beta1", "kms.aws.m.upbound.io/v1beta1"])
def test_keys_of_crossplane_are_adopted_without_a_change(kmsctl, call, converted, version):
    parameters = {"description": "Carts", "enableKeyRotation": True, "rotationPeriodInDays": 100, "tags": {"a": "b"}}
    objects = crossplane(call, "carts", version, **parameters)
    result = converted("---\n".join(yaml.safe_dump(one) for one in objects))
    assert result.err == "1 key written, 0 remarks\n"
    assert adopts_without_change(kmsctl)


TEMPLATE = """\
Parameters:
  Stage: {Type: String}
Resources:
  OrdersKey:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      Description: !Sub 'Orders of ${Stage} in ${AWS::Region}'
      EnableKeyRotation: yes
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}
            Action: kms:*
            Resource: '*'
          - Effect: Allow
            Principal: {AWS: !Join ['', ['arn:aws:iam::', !Ref AWS::AccountId, ':root']]}
            Action: [!Select [1, [kms:Encrypt, kms:Decrypt]]]
            Resource: '*'
            Condition: {Bool: {aws:SecureTransport: true}}
      Tags: [{Key: stage, Value: !Ref Stage}]
  OrdersAlias:
    Type: AWS::KMS::Alias
    Properties:
      AliasName: !Sub alias/orders-${Stage}
      TargetKeyId: !GetAtt OrdersKey.Arn
"""


def stack(call):
    """What CloudFormation makes of the template."""
    statements = [
        {name: value for name, value in OPEN.items() if name != "Sid"},
        {
            "Effect": "Allow",
            "Principal": {"AWS": OPEN["Principal"]["AWS"]},
            "Action": ["kms:Decrypt"],
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "true"}},
        },
    ]
    made = call(
        "CreateKey",
        Description="Orders of prod in us-east-1",
        Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        Tags=tags_of({"stage": "prod"}),
    )["KeyMetadata"]
    call("EnableKeyRotation", KeyId=made["KeyId"])
    call("CreateAlias", AliasName="alias/orders-prod", TargetKeyId=made["KeyId"])
    return made["KeyId"]


def test_keys_of_a_template_are_adopted_by_their_alias(kmsctl, call, converted):
    stack(call)
    result = converted(TEMPLATE, "--parameter", "Stage=prod")
    assert "alias: orders-prod" in result.out
    assert adopts_without_change(kmsctl)


def test_keys_of_a_template_are_adopted_by_id_where_the_stack_says_it(kmsctl, call, converted, tmp_path):
    key_id = stack(call)
    resource = {
        "StackName": "orders",
        "StackId": "arn:aws:cloudformation:us-east-1:111122223333:stack/orders/1",
        "LogicalResourceId": "OrdersKey",
        "PhysicalResourceId": key_id,
        "ResourceType": "AWS::KMS::Key",
        "ResourceStatus": "CREATE_COMPLETE",
    }
    (tmp_path / "stack.json").write_text(json.dumps({"StackResources": [resource]}))
    result = converted(TEMPLATE, "stack.json", "--parameter", "Stage=prod")
    assert f"keyId: arn:aws:kms:us-east-1:111122223333:key/{key_id}" in result.out.replace('"', "")
    assert result.err == "1 key written, 0 remarks\n"
    assert adopts_without_change(kmsctl)


def test_files_and_folders_are_read_each_file_once(kmsctl, terraform, tmp_path):
    (tmp_path / "infra" / ".hidden").mkdir(parents=True)
    (tmp_path / "infra" / "values.yaml").write_text("{{ not: yaml")
    (tmp_path / "infra" / "readme.md").write_text("no")
    (tmp_path / "infra" / ".hidden" / "x.yaml").write_text("no")
    (tmp_path / "infra" / "state.json").write_text(terraform.state())
    (tmp_path / "infra" / "k.yaml").write_text(TEMPLATE)
    result = kmsctl("convert", "infra", "infra/k.yaml", "--parameter", "Stage=x")
    assert result.code == 0, result.err
    assert result.out.count("kind: Key") == 1


def test_a_broken_file_of_a_folder_is_an_error_when_it_seems_to_declare_keys(kmsctl, tmp_path):
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "a.yaml").write_text(TEMPLATE)
    (tmp_path / "infra" / "broken.yaml").write_text("Resources: {K: {Type: 'AWS::KMS::Key', ]")
    result = kmsctl("convert", "infra")
    assert (result.code, result.out) == (1, "")
    assert "broken.yaml:1:" in result.err


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("main.tf", 'resource "aws_kms_key" "a" {}', "terraform show -json"),
        ("a.yaml", "a: b", "nothing in it that declares keys"),
        ("a.yaml", "", "nothing in it that declares keys"),
        ("a.yaml", "apiVersion: kms.reconciler.dev/v1alpha1\nkind: Key", "nothing in it that declares keys"),
        ("a.json", '{"values": {', "not JSON from here on"),
        ("a.yaml", "Resources: {a: !Ref", "not YAML"),
        ("a.yaml", "a: \x00", "NUL"),
        ("a.json", '{"a": ' * 500 + "1" + "}" * 500, "nested"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_a_place(kmsctl, tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    result = kmsctl("convert", name)
    assert (result.code, result.out) == (1, "")
    assert words in result.err
    assert name in result.err


@pytest.mark.parametrize(("name", "words"), [("readme.md", "nothing to read in infra"), ("a.yaml", "nothing in it")])
def test_a_folder_without_anything_to_convert_is_an_error(kmsctl, tmp_path, name, words):
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / name).write_text("a: b")
    result = kmsctl("convert", "infra")
    assert (result.code, result.out) == (1, "")
    assert words in result.err


@pytest.mark.parametrize("name", ["nope.json", "nope.tf"])
def test_a_file_that_is_not_there_is_an_error(kmsctl, name):
    result = kmsctl("convert", name)
    assert (result.code, result.out) == (1, "")
    assert f"cannot read {name}" in result.err


def test_secrets_in_a_broken_file_are_not_quoted(kmsctl, tmp_path):
    (tmp_path / "state.json").write_text('{"values": {"key_material_base64": "c2VjcmV0", ]')
    result = kmsctl("convert", "state.json")
    assert result.code == 1
    assert "c2VjcmV0" not in result.err
