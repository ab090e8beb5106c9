"""`kmsctl access record`: what it prints is a manifest that passes."""

from __future__ import annotations

import json

import pytest

from tests.manifest.build import manifest
from tests.plan.access.expecting import DELEGATING, key

OPEN = key(DELEGATING, more=", aliases: [db]")
GRANT = manifest(
    "Grant",
    "batch",
    "{keyRef: {name: db}, granteePrincipal: role/batch, operations: [Decrypt], "
    "constraints: {encryptionContextSubset: {tenant: 'a: b'}}}",
)


@pytest.fixture
def recorded(kmsctl, tmp_path):
    """What is recorded of the key `db`, with the manifests beside it."""
    (tmp_path / "keys.yaml").write_text(OPEN + GRANT)

    def record(*argv):
        result = kmsctl("access", "record", *argv)
        assert result.code == 0, result.err
        (tmp_path / "test.yaml").write_text(result.out)
        return result.out

    return record


def both(kmsctl, command):
    return kmsctl(command, "-f", "keys.yaml", "-f", "test.yaml")


def test_what_is_recorded_of_the_planned_key_passes_right_away(kmsctl, recorded):
    text = recorded("db", "-f", "keys.yaml")
    assert "name: db-access" in text
    assert 'context: {tenant: "a: b"}' in text  # fmt: skip
    assert both(kmsctl, "validate").out == "Valid: 1 key, 1 alias, 1 grant, 1 access test.\n"
    assert both(kmsctl, "validate").err == ""
    assert "1 access test passed." in both(kmsctl, "plan").out


@pytest.mark.parametrize("name", ["db", "alias/db"])
def test_what_is_recorded_of_the_live_key_passes_until_somebody_gets_access(kmsctl, recorded, name):
    assert kmsctl("apply", "-f", "keys.yaml", "-y").code == 0
    recorded(name)
    assert both(kmsctl, "plan").code == 0
    key_id = json.loads(kmsctl("local", "call", "DescribeKey", '{"KeyId": "alias/db"}').out)["KeyMetadata"]["KeyId"]
    grant = {"KeyId": key_id, "GranteePrincipal": "arn:aws:iam::000000000000:role/stranger", "Operations": ["Encrypt"]}
    assert kmsctl("local", "call", "CreateGrant", json.dumps(grant)).code == 0
    assert both(kmsctl, "plan").code == 3


def test_a_key_that_is_not_of_the_stack_is_recorded_with_what_to_do(kmsctl, recorded):
    made = json.loads(kmsctl("local", "call", "CreateKey").out)["KeyMetadata"]["KeyId"]
    text = recorded(made)
    assert "# No key of the stack: adopt it, and put the name of its manifest into `keyRef`." in text
    assert f"keyRef: {{name: {made}}}" in text.replace('"', "")
    kmsctl("local", "call", "CreateAlias", json.dumps({"AliasName": "alias/Their/Key", "TargetKeyId": made}))
    assert "name: their-key-access" in recorded(made)


def test_a_key_that_is_not_there_is_an_error(kmsctl):
    assert kmsctl("access", "record", "alias/none").code == 1
