"""Short ways to write manifests in tests."""

from __future__ import annotations

import pytest

from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.errors import InvalidInput
from reconciler.manifest.desire import desire
from reconciler.manifest.documents import Manifests
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.desired import DesiredKey, DesiredState
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.observed import Account

ACCOUNT = Account("111122223333", "us-east-1", "aws", "arn:aws:iam::111122223333:role/deployer")
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def manifest(kind: str, name: str, spec: str) -> str:
    """One manifest; `spec` is YAML in flow style."""
    return f"---\napiVersion: kms.reconciler.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"


def loaded(*texts: str) -> Manifests:
    """`texts` as files called 1.yaml, 2.yaml, ..."""
    return load([Source(f"{number}.yaml", text) for number, text in enumerate(texts, 1)])


def desired(*texts: str, stack: str = "default") -> DesiredState:
    """What `texts` ask for in `ACCOUNT`."""
    return desire(loaded(*texts), stack=stack, accounts={RUN_TARGET: ACCOUNT})


def key(spec: str) -> DesiredKey:
    """What a `Key` manifest with this spec asks for."""
    return desired(manifest("Key", "k", spec)).keys[0]


def refused(*texts: str) -> tuple[Diagnostic, ...]:
    """What is wrong with `texts`, in `ACCOUNT`."""
    with pytest.raises(InvalidInput) as caught:
        desired(*texts)
    return caught.value.diagnostics
