"""What holds of every decision, and that a second evaluator, written from the documentation alone, agrees."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from reconciler.policy.document import PolicyDocument, parse_document, parse_identity_policy
from reconciler.policy.evaluate import (
    GrantFacts,
    IdentityPolicies,
    NamedPolicy,
    Outcome,
    Prepared,
    Reason,
    Requester,
    Source,
    prepare,
)  # fmt: skip
from reconciler.policy.evaluate.requester import RequesterKind
from reconciler.policy.evaluate.text import matcher, pieces_of
from reconciler.policy.evaluate.verdict import ALLOWING
from reconciler.policy.patterns import matches
from reconciler.policy.statement import Effect
from tests.policy.evaluate import strategies as made
from tests.policy.evaluate.world import KEY, ROOT, US
from tests.support.decide import ALLOWED, DENIED, SILENT, Request, decide

PATIENT = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@dataclass(frozen=True)
class World:
    """A request and all its policies."""

    who: str
    action: str
    key_policy: PolicyDocument
    identity: PolicyDocument | None
    boundary: PolicyDocument | None
    session: PolicyDocument | None
    facts: dict[str, tuple[str, ...]]
    grants: tuple[GrantFacts, ...]

    def prepared(self, resource: str = KEY) -> Prepared:
        own = IdentityPolicies(
            (NamedPolicy("own", self.identity),) if self.identity else (),
            NamedPolicy("boundary", self.boundary) if self.boundary else None,
            NamedPolicy("session", self.session) if self.session else None,
            unrestricted=self.who == ROOT,
        )
        return prepare(
            Requester.of(self.who), self.action, resource, key_account=US, key_policy=self.key_policy, identity=own
        )

    def decide(self) -> Any:
        return self.prepared().decide(self.facts, self.grants)


own_policies = st.one_of(st.none(), made.policies(principals=False).map(parse_identity_policy))
worlds = st.builds(
    World, made.asking, made.asked, made.policies().map(parse_document), own_policies, own_policies, own_policies,
    made.facts, made.grants,
)  # fmt: skip


@PATIENT
@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_statements_never_matters(world: World, chance: random.Random):
    def shuffled(document: PolicyDocument | None) -> PolicyDocument | None:
        if document is None:
            return None
        return replace(document, statements=tuple(chance.sample(document.statements, len(document.statements))))

    other = replace(
        world,
        key_policy=shuffled(world.key_policy),
        identity=shuffled(world.identity),
        boundary=shuffled(world.boundary),
        session=shuffled(world.session),
    )
    assert other.decide() == world.decide()
    assert other.prepared().needs == world.prepared().needs


def with_statement(document: PolicyDocument | None, statement: dict[str, Any], parse: Any) -> PolicyDocument:
    version = document.version if document else "2012-10-17"
    parsed = parse({"Version": version or "2008-10-17", "Statement": [statement]})
    return replace(parsed, version=version, statements=(*(document.statements if document else ()), *parsed.statements))


@PATIENT
@given(worlds, made.statements(effect="Deny"), made.statements(principals=False, effect="Deny"))
def test_one_more_deny_never_allows(world: World, ours, own):
    before = world.decide()
    more = replace(world, key_policy=with_statement(world.key_policy, ours, parse_document))
    assert not more.decide().allowed or before.allowed
    more = replace(world, identity=with_statement(world.identity, own, parse_identity_policy))
    assert not more.decide().allowed or before.allowed


@PATIENT
@given(worlds, made.statements(effect="Allow"), made.statements(principals=False, effect="Allow"))
def test_one_more_allow_never_denies(world: World, ours, own):
    before = world.decide()
    event(f"allowed: {before.allowed}")
    more = replace(world, key_policy=with_statement(world.key_policy, ours, parse_document))
    assert more.decide().allowed or not before.allowed
    more = replace(world, identity=with_statement(world.identity, own, parse_identity_policy))
    assert more.decide().allowed or not before.allowed


@PATIENT
@given(worlds, own_policies)
def test_a_boundary_or_session_policy_never_allows(world: World, limit):
    free = replace(world, boundary=None, session=None)
    for bound in (replace(free, boundary=limit), replace(free, session=limit)):
        assert not bound.decide().allowed or free.decide().allowed


@PATIENT
@given(worlds, st.lists(made.facts, min_size=3, max_size=3))
def test_what_is_settled_is_decided_so_whatever_the_context(world: World, contexts):
    prepared = world.prepared()
    event(f"settled: {prepared.settled and prepared.settled.allowed}")
    if prepared.settled is not None and prepared.settled.reason is not Reason.NOT_ACROSS_ACCOUNTS:
        looked_at = replace(prepared, settled=None)
        decided = {looked_at.decide(facts, world.grants).allowed for facts in contexts}
        assert decided == {prepared.settled.allowed}


@PATIENT
@given(worlds)
def test_facts_that_are_not_asked_for_do_not_matter(world: World):
    prepared = world.prepared()
    few = {key: value for key, value in world.facts.items() if key in prepared.needs}
    assert prepared.decide(few, world.grants) == world.decide()


@PATIENT
@given(worlds)
def test_what_serves_for_every_resource_decides_for_another_alike(world: World):
    event(f"any: {world.prepared().any_resource}")
    if world.prepared().any_resource:
        other = world.prepared("arn:aws:kms:eu-west-1:111122223333:key/other")
        assert other.decide(world.facts, world.grants) == world.decide()


@PATIENT
@given(worlds)
def test_a_grant_never_wins_over_an_explicit_deny(world: World):
    without = world.prepared().decide(world.facts)
    denied = without.reason.name.startswith("DENIED")
    event(f"denied: {denied}")
    assert not denied or world.decide() == without


@PATIENT
@given(worlds)
def test_a_trace_bears_out_its_decision(world: World):
    decision = replace(world.prepared(), settled=None).decide(world.facts, world.grants)
    matched = {(one.source, one.effect) for one in decision.trace if one.outcome is Outcome.MATCHED}
    denials = {
        Reason.DENIED_BY_KEY_POLICY: Source.KEY_POLICY,
        Reason.DENIED_BY_IDENTITY_POLICY: Source.IDENTITY_POLICY,
        Reason.DENIED_BY_BOUNDARY: Source.BOUNDARY,
        Reason.DENIED_BY_SESSION_POLICY: Source.SESSION_POLICY,
    }
    across = decision.reason is Reason.NOT_ACROSS_ACCOUNTS
    if decision.reason in denials:
        assert (denials[decision.reason], Effect.DENY) in matched
    elif decision.reason in ALLOWING:
        assert (Source.KEY_POLICY, Effect.ALLOW) in matched
    elif decision.reason is Reason.GRANT:
        assert (Source.GRANT, Effect.ALLOW) in matched
    if decision.allowed:
        assert not any(effect is Effect.DENY for _, effect in matched)
    assert across or len(decision.trace) >= len(world.key_policy.statements)


def one_mind(policy: dict[str, Any], requester: Requester) -> bool:
    """Whether the second opinion, which knows one rule of `NotPrincipal` and no `*` of services, is about this."""
    for statement in policy["Statement"]:
        named = statement.get("Principal", statement.get("NotPrincipal"))
        kinds = {"AWS": ["*"]} if named == "*" else named
        listed = kinds.get("AWS", [])
        found = {listed} if isinstance(listed, str) else set(listed)
        if requester.kind is RequesterKind.SERVICE and "*" in found:
            return False
        if "NotPrincipal" in statement and statement["Effect"] == "Deny" and "*" not in found:
            account = {requester.account, f"arn:aws:iam::{requester.account}:root"}
            itself = {requester.arn, requester.role} - {None} - account
            if found & (account | itself) and not (found & account and itself <= found):
                return False
    return True


@settings(PATIENT, max_examples=250)
@given(made.policies(), made.asking, made.asked, made.facts)
def test_a_second_evaluator_says_the_same_of_a_key_policy(policy, who, action, facts):
    """IAM is supposed to allow whatever the key's account delegates."""
    requester = Requester.of(who)
    assume(one_mind(policy, requester))
    assume(action != "kms:PutKeyPolicy" or requester.account in (US, None))
    context = {key: value if len(value) > 1 or key == "aws:tagkeys" else value[0] for key, value in facts.items()}
    kind = "Service" if requester.kind is RequesterKind.SERVICE else "AWS"
    said = decide(policy, Request(who, action, KEY, kind, context))
    event(said)
    prepared = prepare(
        requester, action, KEY, key_account=US, key_policy=parse_document(policy),
        identity=IdentityPolicies(unrestricted=True),
    )  # fmt: skip
    decision = prepared.decide(facts)
    ours = DENIED if decision.reason is Reason.DENIED_BY_KEY_POLICY else ALLOWED if decision.allowed else SILENT
    assert ours == said


@settings(PATIENT, max_examples=200)
@given(st.text("ab*?.\n", max_size=12), st.text("ab*?.\n", max_size=12))
def test_wildcards_match_as_the_plain_algorithm_does(pattern, text):
    found = matcher(pieces_of(pattern, wildcards=True, variables=False))
    assert found(text, {}) == matches(pattern, text)


def test_a_pattern_of_many_wildcards_is_matched_at_once():
    """With backtracking from one wildcard into another this would take longer than the world has been there."""
    found = matcher(pieces_of("*a" * 300 + "b", wildcards=True, variables=False))
    assert not found("a" * 20_000, {})


@PATIENT
@given(
    st.sampled_from([
        "StringLike", "NumericLessThan", "DateEquals", "Bool", "BinaryEquals", "IpAddress", "ArnLike", "Null",
        "ForAnyValue:ArnNotLike", "NotIpAddressIfExists",
    ]),
    st.lists(st.text(max_size=8), min_size=1, max_size=2),
    st.lists(st.text(max_size=8), max_size=2).map(tuple),
)  # fmt: skip
def test_no_text_of_a_condition_is_an_error(operator, values, given_values):
    said = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {"aws:x": values}}}
    try:
        document = parse_identity_policy({"Version": "2012-10-17", "Statement": [said]})
    except Exception:  # characters that no policy can have
        assume(False)
    identity = IdentityPolicies((NamedPolicy("own", document),))
    prepared = prepare(
        Requester.of(f"arn:aws:iam::{US}:user/a"), "kms:ListKeys", "*", key_account=None, key_policy=None,
        identity=identity,
    )  # fmt: skip
    assert prepared.decide({"aws:x": given_values} if given_values else {}).allowed in (True, False)
