"""Argo CD's interpreter: Lua 5.1, without what Argo CD does not open.

Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/
"""

from __future__ import annotations

from typing import Any

import lupa.lua51

from tests.docs.pages import ROOT

FOLDER = ROOT / "operator" / "argocd"
SCRIPT = (FOLDER / "health.lua").read_text(encoding="utf-8")
SILENT = ("debug", "dofile", "io", "loadfile", "string")
"""What Argo CD's interpreter does not open."""


def to_lua(runtime, value):
    """Tables all the way down, as Argo CD hands the object over; lists begin at 1."""
    if isinstance(value, dict):
        return runtime.table_from({name: to_lua(runtime, child) for name, child in value.items()})
    if isinstance(value, list):
        return runtime.table_from([to_lua(runtime, child) for child in value])
    return value


def run(script: str, body: dict[str, Any]):
    runtime = lupa.lua51.LuaRuntime(unpack_returned_tuples=True, register_eval=False, register_builtins=False)
    for name in SILENT:
        runtime.globals()[name] = None
    runtime.globals()["obj"] = to_lua(runtime, body)
    return runtime.execute(script)


def health(body: dict[str, Any]) -> tuple[str, str]:
    answer = run(SCRIPT, body)
    return answer["status"], answer["message"]
