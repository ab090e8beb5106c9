"""Where a result of SARIF is: in a file, if it is in one, and by the name of its resource.

GitHub refuses a whole log for one result without a physical location ("locationFromSarifResult: expected a physical
location"), so what stands in no file is placed in one that is named after it, outside of the sources.
Source: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from reconciler.kit.diagnostics import Position
from reconciler.kit.printable import printable
from reconciler.report.json.encode import Json
from reconciler.report.places import in_file

NOWHERE: Final = "kms/"
"""Before the name of what stands in no file."""
_LIMIT: Final = 2_000


def location(position: Position | None, resource: str) -> Json:
    """The one location of a result about `resource`, whose texts are a stranger's."""
    logical = {"fullyQualifiedName": printable(resource, limit=_LIMIT), "kind": "resource"}
    return {"physicalLocation": _physical(position, resource), "logicalLocations": [logical]}


def _physical(position: Position | None, resource: str) -> Json:
    file = in_file(position)
    artifact = _artifact(PurePath(file.file)) if file else {"uri": NOWHERE + _escaped(resource)}
    place = {"startLine": position.line, "startColumn": position.column} if position else {"startLine": 1}
    return {"artifactLocation": artifact, "region": place}


def _artifact(path: PurePath) -> Json:
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": _escaped(path.as_posix()), "uriBaseId": "%SRCROOT%"}


def _escaped(path: str) -> str:
    return quote(path, errors="surrogateescape")
