"""Conversions of values, as tests look at them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.convert.convert import Conversion, Manifest, Text, convert
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.report.yaml.blocks import document


@dataclass(frozen=True)
class Converted:
    """A conversion, whose manifests are found by name."""

    found: Conversion

    @property
    def named(self) -> dict[str, Mapping[str, Any]]:
        return {one.value["metadata"]["name"]: one.value for one in self.found.manifests}

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        return self.found.manifests

    def __getattr__(self, name: str) -> Any:
        return getattr(self.found, name)


def converted(*inputs: Any, **parameters: str) -> Converted:
    """What comes of `inputs`: texts, or values as JSON. The manifests are valid together."""
    texts = [one if isinstance(one, str) else json.dumps(one) for one in inputs]
    found = convert([Text(f"in-{number}", text) for number, text in enumerate(texts)], parameters)
    assert found.faults == ()
    if found.manifests:
        load([Source("out.yaml", "---\n".join(document(one.value) for one in found.manifests))])
    return Converted(found)
