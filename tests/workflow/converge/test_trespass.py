"""Whose keys a namespace's objects reach, over the bundled KMS in two Regions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.manifest.documents import ManifestKind
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.target import Target
from reconciler.workflow.converge.run import Means, converge
from reconciler.workflow.converge.verdicts import Forbidden, Met, Verdict
from reconciler.workflow.converge.wishes import Batch, Wish
from reconciler.workflow.environment import Environment
from reconciler.workflow.targets import open_target
from tests.workflow.converge.world import document

HERE, THERE = TargetName("default"), TargetName("ireland")
PRIMARY = document(ManifestKind.KEY, "sessions", multiRegion=True, description="one")


def replica(**spec):
    return document(ManifestKind.REPLICA_KEY, "sessions-eu", targetRef={"name": THERE}, **spec)


@pytest.fixture
def environment(tmp_path):
    return Environment(tmp_path, {}, ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))


@pytest.fixture
def targets(environment):
    names = {HERE: "us-east-1", THERE: "eu-west-1"}
    return {name: Target(name, region=region) for name, region in names.items()}


@pytest.fixture
def connections(environment, targets):
    opened = {name: open_target(target, environment) for name, target in targets.items()}
    yield {RUN_TARGET: opened[HERE], THERE: opened[THERE]}
    for connection in opened.values():
        connection.close()


@pytest.fixture
def ask(environment, targets, connections):
    def ask(wish, *context, stack="c.payments", **unmanaged) -> Verdict:
        opened = {
            name: Target(name, region=target.region, unmanaged_keys=unmanaged.get(name, "Deny"))
            for name, target in targets.items()
        }
        batch = Batch(stack, (Wish(wish),), context, targets=opened, run_target=HERE, connections=connections)
        return converge(batch, Means(environment))[wish.kind, wish.name]

    return ask


def test_a_replica_of_ones_own_primary_is_made_although_unmanaged_keys_are_closed(ask):
    assert isinstance(ask(PRIMARY), Met)
    assert isinstance(ask(replica(primaryRef={"name": "sessions"}), PRIMARY), Met)


def test_ones_own_primary_is_moved_and_rotated_where_it_is(ask):
    assert isinstance(ask(PRIMARY), Met)
    assert isinstance(ask(replica(primaryRef={"name": "sessions"}), PRIMARY), Met)
    rotated = document(
        ManifestKind.KEY,
        "sessions",
        multiRegion=True,
        rotation={"automatic": {"periodDays": 90}},
        primaryRegion="eu-west-1",
    )
    verdict = ask(rotated, replica(primaryRef={"name": "sessions"}))
    assert isinstance(verdict, Met), verdict


@pytest.mark.parametrize(("there", "here", "expected"), [("Allow", "Deny", Forbidden), ("Deny", "Allow", Met)])
def test_a_primary_that_is_nobodys_is_replicated_where_its_own_target_opens_it(ask, connections, there, here, expected):
    made = connections[RUN_TARGET].kms("CreateKey", {"MultiRegion": True})["KeyMetadata"]["Arn"]
    verdict = ask(replica(primary={"keyArn": made, "targetRef": {"name": HERE}}), **{HERE: here, THERE: there})
    assert isinstance(verdict, expected), verdict


def test_a_primary_of_another_namespace_is_not_replicated(ask, connections):
    assert isinstance(ask(PRIMARY), Met)
    (listed,) = connections[RUN_TARGET].kms("ListKeys", {})["Keys"]
    wish = replica(primary={"keyArn": listed["KeyArn"], "targetRef": {"name": HERE}})
    verdict = ask(wish, stack="c.others", **{HERE: "Allow", THERE: "Allow"})
    assert isinstance(verdict, Forbidden), verdict
    assert "stack c.payments" in verdict.why


PROXY = {
    "uriEndpoint": "https://xks.example.com",
    "uriPath": "/example/kms/xks/v1",
    "credential": {"accessKeyId": "ABCDE2345FGHIJ67KLMN", "secretAccessKey": {"from": {"env": "XKS"}}},
}
STORE = document(ManifestKind.CUSTOM_KEY_STORE, "vault", xksProxy=PROXY)
IN_STORE = document(
    ManifestKind.KEY,
    "cards",
    origin="EXTERNAL_KEY_STORE",
    customKeyStoreRef={"name": "vault"},
    xksKeyId="bb8562717f809024",
)


@pytest.fixture
def store(connections):
    """A key store that is there and connected, as the manifest has it."""
    kms = connections[RUN_TARGET].kms
    given = PROXY["credential"]
    made = kms(
        "CreateCustomKeyStore",
        {
            "CustomKeyStoreName": "vault",
            "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
            "XksProxyUriEndpoint": PROXY["uriEndpoint"],
            "XksProxyUriPath": PROXY["uriPath"],
            "XksProxyAuthenticationCredential": {"AccessKeyId": given["accessKeyId"], "RawSecretAccessKey": "s" * 48},
            "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        },
    )
    kms("ConnectCustomKeyStore", {"CustomKeyStoreId": made["CustomKeyStoreId"]})


@pytest.mark.usefixtures("store")
def test_a_key_store_that_is_there_is_nobodys_although_nothing_is_to_be_done(ask):
    assert isinstance(ask(STORE), Forbidden)
    assert isinstance(ask(STORE, **{HERE: "Allow"}), Met)


@pytest.mark.usefixtures("store")
def test_a_key_is_made_in_a_key_store_only_where_the_target_opens_it(ask):
    verdict = ask(IN_STORE, STORE)
    assert isinstance(verdict, Forbidden), verdict
    assert "unmanagedKeys" in verdict.why
    assert isinstance(ask(IN_STORE, STORE, **{HERE: "Allow"}), Met)
    assert isinstance(ask(IN_STORE, STORE), Met), "a key that was made stays one's own"
