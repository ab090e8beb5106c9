"""What is wrong with the input, for machines: `schemas/diagnostics.schema.json`."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.kit.diagnostics import Diagnostic, Severity
from reconciler.kit.errors import KmsctlError
from reconciler.report.json.encode import Json, document, position


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """Every diagnostic, in the order given."""
    found = tuple(diagnostics)
    errors = sum(diagnostic.severity is Severity.ERROR for diagnostic in found)
    return document(
        "Diagnostics",
        {
            "errors": errors,
            "warnings": len(found) - errors,
            "diagnostics": [_diagnostic(diagnostic) for diagnostic in found],
        },
    )


def render_error(error: KmsctlError) -> str:
    """An error that has no place in a file."""
    body = {"name": "", "severity": str(Severity.ERROR), "position": None}
    told = {"what": error.what, "why": error.why, "fix": error.fix}
    return document("Diagnostics", {"errors": 1, "warnings": 0, "diagnostics": [body | told]})


def _diagnostic(diagnostic: Diagnostic) -> Json:
    return {
        "name": diagnostic.name,
        "severity": str(diagnostic.severity),
        "position": position(diagnostic.position),
        "what": diagnostic.what,
        "why": diagnostic.why,
        "fix": diagnostic.fix,
    }
