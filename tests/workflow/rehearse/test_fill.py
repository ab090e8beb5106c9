"""What a rehearsal reads beside what the plan has read, and what it makes of what it may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.kit.errors import KmsError
from reconciler.plan.options import PlanOptions
from reconciler.workflow.plan import make_plan
from reconciler.workflow.rehearse.fill import fill
from reconciler.workflow.rehearse.run import rehearse
from tests.cli.samples import ORDERS
from tests.support.rehearsing import Theatre

NO_POLICY = ORDERS.partition("  policy:")[0]
FOREIGN = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def refusing(session, operation, code):
    """The session, to which the real KMS refuses one operation."""

    def around(kms):
        def call(name, parameters):
            if name == operation:
                raise KmsError(code, "no", operation=name)
            return kms(name, parameters)

        return call

    connections = {name: replace(one, kms=around(one.kms)) for name, one in session.connections.items()}
    return replace(session, connections=connections)


def test_policies_are_read_of_the_keys_that_are_touched_and_of_no_others(theatre):
    theatre.apply(NO_POLICY, "---\n" + NO_POLICY.replace("orders", "other"))
    changed = NO_POLICY.replace("Encrypts orders", "Orders")
    with theatre.session(changed, "---\n" + NO_POLICY.replace("orders", "other")) as session:
        planned = make_plan(session, PlanOptions())
        filled = fill(session, planned.plan, planned.observed)
    keys = filled.observed.targets[""].keys.values()
    assert sorted(key.tags["kms.reconciler.dev/name"] for key in keys if key.policy) == ["orders"]
    assert filled.unread == ()


def test_a_policy_that_may_not_be_read_is_taken_for_the_default_and_that_is_said(theatre):
    theatre.apply(NO_POLICY)
    with theatre.session(NO_POLICY.replace("Encrypts orders", "Orders")) as session:
        planned = make_plan(session, PlanOptions())
        found = rehearse(refusing(session, "GetKeyPolicy", "AccessDeniedException"), planned, PlanOptions())
    (key_id,) = planned.observed.targets[""].keys
    assert found.ok
    assert found.differences == (f"key {key_id} is taken to have AWS's default policy: its own may not be read",)


def test_another_refusal_ends_the_rehearsal(theatre):
    theatre.apply(NO_POLICY)
    with theatre.session(NO_POLICY.replace("Encrypts orders", "Orders")) as session:
        planned = make_plan(session, PlanOptions())
        with pytest.raises(KmsError, match="KMSInternalException"):
            rehearse(refusing(session, "GetKeyPolicy", "KMSInternalException"), planned, PlanOptions())


def test_the_policy_of_another_accounts_key_is_taken_to_let_the_caller_in(tmp_path):
    theatre = Theatre(tmp_path / "kms")
    with theatre.engine() as engine:
        theirs = engine.client(account="444455556666")
        policy = (
            '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["444455556666","111122223333"]},'
            '"Action":"kms:*","Resource":"*"}}'
        )
        key = theirs("CreateKey", {"Policy": policy})["KeyMetadata"]["Arn"]
    grant = (
        "{apiVersion: kms.reconciler.dev/v1alpha1, kind: Grant, metadata: {name: g}, spec: {key: "
        f"'{key}', granteePrincipal: role/app, operations: [Decrypt]}}}}\n"
    )
    found = theatre.rehearse(grant)
    assert (found.ok, found.remaining) == (True, ())
    assert found.differences == (
        f"the policy of key {key}, which is another account's, is taken to let the caller's account in",
    )


def test_a_copy_that_the_caller_may_not_read_any_more_says_nothing_of_the_next_plan(theatre, monkeypatch):
    from reconciler.workflow.rehearse import run

    def denied(*_, **__):
        raise KmsError("AccessDeniedException", "no")

    monkeypatch.setattr(run, "observe", denied)
    found = theatre.rehearse(NO_POLICY)
    assert (found.ok, found.remaining) == (True, None)


def test_another_fault_of_the_copy_is_told(theatre, monkeypatch):
    from reconciler.workflow.rehearse import run

    def broken(*_, **__):
        raise KmsError("KMSInternalException", "no")

    monkeypatch.setattr(run, "observe", broken)
    with pytest.raises(KmsError):
        theatre.rehearse(NO_POLICY)
