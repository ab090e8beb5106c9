"""Policies that nobody writes but somebody could: what they mean is found, or given up, within some seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.policy.document import parse_document
from reconciler.policy.meaning import Undecided, witness

US = "111122223333"
CONTEXT = "kms:EncryptionContext:"
LONG = pytest.mark.no_cover
"""Three times as long under coverage, of what a shorter one covers."""
Said = dict[str, Any]


def allow(**elements: Any) -> Said:
    return {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", **elements}


def like(values: Any) -> list[Said]:
    return [allow(Condition={"StringLike": {f"{CONTEXT}a": values}})]


def many(differing: str = "") -> list[Said]:
    """Sixty statements with five patterns each, the middle one of one ending otherwise."""
    return [
        allow(
            Condition={
                "StringLike": {
                    f"{CONTEXT}{name}": f"*{number}{name}{differing if (number, name) == (33, 'c') else '*'}"
                    for name in "abcde"
                }
            }
        )
        for number in range(60)
    ]


def ask(before: list[Said], after: list[Said]) -> Any:
    documents = (parse_document({"Version": "2012-10-17", "Statement": said}) for said in (before, after))
    return witness(*documents, account=US, partition="aws")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(like("*?" * 4000 + "a"), like("?*" * 4000 + "a"), id="eight thousand wildcards", marks=LONG),
        pytest.param(like("*a" * 4000), like("*a" * 4000 + "*"), id="four thousand letters apart"),
        pytest.param(many(), many("c"), id="three hundred patterns", marks=LONG),
    ],
)
def test_what_takes_too_long_is_given_up_and_never_taken_for_the_same(before, after):
    assert isinstance(ask(before, after), Undecided)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: like("*?" * 4000 + "a"), id="eight thousand wildcards"),
        pytest.param(many, id="three hundred patterns"),
        pytest.param(lambda: [allow(Action=["kms:" + "*?" * n for n in range(1, 60)])], id="actions of wildcards"),
        pytest.param(lambda: [allow(Resource=[f"arn:aws:kms:*:*:key/*{n}*?*" for n in range(500)])], id="resources"),
    ],
)
def test_the_same_in_another_order_is_the_same_however_strange(make: Callable[[], list[Said]]):
    turned = [{key: one[::-1] if isinstance(one, list) else one for key, one in said.items()} for said in make()[::-1]]
    assert ask(make(), turned) is None
