"""What AccessTests say of a plan."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.scope import scope_of
from reconciler.plan.access.failure import RISK, Failure
from reconciler.plan.access.tests import failures
from reconciler.plan.planner import plan
from reconciler.plan.risk.guard import verdict
from reconciler.plan.risk.tests import held_against
from reconciler.plan.simulate import simulate
from reconciler.policy.access import Standing
from tests.manifest.build import ACCOUNT, desired, manifest
from tests.plan.access.expecting import (
    CLOSED,
    DELEGATING,
    GRANT,
    OWN_RULE,
    ROOT,
    expects,
    key,
    line,
    planned,
    there,
    told,
)
from tests.plan.build import has, has_grant, terms_of
from tests.support.pools import allow, policy

LIVE = policy(ROOT, allow("App", {"AWS": f"arn:aws:iam::{ACCOUNT.account_id}:role/app"}, "kms:Decrypt"))


@pytest.mark.parametrize(
    ("allows", "denies"),
    [
        pytest.param(line("role/app", "Decrypt"), "", id="a user may use"),
        pytest.param(line("role/admin", "'Put*', ScheduleKeyDeletion"), "", id="a pattern stands for each action"),
        pytest.param("", line("role/admin", "Decrypt, CreateGrant"), id="an administrator may not use"),
        pytest.param("", line("*", "'*'"), id="a stranger may nothing"),
        pytest.param("", line("444455556666", "Decrypt"), id="another account may nothing"),
        pytest.param("", line("s3.amazonaws.com", "Decrypt"), id="a service may nothing"),
        pytest.param("", line("arn:aws:sts::111122223333:assumed-role/auditor/ann", "Encrypt"), id="a session"),
        pytest.param(line("user/x", "Decrypt", ", delegated: allowed"), "", id="nothing is delegated, and it fails"),
    ],
)
def test_what_is_expected_and_true_stands_against_nothing(allows, denies):
    made = planned(key(), expects(allows, denies))
    failing = "delegated" in allows
    assert bool(told(made)) is failing
    assert bool([one for one in verdict(made).refusals if one.name == RISK]) is failing


@pytest.mark.parametrize(
    ("allows", "denies", "says"),
    [
        pytest.param(
            line("role/auditor", "Decrypt"),
            "",
            "AccessTest/t (1.yaml:10): arn:aws:iam::111122223333:role/auditor must be allowed kms:Decrypt on Key/db, "
            "and is denied: no statement of the key policy allows it",
            id="nothing allows it",
        ),
        pytest.param(
            "",
            line("role/app", "'Decrypt', 'Encrypt'"),
            "AccessTest/t (1.yaml:10): arn:aws:iam::111122223333:role/app must be denied kms:Decrypt, kms:Encrypt on "
            "Key/db, and is allowed: the key policy allows it: statement AllowUse (1.yaml:5)",
            id="a statement allows it",
        ),
        pytest.param(
            "",
            line("role/app", "'*'"),
            "AccessTest/t (1.yaml:10): arn:aws:iam::111122223333:role/app must be denied kms:Decrypt, "
            "kms:DescribeKey, kms:Encrypt, kms:GenerateDataKey and 5 more on Key/db, and is allowed: the key policy "
            "allows it: statement AllowUse (1.yaml:5)",
            id="what fails for one reason is told together",
        ),
    ],
)
def test_a_failure_says_what_is_expected_what_is_true_and_what_decides(allows, denies, says):
    assert told(planned(key(), expects(allows, denies))) == [says]


@pytest.mark.parametrize(
    ("allows", "denies", "failing"),
    [
        pytest.param(line("role/x", "Decrypt"), "", True, id="it is not allowed for certain"),
        pytest.param("", line("role/x", "Decrypt"), True, id="nor denied"),
        pytest.param(line("role/x", "Decrypt", ", delegated: fails"), "", True, id="said in so many words"),
        pytest.param(line("role/x", "Decrypt", ", delegated: allowed"), "", False, id="it counts as allowed"),
        pytest.param(line("role/app", "Decrypt", ", delegated: allowed"), "", False, id="allowed is allowed"),
    ],
)
def test_what_is_left_to_iam_is_neither_allowed_nor_denied_unless_the_test_says_so(allows, denies, failing):
    made = planned(key(DELEGATING), expects(allows, denies))
    assert bool(told(made)) is failing
    assert all("left to IAM policies: they are not known here" in why for why in told(made))


def test_a_declared_grant_that_decides_is_named_with_its_place():
    (why,) = told(planned(key(), GRANT, expects(deny=line("role/batch", "Decrypt"))))
    assert why.endswith("and is allowed: a grant allows it: Grant/batch (1.yaml:7)")


def test_a_grant_that_nobody_declares_is_named_by_its_id():
    foreign = has_grant(terms=terms_of("reader"), called="theirs", grant_id="g-9")
    live = has(policy=CLOSED, grants=[foreign])
    grantee = foreign.terms.grantee_principal
    (why,) = told(planned(key(), expects(deny=line(str(grantee), "'*'")), on=there(live)))
    assert why.endswith("a grant allows it: grant g-9")


@pytest.mark.parametrize(
    ("context", "failing"), [("", True), (", context: {a: b}", True), (", context: {tenant: blue}", False)]
)
def test_the_encryption_context_of_a_request_counts(context, failing):
    statement = (
        "{Effect: Allow, Principal: {AWS: 'arn:aws:iam::111122223333:role/x'}, Action: 'kms:Decrypt', Resource: '*', "
        "Condition: {StringEquals: {'kms:EncryptionContext:tenant': blue}}}"
    )
    made = planned(key(OWN_RULE[:-1] + f", statements: [{statement}]}}"), expects(line("role/x", "Decrypt", context)))
    assert bool(told(made)) is failing


def test_who_asks_through_a_service_and_from_an_address_is_asked_so():
    statement = (
        "{Sid: S3, Effect: Allow, Principal: {AWS: 'arn:aws:iam::111122223333:role/x'}, Action: 'kms:Decrypt', "
        "Resource: '*', Condition: {StringEquals: {'kms:ViaService': 's3.us-east-1.amazonaws.com'}, "
        "IpAddress: {'aws:SourceIp': '10.0.0.0/8'}}}"
    )
    more = ", via: s3, facts: {aws:SourceIp: 10.1.2.3}"
    of = key(OWN_RULE[:-1] + f", statements: [{statement}]}}")
    assert not told(planned(of, expects(line("role/x", "Decrypt", more), line("role/x", "Decrypt"))))
    (why,) = told(planned(of, expects(line("role/x", "Decrypt", ", via: s3"))))
    assert why.endswith("and conditions look at what the request does not have: aws:SourceIp")


def test_an_explicit_denial_and_its_statement_are_named():
    statement = "{Effect: Deny, Principal: '*', Action: 'kms:Decrypt', Resource: '*'}"
    (why,) = told(planned(key(OWN_RULE[:-1] + f", statements: [{statement}]}}"), expects(line("role/app", "Decrypt"))))
    assert why.endswith("is denied: a statement of the key policy denies it: statement number 4 (1.yaml:5)")


def test_each_key_of_a_test_is_asked_what_it_can_be_asked_and_bears_its_own_failures():
    signing = manifest("Key", "sig", f"{{keySpec: ECC_NIST_P256, keyUsage: SIGN_VERIFY, policy: {OWN_RULE}}}")
    test = expects(deny=line("role/app", "Decrypt, Sign"), keys="allKeys: true")
    made = planned(key(), signing, test)
    risky = {str(change.address): told(replace(made, changes=(change,))) for change in made.changes}
    assert {name: [why.count("kms:") for why in found] for name, found in risky.items()} == {
        "Key/db": [1],
        "Key/sig": [1],
    }
    assert not told(planned(key(), signing, expects(deny=line("role/admin", "Decrypt, Sign"), keys="keys: [sig, db]")))


def test_a_key_that_no_step_touches_bears_its_failures_too_and_the_plan_is_refused():
    live = has(policy=LIVE, grants=[])
    made = planned(manifest("Key", "db", "{}"), expects(deny=line("role/app", "Decrypt")), on=there(live))
    (change,) = made.changes
    assert not change.effective
    (why,) = told(made)
    assert why == (
        "AccessTest/t (1.yaml:10): arn:aws:iam::111122223333:role/app must be denied kms:Decrypt on Key/db, and is "
        "allowed: the key policy allows it: statement App"
    )
    assert [refusal.allow for refusal in verdict(made, [RISK, f"{RISK}:Key/db"]).refusals] == [None]


def test_of_a_live_policy_that_means_the_same_the_statement_with_the_same_sid_is_shown():
    roles = json.loads(desired(key()).keys[0].policy)
    live = has(policy=json.dumps({**roles, "Statement": roles["Statement"][::-1]}), grants=[])
    (why,) = told(planned(key(), expects(deny=line("role/app", "Decrypt")), on=there(live)))
    assert why.endswith("statement AllowUse (1.yaml:5)")


@pytest.mark.parametrize("sid", [None, "Renamed"])
def test_a_statement_of_a_live_policy_that_the_declared_one_has_under_no_sid_has_no_place(sid):
    roles = json.loads(desired(key()).keys[0].policy)
    for statement in roles["Statement"]:
        if sid is None:
            statement.pop("Sid")
        else:
            statement["Sid"] += sid
    live = has(policy=json.dumps(roles), grants=[])
    (why,) = told(planned(key(), expects(deny=line("role/app", "Decrypt")), on=there(live)))
    assert why.endswith("statement number 2" if sid is None else "statement AllowUseRenamed")


def test_a_declared_policy_whose_statements_have_no_known_places_is_shown_without():
    state = desired(key() + expects(deny=line("role/app", "Decrypt")))
    state = replace(state, keys=tuple(replace(one, statement_positions=()) for one in state.keys))
    (why,) = told(plan(state, there()))
    assert why.endswith("statement AllowUse")


@pytest.mark.parametrize(
    ("live", "because"),
    [
        pytest.param(has(policy=None, grants=[]), "the key policy was not read", id="not read"),
        pytest.param(has(policy="not JSON", grants=[]), "JSON", id="not to be parsed"),
    ],
)
def test_what_cannot_be_told_fails_whatever_is_expected(live, because):
    test = expects(line("role/app", "Decrypt"), line("role/x", "Decrypt"))
    found = told(planned(manifest("Key", "db", "{}"), test, on=there(live)))
    assert len(found) == 2
    assert all("and that cannot be told" in why and because in why for why in found)


def test_a_key_that_is_not_there_is_a_failure_of_its_tests():
    state = desired(key() + expects(deny=line("*", "Decrypt")))
    (failure,) = failures(state.tests, there(), replace(state, keys=()))
    assert failure.why == "the key is not there"


def broken(*texts, on):
    """What a plan would break of what holds."""
    state = desired("".join(texts))
    return failures(state.tests, simulate(plan(state, on), on), state, on)


@pytest.mark.parametrize(
    ("now", "failing"),
    [
        pytest.param(has(policy=CLOSED, grants=[]), True, id="it held until now"),
        pytest.param(has(policy=LIVE, grants=[]), False, id="it did not hold before"),
        pytest.param(has(policy="not JSON", grants=[]), False, id="nobody can tell whether it held"),
        pytest.param(None, True, id="nobody could do anything with a key that is not there"),
    ],
)
def test_where_only_what_is_broken_counts_what_did_not_hold_before_does_not(now, failing):
    of = key(), expects(deny=line("role/app", "Decrypt"))
    on = there(now) if now else there()
    assert bool(broken(*of, on=on)) is failing
    assert told(planned(*of, on=on))


def test_what_must_be_allowed_of_a_key_that_is_not_there_yet_is_broken_by_nothing():
    of = key(), expects(line("role/batch", "Decrypt"))
    assert told(planned(*of))
    assert not broken(*of, on=there())
    assert not broken(*of, on=there(has(policy="not JSON", grants=[])))


def test_what_cannot_be_told_any_more_is_broken():
    state = desired(key() + expects(deny=line("role/x", "Decrypt")))
    before, after = there(has(policy=CLOSED, grants=[])), there(has(policy="not JSON", grants=[]))
    assert len(failures(state.tests, after, state, before)) == 1
    assert failures(state.tests, after, state, after) == ()


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        pytest.param("'aws:ResourceTag/team': a", ["Key/db", "Key/two"], id="a tag"),
        pytest.param("'kms:ResourceAliases': alias/a", ["Key/db", "Key/two"], id="an alias"),
        pytest.param("'aws:PrincipalTag/x': '${aws:ResourceTag/team}'", [], id="a variable"),
        pytest.param("'aws:PrincipalAccount': '111122223333'", [], id="nothing of a key"),
    ],
)
def test_keys_with_one_policy_are_told_apart_where_that_matters(condition, holds):
    operator = "'ForAnyValue:StringEquals'" if "Aliases" in condition else "StringEquals"
    statement = (
        "{Sid: One, Effect: Allow, Principal: {AWS: 'arn:aws:iam::111122223333:role/x'}, Action: 'kms:Decrypt', "
        f"Resource: '*', Condition: {{{operator}: {{{condition}}}}}}}"
    )
    of = OWN_RULE[:-1] + f", statements: [{statement}]}}"
    keys = [key(of, "a", ", tags: {team: a}, aliases: [a]"), key(of), key(of, "two")]
    test = expects(line("role/x", "Decrypt", ", facts: {aws:PrincipalTag/x: a}"), keys="allKeys: true")
    made = planned(*keys, test)
    failing = {str(change.address) for change in made.changes if told(replace(made, changes=(change,)))}
    expected = set(holds) if "${" not in condition else {"Key/db", "Key/two"}
    assert failing == expected


def test_no_test_reads_nothing_and_fails_nothing():
    assert failures((), there(), desired(key())) == ()


def test_what_failed_before_is_no_risk_any_more():
    made = planned(key(), expects(deny=line("role/app", "Decrypt")))
    assert told(made)
    assert not told(replace(made, changes=held_against((), made.changes)))


def test_a_failure_is_a_diagnostic_at_its_expectation():
    state = desired(key() + expects(deny=line("role/app", "Decrypt")))
    made = plan(state, there())
    (failure,) = failures(state.tests, simulate(made, there()), state)
    found = failure.diagnostic
    assert (found.name, str(found.position)) == ("access-test", "1.yaml:10:39")
    assert found.what == (
        "AccessTest/t: arn:aws:iam::111122223333:role/app must be denied kms:Decrypt on Key/db, and is allowed"
    )
    assert found.fix
    assert isinstance(failure, Failure)
    assert failure.found is Standing.ALLOWED


@settings(max_examples=20)
@given(
    principal=st.sampled_from(["role/app", "role/admin", "role/auditor", "role/x", "*", "444455556666"]),
    action=st.sampled_from(["Decrypt", "PutKeyPolicy", "CreateGrant", "DescribeKey"]),
    delegating=st.booleans(),
)
def test_no_request_is_both_allowed_and_denied_and_each_is_one_of_them_or_left_to_iam(principal, action, delegating):
    of = key(DELEGATING if delegating else OWN_RULE)
    allowed = not told(planned(of, expects(line(principal, action))))
    denied = not told(planned(of, expects(deny=line(principal, action))))
    lenient = not told(planned(of, expects(line(principal, action, ", delegated: allowed"))))
    assert not (allowed and denied)
    assert lenient is not denied
    assert delegating or allowed or denied
    assert lenient or not allowed


def test_keys_with_a_test_are_read_with_their_policy_and_every_grant():
    state = desired(key() + key(name="other") + expects(deny=line("*", "Decrypt")))
    wanted = scope_of(state)[RUN_TARGET].keys
    assert (wanted["db"].policy, wanted["db"].every_grant) == (True, True)
    assert not wanted["other"].every_grant
