"""Targets of manifests: which resources are theirs, and accounts and partitions that fit or do not."""

import pytest

from reconciler.kit.errors import InvalidInput
from reconciler.manifest.desire import desire, target_names
from reconciler.model.address import Address, Kind
from reconciler.model.desired import ManagedKey
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.observed import Account
from tests.manifest.build import ACCOUNT, KEY_ID, loaded, manifest, refused

CHINA = Account("444455556666", "cn-north-1", "aws-cn", "arn:aws-cn:iam::444455556666:role/x")


def test_resources_belong_to_the_target_that_they_name():
    manifests = loaded(
        manifest("Target", "eu", "{backend: aws, region: eu-central-1, accountId: 444455556666}")
        + manifest("Key", "here", "{description: '${aws:region}'}")
        + manifest("Key", "there", "{targetRef: {name: eu}, description: '${aws:region} ${aws:accountId}'}")
    )
    assert target_names(manifests) == {RUN_TARGET, "eu"}
    state = desire(manifests, stack="s", accounts={RUN_TARGET: ACCOUNT, "eu": None})
    assert [(str(one.address), one.description) for one in state.keys] == [
        ("Key/here", "us-east-1"),
        ("Key/there@eu", "eu-central-1 444455556666"),
    ]


def test_the_runs_own_target_is_not_part_of_addresses():
    manifests = loaded(
        manifest("Target", "eu", "{backend: local}")
        + manifest("Key", "k", "{targetRef: {name: eu}, description: '${aws:region}', aliases: [a]}")
        + manifest(
            "Grant", "g", "{targetRef: {name: eu}, keyRef: {name: k}, granteePrincipal: role/x, operations: [Decrypt]}"
        )
    )
    state = desire(manifests, stack="s", accounts={RUN_TARGET: ACCOUNT}, run_target="eu")
    assert [str(resource.address) for resource in state.resources()] == ["Key/k", "Alias/a", "Grant/g"]
    assert state.grants[0].key == ManagedKey(Address(Kind.KEY, "k"))
    assert state.keys[0].description == "us-east-1"


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("aliases: [a]", "duplicate-alias"),
        (f"adopt: {{keyId: {KEY_ID}}}", "adoption-conflict"),
    ],
    ids=["alias", "adoption"],
)
def test_what_names_the_run_s_target_shares_it_with_what_names_none(spec, fault):
    manifests = loaded(
        manifest("Target", "eu", "{backend: local}")
        + manifest("Key", "k", f"{{targetRef: {{name: eu}}, {spec}}}")
        + manifest("Key", "l", f"{{{spec}}}")
    )
    accounts = {RUN_TARGET: ACCOUNT, "eu": ACCOUNT}
    assert len(desire(manifests, stack="s", accounts=accounts).keys) == 2
    with pytest.raises(InvalidInput) as caught:
        desire(manifests, stack="s", accounts=accounts, run_target="eu")
    assert [diagnostic.name for diagnostic in caught.value.diagnostics] == [fault]


def test_offline_the_target_of_the_run_is_what_its_manifest_says():
    manifests = loaded(
        manifest("Target", "cn", "{backend: aws, region: cn-north-1, accountId: 444455556666}")
        + manifest(
            "Key", "k", "{description: '${aws:partition} ${aws:accountId}', keySpec: SM2, keyUsage: SIGN_VERIFY}"
        )
    )
    state = desire(manifests, stack="s", accounts={RUN_TARGET: None}, run_target="cn")
    assert state.keys[0].description == "aws-cn 444455556666"


FOREIGN = manifest(
    "Key",
    "k",
    "{policy: {administrators: ['arn:aws-cn:iam::444455556666:role/x'],"
    " users: ['arn:aws-cn:iam::444455556666:user/y']}}",
) + manifest("Alias", "a", f"{{name: a, key: 'arn:aws-cn:kms:cn-north-1:444455556666:key/{KEY_ID}'}}")


def test_while_nobody_knows_the_account_its_arns_are_not_judged():
    state = desire(loaded(FOREIGN), stack="s", accounts={})
    assert "arn:aws-cn:iam::444455556666:role/x" in state.keys[0].policy


def test_the_same_manifests_fit_one_account_and_not_another():
    assert desire(loaded(FOREIGN), stack="s", accounts={RUN_TARGET: CHINA}).keys
    assert {fault.name for fault in refused(FOREIGN)} == {"wrong-partition-arn"}


def test_partitions_cannot_be_mixed_even_while_nobody_knows_the_account():
    users = "['arn:aws-cn:iam::444455556666:role/x', 'arn:aws:iam::444455556666:role/y']"
    text = manifest("Key", "k", f"{{policy: {{users: {users}}}}}")
    with pytest.raises(InvalidInput) as caught:
        desire(loaded(text), stack="s", accounts={})
    assert [(fault.name, fault.position.column) for fault in caught.value.diagnostics] == [("wrong-partition-arn", 64)]
