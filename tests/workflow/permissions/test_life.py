"""The proof for the operator: a whole life with exactly what is printed, and none with any line less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from reconciler.engine.authz.actions import permissions_of
from reconciler.engine.operations import OPERATIONS
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.identifiers import RUN_TARGET, KeyId, TargetName
from reconciler.model.target import Target
from reconciler.workflow.converge.run import Means, converge
from reconciler.workflow.converge.wishes import Batch, Wish
from reconciler.workflow.permissions import Purpose
from tests.apply.world import copy
from tests.support.people import MAIN
from tests.support.secrets import wrapping_keys_made_once
from tests.workflow.permissions.scenarios import EU, late, loses, rival, somebodys
from tests.workflow.permissions.world import (
    ONE_REGION,
    STACK,
    Run,
    as_it_is,
    declared,
    lines,
    opened,
    permissions,
    secret,
    without,
)

HEAD = "---\napiVersion: kms.reconciler.dev/v1alpha1\nkind: {}\nmetadata: {{name: {}}}\nspec: {}\n"
PLAIN = "".join(
    HEAD.format(*one)
    for one in (
        (
            "Key",
            "orders",
            """{description: new, aliases: [orders], policy: {administrators: [role/platform]}, tags: {team: shop},
              rotation: {automatic: {periodDays: 200}}, deletion: {policy: Schedule, windowDays: 7}}""",
        ),
        ("Key", "closed", "{enabled: false, aliases: [closed], rotation: {none: {reason: tested}}}"),
        ("Key", "turned", "{aliases: [turned], rotation: {onDemand: {serial: SERIAL}}}"),
        (
            "Key",
            "signing",
            """{keySpec: ECC_NIST_P256, keyUsage: SIGN_VERIFY, aliases: [signing],
              rotation: {manual: {everyDays: 90, keep: 1}}}""",
        ),
        (
            "Grant",
            "reader",
            "{keyRef: {name: orders}, granteePrincipal: role/reader, operations: [Decrypt, DescribeKey]}",
        ),
    )
)
ADOPTED = "".join(
    HEAD.format(*one)
    for one in (
        ("Key", "by-id", "{adopt: {keyId: ID}, description: new}"),
        ("Key", "by-alias", "{adopt: {alias: alias/somebodys}, description: new}"),
        ("Key", "by-tags", "{adopt: {tags: {app: old}}, description: new}"),
    )
)
RELATED = "".join(
    HEAD.format(*one)
    for one in (
        (
            "Key",
            "wide",
            """{multiRegion: true, primaryRegion: PRIMARY, aliases: [wide], origin: EXTERNAL,
              importedMaterial: {from: {file: wide-SERIAL}, serial: SERIAL}}""",
        ),
        ("ReplicaKey", "wide-eu", "{primaryRef: {name: wide}, targetRef: {name: ireland}, aliases: [wide]}"),
        ("Target", "ireland", "{backend: local, region: eu-west-1}"),
        ("Key", "broad", "{multiRegion: true, primaryRegion: PRIMARY, rotation: {automatic: {}}, aliases: [broad]}"),
        ("ReplicaKey", "broad-eu", "{primaryRef: {name: broad}, targetRef: {name: ireland}, aliases: [broad]}"),
    )
)
DANGERS = frozenset(("key-in-use", "alias-takeover", "alias-leaves-key-in-use", "policy-lockout", "last-administrator"))
ROLES = frozenset(f"arn:aws:iam::{MAIN}:role/{name}" for name in ("platform", "reader"))


@dataclass
class Life:
    """Objects that are declared, drift, change, and end; told phase by phase."""

    run: Run
    made: str
    """The key that was there before."""
    known: dict[str, KeyId] = field(default_factory=dict)

    def plain(self) -> Iterator[Any]:
        """In one Region: made, put right, changed, given successors, ended."""
        text = (PLAIN + ADOPTED).replace("ID", self.made)
        once, again = text.replace("SERIAL", "1"), text.replace("SERIAL", "2")
        yield self.converged(once)
        self.drift()
        yield self.converged(once)
        yield self.converged(again)
        for _ in range(2):
            self.run.clock.advance(timedelta(days=91))
            yield self.converged(again)
        yield self.converged(again, gone=True)

    def related(self) -> Iterator[Any]:
        """In two Regions: made, put right, rotated, moved, ended."""
        yield self.converged(RELATED.replace("SERIAL", "1").replace("PRIMARY", "us-east-1"))
        self.run.engine.client()("UpdateAlias", {"AliasName": "alias/broad", "TargetKeyId": self.made})
        self.run.engine.client(region="eu-west-1")("ScheduleKeyDeletion", {"KeyId": self.known["broad-eu"]})
        for serial, primary in (("1", "us-east-1"), ("2", "us-east-1"), ("2", "eu-west-1"), ("2", "us-east-1")):
            yield self.converged(RELATED.replace("SERIAL", serial).replace("PRIMARY", primary))
        yield self.converged(RELATED.replace("SERIAL", "2").replace("PRIMARY", "us-east-1"), gone=True)

    def converged(self, text: str, *, gone: bool = False) -> Any:
        session = self.run.session(declared(text, self.run.regions or {}))
        documents = load([Source("keys.yaml", text, True)]).documents
        wishes = tuple(Wish(one, allow=DANGERS, known=self.known.get(one.name)) for one in documents)
        targets = {TargetName(name): Target(TargetName(name), unmanaged_keys="Allow") for name in session.connections}
        batch = Batch(STACK, wishes, gone=gone, targets=targets, run_target=RUN_TARGET, connections=session.connections)
        verdicts = converge(batch, Means(session.environment, secrets=secret))
        for ref, verdict in verdicts.items():
            facts = getattr(verdict, "facts", None)
            if facts and facts.key:
                self.known[ref[1]] = facts.key.key_id
        return {ref: (type(one).__name__, told(getattr(one, "done", ()))) for ref, one in verdicts.items()}

    def drift(self) -> None:
        kms = self.run.engine.client()
        for name in ("orders", "closed", "turned"):
            key = {"KeyId": f"alias/{name}"}
            key = {"KeyId": kms("DescribeKey", key)["KeyMetadata"]["KeyId"]}
            getattr(self, name)(kms, key)

    def orders(self, kms, key):
        kms("UpdateKeyDescription", {**key, "Description": "edited by hand"})
        kms("TagResource", {**key, "Tags": [{"TagKey": "team", "TagValue": "other"}]})
        kms("PutKeyPolicy", {**key, "Policy": kms("GetKeyPolicy", {"KeyId": self.made})["Policy"]})
        kms("DisableKeyRotation", key)
        kms("UpdateAlias", {"AliasName": "alias/orders", "TargetKeyId": self.made})
        for grant in kms("ListGrants", key)["Grants"]:
            kms("RevokeGrant", {**key, "GrantId": grant["GrantId"]})
        kms("DisableKey", key)

    def closed(self, kms, key):
        kms("EnableKey", key)
        kms("EnableKeyRotation", key)

    def turned(self, kms, key):
        kms("DeleteAlias", {"AliasName": "alias/turned"})
        kms("ScheduleKeyDeletion", key)


def told(changes: Any) -> Any:
    """What was done, and at which risk; ids of keys are others each time."""
    return sorted((str(one.address), one.action, tuple(risk.name for risk in one.risks)) for one in changes)


class Stage:
    """One life, lived again and again."""

    def __init__(self, story, regions, runs, tmp_path):
        self.story, self.regions, self.runs, self.tmp_path, self.count = story, regions, runs, tmp_path, 0
        with opened(tmp_path / "base", regions=regions, named=ROLES) as run:
            self.made = somebodys(run)
            text = (PLAIN + ADOPTED).replace("ID", self.made) if story == "plain" else RELATED
            wanted = declared(text.replace("SERIAL", "1").replace("PRIMARY", "us-east-1"), regions)
            self.policy = permissions(run, wanted, Purpose.OPERATOR)
        self.expected = {name: list(self.live(None, around)) for name, around in runs.items()}

    def live(self, policy, around):
        """What becomes of everything, phase by phase."""
        self.count += 1
        folder = copy(self.tmp_path / "base", self.tmp_path / str(self.count))
        with opened(folder, policy, self.regions, ROLES, around=around) as run:
            run.clock.advance(timedelta(hours=1))
            yield from getattr(Life(run, self.made), self.story)()

    def calls(self):
        """The actions that all runs together take, with exactly what is printed; each run ends as it does for root."""
        taken: set[str] = set()
        for name, around in self.runs.items():
            assert list(self.live(self.policy, noting(taken, around))) == self.expected[name], name
        return taken

    def differs(self, policy):
        """Whether some phase ends otherwise than for who may do everything; the phases after it are not lived."""
        lived = self.live(policy, as_it_is)
        return any(phase != expected for phase, expected in zip(lived, self.expected["as it is"], strict=True))


def noting(taken: set[str], around: Any) -> Any:
    """The same, and `taken` gets the actions of all calls."""

    def noted(kms: Any, clock: Any) -> Any:
        inner = around(kms, clock)

        def call(operation: str, parameters: Any) -> Any:
            taken.update(permission.action for permission in permissions_of(OPERATIONS[operation]))
            return inner(operation, parameters)

        return call

    return noted


CREATING = {"as it is": as_it_is, "an answer is lost": loses("CreateKey"), "the index lags": late, "rivals": rival}
LIVES = pytest.mark.parametrize(
    ("story", "regions", "runs"),
    [
        ("plain", ONE_REGION, CREATING),
        (
            "related",
            EU,
            {
                "as it is": as_it_is,
                "an answer is lost": loses("CreateKey"),
                "rivals": rival,
                "a replica's answer is lost": loses("ReplicateKey"),
                "a rotation's answer is lost": loses("RotateKeyOnDemand"),
            },
        ),
    ],
    ids=["in one Region", "in two"],
)


@pytest.fixture(autouse=True)
def _quick_wrapping():
    with wrapping_keys_made_once():
        yield


@LIVES
def test_a_life_goes_well_with_exactly_what_is_printed_for_the_operator_and_takes_all_of_it(
    story, regions, runs, tmp_path
):
    stage = Stage(story, regions, runs, tmp_path)
    for name, phases in stage.expected.items():
        assert {kind for phase in phases for kind, _ in phase.values()} == {"Met"}, name
    printed = {action for _, action, _ in lines(stage.policy) if not action.startswith("iam:")}
    assert printed - {"tag:GetResources"} <= stage.calls()


REMOVABLE = ("CreateKey", "TagResource", "DescribeKey", "CreateAlias", "GetResources", "ListAliases", "UntagResource")


@pytest.mark.parametrize("action", REMOVABLE)
def test_without_an_action_a_life_goes_otherwise(action, tmp_path):
    stage = Stage("plain", ONE_REGION, {"as it is": as_it_is}, tmp_path)
    policy = stage.policy
    for line in reversed(lines(policy)):
        if line[1].endswith(f":{action}"):
            policy = without(policy, line)
    assert stage.differs(policy)
