"""Resource control policies only deny, and everybody."""

import json

import pytest

from reconciler.policy.control import parse_control_policy
from reconciler.policy.faults import InvalidPolicy

DENY = {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}


def test_a_statement_that_denies_everybody_is_read():
    document = parse_control_policy({"Version": "2012-10-17", "Statement": [DENY, {**DENY, "Principal": {"AWS": "*"}}]})
    assert len(document.statements) == 2


@pytest.mark.parametrize(
    ("more", "what"),
    [
        pytest.param({"Effect": "Allow"}, "a resource control policy allows nothing", id="allow"),
        pytest.param(
            {"Principal": {"AWS": "111122223333"}}, "a resource control policy is about everybody", id="somebody"
        ),
        pytest.param({"Principal": {"Service": "s3.amazonaws.com"}}, "is about everybody", id="a service"),
        pytest.param(
            {"Action": None, "NotAction": "kms:*"}, "a resource control policy has no NotAction", id="but for"
        ),
        pytest.param(
            {"Principal": None, "NotPrincipal": {"AWS": "111122223333"}}, "is about everybody", id="but for whom"
        ),
    ],
)
def test_what_no_resource_control_policy_says_is_refused_with_its_place(more, what):
    statement = {name: value for name, value in {**DENY, **more}.items() if value is not None}
    with pytest.raises(InvalidPolicy) as caught:
        parse_control_policy({"Statement": [DENY, statement]})
    fault = caught.value.faults[0]
    assert what in fault.what
    assert fault.location == ("Statement", 1)


def test_the_place_of_the_only_statement_has_no_number_and_text_is_read_like_values():
    for value in ({"Statement": {**DENY, "Effect": "Allow"}}, json.dumps({"Statement": {**DENY, "Effect": "Allow"}})):
        with pytest.raises(InvalidPolicy) as caught:
            parse_control_policy(value)
        assert caught.value.faults[0].location == ("Statement",)
