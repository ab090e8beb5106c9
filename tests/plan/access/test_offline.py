"""AccessTests held against manifests alone."""

from __future__ import annotations

import pytest

from reconciler.manifest.desire import desire
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.observed import Account
from reconciler.plan.access.offline import judge
from tests.manifest.build import manifest
from tests.plan.access.expecting import DELEGATING, OWN_RULE, expects, key, line

EXAMPLE = Account("111122223333", "us-east-1", "aws", "")
GRANT = "{keyRef: {name: db}, granteePrincipal: %s, operations: [Decrypt]}"


def judged(*texts: str, known: bool = False):
    desired = desire(load([Source("1.yaml", "".join(texts))]), stack="default", accounts={})
    found = judge(desired, {RUN_TARGET: EXAMPLE}, [RUN_TARGET] if known else [])
    return [failure.what.partition(": ")[2] for failure in found.failures], [why for _, why in found.left]


@pytest.mark.parametrize(
    ("of", "test", "failing"),
    [
        pytest.param(key(), expects(line("role/app", "Decrypt"), line("*", "'*'")), [], id="it holds"),
        pytest.param(
            key(),
            expects(deny=line("role/app", "Decrypt")),
            ["arn:aws:iam::111122223333:role/app must be denied kms:Decrypt on Key/db, and is allowed"],
            id="it fails",
        ),
        pytest.param(
            key(DELEGATING),
            expects(line("role/x", "Decrypt")),
            ["arn:aws:iam::111122223333:role/x must be allowed kms:Decrypt on Key/db, and is left to IAM policies"],
            id="it is delegated",
        ),
        pytest.param(
            key() + manifest("Grant", "g", GRANT % "role/x"),
            expects(line("role/x", "Decrypt")),
            [],
            id="a declared grant counts",
        ),
    ],
)  # fmt: skip
def test_what_manifests_declare_is_judged(of, test, failing):
    assert judged(of, test) == (failing, [])


@pytest.mark.parametrize(
    ("more", "condition", "holds"),
    [
        pytest.param(", tags: {team: a}", "'aws:ResourceTag/team': a", True, id="tags"),
        pytest.param("", "'aws:ResourceTag/team': a", False, id="no tags"),
        pytest.param(", aliases: [x]", "'kms:ResourceAliases': alias/x", True, id="aliases"),
        pytest.param(", multiRegion: true", "'kms:MultiRegion': 'true'", True, id="multi-Region"),
    ],
)
def test_what_else_a_manifest_declares_of_its_key_counts(more, condition, holds):
    operator = "'ForAnyValue:StringEquals'" if "Aliases" in condition else "StringEquals"
    statement = (
        "{Effect: Allow, Principal: {AWS: 'arn:aws:iam::111122223333:role/x'}, Action: 'kms:Decrypt', Resource: '*', "
        f"Condition: {{{operator}: {{{condition}}}}}}}"
    )
    of = key(OWN_RULE[:-1] + f", statements: [{statement}]}}", more=more)
    failing, left = judged(of, expects(line("role/x", "Decrypt")), known=True)
    assert (bool(failing), left) == (not holds, [])


@pytest.mark.parametrize(
    ("of", "because"),
    [
        pytest.param(manifest("Key", "db", "{}"), "the manifest of the key", id="no policy"),
        pytest.param(key(more=", ignore: {fields: [policy]}"), "the manifest of the key", id="somebody else's policy"),
    ],
)
def test_a_key_whose_manifest_does_not_decide_is_left_to_plan(of, because):
    failing, (left,) = judged(of, expects(line("role/app", "Decrypt")), known=True)
    assert failing == []
    assert left.startswith(because)


@pytest.mark.parametrize(
    ("of", "test", "failing"),
    [
        pytest.param(key(), expects(deny=line("444455556666", "Decrypt")), 0, id="who asks"),
        pytest.param(
            key(), expects(deny=f"{line('444455556666', 'Decrypt')}, {line('role/app', 'Decrypt')}"), 1, id="only one"
        ),
        pytest.param(
            key(), expects(line("role/x", "Decrypt", ", facts: {aws:SourceAccount: '444455556666'}")), 0, id="a fact"
        ),
        pytest.param(
            key(OWN_RULE[:-1] + ", accounts: ['444455556666']}"), expects(line("role/x", "Decrypt")), 0, id="the policy"
        ),
        pytest.param(
            key() + manifest("Grant", "g", GRANT % "arn:aws:iam::444455556666:role/x"),
            expects(line("role/x", "Decrypt")),
            0,
            id="a grantee",
        ),
    ],
)
def test_what_depends_on_which_account_it_is_is_left_to_plan_where_nobody_knows(of, test, failing):
    found, (left,) = judged(of, test)
    assert (len(found), left.startswith("it names an account by its number")) == (failing, True)
    assert judged(of, test, known=True)[1] == []
