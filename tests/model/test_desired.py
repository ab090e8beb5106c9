"""What manifests ask for."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.kit.diagnostics import Position
from reconciler.model.address import Address, Kind
from reconciler.model.desired import DesiredKey, DesiredState, GrantConstraints, GrantTerms
from reconciler.model.identifiers import TargetName
from tests.support.declared import desired_states
from tests.support.pools import STACK, terms_of

TERMS = terms_of("reader")


def key(name: str, target: str = "") -> DesiredKey:
    return DesiredKey(Address(Kind.KEY, name, TargetName(target)), Position("-"))


def test_what_is_declared_is_sorted_whatever_order_it_came_in():
    assert DesiredState(STACK, (key("b"), key("a"))) == DesiredState(STACK, (key("a"), key("b")))


def test_targets_are_those_that_something_is_declared_on():
    assert DesiredState(STACK).targets() == ()
    assert DesiredState(STACK, (key("a", "eu"), key("b", "ap"), key("c", "eu"))).targets() == ("ap", "eu")


@given(desired_states())
def test_resources_are_stores_then_keys_then_aliases_then_grants(desired: DesiredState) -> None:
    assert tuple(desired.resources()) == (
        *desired.stores,
        *desired.keys,
        *desired.aliases,
        *desired.grants,
    )


def test_the_digest_of_a_grant_pins_every_term():
    constraints = GrantConstraints({"a": "b"}, {}, None)
    others = [
        GrantTerms(None, "s3.amazonaws.com", None, None, TERMS.operations),
        replace(TERMS, retiring_principal="arn"),
        replace(TERMS, retiring_service="s3.amazonaws.com"),
        replace(TERMS, operations=frozenset({"Encrypt"})),
        replace(TERMS, constraints=constraints),
        replace(TERMS, constraints=replace(constraints, source_arn="arn")),
        replace(TERMS, constraints=GrantConstraints({}, {"a": "b"}, None)),
    ]
    assert len({terms.digest() for terms in (TERMS, *others)}) == 1 + len(others)


@given(st.permutations(["Decrypt", "Encrypt", "DescribeKey"]))
def test_the_digest_of_a_grant_does_not_depend_on_order(operations: list[str]) -> None:
    context = {name: name for name in operations}
    terms = replace(TERMS, operations=frozenset(operations), constraints=GrantConstraints(context))
    sorted_context = GrantConstraints(dict(sorted(context.items())))
    again = replace(terms, operations=frozenset(sorted(operations)), constraints=sorted_context)
    assert terms.digest() == again.digest()
