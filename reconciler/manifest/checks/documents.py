"""The checks of one manifest by itself, by kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.checks.accesstests import check_access_test
from reconciler.manifest.checks.aliases import check_alias_name
from reconciler.manifest.checks.grants import check_grant
from reconciler.manifest.checks.keys import check_independent, check_key, facts_of
from reconciler.manifest.checks.material import check_material
from reconciler.manifest.checks.policies import check_policy_fields
from reconciler.manifest.checks.pseudo import check_parameters
from reconciler.manifest.checks.replicas import check_replica
from reconciler.manifest.checks.stores import check_custody, check_store
from reconciler.manifest.checks.targets import check_target
from reconciler.manifest.documents import Document, ManifestKind


def check_document(document: Document) -> Iterator[Diagnostic]:
    """What is wrong with a manifest of the right shape, as far as it can be told from itself alone."""
    yield from check_parameters(document)
    match document.kind:
        case ManifestKind.KEY:
            yield from check_key(document)
            yield from check_material(document, facts_of(document))
            yield from check_custody(document, facts_of(document))
            yield from check_policy_fields(document, ("spec", "policy"))
        case ManifestKind.REPLICA_KEY:
            yield from check_replica(document)
            yield from check_independent(document)
            yield from check_policy_fields(document, ("spec", "policy"))
        case ManifestKind.ALIAS:
            yield from check_alias_name(document, ("spec", "name"))
        case ManifestKind.KEY_POLICY:
            yield from check_policy_fields(document, ("spec",))
        case ManifestKind.GRANT:
            yield from check_grant(document)
        case ManifestKind.CUSTOM_KEY_STORE:
            yield from check_store(document)
        case ManifestKind.ACCESS_TEST:
            yield from check_access_test(document)
        case ManifestKind.TARGET:
            yield from check_target(document)
        case _:
            assert_never(document.kind)
