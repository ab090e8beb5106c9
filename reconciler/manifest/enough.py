"""An end to the faults of one document: finding the place of each takes as long as the document is long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.limits import MAX_FAULTS


def enough(faults: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The first `MAX_FAULTS` of the `faults` of one document, and that there are more, if there are."""
    for count, fault in enumerate(faults, 1):
        if count > MAX_FAULTS:
            yield Diagnostic(
                "too-many-faults",
                fault.position,
                "the document has more faults from here on",
                f"the first {MAX_FAULTS} of them are shown",
                "mend these first; if it is not a manifest, leave it out",
            )
            return
        yield fault
