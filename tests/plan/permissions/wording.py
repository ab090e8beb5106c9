"""Places, and needs in a few words."""

from __future__ import annotations

from reconciler.kit.absent import ABSENT
from reconciler.model.identifiers import RUN_TARGET, AliasName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.material import ImportedMaterial, SecretFile, WrappingAlgorithm
from reconciler.plan.permissions.needs import Need
from reconciler.plan.permissions.place import Place
from reconciler.plan.permissions.steps import step_needs
from reconciler.plan.steps import (
    PlannedKey,
)
from tests.plan.build import (
    DB,
    EU,
    has,
    there,
    wants,
)
from tests.support.pools import ACCOUNTS, STACK

ARN = "arn:aws:kms:us-east-1:111122223333:"
EU_ARN = "arn:aws:kms:eu-west-1:111122223333:"
FOREIGN = "arn:aws:kms:us-east-1:444455556666:key/k-9"
NEW = PlannedKey(DB, 1)
OURS = "of the stack"
OAEP = WrappingAlgorithm.RSAES_OAEP_SHA_256
FIXED = (KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin.AWS_KMS)
ALIAS, FREE = AliasName("alias/db"), AliasName("alias/free")
STORES = "DescribeCustomKeyStores *"
SEEN = there(has("k-1"), has("k-2", None), aliases={"db": "k-2"})
PLACE = Place.of(SEEN.targets[RUN_TARGET], STACK)
PLACES = {RUN_TARGET: PLACE, EU: Place(ACCOUNTS[EU], STACK)}


def said(*needs: Need) -> set[str]:
    """Each need in a few words: action, resource, what is known of the request."""
    return {
        " ".join(
            [
                need.action.removeprefix("kms:"),
                need.on.arn.removeprefix(ARN),
                *(
                    OURS if "aws:ResourceTag" in key else f"{key}={','.join(values)}"
                    for _, key, values in need.on.condition
                ),
                *(f"if {key}={','.join(values)}" for _, key, values in need.when),
            ]
        )
        for need in needs
    }


def of_step(step):
    return said(*step_needs((PLACES[RUN_TARGET], PLACES[EU]), step))


def fed(**fields):
    return wants(origin=Origin.EXTERNAL, material=ImportedMaterial(SecretFile("m"), OAEP, **fields), rotation=ABSENT)
