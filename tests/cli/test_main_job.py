"""The main job on the bundled KMS: validate, plan, apply, drift, destroy, and what they answer to scripts."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.cli.samples import GRANT, ORDERS, SIGNING, target


@pytest.fixture
def keys(tmp_path):
    """Write manifests to `keys.yaml`."""

    def write(*texts):
        (tmp_path / "keys.yaml").write_text("".join(texts))

    write(ORDERS, GRANT)
    return write


def call(kmsctl, operation, parameters=None, *options):
    result = kmsctl("local", "call", operation, json.dumps(parameters or {}), *options)
    assert result.code == 0, result.err
    return json.loads(result.out)


def key_of(kmsctl, alias="alias/orders"):
    return call(kmsctl, "DescribeKey", {"KeyId": alias})["KeyMetadata"]


def apply(kmsctl, *options, code=0):
    result = kmsctl("apply", "-f", "keys.yaml", "-y", *options)
    assert result.code == code, result.err
    return result


def mutations(kmsctl):
    events = [json.loads(line) for line in kmsctl("local", "audit", "--output", "json").out.splitlines()]
    return [event["eventName"] for event in events if not event["readOnly"]]


def test_valid_manifests_are_counted(kmsctl, keys):
    result = kmsctl("validate", "-f", "keys.yaml")
    assert (result.code, result.out, result.err) == (0, "Valid: 1 key, 1 alias, 1 grant.\n", "")


def test_policies_and_targets_are_counted_too(kmsctl, tmp_path):
    head = "---\napiVersion: kms.reconciler.dev/v1alpha1\nkind: KeyPolicy\n"
    policies = "".join(f"{head}metadata: {{name: {name}}}\nspec: {{users: [role/a]}}\n" for name in "pq")
    (tmp_path / "keys.yaml").write_text(policies + target("lab"))
    assert kmsctl("validate", "-f", "keys.yaml").out == "Valid: 2 policies, 1 target.\n"


def test_validating_asks_no_kms_and_leaves_nothing_behind(kmsctl, keys, tmp_path):
    kmsctl("validate", "-f", "keys.yaml")
    kmsctl("graph", "-f", "keys.yaml")
    assert [path.name for path in tmp_path.iterdir()] == ["keys.yaml"]


def test_faults_are_told_with_their_place_or_as_json(kmsctl, keys):
    keys(ORDERS.replace("description", "descripton"))
    result = kmsctl("validate", "-f", "keys.yaml")
    assert result.code == 1
    assert result.out == ""
    assert result.err.startswith("keys.yaml:6:3: error: ")
    assert "    6 |   descripton: Encrypts orders\n" in result.err
    machines = kmsctl("validate", "-f", "keys.yaml", "--output", "json")
    assert machines.code == 1
    assert machines.err == ""
    assert json.loads(machines.out)["diagnostics"][0]["position"] == {"file": "keys.yaml", "line": 6, "column": 3}
    assert json.loads(kmsctl("validate", "--output", "json").out)["diagnostics"][0]["what"] == "no manifests are given"


def test_valid_manifests_have_no_diagnostics(kmsctl, keys):
    result = kmsctl("validate", "-f", "keys.yaml", "--output", "json")
    assert result.code == 0
    assert json.loads(result.out)["errors"] == 0


def test_the_whole_way_from_nothing_to_no_changes(kmsctl, keys):
    first = kmsctl("plan", "-f", "keys.yaml")
    assert first.code == 0
    assert "Plan: 3 to create" in first.out
    assert mutations(kmsctl) == []
    applied = apply(kmsctl)
    assert "Plan: 3 to create" in applied.out
    assert "Apply: 4 steps done." in applied.out
    assert "done Alias/orders: create alias/orders" in applied.err
    again = kmsctl("plan", "-f", "keys.yaml", "--detailed-exitcode")
    assert again.code == 0
    assert "No changes." in again.out
    assert "No changes." in apply(kmsctl).out


def test_the_exit_code_of_a_plan_tells_scripts_whether_there_are_changes(kmsctl, keys):
    assert kmsctl("plan", "-f", "keys.yaml").code == 0
    assert kmsctl("plan", "-f", "keys.yaml", "--detailed-exitcode").code == 2
    apply(kmsctl)
    assert kmsctl("plan", "-f", "keys.yaml", "--detailed-exitcode").code == 0


def test_a_plan_has_other_formats(kmsctl, keys):
    assert json.loads(kmsctl("plan", "-f", "keys.yaml", "--output", "json").out)["summary"]["create"] == 3
    assert kmsctl("plan", "-f", "keys.yaml", "--output", "markdown").out.startswith("### Plan for stack")


def test_manifests_come_from_standard_input_and_from_several_files(kmsctl, keys, tmp_path):
    keys(ORDERS)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "signing.yml").write_text(SIGNING)
    out = kmsctl("plan", "-f", "-", "-f", "keys.yaml", "-f", "more", stdin=GRANT.encode()).out
    assert "Plan: 4 to create" in out


def test_kmsctl_yaml_names_manifests_stack_and_target(kmsctl, keys, tmp_path):
    keys(ORDERS, target("lab", account="444455556666", region="eu-west-1"))
    (tmp_path / "kmsctl.yaml").write_text("stack: shop\ntarget: lab\nmanifests: [keys.yaml]\n")
    out = kmsctl("plan").out
    assert "Plan for stack shop" in out
    assert "account 444455556666 in eu-west-1" in out
    assert "Plan for stack other" in kmsctl("plan", "--stack", "other").out


def test_the_region_of_the_built_in_target_can_be_changed(kmsctl, keys):
    apply(kmsctl, "--region", "eu-central-1")
    assert len(call(kmsctl, "ListKeys", {}, "--region", "eu-central-1")["Keys"]) == 1
    assert call(kmsctl, "ListKeys")["Keys"] == []


def test_a_resource_of_another_target_goes_there(kmsctl, keys):
    keys(ORDERS, SIGNING + "  targetRef: {name: eu}\n", target("eu", region="eu-west-1"))
    apply(kmsctl)
    assert len(call(kmsctl, "ListKeys")["Keys"]) == 1
    assert len(call(kmsctl, "ListKeys", {}, "--region", "eu-west-1")["Keys"]) == 1
    assert kmsctl("plan", "-f", "keys.yaml", "--detailed-exitcode").code == 0


def test_backend_local_rehearses_an_aws_target_in_its_own_account(kmsctl, keys):
    keys(ORDERS, target("prod", backend="aws", region="eu-west-1", account="444455556666"))
    result = kmsctl("apply", "-f", "keys.yaml", "-y", "--target", "prod", "--backend", "local")
    assert result.code == 0
    assert "account 444455556666 in eu-west-1" in result.out


def test_applying_asks_on_a_terminal_and_takes_only_yes(kmsctl, keys):
    refused = kmsctl("apply", "-f", "keys.yaml", stdin=b"y\n", tty=True)
    assert refused.code == 1
    assert "nothing was changed" in refused.err
    assert mutations(kmsctl) == []
    agreed = kmsctl("apply", "-f", "keys.yaml", stdin=b"yes\n", tty=True)
    assert agreed.code == 0
    assert "Make these changes in account" in agreed.err
    assert "Apply: 4 steps done." in agreed.out


def test_applying_elsewhere_needs_approval_on_the_command_line(kmsctl, keys):
    result = kmsctl("apply", "-f", "keys.yaml", stdin=b"yes\n")
    assert result.code == 1
    assert "--auto-approve" in result.err
    assert mutations(kmsctl) == []


def test_nothing_is_asked_when_nothing_is_to_be_done(kmsctl, keys):
    apply(kmsctl)
    assert kmsctl("apply", "-f", "keys.yaml").code == 0


def test_what_changed_while_the_user_was_thinking_refuses_the_plan(kmsctl, keys, monkeypatch):
    apply(kmsctl)
    keys(ORDERS.replace("Encrypts orders", "Encrypts all orders"), GRANT)

    def dawdle(_question, _context):
        call(kmsctl, "UpdateKeyDescription", {"KeyId": key_of(kmsctl)["KeyId"], "Description": "mine"})
        return True

    monkeypatch.setattr("reconciler.cli.changes.confirm", dawdle)
    result = kmsctl("apply", "-f", "keys.yaml")
    assert result.code == 3
    assert "stale" in result.err
    assert key_of(kmsctl)["Description"] == "mine"


def test_an_apply_in_json_begins_with_the_plan_and_ends_with_the_outcome(kmsctl, keys):
    plan = json.loads(kmsctl("plan", "-f", "keys.yaml", "--output", "json").out)
    lines = [json.loads(line) for line in apply(kmsctl, "--output", "json").out.splitlines()]
    assert lines[0]["event"] == "planned"
    assert lines[0]["plan"] == plan
    assert {line["event"] for line in lines} >= {"step-started", "step-done", "outcome"}
    assert lines[-1]["event"] == "outcome"
    assert lines[-1]["ok"] is True
    nothing = apply(kmsctl, "--output", "json").out.splitlines()
    assert [json.loads(line)["event"] for line in nothing] == ["planned", "outcome"]


def test_a_step_that_fails_is_told_and_the_next_run_goes_on_from_there(kmsctl, keys, monkeypatch):
    from reconciler.engine import engine
    from reconciler.kit.errors import KmsError

    real = engine.Client.__call__

    def refusing(self, operation, parameters):
        if operation == "CreateGrant":
            raise KmsError("AccessDeniedException", "not you", operation=operation)
        return real(self, operation, parameters)

    with monkeypatch.context() as patch:
        patch.setattr(engine.Client, "__call__", refusing)
        result = apply(kmsctl, code=1)
    assert "failed Grant/report" in result.err
    assert "AccessDeniedException" in result.out
    assert "3 steps done, 1 failed" in result.out
    assert "Apply: 1 step done." in apply(kmsctl).out


def test_drift_is_found_reported_and_repaired(kmsctl, keys):
    apply(kmsctl)
    assert kmsctl("drift", "-f", "keys.yaml").code == 0
    call(kmsctl, "DisableKeyRotation", {"KeyId": key_of(kmsctl)["KeyId"]})
    result = kmsctl("drift", "-f", "keys.yaml")
    assert result.code == 2
    assert "rotation.automatic.periodDays: 365" in result.out
    assert json.loads(kmsctl("drift", "-f", "keys.yaml", "--output", "json").out)["found"] is True
    assert kmsctl("drift", "-f", "keys.yaml", "--output", "markdown").out.startswith("### Drift of stack")
    apply(kmsctl)
    assert kmsctl("drift", "-f", "keys.yaml").code == 0


def test_unmanaged_keys_are_counted_and_listed_on_request(kmsctl, keys):
    apply(kmsctl)
    stranger = call(kmsctl, "CreateKey", {"Description": "by hand"})["KeyMetadata"]["KeyId"]
    counted = kmsctl("drift", "-f", "keys.yaml")
    assert counted.code == 0
    assert stranger not in counted.out
    assert stranger in kmsctl("drift", "-f", "keys.yaml", "--unmanaged").out


def test_orphans_are_left_alone_until_pruning_is_asked_for(kmsctl, keys):
    keys(ORDERS, SIGNING)
    apply(kmsctl)
    keys(SIGNING)
    assert "orphan" in apply(kmsctl).out
    assert key_of(kmsctl)["KeyState"] == "Enabled"
    assert "schedule deletion Key/orders" in apply(kmsctl, "--prune").out
    assert key_of(kmsctl)["KeyState"] == "PendingDeletion"


def test_a_danger_is_refused_until_it_is_allowed_by_name(kmsctl, keys):
    apply(kmsctl)
    key = key_of(kmsctl)["KeyId"]
    call(kmsctl, "Encrypt", {"KeyId": key, "Plaintext": "aGVsbG8="})
    keys(ORDERS + "  enabled: false\n", GRANT)
    plan = kmsctl("plan", "-f", "keys.yaml")
    assert plan.code == 0
    assert "danger: key-in-use" in plan.out
    assert kmsctl("plan", "-f", "keys.yaml", "--detailed-exitcode").code == 3
    assert kmsctl("plan", "-f", "keys.yaml", "--detailed-exitcode", "--allow", "key-in-use").code == 2
    refused = apply(kmsctl, code=3)
    assert "--allow key-in-use:Key/orders" in refused.err
    assert key_of(kmsctl)["KeyState"] == "Enabled"
    allowed = apply(kmsctl, "--allow", "key-in-use:Key/orders", "--allow", "typo")
    assert "warning: --allow typo: the plan has no such danger" in allowed.err
    assert key_of(kmsctl)["KeyState"] == "Disabled"


def test_what_cannot_be_done_refuses_the_whole_plan(kmsctl, keys):
    apply(kmsctl)
    keys(ORDERS.replace("  aliases", "  multiRegion: true\n  aliases"), SIGNING)
    plan = kmsctl("plan", "-f", "keys.yaml")
    assert plan.code == 3
    assert "blocked" in plan.out
    before = mutations(kmsctl)
    refused = apply(kmsctl, "--allow", "immutable-field", code=3)
    assert "change the manifests" in refused.err
    assert mutations(kmsctl) == before


def test_destroy_asks_and_does_what_each_key_s_deletion_policy_says(kmsctl, keys):
    keys(ORDERS, GRANT, SIGNING)
    apply(kmsctl)
    assert kmsctl("destroy").code == 1
    assert key_of(kmsctl)["KeyState"] == "Enabled"
    result = kmsctl("destroy", stdin=b"yes\n", tty=True)
    assert result.code == 0, result.err
    keys_now = json.loads(kmsctl("show", "--all", "--output", "json").out)["keys"]
    states = {key["keySpec"]: key["state"] for key in keys_now}
    assert states == {"SYMMETRIC_DEFAULT": "PendingDeletion", "ECC_NIST_P256": "Enabled"}
    assert kmsctl("destroy", "-y", "--output", "json").code == 0


def test_destroy_of_a_key_in_use_is_refused(kmsctl, keys):
    apply(kmsctl)
    call(kmsctl, "Encrypt", {"KeyId": "alias/orders", "Plaintext": "aGVsbG8="})
    result = kmsctl("destroy", "-y")
    assert result.code == 3
    assert "key-in-use" in result.err
    assert key_of(kmsctl)["KeyState"] == "Enabled"


def test_a_key_that_awaits_deletion_and_is_declared_again_is_kept(kmsctl, keys, clock):
    apply(kmsctl)
    kmsctl("destroy", "-y")
    clock.advance(timedelta(days=10))
    apply(kmsctl)
    assert key_of(kmsctl)["KeyState"] == "Enabled"


def test_show_lists_the_keys_of_the_stack_or_of_all(kmsctl, keys):
    apply(kmsctl)
    stranger = call(kmsctl, "CreateKey", {})["KeyMetadata"]["KeyId"]
    mine = kmsctl("show").out
    assert "alias/orders" in mine
    assert "365 days" in mine
    assert stranger not in mine
    assert stranger in kmsctl("show", "--all").out
    assert kmsctl("show", "--output", "markdown").out.startswith("### Keys of stack")
    assert "0 keys" in kmsctl("show", "--stack", "other").out


def test_cost_is_told_now_and_after(kmsctl, keys):
    assert "$0.00 a month before, $1.00 after" in kmsctl("cost", "-f", "keys.yaml").out
    apply(kmsctl)
    assert json.loads(kmsctl("cost", "-f", "keys.yaml", "--output", "json").out)["kind"] == "Cost"
    assert kmsctl("cost", "-f", "keys.yaml", "--output", "markdown").out.startswith("### Cost of stack")


def test_permissions_are_an_iam_policy_for_this_plan(kmsctl, keys):
    policy = json.loads(kmsctl("permissions", "-f", "keys.yaml").out)
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert {"kms:CreateKey", "kms:CreateAlias", "kms:CreateGrant"} <= allowed
    apply(kmsctl)
    after = json.loads(kmsctl("permissions", "-f", "keys.yaml").out)
    assert "kms:CreateKey" not in {action for statement in after["Statement"] for action in statement["Action"]}


@pytest.mark.parametrize(
    ("purpose", "more", "less"),
    [
        ("plan", "kms:DescribeKey", "kms:CreateKey"),
        ("drift", "kms:ListKeys", "kms:CreateKey"),
        ("operator", "kms:CancelKeyDeletion", "kms:DeleteCustomKeyStore"),
    ],
)
def test_permissions_are_for_what_is_to_be_done(kmsctl, keys, purpose, more, less):
    done = kmsctl("permissions", "-f", "keys.yaml", "--for", purpose)
    allowed = {action for statement in json.loads(done.out)["Statement"] for action in statement["Action"]}
    assert more in allowed
    assert less not in allowed
    assert done.err == ""


def test_permissions_tell_of_keys_on_which_they_do_not_count(kmsctl):
    policy = """
spec:
  policy:
    delegateToIam: false
    administrators: [role/admin]
"""
    key = "apiVersion: kms.reconciler.dev/v1alpha1\nkind: Key\nmetadata: {name: closed}" + policy
    done = kmsctl("permissions", "-f", "-", stdin=key.encode())
    assert done.err.startswith("note: the policy of Key/closed does not leave its account's IAM policies to decide")
    assert json.loads(done.out)["Statement"]


def test_graphs_are_drawn_without_a_kms(kmsctl, keys):
    assert kmsctl("graph", "-f", "keys.yaml").out.startswith("flowchart")
    assert kmsctl("graph", "-f", "keys.yaml", "--output", "dot").out.startswith("digraph")


def test_no_color_leaves_the_colours_out_on_a_terminal(kmsctl, keys):
    assert "\x1b[" in kmsctl("plan", "-f", "keys.yaml", tty=True).out
    assert "\x1b[" not in kmsctl("plan", "-f", "keys.yaml", "--no-color", tty=True).out
    assert "\x1b[" not in kmsctl("--no-color", "plan", "-f", "keys.yaml", tty=True).out
    assert "\x1b[" not in kmsctl("plan", "-f", "keys.yaml", tty=True, environ={"NO_COLOR": "1"}).out
    assert "\x1b[" not in kmsctl("plan", "-f", "keys.yaml").out


def test_parallelism_does_not_change_what_is_done(kmsctl, keys):
    assert "Apply: 4 steps done." in apply(kmsctl, "--parallelism", "1").out
