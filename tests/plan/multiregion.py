"""A multi-Region key and its replica in Europe, declared and found."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.desired import DesiredKey, ExternalPrimary
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.material import ImportedMaterial, SecretVariable, WrappingAlgorithm
from reconciler.model.observed import Regions
from tests.plan.build import DB_EU, EU, everywhere, has_primary, has_replica, there, wants_alias, wants_replica

WIDE = {"multi_region": True}
ALONE = Regions("us-east-1")
ELSEWHERE = Regions("eu-west-1", ("us-east-1",))
KEY, REPLICA = "Key/db", "ReplicaKey/db-eu@eu"
MATERIAL = ImportedMaterial(SecretVariable("M"), WrappingAlgorithm.RSAES_OAEP_SHA_256)
NOTHING = everywhere(there())
ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1"


def related(**fields: object):
    """A primary and its replica, as they are declared."""
    return everywhere(there(has_primary(**fields)), has_replica(**fields))


def external(**fields: object) -> DesiredKey:
    """A replica of a primary that no manifest declares."""
    return wants_replica(primary=ExternalPrimary(RUN_TARGET, ARN), **fields)


def wants_alias_eu(name: str):
    alias = wants_alias(name, DB_EU)
    return replace(alias, address=replace(alias.address, target=EU))
