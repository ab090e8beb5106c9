"""Examples are rehearsed without a fault; of imported material and custom key stores is said what was made up."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.manifest.load import load
from reconciler.manifest.sources import read_sources
from reconciler.plan.options import PlanOptions
from reconciler.workflow.choice import Choice
from reconciler.workflow.environment import Environment
from reconciler.workflow.plan import make_plan
from reconciler.workflow.rehearse.run import rehearse
from reconciler.workflow.request import Request
from reconciler.workflow.session import open_session
from tests.cli.samples import target
from tests.support.rehearsing import NOW, Theatre, codes, counts
from tests.support.secrets import wrapping_keys_made_once

EXAMPLES = Path(__file__).parents[3] / "examples"
MADE_UP = "imported key material is made up: whether the real one fits, and is the one that a key had, shows in apply"
IMPORTED = """\
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata:
  name: cards
spec:
  origin: EXTERNAL
  multiRegion: true
  importedMaterial:
    from: {{env: {0}}}
    serial: {1}
    description: {2}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: ReplicaKey
metadata:
  name: cards-there
spec:
  targetRef: {{name: there}}
  primaryRef: {{name: cards}}
"""


STORE = """\
apiVersion: kms.reconciler.dev/v1alpha1
kind: CustomKeyStore
metadata:
  name: vault
spec:
  xksProxy:
    uriEndpoint: https://xks.example.com
    uriPath: {0}/kms/xks/v1
    credential:
      accessKeyId: ABCDE2345FGHIJ67KLMN
      secretAccessKey:
        from: {{env: XKS_SECRET}}
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata:
  name: orders
spec:
  origin: EXTERNAL_KEY_STORE
  description: {1}
  customKeyStoreRef: {{name: vault}}
  xksKeyId: bb8562717f809024
"""
ALIAS = "{{apiVersion: kms.reconciler.dev/v1alpha1, kind: Alias, metadata: {{name: a}}, spec: {{name: a, key: {0}}}}}\n"
PLAYED = "what stands behind a custom key store is played: its clusters, proxies and credentials are not asked"


@pytest.fixture(scope="module", autouse=True)
def _quick_imports() -> Iterator[None]:
    with wrapping_keys_made_once():
        yield


@pytest.mark.parametrize("example", ["aws-services", "multi-region", "payments/base", "imported-key", "services"])
def test_an_example_is_rehearsed_before_and_after_it_is_made(example, tmp_path):
    environment = Environment(tmp_path / "kms", {}, ManualClock(NOW))
    request = Request(load(read_sources([str(EXAMPLES / example)], stdin=None)), "default", Choice())
    with open_session(request, environment) as session:
        found = rehearse(session, make_plan(session, PlanOptions()), PlanOptions())
    assert codes(found) == []
    assert found.remaining == ()
    assert (MADE_UP in found.differences) == (example == "imported-key")


@pytest.fixture
def holding(tmp_path):
    """A bundled KMS, and secrets for it."""
    theatre = Theatre(tmp_path / "kms")
    values = {name: base64.b64encode(bytes([number]) * 32).decode() for number, name in enumerate(("FIRST", "SECOND"))}
    values["XKS_SECRET"] = "x" * 50
    theatre.environment = Environment(tmp_path / "kms", values, ManualClock(NOW))
    return theatre


def imported(source, serial, description="ours"):
    return IMPORTED.format(source, serial, description) + target("there", region="eu-west-1")


def test_new_imported_material_is_rehearsed_in_both_regions(holding):
    holding.apply(imported("FIRST", 1))
    found = holding.rehearse(imported("SECOND", 2))
    assert codes(found) == []
    assert found.remaining == ()
    assert counts(found)["ImportKeyMaterial"] == 2
    assert counts(found)["RotateKeyOnDemand"] == 1
    assert found.differences == (MADE_UP,)


def test_imported_material_that_is_imported_again_is_taken_for_the_same(holding):
    holding.apply(imported("FIRST", 1))
    found = holding.rehearse(imported("FIRST", 1, "theirs"))
    assert counts(found) == {"GetParametersForImport": 2, "ImportKeyMaterial": 2}
    assert (codes(found), found.remaining) == ([], ())


def test_a_rehearsal_needs_no_secret(tmp_path):
    found = Theatre(tmp_path / "kms").rehearse(imported("NOWHERE", 1))
    assert (codes(found), found.remaining) == ([], ())


def test_a_custom_key_store_is_played(holding):
    found = holding.rehearse(STORE.format("/a", "x"))
    assert (codes(found), found.remaining) == ([], ())
    assert {"CreateCustomKeyStore", "ConnectCustomKeyStore", "CreateKey"} <= counts(found).keys()
    assert found.differences == (PLAYED,)


def test_a_custom_key_store_that_is_there_is_changed_on_the_copy(holding):
    holding.apply(STORE.format("/a", "x"))
    found = holding.rehearse(STORE.format("/b", "y"))
    assert codes(found) == []
    assert {"UpdateCustomKeyStore", "UpdateKeyDescription"} <= counts(found).keys()
    assert found.differences == (PLAYED,)


@pytest.mark.parametrize("connected", [True, False], ids=["connected", "disconnected"])
def test_a_key_in_a_store_that_nobody_declares_is_copied_with_a_store_around_it(holding, connected):
    holding.apply(STORE.format("/a", "x"))
    with holding.kms() as kms:
        key = kms("ListKeys", {})["Keys"][0]["KeyId"]
        store = kms("DescribeCustomKeyStores", {})["CustomKeyStores"][0]["CustomKeyStoreId"]
        if not connected:
            kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": store})
    found = holding.rehearse(ALIAS.format(key))
    assert (codes(found), found.remaining, found.differences) == ([], (), ())
