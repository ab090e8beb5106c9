"""CustomResourceDefinitions as text, and the files of `operator/crds/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import yaml

from reconciler.controller.crds.definition import definition_of
from reconciler.controller.crds.naming import NAMING
from reconciler.manifest.documents import ManifestKind

_HEAD: Final = "# Made by `make crds` from schemas/. Change those.\n"
_WIDTH: Final = 120


class _Dumper(yaml.SafeDumper):
    """Nothing by reference: a reader of one part sees all of it."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def as_yaml(documents: Sequence[Mapping[str, Any]]) -> str:
    """`documents` as YAML, in the order given."""
    return yaml.dump_all(
        documents, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True, explicit_start=len(documents) > 1
    )


def files() -> Iterator[tuple[str, str]]:
    """Names and texts of the files of `operator/crds/`."""
    names = []
    for kind in ManifestKind:
        names.append(f"{NAMING[kind].plural}.yaml")
        yield names[-1], _HEAD + as_yaml([definition_of(kind)])
    index = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": names}
    yield "kustomization.yaml", _HEAD + as_yaml([index])
