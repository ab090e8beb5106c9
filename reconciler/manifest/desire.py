"""From manifests to what they ask for in the accounts that they end up in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.errors import InvalidInput
from reconciler.manifest.checks.references import check_shared
from reconciler.manifest.config import DEFAULT_STACK, checked_stack
from reconciler.manifest.documents import KEY_KINDS, ManifestKind, Manifests, in_file_order
from reconciler.manifest.resolve.accesstests import desired_test, keys_of
from reconciler.manifest.resolve.grants import Surroundings, desired_alias, desired_grant
from reconciler.manifest.resolve.keys import aliases_of_key, desired_key
from reconciler.manifest.resolve.policies import PolicyWriter
from reconciler.manifest.resolve.regions import check_regions
from reconciler.manifest.resolve.replicas import Replicas, primary_target
from reconciler.manifest.resolve.stores import desired_store
from reconciler.manifest.resolve.where import Where, whereabouts
from reconciler.model.accesstest import AccessTest
from reconciler.model.desired import DesiredAlias, DesiredGrant, DesiredKey, DesiredState
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.observed import Account
from reconciler.model.stores import DesiredStore

_RESOURCES = (*KEY_KINDS, ManifestKind.ALIAS, ManifestKind.GRANT, ManifestKind.CUSTOM_KEY_STORE)


def target_names(manifests: Manifests) -> frozenset[TargetName]:
    """The Targets that resources, or their primaries, are on; `RUN_TARGET` among them when a resource names none."""
    resources = (document for document in manifests.documents if document.kind in _RESOURCES)
    replicas = manifests.of_kind(ManifestKind.REPLICA_KEY)
    primaries = (primary_target(document) for document in replicas if "primary" in document.spec)
    return frozenset((*(document.target for document in resources), *primaries))


def desire(
    manifests: Manifests,
    *,
    stack: str,
    accounts: Mapping[TargetName, Account | None],
    run_target: TargetName = RUN_TARGET,
) -> DesiredState:
    """What `manifests` ask for, references, roles and pseudo parameters resolved.

    Args:
        manifests: as loaded.
        stack: whose they are.
        accounts: who each target is, by name; the run's own under `RUN_TARGET`. Where it is None or missing, what the
            Target manifest says counts; what that does not say is not checked, and pseudo parameters stand for an
            example account.
        run_target: the name of the Target that the run is on: what refers to it by name belongs to the run too.

    Raises:
        InvalidInput: with every fault that shows only now.
        KmsctlError: `stack` cannot be the name of a stack.
    """
    desired, faults = _resolve(manifests, checked_stack(stack), accounts, run_target)
    if run_target != RUN_TARGET:  # without one, `load` has looked
        faults += check_shared(manifests, run_target)
    if faults:
        raise InvalidInput(in_file_order(faults, manifests.files))
    return desired


def offline_faults(manifests: Manifests) -> list[Diagnostic]:
    """What `desire` would find wrong without asking any target, so that it can be shown along with other faults."""
    return _resolve(manifests, DEFAULT_STACK, {}, RUN_TARGET)[1]


def _resolve(
    manifests: Manifests, stack: str, accounts: Mapping[TargetName, Account | None], run_target: TargetName
) -> tuple[DesiredState, list[Diagnostic]]:
    where = whereabouts(target_names(manifests), manifests.targets, accounts, run_target)
    policies = PolicyWriter(manifests)
    replicas = Replicas(manifests, where, policies)
    faults = list(check_regions(manifests, where))
    keys: list[DesiredKey] = []
    aliases: list[DesiredAlias] = []
    grants: list[DesiredGrant] = []
    stores: list[DesiredStore] = []
    for document in manifests.documents:
        match document.kind:
            case ManifestKind.KEY:
                here = where[document.target]
                keys.append(desired_key(document, here, policies, faults))
                aliases += aliases_of_key(document, here)
            case ManifestKind.REPLICA_KEY:
                keys.append(replicas.desired(document, faults))
                aliases += aliases_of_key(document, where[document.target])
            case ManifestKind.ALIAS:
                aliases.append(desired_alias(document, Surroundings(manifests, where[document.target], stack), faults))
            case ManifestKind.GRANT:
                grants.append(desired_grant(document, Surroundings(manifests, where[document.target], stack), faults))
            case ManifestKind.CUSTOM_KEY_STORE:
                stores.append(desired_store(document, where[document.target]))
            case ManifestKind.KEY_POLICY | ManifestKind.TARGET | ManifestKind.ACCESS_TEST:
                pass
            case _:
                assert_never(document.kind)
    tests = tuple(_tests(manifests, keys, where, faults))
    return DesiredState(stack, tuple(keys), tuple(aliases), tuple(grants), tuple(stores), tests), faults


def _tests(
    manifests: Manifests, keys: Iterable[DesiredKey], where: Mapping[TargetName, Where], faults: list[Diagnostic]
) -> Iterator[AccessTest]:
    """What each AccessTest says of each of its keys."""
    documents = manifests.of_kind(ManifestKind.ACCESS_TEST)
    desired = {key.address.name: key for key in keys} if documents else {}
    for document in documents:
        for key in keys_of(document, manifests):
            yield desired_test(document, desired[key.name], where[key.target], faults)
