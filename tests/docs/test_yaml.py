"""Every YAML block of the documentation is what it claims to be."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from reconciler.kit.errors import InvalidInput
from reconciler.manifest.config import read_config
from reconciler.manifest.desire import desire
from reconciler.manifest.load import load
from reconciler.manifest.sources import CONFIG_FILE, Source
from reconciler.workflow.identities.read import parse_identities
from tests.docs.pages import Block, blocks, every_page, name_of

IDENTITIES_FILE = "identities.yaml"
VALUES_FILE = "values.yaml"
KUSTOMIZATION = "kustomization.yaml"
"""Of helm and kustomize; tests/operator_delivery holds them to what those take."""
TEMPLATE = "template.yaml"
"""Of CloudFormation."""
RULES = "rules.yaml"
"""Of Kubernetes; tests/e2e/crds has an API server judge by them."""
OF_OTHER_SHAPES = (CONFIG_FILE, IDENTITIES_FILE, VALUES_FILE, KUSTOMIZATION, TEMPLATE, RULES)
BLOCKS = [block for page in every_page() for block in blocks(page) if block.language == "yaml"]


def title(block: Block) -> str:
    return f"{name_of(block.page)}:{block.first}"


def select(suits) -> list[Block]:
    return [block for block in BLOCKS if suits(block.label)]


def is_manifest(label: str) -> bool:
    return label not in OF_OTHER_SHAPES and not label.startswith((".github/", ".gitlab-ci", "broken"))


def loaded(block: Block) -> None:
    manifests = load([Source(block.label or title(block), block.text)])
    desire(manifests, stack="default", accounts={})


@pytest.mark.parametrize("block", select(is_manifest), ids=title)
def test_manifests_are_valid(block):
    loaded(block)


@pytest.mark.parametrize("block", select(lambda label: label.startswith("broken")), ids=title)
def test_manifests_that_show_errors_have_some(block):
    with pytest.raises(InvalidInput):
        loaded(block)


@pytest.mark.parametrize("block", select(lambda label: label == CONFIG_FILE), ids=title)
def test_settings_are_valid(block, tmp_path: Path):
    (tmp_path / CONFIG_FILE).write_text(block.text, encoding="utf-8")
    read_config(tmp_path)


@pytest.mark.parametrize("block", select(lambda label: label == IDENTITIES_FILE), ids=title)
def test_identities_are_valid(block):
    assert parse_identities(block.text, block.label).accounts


@pytest.mark.parametrize("block", select(lambda label: label.startswith(".github/")), ids=title)
def test_workflows_are_yaml_with_jobs(block):
    assert yaml.safe_load(block.text)["jobs"]


@pytest.mark.parametrize("block", select(lambda label: label.startswith(".gitlab-ci")), ids=title)
def test_jobs_of_gitlab_have_scripts(block):
    assert all(job["script"] for job in yaml.safe_load(block.text).values())
