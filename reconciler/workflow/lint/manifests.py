"""What is found in manifests, without asking any KMS."""

from __future__ import annotations

from functools import partial

from reconciler.lint import IdentitySubject, Severity, Subject, lint, subjects_of
from reconciler.report.lint import LintReport
from reconciler.workflow.lint.accounts import declared_accounts
from reconciler.workflow.lint.places import locate
from reconciler.workflow.lint.policies import lone_policies
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
    accounts = declared_accounts(request.manifests, request.choice.run_target)
    keys = (*subjects_of(desired, accounts), *lone_policies(request, accounts))
    subjects: tuple[Subject | IdentitySubject, ...] = (*keys, *policies)
    found = lint(subjects, suppressions=request.suppressions, settings=settings, locate=place)
    return LintReport(len(desired.keys), found, threshold)
