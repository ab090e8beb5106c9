"""What is found in manifests, without asking any KMS."""

from __future__ import annotations

from functools import partial

from reconciler.lint import IdentitySubject, Severity, Subject, lint, subjects_of
from reconciler.manifest.desire import target_names
from reconciler.manifest.resolve.where import whereabouts
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account
from reconciler.report.lint import LintReport
from reconciler.workflow.lint.places import locate
from reconciler.workflow.lint.settings import settings_of
from reconciler.workflow.request import Request
from reconciler.workflow.validate import check


def lint_manifests(request: Request, threshold: Severity, policies: tuple[IdentitySubject, ...] = ()) -> LintReport:
    """What is found in manifests, and in IAM `policies`, without asking any KMS.

    Raises:
        InvalidInput: the manifests have errors.
        KmsctlError: the settings name a check that there is not.
    """
    settings = settings_of(request.lint)
    desired = check(request)
    place = partial(locate, request.manifests)
    subjects: list[Subject | IdentitySubject] = [*subjects_of(desired, _declared_accounts(request)), *policies]
    found = lint(subjects, suppressions=request.suppressions, settings=settings, locate=place)
    return LintReport(len(desired.keys), found, threshold)


def _declared_accounts(request: Request) -> dict[TargetName, Account | None]:
    """The accounts that Targets declare; what they do not say of their Region is empty, and nobody calls."""
    manifests = request.manifests
    where = whereabouts(target_names(manifests), manifests.targets, {}, request.choice.run_target)
    return {
        one.target: Account(one.account_id, one.region if one.region_known else "", one.partition, "")
        for one in where.values()
        if one.account_known
    }
