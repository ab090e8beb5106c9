"""The page of concepts says truly which operations the bundled KMS has."""

from __future__ import annotations

import pytest
from botocore.session import get_session

from reconciler.engine.operations import OPERATIONS
from reconciler.kms.throttled import DEFAULT_FACTOR
from tests.docs.pages import DOCS, named

PAGE = DOCS / "concepts.md"
TABLE = named(PAGE, "operation")
MODEL = set(get_session().get_service_model("kms").operation_names)


def test_every_operation_of_kms_has_a_row():
    assert TABLE.keys() == MODEL | OPERATIONS.keys()


@pytest.mark.parametrize("name", TABLE)
def test_an_operation_is_there_or_is_marked_as_not_yet(name):
    assert TABLE[name][1] == ("yes" if name in OPERATIONS else "not yet")


def test_every_error_is_one_of_the_service_or_of_all_services():
    common = {"AccessDeniedException", "ThrottlingException"}
    model = get_session().get_service_model("kms")
    known = {name for name in model.shape_names if model.shape_for(name).metadata.get("exception")}
    assert named(PAGE, "error").keys() <= known | common


def test_the_share_of_a_quota_is_four_fifths():
    assert DEFAULT_FACTOR == 0.8
