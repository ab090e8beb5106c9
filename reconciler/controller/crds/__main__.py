"""`make crds`: write the files of `operator/crds/` into the folder that is named."""

from __future__ import annotations

import sys
from pathlib import Path

from reconciler.controller.crds.files import files

for _name, _text in files():
    Path(sys.argv[1], _name).write_text(_text, encoding="utf-8")
