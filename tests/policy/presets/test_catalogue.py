"""The presets as data: complete, each with its source, and one with what the schema and the page say."""

import json
import re
from itertools import combinations
from pathlib import Path

import pytest

from reconciler.manifest.schemas import schema_folder
from reconciler.policy.actions import KEY_ACTIONS
from reconciler.policy.patterns import covers_action
from reconciler.policy.presets import OptionKind, presets
from reconciler.policy.presets.options import ENTRY_FIELDS

PRESETS = list(presets().values())
each_preset = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.service)
SCHEMA = json.loads((schema_folder() / "common.schema.json").read_text(encoding="utf-8"))
ENTRY = SCHEMA["$defs"]["policy"]["properties"]["services"]["items"]["properties"]
DATA = Path(__file__).parents[3] / "reconciler" / "policy" / "presets" / "data"


def test_the_services_are_those_that_were_asked_for_in_order():
    assert list(presets()) == [
        "autoscaling", "backup", "cloudtrail", "config", "dynamodb", "ebs", "ecr", "efs", "eks", "lambda", "logs",
        "neptune", "rds", "s3", "secretsmanager", "sns", "sqs", "ssm",
    ]  # fmt: skip


@each_preset
def test_a_preset_names_the_pages_that_it_is_from_and_when_they_were_read(preset):
    assert preset.pages
    assert all(page.startswith("https://docs.aws.amazon.com/") for page in preset.pages)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", preset.date)
    assert (DATA / f"{preset.service}.json").is_file()


@each_preset
def test_actions_are_those_of_kms_sorted_and_once_each(preset):
    for statement in preset.statements:
        assert list(statement.actions) == sorted(set(statement.actions))
        assert all(any(covers_action([action], known) for known in KEY_ACTIONS) for action in statement.actions)
        assert not covers_action(statement.actions, "kms:PutKeyPolicy")


def test_sids_are_unique_over_all_presets():
    sids = [statement.sid for preset in PRESETS for statement in preset.statements]
    assert len(set(sids)) == len(sids)
    assert all(re.fullmatch("Allow[A-Z][A-Za-z0-9]+", sid) for sid in sids)


@each_preset
def test_templates_use_options_that_there_are_and_every_option_is_used(preset):
    text = json.dumps(json.loads((DATA / f"{preset.service}.json").read_text(encoding="utf-8"))["statements"])
    used = set(re.findall(r"(?<!\$)\{(\w+)(?::account)?\}", text)) | set(re.findall(r'"callers": "(\w+)"', text))
    used |= {name.removeprefix("!") for each in preset.statements for name in each.when}
    used |= {name.removeprefix("!") for each in preset.statements for one in each.conditions for name in one.when}
    assert used == {option.name for option in preset.options}


@each_preset
def test_options_say_what_they_are_for_and_what_values_look_like(preset):
    for option in preset.options:
        assert option.about.endswith(".")
        assert (
            bool(option.pattern)
            == bool(option.shape)
            == (
                option.kind in (OptionKind.ARNS, OptionKind.NAMES)
                or (option.name == "senders" and preset.service == "sns")
            )
        )


def test_the_schema_has_the_services_and_the_options_of_all_of_them():
    assert ENTRY["service"]["enum"] == list(presets())
    assert ENTRY.keys() == {*ENTRY_FIELDS, *(option.name for preset in PRESETS for option in preset.options)}


@each_preset
def test_the_schema_takes_each_option_in_the_form_in_which_it_is_read(preset):
    forms = {OptionKind.FLAG: "boolean", OptionKind.PRINCIPALS: "array", OptionKind.SERVICES: "array"}
    for option in preset.options:
        form = ENTRY[option.name]["type"]
        assert form == forms.get(option.kind, form)
        assert option.kind in forms or "string" in form


@each_preset
def test_only_services_that_speak_for_themselves_are_named_as_such(preset):
    for statement in preset.statements:
        if getattr(statement.principal, "kind", "") == "Service":
            told = {condition.key for condition in statement.conditions if condition.when in ((), ("!sourceArn",))}
            assert told & {"aws:SourceAccount", "aws:SourceArn"} or any("EncryptionContext" in key for key in told)


@each_preset
def test_no_two_tests_of_one_key_are_there_together_for_one_would_replace_the_other(preset):
    for statement in preset.statements:
        for one, other in combinations(statement.conditions, 2):
            negated = {name.removeprefix("!") if name.startswith("!") else f"!{name}" for name in one.when}
            assert (one.operator, one.key) != (other.operator, other.key) or negated & set(other.when)
