"""Who gains and loses what, as lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.kit.diagnostics import Position
from reconciler.model.identifiers import RUN_TARGET
from reconciler.plan.access.diff import AccessChange
from reconciler.plan.access.reach import Origin, Way
from reconciler.plan.changes import Cost, Plan
from reconciler.plan.planner import plan
from reconciler.policy.actions import KEY_ACTIONS
from reconciler.policy.conditions import Condition
from reconciler.report.accesslines import access_blocks, access_lines
from reconciler.report.actionwords import short
from reconciler.report.markdown import plan as markdown
from reconciler.report.style import Style
from reconciler.report.text import plan as text
from tests.plan.build import declares, there, wants
from tests.report.basics import ACCOUNT
from tests.report.hostile import HOSTILE
from tests.support.pools import POLICIES, allow, policy

US = "111122223333"
THEIRS = "arn:aws:iam::444455556666:role/x"
APP, BATCH = f"arn:aws:iam::{US}:role/app", f"arn:aws:iam::{US}:role/batch"
USE = AccessChange(
    gained=True, principal=APP, actions=("kms:Decrypt",), way=Way.KEY_POLICY, origins=(Origin(0, "Use"),)
)
PLAIN = Style(colour=False)


def said(*changes: AccessChange, places: tuple[Position, ...] = ()) -> list[str]:
    return [f"{line.mark} {line.text}" for line in access_lines(changes, places, US)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(USE, "+ role/app: Decrypt (statement Use)", id="by the key policy"),
        pytest.param(replace(USE, gained=False), "- role/app: Decrypt (statement Use)", id="lost"),
        pytest.param(
            replace(USE, principal=f"arn:aws:iam::{US}:root", way=Way.DELEGATION, actions=KEY_ACTIONS, origins=()),
            f"+ account {US}: every action, as far as its IAM policies allow",
            id="delegated",
        ),
        pytest.param(
            replace(USE, principal=THEIRS, way=Way.BOTH_ACCOUNTS, origins=(Origin(2),)),
            f"+ {THEIRS}: Decrypt, as far as IAM policies of its account allow too (statement 3)",
            id="both accounts",
        ),
        pytest.param(
            replace(
                USE, way=Way.GRANT, origins=(Origin(name="g-1"),), conditions=(Condition("Bool", "a:b", ("true",)),)
            ),
            "+ role/app: Decrypt when a:b is true, by a grant",
            id="a grant",
        ),
        pytest.param(
            replace(USE, gained=False, principal="*", way=Way.DENIAL, origins=()),
            "- everybody: Decrypt, explicitly denied",
            id="a denial comes",
        ),
        pytest.param(
            replace(USE, principal=f"* except {APP}, {BATCH}", way=Way.DENIAL, origins=()),
            "+ everybody except role/app, role/batch: Decrypt, explicitly denied no more",
            id="a denial goes",
        ),
        pytest.param(
            AccessChange(gained=False, principal="*", actions=(), way=Way.DISABLED, detail="k-1"),
            "- everybody: any use of k-1: the key is disabled",
            id="a key is disabled",
        ),
        pytest.param(
            AccessChange(gained=False, principal="*", actions=(), way=Way.DELETION, detail="k-1"),
            "- everybody: any use of k-1: the key awaits its deletion",
            id="a key goes",
        ),
        pytest.param(
            AccessChange(gained=True, principal="?", actions=(), way=Way.UNKNOWN, detail="no JSON"),
            "+ nobody knows who: any use, for all that is known: no JSON",
            id="nobody knows",
        ),
    ],
)
def test_every_way_has_its_words(change, expected):
    assert said(change) == [expected]


def test_principals_of_whom_the_same_is_said_share_a_line():
    changes = [replace(USE, principal=f"arn:aws:iam::{US}:role/r{n}") for n in range(11)]
    assert said(*changes[:2]) == ["+ role/r0, role/r1: Decrypt (statement Use)"]
    assert said(*changes)[0].startswith("+ role/r0, role/r1,")
    assert "role/r7 and 3 others: Decrypt" in said(*changes)[0]


def test_a_statement_of_the_new_policy_is_said_with_its_place_and_one_of_the_old_without():
    places = (Position("keys.yaml", 14),)
    denial = replace(USE, way=Way.DENIAL)
    assert said(USE, places=places) == ["+ role/app: Decrypt (statement Use, keys.yaml:14)"]
    assert said(replace(USE, gained=False), places=places) == ["- role/app: Decrypt (statement Use)"]
    assert "keys.yaml:14" in said(replace(denial, gained=False), places=places)[0]
    assert "keys.yaml:14" not in said(denial, places=places)[0]
    assert "keys.yaml" not in said(replace(USE, origins=(Origin(1, "More"),)), places=places)[0]


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        pytest.param(KEY_ACTIONS, "every action", id="all"),
        pytest.param(("kms:Decrypt", "kms:Sign"), "Decrypt, Sign", id="a few"),
        pytest.param(
            tuple(a for a in KEY_ACTIONS if "DataKey" in a or a == "kms:ReEncryptTo"),
            "GenerateDataKey*, ReEncryptTo",
            id="all that begin alike",
        ),
        pytest.param(
            tuple(a for a in KEY_ACTIONS if a not in ("kms:Decrypt", "kms:PutKeyPolicy")),
            "every action but Decrypt, PutKeyPolicy",
            id="all but two",
        ),
    ],
)
def test_actions_are_said_as_short_as_wildcards_can(actions, expected):
    assert short(tuple(actions)) == expected


def plan_of(*policies: str) -> Plan:
    return plan(declares(*(wants(f"k{n:02}", policy=one) for n, one in enumerate(policies))), there())


def test_keys_of_which_the_same_is_said_stand_together():
    blocks = access_blocks(plan_of(POLICIES[0], POLICIES[1], POLICIES[0]))
    assert [block.title for block in blocks] == ["Key/k00, Key/k02", "Key/k01"]


def test_a_plan_that_changes_no_access_says_nothing_of_it():
    quiet = Plan("s", {RUN_TARGET: ACCOUNT}, "d", cost=Cost(0.0, 0.0))
    assert access_blocks(quiet) == ()
    assert "Access" not in text.render(quiet, PLAIN)
    assert "access" not in markdown.render(quiet)


def test_what_has_no_room_is_counted():
    root = allow("Root", {"AWS": US}, "kms:*")
    many = plan_of(
        *(policy(root, allow("Use", {"AWS": f"arn:aws:iam::{US}:role/r{n}"}, "kms:Sign")) for n in range(60))
    )
    shown = text.render(many, PLAIN)
    assert "47 resources more: --output json has them all" in shown
    small = markdown.render(many, limit=4_000)
    assert "more did not fit: see `kmsctl plan`." in small
    assert len(small) < 5_000


@pytest.mark.parametrize("bad", [HOSTILE, ""])
def test_what_others_wrote_is_escaped(bad):
    changes = [
        replace(
            USE, principal=bad or "x", origins=(Origin(0, bad),), conditions=(Condition("StringLike", bad, (bad,)),)
        ),
        AccessChange(gained=True, principal="?", actions=(), way=Way.UNKNOWN, detail=bad),
    ]
    assert all(line.isprintable() for line in said(*changes))
