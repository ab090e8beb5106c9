"""The map of the packages names each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, named

PAGE = DOCS / "architecture.md"
PACKAGES = ROOT / "reconciler"


def rooms(folder: Path) -> set[str]:
    return {f"{init.parent.name}/" for init in folder.glob("*/__init__.py")}


@pytest.mark.parametrize(
    ("head", "folder"), [("package", PACKAGES), ("room", PACKAGES / "engine")], ids=["packages", "rooms of the engine"]
)
def test_every_folder_of_code_has_a_row_and_every_row_a_folder(head, folder):
    listed = {name for name, row in named(PAGE, head).items() if row[0] == f"`{name}`"}
    assert listed == rooms(folder)


def test_every_part_of_the_operator_has_its_place_in_a_row():
    folder = PACKAGES / "controller"
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert named(PAGE, "part").keys() == rooms(folder) | modules
