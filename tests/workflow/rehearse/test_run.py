"""What a rehearsal says, and that nothing of it happens."""

from __future__ import annotations

import tempfile
from pathlib import Path

from reconciler.apply.rehearsal import Rehearsal
from reconciler.plan.options import PlanOptions
from reconciler.workflow.plan import make_plan
from reconciler.workflow.rehearse.run import rehearse
from tests.cli.samples import GRANT, ORDERS, SIGNING, target
from tests.support.rehearsing import counts

READS = ("Describe", "Get", "List", "Lookup")
KEY = "---\napiVersion: kms.reconciler.dev/v1alpha1\nkind: Key\nmetadata: {{name: {0}}}\nspec:\n  aliases: [{0}]\n"


def there(manifest):
    """On another target."""
    return manifest.replace("spec:", "spec:\n  targetRef: {name: there}", 1)


def record(theatre):
    with theatre.engine() as engine:
        return [event["eventName"] for event in engine.events()]


def test_a_new_stack_is_made_on_the_copy_and_leaves_nothing_to_do(theatre):
    found = theatre.rehearse(ORDERS, GRANT, SIGNING)
    assert found.ok
    assert found.remaining == ()
    assert (found.left_out, found.differences) == ((), ())
    assert counts(found)["CreateKey"] == 2
    assert len(found.outcome.done) == 5


def test_the_real_kms_is_only_read(theatre):
    theatre.apply(ORDERS, GRANT)
    before = len(record(theatre))
    changed = ORDERS.replace("Encrypts orders", "Orders").replace("role/orders-api", "role/other")
    assert theatre.rehearse(changed, GRANT.replace("[Decrypt]", "[Encrypt]"), SIGNING).ok
    names = record(theatre)[before:]
    assert names
    assert [name for name in names if not name.startswith(READS)] == []
    assert theatre.rehearse(ORDERS, GRANT) == Rehearsal()


def test_a_change_of_everything_is_rehearsed_on_keys_with_their_own_ids(theatre):
    theatre.apply(ORDERS, GRANT)
    changed = ORDERS.replace("Encrypts orders", "Orders").replace("365", "180").replace("[orders]", "[orders, more]")
    found = theatre.rehearse(changed, GRANT.replace("[Decrypt]", "[Encrypt]"))
    assert (found.ok, found.remaining) == (True, ())
    calls = ("UpdateKeyDescription", "EnableKeyRotation", "CreateAlias", "CreateGrant", "RevokeGrant")
    assert [counts(found)[name] for name in calls] == [1, 1, 1, 1, 1]


def test_pruning_is_rehearsed(theatre):
    theatre.apply(ORDERS, GRANT)
    found = theatre.rehearse(SIGNING, prune=True)
    assert (found.ok, found.remaining) == (True, ())
    assert counts(found)["ScheduleKeyDeletion"] == 1


def test_two_regions_are_copied_apart(theatre):
    found = theatre.rehearse(ORDERS, there(SIGNING), target("there", region="eu-west-1"))
    assert (found.ok, found.remaining) == (True, ())
    assert counts(found)["ListKeys"] == 2


def test_two_hundred_keys_take_as_long_as_create_key_lets_them(theatre):
    found = theatre.rehearse(*(KEY.format(f"key-{number:03}") for number in range(200)))
    assert (found.ok, found.remaining) == (True, ())
    assert counts(found)["CreateKey"] == 200
    assert 49 < found.seconds < 60  # four a second are eight tenths of AWS's five


def test_the_same_plan_is_rehearsed_in_the_same_words(theatre):
    texts = [KEY.format(f"key-{number}") for number in range(20)]
    first, second = theatre.rehearse(*texts), theatre.rehearse(*texts)
    assert (first.seconds, first.calls) == (second.seconds, second.calls)


def test_nothing_is_left_of_the_copy(theatre, tmp_path, monkeypatch):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    seen = []
    theatre.apply(ORDERS)
    with theatre.session(ORDERS.replace("365", "180")) as session:
        planned = make_plan(session, PlanOptions())
        seen.append(rehearse(session, planned, PlanOptions()))
        assert list(Path(place).iterdir()) == []
    assert seen[0].ok


def test_what_was_not_rehearsed_is_not_asked_of_the_next_plan(theatre):
    signing = there(SIGNING).replace("ECC_NIST_P256", "SM2")
    found = theatre.rehearse(ORDERS, signing, target("there", region="cn-north-1"))
    assert [(str(one.address), one.why) for one in found.left_out] == [
        ("Key/signing@there", "the bundled KMS has no key material of SM2")
    ]
    assert (found.ok, found.remaining) == (True, ())
