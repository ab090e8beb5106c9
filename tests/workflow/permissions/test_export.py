"""What is printed for an export is enough for it, and each line of it is needed."""

from __future__ import annotations

import pytest

from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.manifest.documents import Manifests
from reconciler.model.desired import DesiredState
from reconciler.report.yaml.export import render
from reconciler.workflow.choice import Choice
from reconciler.workflow.export.export import export
from reconciler.workflow.permissions import Purpose
from reconciler.workflow.request import Request
from tests.apply.world import copy
from tests.workflow.permissions.world import STACK, lines, opened, permissions, shown, without

DESIRED = DesiredState(STACK)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A folder with keys of nobody, and what is printed for exporting them."""
    folder = tmp_path_factory.mktemp("export") / "base"
    with opened(folder) as root:
        kms = root.session(DESIRED).connections
        (one,) = kms.values()
        key = one.kms("CreateKey", {"Tags": [{"TagKey": "team", "TagValue": "shop"}]})["KeyMetadata"]["KeyId"]
        one.kms("EnableKeyRotation", {"KeyId": key})
        one.kms("CreateAlias", {"AliasName": "alias/orders", "TargetKeyId": key})
        return folder, permissions(root, DESIRED, Purpose.EXPORT)


def exported(folder, policy):
    """What exports of all keys and of one print for somebody who has `policy` alone."""
    with opened(folder, policy) as run:
        request = Request(Manifests(), STACK, Choice())
        return "".join(render(export(run.session(DESIRED), request, asked)) for asked in ((), ("alias/orders",)))


def test_an_export_with_what_is_printed_for_it_is_that_of_who_may_do_everything(base, tmp_path):
    folder, policy = base
    text = exported(copy(folder, tmp_path / "a"), policy)
    assert text == exported(copy(folder, tmp_path / "b"), None)
    assert "name: orders" in text


def test_without_any_line_an_export_is_another(base, tmp_path):
    folder, policy = base
    whole = exported(copy(folder, tmp_path / "whole"), policy)
    for number, line in enumerate(lines(policy)):
        try:
            assert exported(copy(folder, tmp_path / str(number)), without(policy, line)) != whole, shown(policy, line)
        except (KmsError, KmsctlError):
            continue
