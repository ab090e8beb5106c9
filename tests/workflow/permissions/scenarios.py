"""Manifests, what is there before they are applied, and what may go wrong meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from reconciler.kit.errors import AmbiguousOutcome
from reconciler.kms.retirable import FEWEST_KEYS
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import TargetName
from reconciler.model.ownership import OPERATION_TAG
from reconciler.plan.options import PlanOptions
from tests.apply import world as all_steps
from tests.support.faulty import Fault, Faulty
from tests.support.lagging import Lagging
from tests.support.people import MAIN
from tests.workflow.permissions.world import ONE_REGION, Around, Run, as_it_is, declared, roles_in

EXAMPLES = Path(__file__).parents[3] / "examples"


@dataclass(frozen=True)
class Scenario:
    """One apply."""

    name: str
    desired: DesiredState | Callable[[Run], DesiredState]
    """What is declared; or what is to be there before, and then what is declared."""
    regions: Mapping[str, str] = field(default_factory=lambda: ONE_REGION)
    prune: bool = False
    runs: Mapping[str, Around] = field(default_factory=lambda: {"as it is": as_it_is})

    @property
    def roles(self) -> frozenset[str]:
        """Whoever policies name."""
        named = roles_in(self.desired) if isinstance(self.desired, DesiredState) else frozenset()
        return named | {
            f"arn:aws:iam::{MAIN}:role/{name}" for name in ("app", "platform", "reader", "orders-api", "nightly-report")
        }


def loses(operation: str, *, when: str = "after", **more: object) -> Around:
    """The answer of the first call of `operation` is lost."""
    return lambda kms, _: Faulty(kms, Fault(AmbiguousOutcome(operation, "lost"), operation, when=when, **more))


def late(kms, clock):
    """The tagging service lags by ten minutes."""
    return Lagging(kms, clock, tagging_lag=600)


def rival(kms, clock):
    """Another apply makes each key a moment before."""

    def call(operation, parameters):
        if operation == "CreateKey" and "XksKeyId" not in parameters:  # an external key is behind one key at most
            tags = [tag for tag in parameters["Tags"] if tag["TagKey"] != OPERATION_TAG]
            kms(operation, {**parameters, "Tags": tags})
            clock.advance(timedelta(seconds=1))
        return kms(operation, parameters)

    return call


PLAIN = {"as it is": as_it_is}
CREATING = {**PLAIN, "its answer is lost": loses("CreateKey"), "the index lags": late, "another is first": rival}
EU = {**ONE_REGION, "ireland": "eu-west-1"}
THREE = {"virginia": "us-east-1", "ireland": "eu-west-1", "sydney": "ap-southeast-2"}


def example(*files: str, regions: Mapping[str, str] = ONE_REGION) -> DesiredState:
    """An example's manifests."""
    text = "---\n".join((EXAMPLES / file).read_text() for file in files)
    return declared(text.replace("RSA_4096", "ECC_NIST_P521"), regions)  # which takes no second to make


def edited(run: Run) -> DesiredState:
    """The stack of many kinds of keys before its edit."""
    kms = {TargetName(name): run.engine.client(region=region) for name, region in all_steps.REGIONS.items()}
    all_steps.prepare(kms, run.clock)
    return all_steps.AFTER


ADOPTION = """
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: by-id}
spec: {adopt: {keyId: ID}, description: new, aliases: [by-id], rotation: {automatic: {periodDays: 200}}}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: by-alias}
spec:
  adopt: {alias: alias/somebodys}
  policy: {administrators: [role/platform]}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: by-tags}
spec: {adopt: {tags: {app: old}}, rotation: {onDemand: {serial: 1}}}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Alias
metadata: {name: taken}
spec: {name: taken, keyRef: {name: by-id}}
"""
GRANTS = "---".join(
    f"""
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {{name: key-{n}}}
spec: {{description: one of {n}, aliases: [key-{n}]}}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Grant
metadata: {{name: grant-{n}}}
spec:
  keyRef: {{name: key-{n}}}
  granteePrincipal: role/reader
  retiringPrincipal: role/platform
  operations: [Decrypt, DescribeKey]
"""
    for n in range(1, 1 + FEWEST_KEYS)
)
MANUAL = """
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: signing}
spec:
  keySpec: ECC_NIST_P256
  keyUsage: SIGN_VERIFY
  aliases: [signing]
  rotation: {manual: {everyDays: 90, keep: 1}}
"""


def somebodys(run: Run) -> str:
    """Three keys that were made by hand, one with an alias, one with a tag, and an alias on one of another type."""
    kms = run.engine.client()
    kinds = ({}, {}, {"Tags": OLD}, {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})
    made = [kms("CreateKey", kind)["KeyMetadata"]["KeyId"] for kind in kinds]
    kms("CreateAlias", {"AliasName": "alias/somebodys", "TargetKeyId": made[1]})
    kms("CreateAlias", {"AliasName": "alias/taken", "TargetKeyId": made[3]})
    return str(made[0])


OLD = [{"TagKey": "app", "TagValue": "old"}]


def adoption(run: Run) -> DesiredState:
    """Keys that were made by hand become the stack's."""
    return declared(ADOPTION.replace("ID", somebodys(run)))


def due(run: Run) -> DesiredState:
    """A key whose second successor is due, with which the first one of all is disabled."""
    for _ in range(2):
        run.apply(declared(MANUAL), PlanOptions())
        run.clock.advance(timedelta(days=91))
    return declared(MANUAL)


def revoked(run: Run) -> DesiredState:
    """Grants are there, but for one."""
    run.apply(declared(GRANTS), PlanOptions())
    kms = run.engine.client()
    grant = kms("ListRetirableGrants", {"RetiringPrincipal": f"arn:aws:iam::{MAIN}:role/platform"})["Grants"][0]
    kms("RevokeGrant", {"KeyId": grant["KeyId"], "GrantId": grant["GrantId"]})
    return declared(GRANTS)


TESTED = """
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: tested}
spec: {description: new}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: AccessTest
metadata: {name: tested}
spec:
  keyRef: {name: tested}
  mustDeny: [{principals: ["*"], actions: ["*"]}]
"""


def tested(run: Run) -> DesiredState:
    """A key is there without a declared policy, and somebody begins to test who may use it."""
    run.apply(declared(TESTED.partition("---")[0].replace("new", "old")), PlanOptions())
    return declared(TESTED)


SCENARIOS = [
    Scenario("adoption", adoption),
    Scenario("a manual rotation that is due", due, runs=CREATING),
    Scenario("grants that are read by who may retire them", declared(GRANTS), runs=CREATING),
    Scenario("a grant that somebody revoked", revoked),
    Scenario("quickstart", example("quickstart/keys.yaml"), runs=CREATING),
    Scenario("a key with an access test", example("access/keys.yaml"), runs=CREATING),
    Scenario("a key that is there, with an access test", tested),
    Scenario(
        "aws-services",
        example("aws-services/storage.yaml", "aws-services/messaging-and-audit.yaml"),
        runs=CREATING,
    ),
    Scenario(
        "payments",
        example("payments/base/data.yaml", "payments/base/signing.yaml", "payments/base/grants.yaml"),
        runs=CREATING,
    ),
    Scenario(
        "multi-region",
        example("multi-region/keys.yaml", "multi-region/targets.yaml", regions=THREE),
        regions=THREE,
        runs={
            **CREATING,
            "the first replica's answer is lost": loses("ReplicateKey"),
            "the second replica's answer is lost": loses("ReplicateKey", nth=2),
        },
    ),
    Scenario(
        "imported-key",
        example("imported-key/keys.yaml", regions=EU),
        regions=EU,
        runs={**CREATING, "a replica's answer is lost": loses("ReplicateKey")},
    ),
    Scenario(
        "every kind of step",
        edited,
        all_steps.REGIONS,
        prune=True,
        runs={
            **PLAIN,
            "a key's answer is lost": loses("CreateKey"),
            "another is first": rival,
            "a replica's answer is lost": loses("ReplicateKey"),
            "a rotation's answer is lost": loses("RotateKeyOnDemand"),
            "an import's answer is lost": loses("ImportKeyMaterial"),
        },
    ),
]
