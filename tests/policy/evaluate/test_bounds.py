"""What one decision may cost: the values of a request and those of a policy both come from strangers."""

from __future__ import annotations

import pytest

from reconciler.policy.conditions import Condition
from reconciler.policy.evaluate.conditions import MOST_VALUES, check

KEY = "kms:EncryptionContextKeys"


@pytest.mark.parametrize("denies", [True, False], ids=["Deny", "Allow"])
@pytest.mark.parametrize("operator", ["ForAllValues:StringLike", "ForAnyValue:StringLike"])
def test_more_values_than_anybody_needs_are_compared_with_nothing(operator, denies):
    holds = check(Condition(operator, KEY, ("a*",)), variables=True, if_unreadable=denies).holds
    assert holds({KEY.lower(): ("a",) * MOST_VALUES})
    assert holds({KEY.lower(): ("a",) * (MOST_VALUES + 1)}) is denies
