"""What the printed policies do not let anybody do: touch keys, aliases and windows that are not the stack's."""

from __future__ import annotations

import pytest

from reconciler.kit.errors import KmsError
from reconciler.plan.options import PlanOptions
from reconciler.workflow.permissions import Purpose
from tests.support.people import MAIN
from tests.workflow.permissions.scenarios import example, somebodys
from tests.workflow.permissions.world import SESSION, declared, opened, permissions, roles_in

QUICKSTART = example("quickstart/keys.yaml")
ROLES = roles_in(QUICKSTART)


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """The applied quickstart, keys of others, another stack's, and a caller with the operator's policy."""
    folder = tmp_path_factory.mktemp("bounds") / "kms"
    with opened(folder, named=ROLES) as root:
        strange = somebodys(root)
        root.apply(QUICKSTART, PlanOptions())
        other = (
            "apiVersion: kms.reconciler.dev/v1alpha1\nkind: Key\nmetadata: {name: theirs}\nspec: {aliases: [theirs]}\n"
        )
        root.apply(declared(other, stack="another"), PlanOptions())
        kms = root.engine.client()
        theirs = kms("DescribeKey", {"KeyId": "alias/theirs"})["KeyMetadata"]["KeyId"]
        ours = kms("DescribeKey", {"KeyId": "alias/orders"})["KeyMetadata"]["KeyId"]
        policy = permissions(root, QUICKSTART, Purpose.OPERATOR)
    with opened(folder, policy, named=ROLES) as run:
        yield run.engine.client(principal=SESSION), {"nobody's": strange, "another stack's": theirs, "ours": ours}


CALLS = [
    ("DescribeKey", {}),
    ("GetKeyPolicy", {}),
    ("ListResourceTags", {}),
    ("ListGrants", {}),
    ("UpdateKeyDescription", {"Description": "x"}),
    ("EnableKeyRotation", {}),
    ("EnableKey", {}),
    ("ScheduleKeyDeletion", {"PendingWindowInDays": 30}),
    ("TagResource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
    ("CreateAlias", {"AliasName": "alias/orders"}),
    ("GetKeyLastUsage", {}),
    ("RevokeGrant", {"GrantId": "0" * 64}),
]


@pytest.mark.parametrize("whose", ["nobody's", "another stack's"])
@pytest.mark.parametrize(("operation", "parameters"), CALLS, ids=[operation for operation, _ in CALLS])
def test_keys_of_others_are_out_of_reach(there, whose, operation, parameters):
    kms, keys = there
    name = "TargetKeyId" if operation == "CreateAlias" else "KeyId"
    with pytest.raises(KmsError) as caught:
        kms(operation, {name: keys[whose], **parameters})
    assert caught.value.code == "AccessDeniedException"


GRANT = {"GranteePrincipal": f"arn:aws:iam::{MAIN}:role/nightly-report", "Operations": ["Decrypt"]}


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        pytest.param("CreateKey", {}, id="a key without the stack's tag"),
        pytest.param("ScheduleKeyDeletion", {"KeyId": "ours", "PendingWindowInDays": 7}, id="a short window"),
        pytest.param("CreateGrant", {"KeyId": "ours", **GRANT, "Operations": ["Encrypt"]}, id="another operation"),
        pytest.param("CreateGrant", {"KeyId": "ours", **GRANT, "GranteePrincipal": SESSION}, id="another grantee"),
        pytest.param("CreateAlias", {"TargetKeyId": "ours", "AliasName": "alias/mine"}, id="another alias"),
        pytest.param("DeleteAlias", {"AliasName": "alias/theirs"}, id="another stack's alias"),
        pytest.param("Decrypt", {"KeyId": "ours", "CiphertextBlob": b"x"}, id="use"),
        pytest.param("Encrypt", {"KeyId": "ours", "Plaintext": b"x"}, id="use, the other way"),
    ],
)
def test_the_stacks_own_keys_are_kept_as_declared_and_not_otherwise(there, operation, parameters):
    kms, keys = there
    given = {name: keys["ours"] if value == "ours" else value for name, value in parameters.items()}
    with pytest.raises(KmsError) as caught:
        kms(operation, given)
    assert caught.value.code == "AccessDeniedException"


def test_the_stacks_own_keys_are_within_reach(there):
    kms, keys = there
    assert kms("DescribeKey", {"KeyId": keys["ours"]})["KeyMetadata"]["KeyId"] == keys["ours"]
    assert kms("CreateGrant", {"KeyId": keys["ours"], **GRANT})["GrantId"]
