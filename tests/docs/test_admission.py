"""The page of the webhook, and the chart that configures it, say what the code says."""

from __future__ import annotations

import pytest
import yaml

from reconciler.controller.admission import app, review
from reconciler.controller.admission.certificates import CERTIFICATE, KEY
from tests.docs.pages import DOCS, ROOT

TEXT = " ".join((DOCS / "operator" / "admission.md").read_text(encoding="utf-8").split())
VALUES = yaml.safe_load((ROOT / "operator" / "chart" / "values.yaml").read_text(encoding="utf-8"))["webhook"]


@pytest.mark.parametrize(
    "fact",
    [
        f"denied with {review.DENIED}",
        f"more than {app.MAX_BODY // 2**20} MiB 413",
        f"longer than {app.MAX_SECONDS:g} seconds 503",
        f"path is `{app.PATH}`",
        f"`{CERTIFICATE}` and `{KEY}`",
        f"`failurePolicy: {VALUES['failurePolicy']}`",
        f"`timeoutSeconds: {VALUES['timeoutSeconds']}`",
    ],
)
def test_the_page_states_what_is_so(fact):
    assert fact in TEXT


def test_the_webhook_gives_up_before_the_api_server_does():
    assert VALUES["timeoutSeconds"] > app.MAX_SECONDS


def test_it_is_safe_to_have_down_unless_somebody_says_otherwise():
    assert VALUES["failurePolicy"] == "Ignore"
