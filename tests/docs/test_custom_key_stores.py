"""The page of custom key stores names everything that can be rehearsed."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from tests.docs.pages import DOCS, named

REHEARSAL = json.loads(files("reconciler.engine.custom_stores").joinpath("rehearsal.json").read_text("utf-8"))
TABLES = {
    "clusters": "cluster",
    "proxies": "proxy",
    "endpointServices": "endpoint service",
    "externalKeys": "external key",
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_name_is_there_with_its_errors(kind):
    table = named(DOCS / "custom-key-stores.md", TABLES[kind])
    assert table.keys() == REHEARSAL[kind].keys()
    for name, part in REHEARSAL[kind].items():
        codes = {*part.get("refuses", {}).values(), *filter(None, [part.get("fails")])}
        assert all(f"`{code}`" in table[name][1] for code in codes)
