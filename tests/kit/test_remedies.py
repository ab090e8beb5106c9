"""What people read of an error has one style, wherever it was written: clauses, without capital and full stop."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "reconciler"
ERRORS = {"KmsctlError", "Refused", "UsageError", "Unreachable"}
NAMES = ("AWS", "KMS", "STS", "IAM", "TLS", "JSON", "YAML", "CloudTrail", "Kubernetes")


def texts(node: ast.expr) -> Iterator[str]:
    """The constant texts at the beginning and the end of `node`, as far as they can be told from the code."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=[ast.Constant(value=str(first)), *_]):
            yield first + "…"
        case ast.IfExp(body=body, orelse=orelse):
            yield from texts(body)
            yield from texts(orelse)


def remedies() -> Iterator[object]:
    for file in sorted(PACKAGE.rglob("*.py")):
        code = file.read_text(encoding="utf-8")
        for call in ast.walk(ast.parse(code)) if any(name in code for name in ERRORS) else ():
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ERRORS:
                for keyword in call.keywords:
                    if keyword.arg in ("fix", "why"):
                        for text in texts(keyword.value):
                            yield pytest.param(text, id=f"{file.relative_to(PACKAGE)}:{keyword.value.lineno}")


@pytest.mark.parametrize("text", list(remedies()))
def test_a_reason_and_a_remedy_are_clauses(text):
    assert not text.endswith(".")
    assert not text[:1].isupper() or text.startswith(NAMES)
