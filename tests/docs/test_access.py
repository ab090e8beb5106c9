"""The page about access says which condition keys a question has."""

from __future__ import annotations

import re

import pytest

from reconciler.policy.access import Ask, Guardrails, Identities, Person
from reconciler.policy.access.facts import facts_of
from reconciler.workflow.access.questions import Question, ask_of
from tests.docs.pages import DOCS, tables
from tests.policy.access.world import ACCOUNT, BOB, allow, key
from tests.workflow.access.test_questions import NOW

(ROWS,) = [table[1:] for table in tables(DOCS / "access.md") if table[0][0] == "from"]
KEY = key(allow(BOB), multi_region=True, aliases=("alias/a",), tags={"a": "b"})
KNOWN = Identities.of_people([ACCOUNT], [Person(BOB, tags={"a": "b"})], {ACCOUNT: Guardrails("o-1")})
SERVICE = "s3.amazonaws.com"
ASKS = {
    "a user": Ask(BOB, "kms:Decrypt"),
    "a service": Ask(SERVICE, "kms:CreateGrant"),
    "a context": Ask(BOB, "kms:Decrypt", context={"a": "b"}),
    "a service between": Ask(BOB, "kms:CreateGrant", via="s3"),
    "a known user": KNOWN.informed(Ask(BOB, "kms:Decrypt")),
    "a default": Ask(BOB, "kms:Sign"),
    "now": ask_of(Question("user/bob", "Decrypt"), KEY, NOW),
}
OLD_NAMES = {"kms:customermasterkeyspec", "kms:customermasterkeyusage"}
DEFAULTS = {
    "kms:encryptionalgorithm", "kms:policyname", "kms:rotationperiodindays", "aws:principalservicenameslist",
    "kms:schedulekeydeletionpendingwindowindays",
}  # fmt: skip


def told():
    cells = " ".join(row[1] for row in ROWS)
    return {name.lower().replace("…", "") for name in re.findall(r"`((?:aws|kms):[^`]+)`", cells)}


def plain(name):
    """Without what is the user's in it."""
    for family in ("kms:encryptioncontext:", "aws:resourcetag/", "aws:principaltag/"):
        if name.startswith(family):
            return family
    return name


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_every_condition_key_of_a_question_is_on_the_page(ask):
    assert {plain(name) for name in facts_of(KEY, ask)} - OLD_NAMES - DEFAULTS <= told()


def test_the_page_names_no_condition_key_that_no_question_has():
    assert told() <= {plain(name) for ask in ASKS.values() for name in facts_of(KEY, ask)}
