"""botocore's data files, read without botocore."""

from __future__ import annotations

import gzip
import subprocess
import sys
from types import SimpleNamespace

import pytest

from reconciler.engine.wire import model


def test_botocore_is_not_imported_for_its_models():
    code = (
        "import sys; from reconciler.engine.wire.model import operation_model; operation_model('Encrypt'); "
        "print('botocore' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("packed", [True, False])
def test_the_newest_version_is_read_packed_or_not(tmp_path, monkeypatch, packed):
    for version in ("2014-11-01", "2026-01-01", "2009-01-01"):
        folder = tmp_path / "data" / "kms" / version
        folder.mkdir(parents=True)
        text = f'{{"version": "{version}"}}'.encode()
        file = folder / ("service-2.json.gz" if packed else "service-2.json")
        file.write_bytes(gzip.compress(text) if packed else text)
    monkeypatch.setattr(model, "find_spec", lambda _: SimpleNamespace(origin=str(tmp_path / "__init__.py")))
    assert model._load.__wrapped__("kms") == {"version": "2026-01-01"}


def test_without_botocore_there_is_no_model(monkeypatch):
    monkeypatch.setattr(model, "find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError):
        model._load.__wrapped__("kms")
