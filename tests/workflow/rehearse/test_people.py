"""Who carries out a rehearsal, by what is known of IAM."""

from __future__ import annotations

import pytest

from reconciler.kit.arn import Arn
from reconciler.model.observed import Account
from reconciler.policy.access import Guardrails, Identities, Person
from reconciler.policy.evaluate import IdentityPolicies, NamedPolicy, parse_identity_policy
from reconciler.workflow.rehearse.people import cast
from tests.cli.samples import GRANT, ORDERS
from tests.support.rehearsing import Theatre, codes

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ME = f"arn:aws:iam::{ACCOUNT}:user/me"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/run"


def account(caller, region="us-east-1"):
    return Account(ACCOUNT, region, "aws", caller)


def allowing(*actions):
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":[%s],"Resource":"*"}}'
    return NamedPolicy("own", parse_identity_policy(text % ",".join(f'"{action}"' for action in actions)))


def known(arn, *actions, rails=None):
    person = Person(arn, IdentityPolicies((allowing(*actions),)), {"team": "keys"})
    return Identities.of_people([ACCOUNT], [person], rails or {})


def test_nothing_has_to_be_known_of_a_root_user():
    found = cast([account(ROOT)], Identities())
    assert (dict(found.identities.accounts), found.principals, found.notes) == ({}, {ROOT: ROOT}, ())


@pytest.mark.parametrize(
    "caller", [ME, SESSION, f"arn:aws:iam::{ACCOUNT}:role/deployer"], ids=["a user", "a session", "a role"]
)
def test_a_caller_of_whom_nothing_is_known_is_an_administrator_and_that_is_said(caller):
    found = cast([account(caller), account(caller, "eu-west-1")], Identities())
    there = found.identities.accounts[ACCOUNT]
    assert there.partial
    assert len(there.users) + len(there.roles) == 1
    assert found.principals == {caller: caller}
    assert found.notes == (
        f"{caller} is taken for an administrator by IAM, of which nothing is known: say --identities or --iam",
    )


def test_two_callers_of_one_account_are_both_there():
    there = cast([account(ME), account(SESSION)], Identities()).identities
    assert there.user(Arn.parse(ME)) is not None
    assert there.role_of(Arn.parse(SESSION)) is not None


def test_whoever_the_copy_cannot_know_is_taken_for_the_root_user_and_that_is_said():
    caller = f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    found = cast([account(caller)], Identities())
    assert found.principals == {caller: ROOT}
    assert found.notes == (f"{caller} is taken for the root user of its account: the copy knows no such principal",)


@pytest.mark.parametrize("caller", [ME, f"arn:aws:iam::{ACCOUNT}:role/path/deployer"], ids=["a user", "a role"])
def test_what_is_known_of_iam_is_taken_as_it_is(caller):
    rails = {ACCOUNT: Guardrails("o-1", ((allowing("*"),),), ())}
    found = cast([account(ME)], known(caller, "kms:*", rails=rails))
    there = found.identities.accounts[ACCOUNT]
    one = there.users.get("me") or there.roles["deployer"]
    assert (one.arn, [policy.name for policy in one.policies], one.tags) == (caller, ["own"], {"team": "keys"})
    assert (there.organization_id, there.service_control, there.partial) == ("o-1", ((allowing("*"),),), False)
    assert found.notes == ()


def test_a_permission_that_the_caller_lacks_is_found(tmp_path):
    theatre = Theatre(tmp_path / "kms", ME)
    enough = ("kms:*", "tag:GetResources")
    policies = ORDERS.replace("role/platform", "user/me").replace("role/orders-api", "user/me")
    assert theatre.rehearse(policies, told=known(ME, *enough)).ok
    found = theatre.rehearse(policies, told=known(ME, "kms:CreateKey", "kms:TagResource", "tag:GetResources"))
    assert "AccessDeniedException" in codes(found)


def test_a_principal_that_does_not_exist_is_found_where_all_are_known(tmp_path):
    theatre = Theatre(tmp_path / "kms", ME)
    assert theatre.rehearse(ORDERS, GRANT).ok
    found = theatre.rehearse(ORDERS, GRANT, told=known(ME, "*"))
    assert codes(found) == ["UnknownPrincipal"]
    assert 60 <= found.seconds < 70  # for a minute it may be one that KMS does not see yet
