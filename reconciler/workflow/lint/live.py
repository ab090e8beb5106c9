"""What is found in keys as they are."""

from __future__ import annotations

from reconciler.lint import IdentitySubject, Severity, lint, subjects_live
from reconciler.lint.suppress import META
from reconciler.model.address import Address
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.observed import ObservedState
from reconciler.model.ownership import Ownership
from reconciler.model.scope import Scope, Wanted
from reconciler.report.lint import LintReport
from reconciler.workflow.lint.settings import settings_of
from reconciler.workflow.request import Request
from reconciler.workflow.session import Session, observe_all

_WHOLE = Wanted(policy=True, rotation=True, every_grant=True)
"""What checks look at of a key that is there; description, state and tags are read anyway."""


def lint_live(
    session: Session, request: Request, threshold: Severity, policies: tuple[IdentitySubject, ...] = ()
) -> LintReport:
    """What is found in keys as they are: in those that manifests declare, or without manifests in all.

    Annotations of the manifests set findings aside here too; comments cannot, for they are about lines. What is wrong
    with either is told where the manifests are looked at.

    Raises:
        KmsError: a target refused to be read.
        KmsctlError: the settings name a check that there is not.
    """
    settings = settings_of(request.lint)
    whole = not session.desired.keys
    scopes = {name: _whole_account(session) if whole else _declared(session, name) for name in session.connections}
    observed = observe_all(session, scopes)
    subjects = subjects_live(observed, _addresses(session, observed))
    unread = {key: why for target in observed.targets.values() for key, why in target.unread.items()}
    declared = tuple(one for one in request.suppressions if one.resource is not None)
    found = lint([*subjects, *policies], suppressions=declared, settings=settings)
    found = tuple(one for one in found if one.check.id not in META)
    return LintReport(len(subjects), found, threshold, session.accounts, dict(sorted(unread.items())))


def _whole_account(session: Session) -> Scope:
    return Scope(session.desired.stack, every_grant=True, everything=True, others=_WHOLE, unmanaged=_WHOLE)


def _declared(session: Session, target: TargetName) -> Scope:
    names = (key.address.name for key in session.desired.keys if key.address.target == target)
    return Scope(session.desired.stack, dict.fromkeys(names, _WHOLE), every_grant=True, others=None)


def _addresses(session: Session, observed: ObservedState) -> dict[tuple[TargetName, KeyId], Address]:
    """What manifests call the keys of the stack that they declare."""
    declared = {(key.address.target, key.address.name): key.address for key in session.desired.keys}
    found = {}
    for target, seen in observed.targets.items():
        for key_id, key in seen.keys.items():
            owner = Ownership.of(key.tags)
            address = declared.get((target, owner.name)) if owner and owner.stack == session.desired.stack else None
            if address is not None:
                found[target, key_id] = address
    return found
