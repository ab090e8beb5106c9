"""`kmsctl access` on the bundled KMS: planned keys and real ones, by any name, with and without IAM."""

from __future__ import annotations

import json

import pytest

from tests.cli.samples import GRANT, ORDERS, SIGNING, target

IDENTITIES = """\
accounts:
  "111122223333":
    organizationId: o-exampleorgid
    users:
      alice:
        policies: [{Version: "2012-10-17", Statement: {Effect: Allow, Action: "kms:*", Resource: "*"}}]
      bob: {}
    roles:
      orders-api:
        trust: {Statement: {Effect: Allow, Principal: {AWS: "111122223333"}, Action: sts:AssumeRole}}
"""


@pytest.fixture
def keys(tmp_path):
    (tmp_path / "keys.yaml").write_text(ORDERS + GRANT)
    (tmp_path / "identities.yaml").write_text(IDENTITIES)
    (tmp_path / "identities.yaml").chmod(0o600)


@pytest.fixture
def applied(kmsctl, keys):
    result = kmsctl("apply", "-f", "keys.yaml", "-y")
    assert result.code == 0, result.err


def key_arn(kmsctl):
    (key,) = json.loads(kmsctl("show", "--output", "json").out)["keys"]
    return key["arn"]


def answer(kmsctl, *question):
    result = kmsctl("access", "can", *question, "--output", "json")
    assert result.code in (0, 2, 3), result.err
    value = json.loads(result.out)
    assert result.code == {"allowed": 0, "delegated": 2, "denied": 3}[value["standing"]]
    return value


def principals(kmsctl, *options):
    result = kmsctl("access", "who", *options, "--output", "json")
    assert result.code == 0, result.err
    return {(one["principal"].rpartition(":")[2], one["standing"]) for one in json.loads(result.out)["entries"]}


def test_a_key_that_is_not_there_yet_is_asked_about_as_it_is_planned(kmsctl, keys):
    found = answer(kmsctl, "role/orders-api", "kms:Decrypt", "orders", "-f", "keys.yaml")
    assert (found["standing"], found["key"]["planned"], found["key"]["new"]) == ("allowed", True, True)
    assert found["decider"]["sid"] == "AllowUse"
    assert found["decider"]["position"]["line"] == 12


def test_a_key_that_is_there_is_asked_about_as_it_is(kmsctl, applied):
    found = answer(kmsctl, "role/orders-api", "kms:Decrypt", "orders")
    assert (found["standing"], found["key"]["planned"], found["key"]["new"]) == ("allowed", False, False)
    assert (found["key"]["title"], found["decider"]["position"]) == ("Key/orders", None)


@pytest.mark.parametrize("options", [[], ["-f", "keys.yaml"]], ids=["live", "planned"])
def test_a_key_may_be_named_in_any_way(kmsctl, applied, options):
    arn = key_arn(kmsctl)
    alias = arn.replace(arn.rpartition(":")[2], "alias/orders")
    for name in ("orders", "Key/orders", "alias/orders", arn.rpartition("/")[2], arn, alias):
        found = answer(kmsctl, "role/orders-api", "Decrypt", name, *options)
        assert (found["key"]["title"], found["standing"]) == ("Key/orders", "allowed")


def test_the_plan_and_what_is_there_may_answer_differently(kmsctl, applied, tmp_path):
    (tmp_path / "keys.yaml").write_text((ORDERS + GRANT).replace("role/orders-api", "role/other"))
    asked = ("role/other", "Decrypt", "orders")
    assert answer(kmsctl, *asked)["standing"] == "delegated"
    assert answer(kmsctl, *asked, "-f", "keys.yaml")["standing"] == "allowed"
    live = answer(kmsctl, *asked, "-f", "keys.yaml", "--live")
    assert live["standing"] == "delegated"
    assert live["decider"]["position"]["file"] == "keys.yaml"


def test_manifests_of_the_folder_say_where_statements_of_real_keys_are_declared(kmsctl, applied, tmp_path):
    (tmp_path / "kmsctl.yaml").write_text("manifests: [keys.yaml]\n")
    found = answer(kmsctl, "role/orders-api", "Decrypt", "orders")
    assert (found["key"]["planned"], found["decider"]["position"]["file"]) == (False, "keys.yaml")


def test_a_grant_decides_and_is_told_by_its_manifest(kmsctl, keys):
    found = answer(kmsctl, "role/report", "Decrypt", "orders", "-f", "keys.yaml")
    assert (found["standing"], found["decider"]["grant"]) == ("allowed", "Grant/report")
    assert found["decider"]["position"]["line"] == 17


def test_a_grant_that_somebody_else_made_is_told_by_its_name(kmsctl, applied):
    arn = key_arn(kmsctl)
    grant = {
        "KeyId": arn,
        "GranteePrincipal": "arn:aws:iam::111122223333:role/audit",
        "Operations": ["Decrypt"],
        "Name": "by-hand",
    }
    assert kmsctl("local", "call", "create-grant", json.dumps(grant)).code == 0
    assert answer(kmsctl, "role/audit", "Decrypt", "alias/orders")["decider"]["grant"] == "by-hand"


def test_a_key_of_nobody_is_asked_about_by_its_id(kmsctl, keys):
    made = kmsctl("local", "call", "create-key", '{"Description": "by hand"}')
    key = json.loads(made.out)["KeyMetadata"]["KeyId"]
    found = answer(kmsctl, "user/bob", "Decrypt", key)
    assert (found["standing"], found["key"]["title"].endswith(key)) == ("delegated", True)
    assert principals(kmsctl, key, "-f", "keys.yaml") == {("root", "delegated")}


def test_a_key_that_aws_manages_is_asked_about_by_its_alias_as_it_is(kmsctl, keys):
    asked = ("user/bob", "Decrypt", "alias/aws/s3", "--via", "s3", "--fact", "kms:CallerAccount=111122223333")
    assert kmsctl("local", "call", "describe-key", '{"KeyId": "alias/aws/s3"}').code == 0
    found = answer(kmsctl, *asked, "-f", "keys.yaml")
    assert (found["standing"], found["key"]["planned"]) == ("allowed", False)
    arn = found["key"]["arn"]
    alias = arn.replace(arn.rpartition(":")[2], "alias/aws/s3")
    assert answer(kmsctl, "user/bob", "Decrypt", alias)["key"]["arn"] == arn
    assert "there is no key alias/aws/nothing" in kmsctl("access", "who", "alias/aws/nothing").err


def test_a_statement_that_kms_takes_and_that_rules_nothing_is_left_out(kmsctl, keys):
    rules = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [rules, {"Effect": "Deny", "Principal": "*", "Action": "kms:*"}]}
    made = kmsctl("local", "call", "create-key", json.dumps({"Policy": json.dumps(policy)}))
    assert principals(kmsctl, json.loads(made.out)["KeyMetadata"]["KeyId"]) == {("root", "delegated")}


def test_an_alias_that_the_plan_makes_is_followed(kmsctl, keys, tmp_path):
    (tmp_path / "more.yaml").write_text(
        "apiVersion: kms.reconciler.dev/v1alpha1\nkind: Alias\nmetadata: {name: extra}\n"
        "spec: {name: extra, keyRef: {name: orders}}\n"
    )
    found = answer(kmsctl, "role/orders-api", "Decrypt", "alias/extra", "-f", "keys.yaml", "-f", "more.yaml")
    assert (found["key"]["title"], found["standing"]) == ("Key/orders", "allowed")


def test_an_orphan_is_still_there_to_ask_about(kmsctl, applied, tmp_path):
    (tmp_path / "keys.yaml").write_text(SIGNING.removeprefix("---\n"))
    assert answer(kmsctl, "role/orders-api", "Decrypt", "orders", "-f", "keys.yaml")["standing"] == "allowed"


def test_identities_settle_what_the_account_delegates(kmsctl, keys):
    planned = ("orders", "-f", "keys.yaml", "--identities", "identities.yaml")
    assert answer(kmsctl, "user/alice", "Decrypt", *planned)["standing"] == "allowed"
    assert answer(kmsctl, "user/bob", "Decrypt", *planned)["standing"] == "denied"
    assert principals(kmsctl, *planned, "--action", "decrypt") == {
        ("root", "allowed"),
        ("role/orders-api", "allowed"),
        ("role/report", "allowed"),
        ("user/alice", "allowed"),
    }


def test_a_session_may_be_limited_by_a_policy_of_its_own(kmsctl, keys, tmp_path):
    (tmp_path / "session.json").write_text(
        '{"Statement": [{"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}]}'
    )
    limited = ("orders", "-f", "keys.yaml", "--session-policy", "session.json")
    for known in ((), ("--identities", "identities.yaml")):
        assert answer(kmsctl, "role/orders-api", "kms:Encrypt", *limited, *known)["standing"] == "allowed"
        denied = answer(kmsctl, "role/orders-api", "kms:Decrypt", *limited, *known)
        assert (denied["standing"], denied["reason"]) == ("denied", "the session policy does not allow it")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(None, "cannot be read", id="no file"),
        pytest.param("{}", "is no session policy", id="no policy"),
    ],
)
def test_a_session_policy_that_is_none_is_told(kmsctl, keys, tmp_path, text, said):
    if text is not None:
        (tmp_path / "session.json").write_text(text)
    result = kmsctl(
        "access", "can", "role/a", "Decrypt", "orders", "-f", "keys.yaml", "--session-policy", "session.json"
    )
    assert (result.code, said in result.err) == (1, True)


def test_an_identities_file_that_others_can_read_is_told(kmsctl, keys, tmp_path):
    asked = ("access", "who", "orders", "-f", "keys.yaml", "--identities", "identities.yaml")
    assert kmsctl(*asked).err == ""
    (tmp_path / "identities.yaml").chmod(0o644)
    result = kmsctl(*asked)
    assert result.code == 0
    assert "other users of this machine can read it" in result.err


def test_context_service_and_facts_are_part_of_the_question(kmsctl, keys, tmp_path):
    condition = (
        '{StringEquals: {"kms:EncryptionContext:app": a, "kms:ViaService": s3.us-east-1.amazonaws.com, "aws:x": y}}'
    )
    statement = (
        f"{{Effect: Allow, Principal: {{AWS: '*'}}, Action: kms:Decrypt, Resource: '*', Condition: {condition}}}"
    )
    policy = f"delegateToIam: false\n    statements: [{statement}]\n    administrators"
    (tmp_path / "keys.yaml").write_text(ORDERS.replace("administrators", policy))
    asked = ("user/bob", "Decrypt", "orders", "-f", "keys.yaml")
    whole = ("--context", "app=a", "--via", "s3", "--fact", "aws:x=y")
    assert answer(kmsctl, *asked, *whole)["standing"] == "allowed"
    for left_out in range(0, len(whole), 2):
        assert answer(kmsctl, *asked, *whole[:left_out], *whole[left_out + 2 :])["standing"] == "denied"
    assert answer(kmsctl, *asked)["missing"] == ["aws:x"]


def test_what_became_of_every_statement_is_shown_when_asked_for(kmsctl, keys):
    asked = ("access", "can", "role/orders-api", "Decrypt", "orders", "-f", "keys.yaml")
    assert "AllowAdministration" not in kmsctl(*asked).out
    assert "AllowAdministration" in kmsctl(*asked, "-v").out
    assert "AllowAdministration" in kmsctl(*asked, "--output", "markdown").out


def test_text_is_coloured_only_where_that_is_wanted(kmsctl, keys):
    asked = ("access", "who", "orders", "-f", "keys.yaml")
    assert "\x1b[" in kmsctl(*asked, tty=True).out
    assert "\x1b[" not in kmsctl(*asked, tty=True, environ={"NO_COLOR": "1"}).out


def test_a_diff_shows_who_gains_and_who_loses(kmsctl, applied, tmp_path):
    diff = ("access", "diff", "-f", "keys.yaml")
    assert "Nobody gains or loses access." in kmsctl(*diff).out
    assert "Nobody gains or loses access." in kmsctl(*diff, "--output", "markdown").out
    assert kmsctl(*diff, "--detailed-exitcode").code == 0
    (tmp_path / "keys.yaml").write_text((ORDERS + GRANT).replace("role/orders-api", "role/other"))
    changed = kmsctl(*diff, "--detailed-exitcode")
    assert changed.code == 2
    assert "+ role/other: Decrypt" in changed.out
    assert "- role/orders-api: Decrypt" in changed.out
    (resource,) = json.loads(kmsctl(*diff, "--output", "json").out)["resources"]
    assert {one["effect"] for one in resource["access"]} == {"gained", "lost"}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["who", "nothing"], "there is no key nothing"),
        (["who", "nothing", "-f", "keys.yaml"], "the manifests declare Key/orders"),
        (["who", "alias/nothing"], "there is no key alias/nothing"),
        (["who", "orders@eu"], "the run has no target 'eu'"),
        (["who", "arn:aws:kms:eu-west-1:444455556666:key/x"], "no target of the run is account 444455556666"),
        (["who", "orders", "-f", "keys.yaml", "--action", "Decript"], "did you mean kms:Decrypt"),
        (["who", "orders", "-f", "keys.yaml", "--iam"], "the bundled KMS has no IAM to read"),
        (
            ["who", "orders", "-f", "keys.yaml", "--iam", "--identities", "identities.yaml"],
            "not allowed with argument --iam",
        ),
        (["can", "nobody", "Decrypt", "orders", "-f", "keys.yaml"], "nobody is no principal that can ask"),
        (["can", "role/a", "Decrypt", "orders", "--context", "x"], "'x' is no pair"),
        (["can", "role/a", "Decrypt", "orders", "--fact", "=x"], "'=x' is no pair"),
        (["who", "orders", "-f", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(kmsctl, keys, argv, said):
    result = kmsctl("access", *argv)
    assert (result.code, result.out) == (1, "")
    assert said in result.err


def test_an_alias_on_several_targets_is_asked_for_with_its_target(kmsctl, tmp_path):
    there = ORDERS.replace("name: orders\n", "name: orders-eu\n").replace(
        "spec:\n", "spec:\n  targetRef: {name: eu}\n", 1
    )
    (tmp_path / "keys.yaml").write_text(f"{ORDERS}---\n{there}{target('eu', region='eu-west-1')}")
    both = kmsctl("access", "who", "alias/orders", "-f", "keys.yaml")
    assert (both.code, both.out) == (1, "")
    assert "alias/orders is a key on several targets" in both.err
    assert "alias/orders@eu" in both.err
    asked = ("role/orders-api", "Decrypt")
    assert answer(kmsctl, *asked, "alias/orders@eu", "-f", "keys.yaml")["key"]["title"] == "Key/orders-eu@eu"
    assert kmsctl("apply", "-f", "keys.yaml", "-y").code == 0
    assert answer(kmsctl, *asked, "orders-eu@eu", "-f", "keys.yaml", "--live")["standing"] == "allowed"
    assert answer(kmsctl, *asked, "orders-eu", "-f", "keys.yaml", "--live")["standing"] == "allowed"


def test_without_a_command_help_is_shown(kmsctl):
    assert "who" in kmsctl("access").out


@pytest.mark.moto
def test_iam_is_read_from_the_account(kmsctl, keys, moto_endpoint):
    import boto3

    iam = boto3.client("iam", endpoint_url=moto_endpoint, region_name="us-east-1")
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}
    policy = iam.create_policy(PolicyName="everything", PolicyDocument=json.dumps(everything))["Policy"]["Arn"]
    iam.create_group(GroupName="keepers")
    iam.attach_group_policy(GroupName="keepers", PolicyArn=policy)
    for name in ("in-group", "inline", "nobody"):
        iam.create_user(UserName=name)
    iam.add_user_to_group(GroupName="keepers", UserName="in-group")
    iam.put_user_policy(UserName="inline", PolicyName="own", PolicyDocument=json.dumps(everything))
    aws = ("--backend", "aws", "--endpoint-url", moto_endpoint, "--region", "eu-west-1")
    assert kmsctl("apply", "-f", "keys.yaml", "-y", *aws).code == 0
    standings = {
        name: answer(kmsctl, f"user/{name}", "Decrypt", "alias/orders", "--iam", *aws)["standing"]
        for name in ("in-group", "inline", "nobody", "unheard-of")
    }
    assert standings == {
        "in-group": "allowed",
        "inline": "allowed",
        "nobody": "denied",
        "unheard-of": "denied",
    }
