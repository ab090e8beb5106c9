"""The list of who may do what agrees with the answers to single questions, whatever the policies."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.policy.access import Ask, Guardrails, Identities, Person, Standing, can, who
from reconciler.policy.control import parse_control_policy
from reconciler.policy.evaluate import NamedPolicy
from tests.policy.access.world import (
    ACCOUNT,
    ADMIN,
    APP,
    BOB,
    OTHER,
    ROOT,
    STRANGER,
    allow,
    deny,
    grant,
    iam,
    key,
    when,
)

PEOPLE = (ADMIN, APP, BOB, STRANGER, "s3.amazonaws.com")
ACTIONS = ("kms:Decrypt", "kms:CreateGrant", "kms:PutKeyPolicy")
CONDITIONS = (
    {},
    when(StringEquals={"kms:CallerAccount": ACCOUNT}),
    when(StringEquals={"kms:ViaService": "s3.us-east-1.amazonaws.com"}),
    when(Bool={"kms:GrantIsForAWSResource": "true"}),
    when(StringEquals={"kms:EncryptionContext:app": "a"}),
    when(StringNotEquals={"aws:ResourceTag/Env": "prod"}),
    when(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}),
)
principals = st.sampled_from(
    [*(one for one in PEOPLE if one.startswith("arn:")), ROOT, OTHER, "*", {"Service": "s3.amazonaws.com"}]
)
patterns = st.sampled_from([*ACTIONS, "kms:*", "kms:*Grant", "*"])
statements = st.lists(
    st.builds(
        lambda make, principal, action, condition: make(principal, action, **condition),
        st.sampled_from([allow, allow, allow, deny]),
        principals,
        patterns,
        st.sampled_from(CONDITIONS),
    ),
    min_size=1,
    max_size=5,
)
grants = st.lists(
    st.builds(
        grant,
        st.sampled_from([*PEOPLE, ROOT]),
        st.sampled_from(["Decrypt", "CreateGrant"]),
        context_subset=st.sampled_from([None, {"app": "a"}]),
    ),
    max_size=2,
).map(tuple)
keys = st.builds(
    lambda listed, granted, tags: key(*listed, grants=granted, tags=tags),
    statements,
    grants,
    st.sampled_from([{}, {"Env": "prod"}]),
)
identity = st.builds(
    iam,
    st.fixed_dictionaries({"Action": patterns, "Effect": st.sampled_from(["Allow", "Allow", "Deny"])}),
    boundary=st.sampled_from([None, {"Action": "kms:*"}, {"Action": "kms:Decrypt"}]),
)


def _controlled(*statements):
    return (NamedPolicy("rcp", parse_control_policy({"Version": "2012-10-17", "Statement": list(statements)})),)


levels = st.lists(identity.map(lambda one: one.policies), max_size=2).map(tuple)
controls = st.just(()) | st.builds(
    lambda pattern, condition: _controlled(deny("*", pattern, **condition)), patterns, st.sampled_from(CONDITIONS)
)
organizations = st.just({}) | st.builds(
    lambda found, control: {ACCOUNT: Guardrails("o-1", found, control)}, levels, controls
)
identities = st.none() | st.builds(
    lambda admin, app, bob, rails: Identities.of_people(
        [ACCOUNT], [Person(ADMIN, admin), Person(APP, app), Person(BOB, bob)], rails
    ),
    identity,
    identity,
    identity,
    organizations,
)
asks = st.builds(
    Ask,
    st.sampled_from(PEOPLE),
    st.sampled_from(ACTIONS),
    context=st.sampled_from([{}, {"app": "a"}, {"app": "b"}]),
    via=st.sampled_from([None, "s3"]),
)


def answered(one, asked, known):
    if known is None:
        return can(one, asked)
    return can(known.guarded(one), known.informed(asked), known.policies_of(asked.principal))


@given(keys, identities, asks)
def test_what_is_listed_without_conditions_is_allowed_to_every_request(one, known, asked):
    for entry in who(one, ACTIONS, known):
        if entry.principal == asked.principal and entry.action == asked.action:
            standing = answered(one, asked, known).standing
            if entry.standing is Standing.DENIED:
                assert standing is Standing.DENIED
            elif not entry.unless and not entry.ways[0].conditions:
                assert standing in (Standing.ALLOWED, entry.standing)


@given(keys, identities, asks)
def test_whoever_is_let_in_is_listed_itself_or_with_its_account_or_with_everybody(one, known, asked):
    standing = answered(one, asked, known).standing
    if standing is Standing.DENIED:
        return
    account = f"arn:aws:iam::{asked.principal.split(':')[4]}:root" if asked.principal.startswith("arn:") else ""
    listed = {
        entry.principal: entry.standing
        for entry in who(one, (asked.action,), known)
        if entry.standing is not Standing.DENIED
    }
    assert listed.keys() & {asked.principal, account, "*"}
    if known is not None and account == ROOT:
        assert listed[asked.principal] is Standing.ALLOWED


@given(keys, identities, asks)
def test_an_organisation_lets_in_nobody_who_would_not_be_let_in_without_it(one, known, asked):
    if known is None or answered(one, asked, known).standing is Standing.DENIED:
        return
    assert answered(one, asked, Identities(known.accounts, known.people)).standing is not Standing.DENIED
