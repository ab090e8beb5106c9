"""What a run of lint found: the value that every format shows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.lint.check import Severity
from reconciler.lint.finding import Finding
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account
from reconciler.report.words import plural

RANKS = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True)
class LintReport:
    """Findings, and what they are about."""

    keys: int
    """How many were looked at."""
    findings: tuple[Finding, ...] = ()
    """Sorted by place; those that were set aside are among them."""
    threshold: Severity = Severity.ERROR
    """The least severity that fails the run."""
    accounts: Mapping[TargetName, Account] = field(default_factory=dict)
    """Where the keys are, if they were looked at as they are; empty for manifests."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Keys that could not be looked at, and why, sorted."""

    @property
    def counting(self) -> tuple[Finding, ...]:
        """The findings that nobody has set aside."""
        return tuple(finding for finding in self.findings if finding.counts)

    @property
    def set_aside(self) -> int:
        """How many findings were."""
        return len(self.findings) - len(self.counting)

    @property
    def counts(self) -> Mapping[Severity, int]:
        """How many findings count, by severity, the worst first."""
        found = Counter(finding.severity for finding in self.counting)
        return {severity: found[severity] for severity in Severity}

    @property
    def failed(self) -> bool:
        """Whether a finding is as severe as the threshold."""
        return any(fails(finding, self.threshold) for finding in self.findings)


def fails(finding: Finding, threshold: Severity) -> bool:
    """Whether `finding` counts and is at least as severe as `threshold`."""
    return finding.counts and RANKS[finding.severity] >= RANKS[threshold]


def summary(report: LintReport) -> str:
    """One line, such as `2 errors and 1 warning in 3 keys; 1 finding set aside` with a full stop."""
    told = [plural(count, severity.value) for severity, count in report.counts.items() if count]
    found = " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told) or "Nothing found"
    aside = f"; {plural(report.set_aside, 'finding')} set aside" if report.set_aside else ""
    return f"{found} in {plural(report.keys, 'key')}{aside}."


def by_resource(report: LintReport) -> Mapping[tuple[str, str], list[Finding]]:
    """The findings of each check about each resource, by both, in the order of the report."""
    groups: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in report.findings:
        groups[finding.check.id, finding.resource].append(finding)
    return groups
