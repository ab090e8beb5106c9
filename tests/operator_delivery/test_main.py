"""`kopf run operator/main.py`."""

from __future__ import annotations

import ast
import sys

from tests.operator_delivery.files import OPERATOR, ROOT


def test_main_only_imports_the_controller():
    docstring, *rest = ast.parse((OPERATOR / "main.py").read_text(encoding="utf-8")).body
    assert isinstance(docstring, ast.Expr)
    (imported,) = rest
    assert isinstance(imported, ast.ImportFrom)
    assert imported.module == "reconciler.controller"


def test_no_file_of_the_folder_hides_a_module_of_python():
    """Kopf puts the folder on the path of modules, and the folder is called like one."""
    names = {path.stem for path in OPERATOR.iterdir()}
    assert not names & set(sys.stdlib_module_names)
    assert not (OPERATOR / "__init__.py").exists()
    assert (ROOT / "operator").is_dir()
