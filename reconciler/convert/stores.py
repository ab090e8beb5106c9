"""Custom key stores, by the ids that keys name them by."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from reconciler.convert.drafts import Link, StoreDraft
from reconciler.convert.remarks import Words
from reconciler.kit.printable import printable

_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
"""That of a manifest, which is the name of its store in KMS."""


@dataclass(slots=True)
class Stores:
    """Those that have a manifest."""

    _names: dict[str, str] = field(default_factory=dict)

    def add(self, draft: StoreDraft) -> Words | None:
        """Take a store up, or say why it cannot be declared."""
        name = draft.fields["name"]
        if not _NAME.fullmatch(name) or len(name) > 253:
            why = f"its name is {printable(name)}, and a manifest of that name cannot be"
            return Words("it is left out", why, "keys that are in it stay there")
        if name in self._names.values():
            return Words("it is left out", f"a store {printable(name)} is declared already")
        self._names[draft.subject.handle] = name
        if draft.identity:
            self._names[draft.identity] = name
        return None

    def find(self, link: Link) -> str | None:
        """The name of the store that a key is in, if it is one of these."""
        known = (self._names.get(name) for name in (*link.handles, link.text or ""))
        return next((name for name in known if name is not None), None)
