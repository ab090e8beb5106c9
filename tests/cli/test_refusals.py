"""What people read when the guard refuses a plan."""

from __future__ import annotations

import pytest

from reconciler.cli.refusals import refusal_of
from reconciler.model.address import Address, Kind
from reconciler.plan.risk.guard import Refusal
from tests.cli.samples import ORDERS


def refusals(count, allow=True):
    addresses = [Address(Kind.ALIAS, f"a{number}") for number in range(count)]
    return tuple(
        Refusal(address, "alias-takeover", "it is theirs", f"alias-takeover:{address}" if allow else None)
        for address in addresses
    )


def test_a_few_dangers_are_told_and_allowed_one_by_one():
    error = refusal_of(refusals(2))
    assert error.why == "Alias/a0: alias-takeover: it is theirs; Alias/a1: alias-takeover: it is theirs"
    assert error.fix == "if all of it is meant: --allow alias-takeover:Alias/a0 --allow alias-takeover:Alias/a1"


def test_many_dangers_are_counted_and_allowed_by_name():
    error = refusal_of(refusals(300))
    assert error.why.endswith("; and 295 more, which the plan shows")
    assert error.fix == "if all of it is meant: --allow alias-takeover"


def test_what_nothing_allows_is_for_the_manifests():
    assert refusal_of(refusals(1, allow=False)).fix.startswith("change the manifests")


def test_a_plan_that_apply_would_refuse_ends_with_a_word_of_it(kmsctl, tmp_path):
    (tmp_path / "keys.yaml").write_text(ORDERS)
    kmsctl("apply", "-f", "keys.yaml", "-y", "--stack", "theirs")
    result = kmsctl("plan", "-f", "keys.yaml", "--stack", "ours")
    assert result.code == 0
    assert result.err == ("apply will refuse this plan; if all of it is meant: --allow alias-takeover:Alias/orders\n")
    assert kmsctl("plan", "-f", "keys.yaml", "--stack", "ours", "--allow", "alias-takeover").err == ""


@pytest.mark.parametrize("command", [("plan",), ("apply", "-y")], ids=["plan", "apply"])
def test_a_danger_that_is_allowed_and_not_there_is_told(kmsctl, tmp_path, command):
    (tmp_path / "keys.yaml").write_text(ORDERS)
    result = kmsctl(*command, "-f", "keys.yaml", "--allow", "key-in-use")
    assert result.code == 0
    assert "warning: --allow key-in-use: the plan has no such danger\n" in result.err
