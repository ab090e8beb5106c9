"""What is found in objects of a cluster: by the operator, and by its webhook before they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from reconciler.kit.errors import InvalidInput
from reconciler.lint import Finding, Severity, Subject, lint, subjects_of
from reconciler.lint.suppress import META
from reconciler.manifest.config import DEFAULT_STACK
from reconciler.manifest.desire import desire
from reconciler.manifest.documents import Document, ManifestKind, Manifests
from reconciler.manifest.objects import key_with
from reconciler.manifest.suppressions import annotated_in
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.observed import Account
from reconciler.model.target import Target
from reconciler.workflow.lint.accounts import declared_accounts
from reconciler.workflow.lint.places import locate


@dataclass(frozen=True, slots=True)
class Case:
    """Manifests of one cluster: the first is looked at, and the others are what it refers to."""

    documents: tuple[Document, ...]
    targets: Mapping[TargetName, Target] = field(default_factory=dict)
    accounts: Mapping[TargetName, Account] = field(default_factory=dict)
    """Of those that are open, by address."""
    default_target: TargetName = RUN_TARGET


def errors_in(case: Case) -> tuple[Finding, ...] | None:
    """The errors that nobody has set aside; None where what is declared is not sound."""
    found = findings_in(case)
    return None if found is None else tuple(one for one in found if one.severity is Severity.ERROR)


def findings_in(case: Case) -> tuple[Finding, ...] | None:
    """What counts of all that is found in the first manifest; None where what is declared is not sound.

    A KeyPolicy is looked at with a key of its own, and of a key whose policy is in a KeyPolicy that is not among the
    documents nothing is said about that. Somebody waits, so the slow checks are left out; none of them finds errors.
    """
    document = case.documents[0]
    documents = case.documents if document.kind is not ManifestKind.KEY_POLICY else (document, key_with(document))
    manifests = Manifests(documents, case.targets, tuple(one.file for one in documents))
    opened: dict[TargetName, Account | None] = dict(case.accounts)
    try:
        desired = desire(manifests, stack=DEFAULT_STACK, accounts=opened, run_target=case.default_target)
    except InvalidInput:
        return None
    accounts = declared_accounts(manifests, case.default_target) | opened
    subjects = [_known(one, manifests) for one in subjects_of(desired, accounts) if _is_of(one, document)]
    if document.kind is ManifestKind.KEY_POLICY:
        subjects = [replace(one, kind_known=False) for one in subjects]
    suppressions = [one for other in case.documents for one in annotated_in(other)]
    found = lint(subjects, suppressions=suppressions, locate=partial(locate, manifests), quick=True)
    return tuple(one for one in found if one.counts and _is_about(one, document))


def _is_of(subject: Subject, document: Document) -> bool:
    return subject.address is not None and subject.address.name == document.name


def _known(subject: Subject, manifests: Manifests) -> Subject:
    """Without a word of a policy that is elsewhere."""
    key = manifests.key(subject.address.name) if subject.address else None
    shared = key.spec.get("policyRef", {}).get("name") if key else None
    missing = shared is not None and manifests.get(ManifestKind.KEY_POLICY, shared) is None
    return replace(subject, policy=None) if missing else subject


def _is_about(found: Finding, document: Document) -> bool:
    """Of a KeyPolicy nothing that is the key's, which nobody declared; of others' annotations nothing."""
    there = found.position is not None and found.position.file == document.file
    return there or not (document.kind is ManifestKind.KEY_POLICY or found.check.id in META)
