"""What is wrong with the input as annotations of GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.errors import KmsctlError
from reconciler.lint.check import Severity
from reconciler.report.github.annotations import Annotation, annotated


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """A line for every diagnostic."""
    return annotated(map(_annotation, diagnostics))


def render_error(error: KmsctlError) -> str:
    """An error that has no place in a file."""
    message = "\n".join(filter(None, [error.what, error.why, error.fix]))
    return annotated([Annotation(Severity.ERROR, "kmsctl", message)])


def _annotation(one: Diagnostic) -> Annotation:
    message = "\n".join(filter(None, [one.what, one.why, one.fix]))
    return Annotation(Severity(one.severity), one.name, message, one.position)
