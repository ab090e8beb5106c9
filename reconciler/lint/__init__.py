"""What is wrong, risky or wider than it needs to be with keys, their policies and their grants. Pure.

`lint` asks every check (`checks()`) about every subject: keys as manifests declare them (`subjects_of`), keys as a KMS
holds them (`subjects_live`), and IAM policies (`subjects_iam`). The words of checks are data, their code is in
`families`.
"""

from reconciler.lint.check import Check, Severity, checks
from reconciler.lint.declared import subjects_of
from reconciler.lint.finding import Finding
from reconciler.lint.live import subjects_live
from reconciler.lint.people import subjects_iam
from reconciler.lint.run import Locate, Settings, lint
from reconciler.lint.subject import IdentitySubject, Subject, SubjectGrant

__all__ = [
    "Check",
    "Finding",
    "IdentitySubject",
    "Locate",
    "Settings",
    "Severity",
    "Subject",
    "SubjectGrant",
    "checks",
    "lint",
    "subjects_iam",
    "subjects_live",
    "subjects_of",
]
