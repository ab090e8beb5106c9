"""The files that a cluster gets, as they are in the repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
OPERATOR = ROOT / "operator"
CHART = OPERATOR / "chart"
MONITORING = OPERATOR / "monitoring"
BASE = OPERATOR / "kustomize" / "base"
DOCS = ROOT / "docs" / "operator"


def documents(path: Path) -> list[dict[str, Any]]:
    """The YAML documents of `path`."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def rules(path: Path) -> Iterator[tuple[str, str, str]]:
    """What the roles of `path` allow: verb, resource with its group, name (empty for every name)."""
    for role in documents(path):
        for rule in role.get("rules", ()):
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    for verb in rule["verbs"]:
                        for name in rule.get("resourceNames", [""]):
                            yield verb, f"{resource}.{group}", name
