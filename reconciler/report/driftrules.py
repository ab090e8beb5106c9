"""What each kind of drift is to those who gather findings: an id, a severity, why it matters, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler.kit.printable import printable
from reconciler.lint.check import Severity
from reconciler.model.observed import Account
from reconciler.plan.drift import DriftEntry, DriftKind, UnmanagedKey
from reconciler.report import driftwords
from reconciler.report.driftlines import entry_lines
from reconciler.report.policylines import opens
from reconciler.report.words import also_called

PAGE: Final = "docs/commands/drift.md"
"""From the root of the repository."""
_MOST_FIELDS: Final = 8


@dataclass(frozen=True, slots=True)
class DriftRule:
    """One kind of drift."""

    id: str
    title: str
    """What is found, without a full stop."""
    severity: Severity
    """As long as nothing about an entry weighs more."""
    why: str
    fix: str


RULES: Final = MappingProxyType(
    {
        DriftKind.CHANGED: DriftRule(
            "drift-changed",
            "A key, alias or grant is not as its manifest says",
            Severity.WARNING,
            "It was changed past the manifests, where no review sees it, or the manifest is newer and not applied yet.",
            "To keep what is real, write it into the manifest; to have it as declared, run kmsctl apply.",
        ),
        DriftKind.MISSING: DriftRule(
            "drift-missing",
            "A manifest declares what is not there",
            Severity.ERROR,
            "What relies on it fails: it was deleted, never applied, or is not adopted yet.",
            "kmsctl apply creates or adopts it; if nobody needs it, remove the manifest.",
        ),
        DriftKind.ORPHANED: DriftRule(
            "drift-orphaned",
            "A key of the stack has no manifest",
            Severity.WARNING,
            "It is paid for and may be used, while nobody reviews who may use it.",
            "Declare it again, or give it up with kmsctl apply --prune, as its deletion policy says.",
        ),
        DriftKind.UNDECLARED: DriftRule(
            "drift-undeclared",
            "An alias or a grant on a key of the stack has no manifest",
            Severity.WARNING,
            "A grant gives access that no manifest shows, and an alias a name that others may rely on.",
            "Declare it, have it removed by those who made it, or, if it is the stack's, run kmsctl apply --prune.",
        ),
        DriftKind.PENDING_DELETION: DriftRule(
            "drift-pending-deletion",
            "The deletion of a key of the stack is scheduled",
            Severity.ERROR,
            "Once the key is deleted, nothing that it encrypted can be decrypted again.",
            "kmsctl apply cancels the deletion of a key that is declared.",
        ),
    }
)
UNMANAGED: Final = DriftRule(
    "drift-unmanaged",
    "A key belongs to no manifest of the stack",
    Severity.NOTE,
    "Nobody reviews who may use it, unless another stack does.",
    "kmsctl export writes a manifest that adopts it as it is.",
)


def severity(entry: DriftEntry) -> Severity:
    """How much `entry` weighs: a key that was opened to everybody is an error, what is expected a note."""
    if entry.expected:
        return Severity.NOTE
    opened = any(
        opens(field.desired, field.real) for field in entry.fields if field.path == "policy" and not field.sensitive
    )
    return Severity.ERROR if opened else RULES[entry.kind].severity


def named(entry: DriftEntry) -> str:
    """The address of `entry`, and what KMS calls it; not escaped."""
    known = also_called(entry.address, entry.resource_id)
    return f"{entry.address} ({known})" if known else str(entry.address)


def what(entry: DriftEntry) -> str:
    """What has become of `entry`, as a clause; not escaped."""
    said = driftwords.why(entry)
    if said or entry.kind is not DriftKind.CHANGED:
        return said
    paths = [field.path for field in entry.fields]
    more = [f"{len(paths) - _MOST_FIELDS} more"] if len(paths) > _MOST_FIELDS else []
    return f"it differs from its manifest in {', '.join([*paths[:_MOST_FIELDS], *more])}"


def lines(entry: DriftEntry, account: Account) -> Iterator[str]:
    """The fields of `entry` as printable lines: minus what the manifest says, plus what is real."""
    for line in entry_lines(entry, account):
        yield f"{line.mark} {'  ' * line.depth}{line.text}"


def unmanaged(key: UnmanagedKey) -> str:
    """What there is to say of `key`, as a clause, printable."""
    described = f", described as {printable(key.description)}" if key.description else ""
    return f"it is {printable(key.state)}, and managed by {printable(driftwords.whose(key))}{described}"


def unmanaged_name(key: UnmanagedKey) -> str:
    """What `key` is called in reports; not escaped."""
    return f"{key.key_id}@{key.target}" if key.target else key.key_id
