"""What the API server takes and what kmsctl takes: the same, but for what CEL cannot say, which is listed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.documents import Document, ManifestKind
from reconciler.manifest.objects import DANGLING, Neighbours, check_object, read_object
from tests.docs.pages import DOCS, named
from tests.e2e.crds.collected import collected
from tests.e2e.crds.definitions import faults, tried
from tests.e2e.crds.generated import manifests
from tests.manifest.test_structure import mutated

PAGE = DOCS / "operator" / "custom-resources.md"
ONLY_KMSCTL = frozenset(named(PAGE, "diagnostic"))
"""What kmsctl alone says of an object by itself: in `validate`, at admission, in the conditions."""

MANY = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # shrinking asks the API server thousands of times
    suppress_health_check=list(HealthCheck),
)


def told(body) -> list[Diagnostic]:
    """What `kmsctl validate` says of an object, wherever the others are."""
    read = read_object(body, file="object")
    found = check_object(read, Neighbours()) if isinstance(read, Document) else read
    return [fault for fault in found if fault.name != DANGLING]


def check_agreement(cluster, body):
    """Whoever validates a manifest is not surprised by the cluster, and hardly ever the other way round."""
    refused = faults(tried(cluster, body, "default"))
    names = {fault.name for fault in told(body)}
    if not names:
        assert refused == "", body
    if not refused:
        assert names <= ONLY_KMSCTL, body


@pytest.mark.parametrize("kind", ManifestKind)
@MANY
@given(data=st.data())
def test_manifests_made_of_possible_fields_are_judged_alike(cluster, kind, data):
    check_agreement(cluster, data.draw(manifests(kind)))


@pytest.mark.parametrize("kind", ManifestKind)
@MANY
@given(data=st.data())
def test_manifests_with_something_changed_are_judged_alike(cluster, kind, data):
    body = data.draw(mutated(data.draw(manifests(kind))))
    if isinstance(body.get("metadata"), dict) and body.get("kind") == kind:
        check_agreement(cluster, body)


@pytest.mark.parametrize("body", collected(), ids=lambda body: f"{body['kind']}-{body['metadata']['name']}"[:40])
def test_what_examples_pages_and_cases_declare_is_judged_alike(cluster, body):
    check_agreement(cluster, body)
