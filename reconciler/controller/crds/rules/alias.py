"""Rules of an Alias."""

from __future__ import annotations

from typing import Final

from reconciler.controller.crds.place import at
from reconciler.controller.crds.rules.shared import ALIAS_NAME, EXTERNAL_KEY, fixed, same_target

_NAME: Final = "({0}.startsWith('alias/') ? {0}.substring(6) : {0})"

RULES: Final = (
    *at(
        "",
        fixed(
            "name",
            f"{_NAME.format('self.spec.name')} != {_NAME.format('oldSelf.spec.name')}",
            "arn",
            "the name of an alias can never change: whoever uses it would lose it; declare another "
            "Alias, and remove this one",
        ),
        same_target("arn"),
    ),
    *at("spec.name", *ALIAS_NAME),
    *at("spec.key", *EXTERNAL_KEY),
)
