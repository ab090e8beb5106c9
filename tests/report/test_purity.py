"""Reports are cheap to import and the same on every run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("rich", "boto3", "botocore", "yaml", "jsonschema", "cryptography", "kopf", "jinja2")
RENDER_ALL = """
from tests.report import applied, basics, drifted, linted, samples, states
from reconciler.report.github import lint as gl
from reconciler.report.junit import lint as ul
from reconciler.report.sarif import lint as sl
from reconciler.report.text import lint as tl
from tests.report.html.samples import EVERY
from reconciler.report.github import drift as gd
from reconciler.report.junit import drift as ud
from reconciler.report.sarif import drift as sd
from reconciler.report.json import lint as jl
from reconciler.report.json import apply as ja, drift as jd, keys as jk, plan as jp
from reconciler.report.keys import keys_of
from reconciler.report.markdown import drift as md, plan as mp
from reconciler.report.style import Style
from reconciler.report.text import apply as ta, drift as td, keys as tk, plan as tp
style, keys = Style(colour=True), keys_of(states.busy(), basics.STACK, everyones=True)
print(jp.render(samples.everything()), mp.render(samples.everything()), tp.render(samples.everything(), style))
print(jd.render(drifted.everything()), md.render(drifted.everything()), td.render(drifted.everything(), style))
print(ja.render(applied.broken(), basics.NOW), ta.render(applied.broken(), style))
print(jk.render(keys), tk.render(keys, style))
print(*(drift.render(drifted.everything(), list_unmanaged=True) for drift in (gd, ud, sd)))
print(*(make() for make in EVERY.values()))
print(tl.render(linted.mixed(), style), *(lint.render(linted.mixed()) for lint in (jl, sl, ul, gl)))
"""


def run(code: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    environ = {**os.environ, "PYTHONIOENCODING": "utf-8", **environment}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, encoding="utf-8").stdout


@pytest.mark.parametrize(
    "module",
    [
        "json.plan",
        "json.apply",
        "markdown.plan",
        "text.plan",
        "text.diagnostics",
        "text.lint",
        "sarif.lint",
        "sarif.drift",
    ],
)
def test_a_report_imports_nothing_heavy(module):
    code = f"import sys, reconciler.report.{module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert run(code).strip() == "[]"


def test_reports_do_not_depend_on_the_hash_seed():
    assert run(RENDER_ALL, PYTHONHASHSEED="1") == run(RENDER_ALL, PYTHONHASHSEED="2")
