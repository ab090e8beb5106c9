"""The KMS is down or busy for a while: the conditions tell it, and everything is as declared afterwards."""

from __future__ import annotations

from functools import partial

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import Place, key, manifest
from tests.e2e.faults import truth
from tests.e2e.faults.conftest import SOAKING
from tests.e2e.faults.tap import Moment, Tap
from tests.e2e.faults.test_api_server_away import description, pass_time

AWAY = 60.0 if SOAKING else 6.0
GRANTED = {"granteePrincipal": "role/export", "operations": ["Decrypt"]}


def telling(place: Place, name: str, reason: str, *, ready: str) -> None:
    """Return once a Key's conditions say why nothing is known of it."""

    def probe() -> bool:
        synced, reconciling = (place.condition("Key", name, kind) for kind in ("Synced", "Reconciling"))
        assert (synced["status"], synced["reason"]) == ("Unknown", reason)
        assert (reconciling["status"], reconciling["reason"]) == ("True", reason)
        assert place.condition("Key", name)["status"] == ready
        return True

    eventually(probe, within=60, what=f"{name} tells {reason}")


def test_a_kms_that_is_down_is_told_and_what_was_ready_stays_so(place, operator, kms):
    place.apply(key("orders"))
    key_id = place.key_id()
    kms.child.kill()
    telling(place, "orders", "Unreachable", ready="True")
    place.apply(key("late"))
    telling(place, "late", "Unreachable", ready="False")
    place.patch("Key", "orders", description="changed")
    telling(place, "orders", "Unreachable", ready="False")
    pass_time(AWAY)
    kms.start()
    truth.all_ready(place, 2)
    truth.one_key_each(place, {"orders", "late"})
    assert description(place, key_id) == "changed"


def test_throttling_is_told_and_ends(place, operator, tap: Tap):
    place.add_target(endpointUrl=tap.url)
    place.apply(key("orders"))
    place.key_id()
    tap.throttles.set()
    telling(place, "orders", "Throttled", ready="True")
    place.apply(key("late"))
    telling(place, "late", "Throttled", ready="False")
    pass_time(AWAY)
    asked = len(tap.calls)
    pass_time(5)
    assert len(tap.calls) - asked < 100, "a busy service is asked less often"
    tap.throttles.clear()
    truth.all_ready(place, 2)
    truth.one_key_each(place, {"orders", "late"})
    assert operator.metric("kmsctl_kms_throttled_total") > 0


def test_the_quotas_of_aws_are_met(place, operator, kms):
    """2021's are small ones: 5 keys a second at most."""
    kms.stop()
    kms.start("--quotas", "2021")
    try:
        place.apply(*(key(f"k{number}", aliases=[f"k{number}"]) for number in range(25)))
        truth.all_ready(place, 25, within=180)
        truth.one_key_each(place, {f"k{number}" for number in range(25)})
    finally:
        kms.stop()


def test_a_call_whose_answer_is_lost_is_not_made_twice(place, operator, tap: Tap):
    """The connection breaks after each of the first calls that write."""
    place.add_target(endpointUrl=tap.url)
    place.ready("Target", place.target)
    for number in range(6):
        struck: list[bool] = []
        tap.strike(Moment.LOST, 1, partial(struck.append, True), writes=True)
        place.apply(
            key(f"k{number}", aliases=[f"k{number}"], tags={"team": "shop"}),
            manifest("Grant", f"g{number}", keyRef={"name": f"k{number}"}, **GRANTED),
        )
        eventually(partial(bool, struck), what="a call is lost")
    truth.all_ready(place, 12)
    truth.one_key_each(place, {f"k{number}" for number in range(6)})
    assert [len(place.account.grants(key_id)) for key_id in place.account.key_ids()] == [1] * 6


def test_both_ends_away_at_once(cluster, place, operator, kms):
    names = {f"k{number}" for number in range(20)}
    place.apply(*(key(name, aliases=[name]) for name in sorted(names)))
    orders = ((kms.start, cluster.start_apiserver), (cluster.start_apiserver, kms.start))
    for number, (first, second) in enumerate(orders if SOAKING else orders[:1]):
        kms.child.kill()
        cluster.kill_apiserver()
        pass_time(AWAY / 2)
        first()
        pass_time(2)
        second()
        place.apply(key(f"after-{number}"))
        names.add(f"after-{number}")
    truth.all_ready(place, len(names))
    truth.one_key_each(place, names)
