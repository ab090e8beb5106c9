"""A team's own chart with keys in it: Helm waits for them, by kstatus."""

from __future__ import annotations

import json

import pytest

from tests.e2e.controller.place import key, manifest


@pytest.fixture
def helm(place, cluster, tmp_path):
    """Helm, in the namespace of the test, for the chart of `bodies`."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("{apiVersion: v2, name: shop, version: 0.1.0}")

    def run(verb, *bodies, **how):
        listed = "\n---\n".join(json.dumps(place.placed(body)) for body in bodies)
        (tmp_path / "templates" / "keys.yaml").write_text(listed)
        chart = () if verb == "uninstall" else (tmp_path,)
        return cluster.helm(verb, "shop", *chart, f"--namespace={place.namespace}", "--wait", "--timeout=60s", **how)

    return run


def test_helm_is_done_when_the_keys_are_ready_and_leaves_them_behind_when_it_goes(place, helm):
    policy = manifest("KeyPolicy", "data", administrators=["role/platform"])
    grant = manifest("Grant", "report", keyRef={"name": "orders"}, granteePrincipal="role/bob", operations=["Decrypt"])
    helm("install", key(policyRef={"name": "data"}), grant, policy)
    (key_id,) = place.account.key_ids()
    assert place.account.grants(key_id)
    helm("upgrade", key(policyRef={"name": "data"}, description="Encrypts invoices"), policy)
    assert place.account.describe(key_id)["Description"] == "Encrypts invoices"
    assert place.account.grants(key_id) == []
    helm("uninstall")
    assert place.find("Key", "orders") is None
    assert place.account.describe(key_id)["KeyState"] == "Enabled"


def test_helm_says_at_once_why_a_key_cannot_be(place, helm):
    place.apply(place.target_body(allowedNamespaces=["another"]))
    told = helm("install", key(), check=False)
    assert told.returncode
    assert "does not name it" in told.stderr or "do not name it" in told.stderr
    assert place.account.key_ids() == []
