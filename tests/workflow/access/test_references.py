"""How a command line names a key."""

import pytest

from reconciler.model.identifiers import TargetName
from reconciler.workflow.access.references import KeyReference, key_reference

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MRK = "mrk-1234abcd12ab34cd56ef1234567890ab"
ARN = f"arn:aws:kms:us-east-1:111122223333:key/{ID}"
EU = TargetName("eu")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("orders", KeyReference(name="orders")),
        ("Key/orders", KeyReference(name="orders")),
        ("ReplicaKey/orders@eu", KeyReference(name="orders", target=EU)),
        ("orders@", KeyReference(name="orders")),
        ("alias/orders", KeyReference(external="alias/orders")),
        ("alias/orders@eu", KeyReference(external="alias/orders", target=EU)),
        (ID, KeyReference(external=ID)),
        (f"{MRK}@eu", KeyReference(external=MRK, target=EU)),
        (ARN, KeyReference(external=ARN)),
        (
            "arn:aws:kms:us-east-1:111122223333:alias/a",
            KeyReference(external="arn:aws:kms:us-east-1:111122223333:alias/a"),
        ),
    ],
)
def test_a_key_is_meant_by_name_or_as_kms_knows_it(text, meant):
    assert key_reference(text) == meant


@pytest.mark.parametrize("text", ["orders", "orders@eu", "alias/orders"])
def test_a_reference_reads_as_it_was_written(text):
    assert str(key_reference(text)) == text
