"""The short forms of intrinsic functions in CloudFormation's YAML, read as their long forms.

`!Ref X` is `{Ref: X}`, `!Condition C` is `{Condition: C}`, and any other `!Name` is `{Fn::Name: …}`.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from reconciler.manifest.yamltext import LOADER

_SHORT: Final = re.compile(r"!([A-Za-z][A-Za-z0-9]*)")
_WHOLE_NAMES: Final = frozenset({"Ref", "Condition"})
"""Those whose long form has no `Fn::` before it."""


class ShortForms:
    """A loader of PyYAML whose events have long forms for short ones."""

    def __init__(self, stream: str) -> None:
        self._loader: Any = LOADER(stream)
        self._pending: list[Any] = []
        self._open: list[bool] = []
        """Of each collection that has begun, whether its end is the end of a short form too."""

    def check_event(self) -> bool:
        """Whether there is another event."""
        return bool(self._pending) or bool(self._loader.check_event())

    def get_event(self) -> Any:
        """The next event."""
        if not self._pending:
            self._pending = list(self._long(self._loader.get_event()))
        return self._pending.pop(0)

    def dispose(self) -> None:
        """Let go of the text."""
        self._loader.dispose()

    def _long(self, event: Any) -> Iterator[Any]:
        short = _SHORT.fullmatch(getattr(event, "tag", None) or "")
        if short is not None:
            yield from self._begin(event, short[1])
        yield event
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open.append(short is not None)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            short_ends = self._open.pop()
            if short_ends:
                yield yaml.MappingEndEvent(event.start_mark, event.end_mark)
        elif short is not None:
            yield yaml.MappingEndEvent(event.start_mark, event.end_mark)

    @staticmethod
    def _begin(event: Any, name: str) -> Iterator[Any]:
        marks = event.start_mark, event.start_mark
        yield yaml.MappingStartEvent(event.anchor, None, True, *marks)  # noqa: FBT003  PyYAML's own signature
        long = name if name in _WHOLE_NAMES else f"Fn::{name}"
        yield yaml.ScalarEvent(None, None, (True, False), long, *marks)
        event.anchor = event.tag = None
        if isinstance(event, yaml.ScalarEvent):
            event.implicit = (event.style is None, False)
