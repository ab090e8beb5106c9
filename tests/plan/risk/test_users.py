"""What is said against a new key policy for those who use the key, and against a grant to strangers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.model.desired import GrantConstraints, GrantTerms
from reconciler.model.ownership import GRANTS_TAG
from reconciler.model.usage import NeverUsed, UsedAt
from reconciler.plan.changes import RiskLevel
from reconciler.plan.planner import plan, usage_questions
from tests.plan.access.saying import APP, DELEGATE, LOGS, THEIR_ROOT, THEIRS, US, allow, deny
from tests.plan.build import DB, declares, has, has_grant, planned, there, wants, wants_grant
from tests.support.pools import READ_AT, policy, terms_of

LATELY, LONG_AGO = UsedAt(READ_AT - timedelta(days=3)), UsedAt(READ_AT - timedelta(days=400))
SERVICE = allow({"Service": LOGS}, "kms:Decrypt", "kms:Encrypt")
GRANTOR = allow(APP, "kms:CreateGrant")
READER = f"arn:aws:iam::{US}:role/reader"


def risks(before, after, *grants, desired=(), **fields):
    """The risks of the policy's change, by name."""
    real = has(policy=policy(DELEGATE, *before), tags={GRANTS_TAG: "9"}, grants=grants, **fields)
    change = planned(declares(wants(policy=policy(DELEGATE, *after)), *desired), there(real))["Key/db"]
    return {risk.name: risk for risk in change.risks}


@pytest.mark.parametrize(
    ("after", "use", "expected"),
    [
        pytest.param([allow(APP, "kms:Decrypt")], None, "may be in use", id="nobody knows of its use"),
        pytest.param([allow(APP, "kms:Decrypt")], LATELY, "last used on 2026-11-19", id="used lately"),
        pytest.param([allow(APP, "kms:Decrypt")], LONG_AGO, None, id="used long ago"),
        pytest.param([allow(APP, "kms:Decrypt")], NeverUsed(), None, id="never used"),
        pytest.param([allow(APP, "kms:Encrypt")], LATELY, None, id="who encrypts reads nothing"),
        pytest.param([allow("*", "kms:Decrypt")], LATELY, None, id="everybody is told apart"),
        pytest.param([allow(THEIRS, "kms:Decrypt")], LATELY, None, id="other accounts are told apart"),
        pytest.param(
            [allow(None, "kms:Sign", NotPrincipal={"AWS": APP})], LATELY, None, id="all but one are everybody"
        ),
        pytest.param(
            [allow({"AWS": [f"{APP}{n}" for n in range(8)]}, "kms:Sign")], LATELY, " and 3 others may Sign", id="many"
        ),
    ],
)
def test_whoever_may_read_from_now_on_what_others_encrypted_is_told(after, use, expected):
    found = risks([], after, last_use=use).get("wider-use")
    assert found is None if expected is None else found is not None and expected in found.why
    assert found is None or found.level is RiskLevel.CAUTION


def test_after_a_policy_that_cannot_be_read_everybody_is_new_and_that_is_not_told_by_name():
    real = has(policy="no JSON", last_use=LATELY)
    change = planned(declares(wants(policy=policy(DELEGATE, allow(APP, "kms:Decrypt")))), there(real))["Key/db"]
    assert change.risks == ()


@pytest.mark.parametrize(
    ("before", "after", "use", "name", "why"),
    [
        pytest.param(
            [SERVICE], [], LATELY, "service-cut-off", "loses kms:Decrypt", id="all that it may, of a key in use"
        ),
        pytest.param([SERVICE], [], None, "service-cut-off", "loses kms:Decrypt", id="of a key that may be"),
        pytest.param([SERVICE], [], NeverUsed(), "service-access", "loses kms:Decrypt", id="of a key that is not"),
        pytest.param(
            [SERVICE],
            [allow({"Service": LOGS}, "kms:Decrypt")],
            LATELY,
            "service-cut-off",
            "loses kms:Encrypt",
            id="some",
        ),
        pytest.param(
            [SERVICE],
            [allow({"Service": LOGS}, "kms:Decrypt", "kms:Encrypt", when={"StringEquals": {"aws:SourceAccount": US}})],
            LATELY,
            "service-access",
            "under other conditions",
            id="other conditions",
        ),
        pytest.param(
            [SERVICE],
            [SERVICE, deny({"Service": LOGS}, "kms:Encrypt", when={"StringNotEquals": {"aws:SourceAccount": US}})],
            LATELY,
            "service-access",
            "loses kms:Encrypt",
            id="a denial under conditions",
        ),
        pytest.param(
            [SERVICE],
            [SERVICE, deny({"Service": LOGS}, "kms:Encrypt")],
            LATELY,
            "service-cut-off",
            "Encrypt",
            id="denied",
        ),
        pytest.param([GRANTOR], [], LATELY, "service-access", "no new grants", id="who let services use the key"),
    ],
)
def test_what_services_lose_is_told(before, after, use, name, why):
    found = risks(before, after, last_use=use)
    assert found.keys() == {name}
    assert why in found[name].why
    assert found[name].level is (RiskLevel.DANGER if name == "service-cut-off" else RiskLevel.CAUTION)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([SERVICE, GRANTOR], [GRANTOR, SERVICE], id="the same in another order"),
        pytest.param([allow(APP, "kms:Decrypt")], [], id="a role that is no service"),
        pytest.param([GRANTOR], [GRANTOR, deny(APP, "kms:Sign")], id="a denial for who is no service"),
        pytest.param([], [SERVICE], id="a service more"),
    ],
)
def test_where_services_lose_nothing_nothing_is_told(before, after):
    assert not {"service-cut-off", "service-access"} & risks(before, after, last_use=LATELY).keys()


def test_last_use_is_asked_for_before_a_service_is_cut_off_and_not_for_other_policies():
    observed = there(has(policy=policy(DELEGATE, SERVICE)))
    without = declares(wants(policy=policy(DELEGATE)))
    more = declares(wants(policy=policy(DELEGATE, SERVICE, allow(APP, "kms:Decrypt"))))
    assert usage_questions(plan(without, observed), observed) == {"": frozenset({"k-1"})}
    assert usage_questions(plan(more, observed), observed) == {}


NO_READER = deny(READER, "kms:Decrypt")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([], [{**NO_READER, "Sid": "No"}], "grant g-1, by statement No", id="by name"),
        pytest.param([], [deny("*", "kms:Decrypt")], "grant g-1, by statement 2", id="with everybody"),
        pytest.param([NO_READER], [NO_READER, deny(APP, "kms:Sign")], None, id="it was denied before"),
        pytest.param([], [deny(READER, "kms:Sign")], None, id="something else is denied"),
        pytest.param([], [deny("*", "kms:*", when={"Bool": {"aws:SecureTransport": "false"}})], None, id="never met"),
        pytest.param([], [allow(APP, "kms:Encrypt")], None, id="without a Deny a grant lives on"),
    ],
)
def test_a_grant_that_the_policy_denies_from_now_on_is_told(before, after, expected):
    found = risks(before, after, has_grant(called="of a service"), last_use=NeverUsed()).get("grant-denied")
    assert found is None if expected is None else found is not None and found.why.endswith(expected)


def test_a_grant_with_constraints_is_tried_with_what_it_asks_for():
    when = {"StringEquals": {"kms:EncryptionContext:a": "1"}}
    terms = terms_of("reader", encryption_context_subset={"a": "1"}, source_arn="arn:aws:logs:x")
    real = has_grant(called="x", terms=terms)
    assert "grant-denied" in risks([], [deny(READER, "kms:Decrypt", when=when)], real, last_use=NeverUsed())
    other = {"StringEquals": {"kms:EncryptionContext:a": "2"}}
    assert "grant-denied" not in risks([], [deny(READER, "kms:Decrypt", when=other)], real, last_use=NeverUsed())


def test_a_declared_grant_is_told_by_its_address_once():
    found = risks([], [NO_READER], has_grant(), desired=[wants_grant()], last_use=NeverUsed())
    assert "the grant Grant/reader" in found["grant-denied"].why


def test_after_a_policy_that_cannot_be_read_what_is_denied_is_told():
    real = has(policy="no JSON", grants=[has_grant(called="x")])
    change = planned(declares(wants(policy=policy(DELEGATE, NO_READER))), there(real))["Key/db"]
    assert [risk.name for risk in change.risks] == ["grant-denied"]


@pytest.mark.parametrize(
    ("grantee", "before", "expected"),
    [
        pytest.param(THEIRS, [DELEGATE], True, id="another account"),
        pytest.param(THEIRS, [DELEGATE, allow(THEIR_ROOT, "kms:Sign")], False, id="one that the policy lets in"),
        pytest.param(APP, [DELEGATE], False, id="its own"),
        pytest.param(None, [DELEGATE], False, id="a service"),
    ],
)
def test_a_grant_to_another_account_is_told(grantee, before, expected):
    terms = GrantTerms(grantee, None if grantee else LOGS, None, None, frozenset({"Decrypt"}), GrantConstraints())
    observed = there(has(policy=policy(*before)))
    change = planned(declares(wants(), wants_grant(terms=terms)), observed)["Grant/reader"]
    assert [(risk.name, risk.level) for risk in change.risks] == [("external-account", RiskLevel.CAUTION)] * expected


def test_of_a_new_key_and_of_one_with_grants_to_the_account_it_is_known_who_is_new():
    terms = replace(terms_of("reader"), grantee_principal=THEIRS)
    new = planned(declares(wants(), wants_grant(terms=terms)), there())["Grant/reader"]
    assert [risk.name for risk in new.risks] == ["external-account"]
    assert "may Decrypt" in new.risks[0].why
    known = has(tags={GRANTS_TAG: "1"}, grants=[has_grant(called="x", terms=terms)])
    again = planned(declares(wants(), wants_grant(key=DB, terms=terms)), there(known))["Grant/reader"]
    assert again.risks == ()
