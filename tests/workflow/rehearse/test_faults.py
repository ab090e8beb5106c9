"""What KMS would refuse, a rehearsal finds, with KMS's words, and nothing but it and what depends on it is not done."""

from __future__ import annotations

import json
from dataclasses import replace

from reconciler.apply.outcome import Status
from reconciler.model.desired import GrantTerms
from reconciler.model.identifiers import GrantId
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedGrant, ObservedState
from reconciler.workflow.rehearse import run
from reconciler.workflow.rehearse.fill import Filled
from tests.cli.samples import GRANT, ORDERS
from tests.support.rehearsing import Theatre, codes

ME = "arn:aws:iam::111122223333:user/me"
EXTERNAL_GRANT = """\
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Grant
metadata:
  name: report
spec:
  key: "{0}"
  granteePrincipal: role/report
  operations: [Decrypt]
"""


def statement(principal, action="kms:*"):
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}


def with_policy(*statements):
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    head, _, tail = ORDERS.partition("  policy:\n")
    return head + f"  policy:\n    document: {document}\n" + tail[tail.index("  deletion:") :]


def test_a_policy_that_locks_its_caller_out_is_refused(theatre):
    theatre.apply(ORDERS)
    found = theatre.rehearse(with_policy(statement("arn:aws:iam::111122223333:role/somebody")))
    assert codes(found) == ["MalformedPolicyDocumentException"]
    assert "will not allow you to update the key policy" in str(found.outcome.failed[0].error)
    assert found.outcome.failed[0].change.position.line == 1
    assert found.remaining is None


def test_the_lockout_is_judged_for_the_caller_and_not_for_the_root_user(tmp_path):
    policy = with_policy(statement("arn:aws:iam::111122223333:user/you"))
    allowed = with_policy(statement(ME))
    assert codes(Theatre(tmp_path / "kms", ME).rehearse(policy)) == ["MalformedPolicyDocumentException"]
    assert Theatre(tmp_path / "kms", ME).rehearse(allowed).ok


def test_what_depends_on_a_failure_is_skipped_and_the_rest_is_done(theatre):
    locked = with_policy(statement("arn:aws:iam::111122223333:role/somebody"))
    other = ORDERS.replace("orders", "other")
    found = theatre.rehearse(locked, GRANT, "---\n" + other)
    assert codes(found) == ["MalformedPolicyDocumentException"]
    statuses = {str(one.change.address): one.status for one in found.outcome.steps}
    assert statuses["Grant/report"] is Status.SKIPPED
    assert statuses["Alias/other"] is Status.DONE


def test_one_alias_too_many_is_refused(theatre):
    theatre.apply(ORDERS)
    with theatre.kms() as kms:
        key = kms("DescribeKey", {"KeyId": "alias/orders"})["KeyMetadata"]["KeyId"]
        for number in range(48):
            kms("CreateAlias", {"AliasName": f"alias/by-hand-{number}", "TargetKeyId": key})
    assert theatre.rehearse(ORDERS.replace("[orders]", "[orders, one]")).ok
    found = theatre.rehearse(ORDERS.replace("[orders]", "[orders, one, two]"))
    assert codes(found) == ["LimitExceededException"]


def test_one_grant_too_many_is_refused(theatre, monkeypatch):
    theatre.apply(ORDERS)
    terms = GrantTerms("arn:aws:iam::111122223333:role/x", None, None, None, frozenset({"Decrypt"}))

    def full(key):
        grants = (ObservedGrant(GrantId(f"{number:064x}"), key.key_id, "", terms) for number in range(50_000))
        return replace(key, grants=tuple(grants))

    meanwhile(monkeypatch, full)
    assert codes(theatre.rehearse(ORDERS, GRANT)) == ["LimitExceededException"]


def test_a_key_that_awaits_deletion_by_now_refuses_what_was_planned_for_it(theatre, monkeypatch):
    theatre.apply(ORDERS)
    meanwhile(monkeypatch, lambda key: replace(key, state=KeyState.PENDING_DELETION))
    found = theatre.rehearse(ORDERS.replace("Encrypts orders", "Orders"))
    assert codes(found) == ["KMSInvalidStateException"]
    assert "pending deletion" in str(found.outcome.failed[0].error)


def meanwhile(monkeypatch, change):
    """Let every key be changed since the plan was made."""
    real = run.fill

    def changed(session, plan, observed):
        filled = real(session, plan, observed)
        targets = {
            name: replace(found, keys={key_id: change(key) for key_id, key in found.keys.items()})
            for name, found in filled.observed.targets.items()
        }
        return Filled(ObservedState(targets), filled.unread)

    monkeypatch.setattr(run, "fill", changed)


def test_an_explicit_denial_in_a_key_policy_counts_for_the_caller(tmp_path):
    theatre = Theatre(tmp_path / "kms", ME)
    with theatre.kms() as kms:
        deny = {**statement(ME, "kms:CreateGrant"), "Effect": "Deny"}
        policy = {"Version": "2012-10-17", "Statement": [statement("arn:aws:iam::111122223333:root"), deny]}
        key = kms("CreateKey", {"Policy": json.dumps(policy)})["KeyMetadata"]["KeyId"]
    found = theatre.rehearse(EXTERNAL_GRANT.format(key))
    assert codes(found) == ["AccessDeniedException"]
    assert "explicit deny" in str(found.outcome.failed[0].error)
