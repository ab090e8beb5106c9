"""KeyPolicies that no key of the manifests refers to, which would otherwise be seen by no check."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.lint import Subject, subjects_of
from reconciler.manifest.desire import desire
from reconciler.manifest.documents import KEY_KINDS, Document, ManifestKind, Manifests
from reconciler.manifest.objects import key_with
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account
from reconciler.workflow.request import Request


def lone_policies(request: Request, accounts: Mapping[TargetName, Account | None]) -> tuple[Subject, ...]:
    """Each as a key about which nothing else is known, in the order of the files.

    Raises:
        InvalidInput: one of them is no policy that a key can have.
    """
    manifests = request.manifests
    keys = [document for document in manifests.documents if document.kind in KEY_KINDS]
    used = {key.spec["policyRef"]["name"] for key in keys if "policyRef" in key.spec}
    lone = [one for one in manifests.of_kind(ManifestKind.KEY_POLICY) if one.name not in used]
    return tuple(_subject(one, request, accounts) for one in lone)


def _subject(policy: Document, request: Request, accounts: Mapping[TargetName, Account | None]) -> Subject:
    manifests = request.manifests
    alone = Manifests((policy, key_with(policy)), manifests.targets, manifests.files)
    desired = desire(alone, stack=request.stack, accounts={}, run_target=request.choice.run_target)
    (key,) = subjects_of(desired, accounts)
    return Subject(
        resource=str(policy),
        partition=key.partition,
        account=key.account,
        region=key.region,
        position=policy.position,
        kind_known=False,
        policy=key.policy,
        statement_positions=key.statement_positions,
    )
