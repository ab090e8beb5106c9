"""Manifests, what is there before they are applied, and what may go wrong meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from reconciler.kit.errors import AmbiguousOutcome
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import TargetName
from reconciler.model.ownership import OPERATION_TAG
from tests.apply import world as all_steps
from tests.support.faulty import Fault, Faulty
from tests.support.lagging import Lagging
from tests.workflow.permissions.world import ONE_REGION, Around, Run, as_it_is, declared

EXAMPLES = Path(__file__).parents[3] / "examples"


def _nothing(_: Run) -> None:
    """Nothing is there."""


@dataclass(frozen=True)
class Scenario:
    """One apply."""

    name: str
    desired: DesiredState
    stage: Callable[[Run], None] = _nothing
    regions: Mapping[str, str] = field(default_factory=lambda: ONE_REGION)
    prune: bool = False
    runs: Mapping[str, Around] = field(default_factory=lambda: {"as it is": as_it_is})


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


def edited(run: Run) -> None:
    """The stack of many kinds of keys before its edit."""
    kms = {TargetName(name): run.engine.client(region=region) for name, region in all_steps.REGIONS.items()}
    all_steps.prepare(kms, run.clock)


SCENARIOS = [
    Scenario("quickstart", example("quickstart/keys.yaml"), runs=CREATING),
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
        all_steps.AFTER,
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
