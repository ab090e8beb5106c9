"""What AccessTests say where the IAM policies of people are known."""

from __future__ import annotations

from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.saved.vet import reassessed
from reconciler.policy.access import Identities, Person
from reconciler.policy.evaluate import IdentityPolicies, NamedPolicy, parse_identity_policy
from tests.manifest.build import ACCOUNT, desired
from tests.plan.access.expecting import ROOT, expects, key, line, there, told
from tests.plan.build import has
from tests.support.pools import policy


def _known(*policies: object, boundary: NamedPolicy | None = None) -> PlanOptions:
    person = Person(f"arn:aws:iam::{ACCOUNT.account_id}:role/app", IdentityPolicies(policies, boundary))
    return PlanOptions(identities=Identities.of_people([ACCOUNT.account_id], [person]))


def _reads(resource: str) -> NamedPolicy:
    statement = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": resource}
    return NamedPolicy("reads", parse_identity_policy({"Statement": statement}))


def _told_with(options: PlanOptions, *texts: str, on=None) -> list[str]:
    return told(plan(desired("".join(texts)), on or there(), options))


DELEGATED = key("{delegateToIam: true}")
APP_MAY = expects(line("role/app", "Decrypt"))


def test_what_is_left_to_iam_is_decided_by_what_is_known_of_it():
    assert _told_with(_known(_reads("*")), DELEGATED, APP_MAY) == []
    (why,) = _told_with(_known(), DELEGATED, APP_MAY)
    assert "and is denied: no identity policy allows it" in why
    (why,) = _told_with(_known(_reads("*")), DELEGATED, expects(deny=line("role/app", "Decrypt")))
    assert "by leave of the account: statement number 1 of reads" in why


def test_a_test_of_several_keys_asks_each_where_iam_policies_name_keys():
    keys = "".join(key("{delegateToIam: true}", name=name) for name in ("a", "b"))
    first, second = (has(f"k-{name}", name, policy=policy(ROOT)) for name in ("a", "b"))
    found = there(first, second)
    test = expects(line("role/app", "Decrypt"), keys="allKeys: true")
    for options in (_known(_reads(first.arn)), _known(_reads("*"), boundary=_reads(first.arn))):
        (why,) = _told_with(options, keys, test, on=found)
        assert "on Key/b, and is denied" in why
    assert _told_with(_known(_reads("*"), boundary=_reads("*")), keys, test, on=found) == []


def test_a_saved_plan_is_judged_by_what_is_known_when_it_is_applied():
    state = there()
    options = _known(_reads("*"))
    made = plan(desired(DELEGATED + APP_MAY), state, options)
    assert told(reassessed(made, state, options)) == []
    assert len(told(reassessed(made, state, PlanOptions()))) == 1
