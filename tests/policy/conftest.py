"""The example policies of AWS's own pages, rewritten for example accounts."""

import json
from pathlib import Path

import pytest

DOCUMENTED = sorted((Path(__file__).parent / "documented").glob("*.json"))


@pytest.fixture(params=DOCUMENTED, ids=lambda path: path.stem)
def documented(request):
    return json.loads(request.param.read_text("utf-8"))
