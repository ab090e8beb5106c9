"""Custom key stores of Terraform, and keys in them."""

from __future__ import annotations

import pytest

from tests.convert.converted import converted
from tests.convert.states import ARN, resource, state


def test_a_key_in_a_key_store_refers_to_it_where_the_store_is_declared():
    certificate = "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n"
    store = {
        "id": "cks-1234567890abcdef0",
        "custom_key_store_name": "vault",
        "cloud_hsm_cluster_id": "cluster-2a23b4cdefg",
        "key_store_password": "kmsPswd",
        "trust_anchor_certificate": certificate,
    }
    key = {"arn": ARN, "custom_key_store_id": store["id"]}
    found = converted(state(resource("custom_key_store", "v", store), resource("key", "a", key)))
    assert found.named["vault"]["spec"]["cloudHsm"]["password"] == {"from": {"env": "KMSUSER_PASSWORD"}}
    assert found.named["a"]["spec"]["customKeyStoreRef"] == {"name": "vault"}
    assert found.named["a"]["spec"]["origin"] == "AWS_CLOUDHSM"
    assert "kmsPswd" not in str(found)
    alone = converted(state(resource("key", "a", {**key, "xks_key_id": "bb8562717f809024"})))
    assert "customKeyStoreRef" not in alone.named.get("a", {}).get("spec", {})
    assert any("custom key store cks-1234567890abcdef0" in remark.what for remark in alone.remarks)


def test_an_external_key_store_is_carried_over_without_its_secret_key():
    store = {
        "custom_key_store_name": "xks",
        "custom_key_store_type": "EXTERNAL_KEY_STORE",
        "xks_proxy_connectivity": "PUBLIC_ENDPOINT",
        "xks_proxy_uri_endpoint": "https://xks.example.com",
        "xks_proxy_uri_path": "/kms/xks/v1",
        "xks_proxy_authentication_credential": [
            {"access_key_id": "ABCDE2345FGHIJ67KLMN", "raw_secret_access_key": "hush"}
        ],
    }
    found = converted(state(resource("custom_key_store", "v", store)))
    proxy = found.named["xks"]["spec"]["xksProxy"]
    assert proxy["credential"]["accessKeyId"] == "ABCDE2345FGHIJ67KLMN"
    assert "connectivity" not in proxy
    assert "hush" not in str(found)


@pytest.mark.parametrize("name", ["My Store", None])
def test_a_store_that_no_manifest_can_be_called_after_is_left_out(name):
    found = converted(state(resource("custom_key_store", "v", {"custom_key_store_name": name})))
    assert found.manifests == ()
    assert any("left out" in remark.what for remark in found.remarks)


def test_of_two_stores_of_one_name_the_first_is_written():
    store = {"custom_key_store_name": "vault", "cloud_hsm_cluster_id": "cluster-2a23b4cdefg"}
    certificate = {"trust_anchor_certificate": "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----"}
    one = resource("custom_key_store", "a", {**store, **certificate})
    found = converted(state(one, resource("custom_key_store", "b", store)))
    assert list(found.named) == ["vault"]
