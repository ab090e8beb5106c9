"""Plans as people read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.plan.changes import Action, Change, Cost, FieldChange, Reason
from reconciler.report import words
from reconciler.report.style import Style
from reconciler.report.text.plan import render
from tests.report import basics, samples

PLAIN = Style()


def shown(*fields: FieldChange) -> str:
    """A plan of one key with these differences."""
    return render(replace(samples.small(), changes=(replace(samples.updated(), fields=fields),)), PLAIN)


def test_a_plan_of_everything_reads_well(snapshot):
    assert render(samples.everything(), PLAIN) == snapshot


def test_the_first_plan_reads_well(snapshot):
    assert render(samples.small(), PLAIN) == snapshot


def test_a_plan_without_changes_says_so(snapshot):
    assert render(samples.quiet(), PLAIN) == snapshot


def test_colours_follow_what_happens(snapshot):
    assert render(replace(samples.everything(), changes=(samples.updated(),)), Style(colour=True)) == snapshot


def test_without_colour_there_is_no_escape():
    assert "\x1b" not in render(samples.everything(), PLAIN)


def test_prose_wraps_to_the_width_and_values_do_not():
    narrow = render(samples.everything(), Style(width=60))
    risk = narrow[narrow.index("! danger: self-lockout") :].splitlines()
    assert max(map(len, risk[:4])) <= 60
    assert "    + Principal AWS: arn:aws:iam::999988887777:role/partner" in narrow


def test_a_sensitive_value_is_never_shown():
    text = shown(FieldChange("token", "hunter2", "hunter3", sensitive=True), FieldChange("a", ABSENT, 1, True))
    assert "~ token: (sensitive)" in text
    assert "+ a: (sensitive)" in text
    assert "hunter" not in text


def test_a_sensitive_value_that_goes_is_not_shown_either():
    assert "- token: (sensitive)" in shown(FieldChange("token", "hunter2", ABSENT, sensitive=True))


def test_null_is_a_value_and_absent_is_not():
    text = shown(FieldChange("a", None, "x"), FieldChange("b", ABSENT, "x"), FieldChange("c", "x", ABSENT))
    assert '~ a: null → "x"' in text
    assert '+ b: "x"' in text
    assert '- c: "x"' in text


OWN = (
    FieldChange("tags[kms.reconciler.dev/name]", ABSENT, "orders"),
    FieldChange("tags[kms.reconciler.dev/rotation]", "1/0", "2/1"),
)


@pytest.mark.parametrize("action", [Action.ADOPT, Action.DISOWN])
def test_taking_over_and_letting_go_say_nothing_of_kmsctls_own_tags(action):
    change = replace(samples.updated(), action=action, fields=(*OWN, FieldChange("tags[team]", ABSENT, "shop")))
    text = render(replace(samples.small(), changes=(change,)), PLAIN)
    assert "kms.reconciler.dev" not in text
    assert '+ tags[team]: "shop"' in text


def test_notes_in_tags_are_told_when_nothing_else_is():
    rotation, serial = OWN[1], FieldChange("rotation.onDemand.serial", 1, 2)
    assert "kms.reconciler.dev/rotation" not in shown(rotation, serial)
    assert "kms.reconciler.dev/rotation" in shown(rotation)


def test_a_rotation_says_that_it_is_due_and_how_old_the_key_is():
    change = replace(
        samples.replaced(),
        reason=Reason.ROTATION_DUE,
        detail="a successor is created",
        fields=(FieldChange("ageDays", 92, ABSENT),),
    )
    text = render(replace(samples.small(), changes=(change,)), PLAIN)
    assert "its manual rotation is due: a successor is created" in text
    assert "= ageDays: 92" in text


def test_a_plan_for_which_nothing_is_declared_does_not_speak_of_manifests():
    assert "No changes. 0 unchanged." in render(replace(samples.small(), changes=()), PLAIN)


def test_a_list_in_another_order_is_shown_whole():
    assert '~ operations: ["A", "B"] → ["B", "A"]' in shown(FieldChange("operations", ["A", "B"], ["B", "A"]))


def test_a_policy_that_is_taken_away_is_shown_statement_by_statement():
    text = shown(FieldChange("policy", basics.policy(basics.DELEGATE), ABSENT))
    assert "- policy" in text
    assert "- statement EnableIamUserPermissions (Allow)" in text


def test_every_unusual_element_of_a_policy_is_shown():
    statement = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": basics.APP, "Service": "s3.amazonaws.com"},
        "NotAction": "kms:Get*",
        "NotResource": "arn:aws:kms:us-east-1:111122223333:key/x",
    }
    text = shown(FieldChange("policy", ABSENT, basics.policy(statement)))
    assert "+ statement (no Sid) (Deny)" in text
    assert f"+ NotPrincipal AWS: {basics.APP}" in text
    assert "+ NotPrincipal Service: s3.amazonaws.com" in text
    assert "+ NotAction: kms:Get*" in text
    assert "+ NotResource: arn:aws:kms:us-east-1:111122223333:key/x" in text


def test_a_version_that_changes_what_variables_mean_is_said():
    limited = {**basics.USE, "Condition": {"StringEquals": {"kms:ViaService": "${aws:x}"}}}
    old = basics.policy(limited, Version="2008-10-17")
    text = shown(FieldChange("policy", old, basics.policy(limited)))
    assert "~ Version: 2008-10-17 → 2012-10-17 (policy variables change their meaning)" in text


@pytest.mark.parametrize(
    ("before", "after"), [("{", "{}"), (ABSENT, "{"), ("{", ABSENT)], ids=["changed", "new", "gone"]
)
def test_a_policy_that_cannot_be_read_is_said_to_be_so(before, after):
    assert "! cannot be read: " in shown(FieldChange("policy", before, after))


def test_a_change_without_fields_shows_its_calls():
    change = replace(samples.pruned()[0], fields=())
    text = render(replace(samples.small(), changes=(change,)), PLAIN)
    assert f"~ schedule the deletion of key {basics.key_id(5)} in 30 days" in text


def test_an_undeclared_key_on_its_way_out_is_listed_with_its_date():
    leaving = Change(
        basics.RETIRED,
        Action.NO_OP,
        Reason.PENDING_DELETION,
        resource_id=basics.key_id(5),
        detail="it will be deleted on 2026-03-30",
    )
    text = render(replace(samples.quiet(), changes=(leaving,)), PLAIN)
    assert "it will be deleted on 2026-03-30" in text
    assert words.NO_CHANGES in text


def test_a_plan_with_only_orphans_counts_them():
    text = render(replace(samples.quiet(), changes=samples.pruned()[4:5]), PLAIN)
    assert f"{words.NO_CHANGES} 0 unchanged. 1 orphan left alone." in text


@pytest.mark.parametrize(
    ("cost", "line"),
    [
        pytest.param(Cost(1, 1), "Cost: about $1.00 a month, as before.", id="same"),
        pytest.param(Cost(1, 3.5), "Cost: about $1.00 a month before, $3.50 after (+$2.50).", id="more"),
        pytest.param(Cost(2000, 1), "Cost: about $2,000.00 a month before, $1.00 after (-$1,999.00).", id="less"),
    ],
)
def test_the_cost_is_told_before_and_after(cost, line):
    assert words.money(cost) == line


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(ABSENT, basics.PUBLIC, True, id="new"),
        pytest.param(basics.OLD_POLICY, basics.PUBLIC, True, id="opened"),
        pytest.param(basics.PUBLIC, basics.PUBLIC.replace("kms:", "KMS:"), False, id="open already"),
        pytest.param(basics.PUBLIC, basics.OLD_POLICY, False, id="closed"),
        pytest.param("{", basics.PUBLIC, True, id="nobody could read it"),
    ],
)
def test_a_policy_that_lets_everybody_in_is_marked(before, after, said):
    assert ("! lets everybody in" in shown(FieldChange("policy", before, after))) is said


def test_what_an_orphan_has_is_shown_as_kept():
    fields = (FieldChange("operations", ["Decrypt"], ABSENT), FieldChange("token", "hunter2", ABSENT, sensitive=True))
    orphan = replace(samples.pruned()[4], fields=fields)
    text = render(replace(samples.small(), changes=(orphan,)), PLAIN)
    assert '= operations: ["Decrypt"]' in text
    assert "hunter2" not in text


@pytest.mark.parametrize("of", ["alias/orders", "orders", None], ids=["alias", "id", "none"])
def test_what_an_address_says_already_is_not_repeated(of):
    alias = replace(samples.linked()[0], resource_id=of)
    assert "Alias/orders payments/keys.yaml:12" in render(replace(samples.small(), changes=(alias,)), PLAIN)
