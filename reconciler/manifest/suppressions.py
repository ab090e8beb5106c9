"""Findings of lint that manifests set aside: by an annotation for the whole manifest, or by a comment for a line.

```yaml
metadata:
  annotations:
    kms.reconciler.dev/lint-ignore: "KC405: the public key is printed on cards; KC309: retired by the batch"
spec:
  deletion:
    windowDays: 7  # kmsctl:ignore KC504 a sandbox
```

A comment is about its own line or, when it has a line for itself, about the next line that has more than a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import yaml

from reconciler.kit.diagnostics import Position
from reconciler.manifest.documents import Document, Manifests
from reconciler.manifest.sources import Source
from reconciler.manifest.yamltext import LOADER
from reconciler.model.suppression import Suppression

ANNOTATION: Final = "kms.reconciler.dev/lint-ignore"
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#\s*kmsctl:ignore\b[ \t:]*(?P<text>.*)")
_NEXT: Final = re.compile(r";\s*(?=[A-Za-z]{2}[0-9])")
"""Between two ids with their reasons; a semicolon elsewhere belongs to a reason."""

Span = tuple[tuple[int, int], tuple[int, int]]
"""From a line and column to another, from 0."""


def suppressions_of(manifests: Manifests, sources: Iterable[Source] = ()) -> tuple[Suppression, ...]:
    """Everything that `manifests` set aside: by annotations, and by comments in the texts that they were read from."""
    annotated = [one for document in manifests.documents for one in annotated_in(document)]
    return (*annotated, *(one for source in sources for one in commented_in(source.text, source.name)))


def annotated_in(document: Document) -> Iterator[Suppression]:
    """What the annotation of one manifest sets aside in all of it."""
    text = document.tree.value["metadata"].get("annotations", {}).get(ANNOTATION)
    if text is None:
        return
    position = document.at(("metadata", "annotations", ANNOTATION))
    lines = document.tree.marks[::2]
    for check, reason in _entries(text):
        yield Suppression(check, reason, position, (lines[0] + 1, max(lines) + 1), resource=str(document))


def commented_in(text: str, file: str) -> Iterator[Suppression]:
    """What comments in the YAML `text` set aside; what looks like one in a value is none."""
    if "kmsctl:ignore" not in text:
        return
    lines = text.splitlines()
    values = list(_values(text))
    for number, line in enumerate(lines):
        match = _COMMENT.search(line)
        if match is None or any(start <= (number, match.start()) < end for start, end in values):
            continue
        about = number if line[: match.start()].strip() else _next_line(lines, number)
        for check, reason in _entries(match["text"]):
            yield Suppression(check, reason, Position(file, number + 1, match.start() + 1), (about + 1, about + 1))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Each id in `text`, in capitals, with its reason; both empty where there is none."""
    for entry in _NEXT.split(text.strip()):
        check, _, reason = entry.strip().partition(" ")
        check, _, more = check.partition(":")
        yield check.rstrip(";").upper(), f"{more} {reason}".strip(" :;\t\n")


def _next_line(lines: list[str], number: int) -> int:
    for later in range(number + 1, len(lines)):
        stripped = lines[later].strip()
        if stripped and not stripped.startswith("#"):
            return later
    return number


def _values(text: str) -> Iterator[Span]:
    """Where scalars stand: in them a number sign begins no comment."""
    tokens: Any = yaml.scan(text, Loader=LOADER)
    try:
        for token in tokens:
            if isinstance(token, yaml.ScalarToken):
                yield (token.start_mark.line, token.start_mark.column), (token.end_mark.line, token.end_mark.column)
    except yaml.YAMLError:
        return  # the loader says what is wrong
