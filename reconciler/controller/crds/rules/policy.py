"""Rules of a KeyPolicy."""

from __future__ import annotations

from typing import Final

from reconciler.controller.crds.place import at
from reconciler.controller.crds.rules.shared import DOCUMENT_OR_ROLES

RULES: Final = at("spec", DOCUMENT_OR_ROLES)
