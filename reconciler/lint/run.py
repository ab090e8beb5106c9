"""All checks on all subjects: what is found, where it is, and what was set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import assert_never

from reconciler.kit.diagnostics import Position
from reconciler.lint.check import Check, Severity, checks
from reconciler.lint.families import IDENTITY_PROBES, KEY_FAMILIES, SLOW
from reconciler.lint.finding import Finding, Hit, Path
from reconciler.lint.registry import KeyProbe, merged, require
from reconciler.lint.subject import IdentitySubject, Subject, SubjectGrant
from reconciler.lint.suppress import META, Suppressor
from reconciler.model.address import Address
from reconciler.model.suppression import Suppression

Locate = Callable[[Address, Path], Position | None]
"""Where a path into a manifest, or into the policy of a key (it begins with `Statement`), stands in a file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a directory makes of the checks."""

    ignore: Mapping[str, str] = field(default_factory=dict)
    """Ids of checks whose findings are set aside, with the reason."""
    severity: Mapping[str, Severity] = field(default_factory=dict)
    """By the id of the check."""


def lint(
    subjects: Iterable[Subject | IdentitySubject],
    *,
    suppressions: Iterable[Suppression] = (),
    settings: Settings | None = None,
    locate: Locate | None = None,
    quick: bool = False,
) -> tuple[Finding, ...]:
    """Everything found about `subjects`, sorted by place; what was set aside is in it, with the reason.

    Args:
        subjects: keys and IAM policies.
        suppressions: from annotations and comments; unknown, unreasoned and unused ones are findings themselves.
        settings: of the directory.
        locate: makes positions finer; without it a finding stands where its statement or its resource does.
        quick: leave out the slow checks, where somebody waits.
    """
    settings = settings or Settings()
    suppressor = Suppressor(tuple(suppressions))
    probes = {name: probe for name, probe in _key_probes().items() if not (quick and name in SLOW)}
    found = [_severe(one, settings) for subject in subjects for one in _found(subject, probes, suppressor, locate)]
    found += [_severe(one, settings) for one in suppressor.findings(settings.ignore)]
    return tuple(sorted(found, key=_order))


def _found(
    subject: Subject | IdentitySubject, probes: Mapping[str, KeyProbe], suppressor: Suppressor, locate: Locate | None
) -> Iterator[Finding]:
    if isinstance(subject, Subject):
        for check_id, probe in probes.items():
            for hit in probe(subject):
                yield _of_key(checks()[check_id], subject, hit, suppressor, locate)
    elif isinstance(subject, IdentitySubject):
        for check_id, identity_probe in IDENTITY_PROBES.items():
            for hit in identity_probe(subject):
                check = checks()[check_id]
                found = _finding(check, hit, resource=subject.resource, address=None, position=subject.position)
                yield suppressor.judged(found, subject.position)
    else:
        assert_never(subject)


@cache
def _key_probes() -> dict[str, KeyProbe]:
    probes = merged(KEY_FAMILIES)
    require([*probes, *IDENTITY_PROBES, *META], checks().keys())
    return probes


def _of_key(check: Check, subject: Subject, hit: Hit, suppressor: Suppressor, locate: Locate | None) -> Finding:
    grant = _grant_of(subject, hit)
    path = hit.path[2:] if grant else hit.path
    address = grant.address if grant else subject.address
    statement = _statement_position(subject, hit.path) if grant is None else grant.position
    home = statement or subject.position
    position = (locate(address, path) if locate and address else None) or home
    resource = grant.resource if grant else subject.resource
    found = _finding(check, replace(hit, path=path), resource=resource, address=address, position=position)
    return suppressor.judged(found, home, also=subject.resource)


def _grant_of(subject: Subject, hit: Hit) -> SubjectGrant | None:
    """The grant that a path like `("grants", 0, "spec", …)` is about."""
    match hit.path:
        case ("grants", int() as index, *_):
            return subject.grants[index]
        case _:
            return None


def _statement_position(subject: Subject, path: Path) -> Position | None:
    match path:
        case ("Statement", int() as index, *_) if index < len(subject.statement_positions):
            return subject.statement_positions[index]
        case _:
            return None


def _finding(check: Check, hit: Hit, *, resource: str, address: Address | None, position: Position | None) -> Finding:
    return Finding(
        check=check,
        severity=check.severity,
        resource=resource,
        address=address,
        position=position,
        what=hit.what,
        fix=hit.fix or check.fix,
        path=hit.path,
        suppressed=hit.excused,
    )


def _severe(found: Finding, settings: Settings) -> Finding:
    severity = settings.severity.get(found.check.id, found.severity)
    suppressed = found.suppressed if found.suppressed is not None else settings.ignore.get(found.check.id)
    return replace(found, severity=severity, suppressed=suppressed)


def _order(found: Finding) -> tuple[object, ...]:
    place = found.position or Position("\U0010ffff")
    return (place, found.resource, found.check.id, [str(step).rjust(6) for step in found.path], found.what)
