"""The options of one entry of `services`, checked: what is wrong with them, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from reconciler.kit.printable import printable
from reconciler.policy.faults import Location, json_type, nearest
from reconciler.policy.naming import Namer
from reconciler.policy.presets.preset import Option, OptionKind, Preset
from reconciler.policy.principals import is_account_id, is_service

ENTRY_FIELDS = ("service", "name")
"""What every entry can have besides the options of its preset."""

_VARIABLE = re.compile(r"\$\{[^{}]*\}")
"""Of IAM's language: stands for a value of the request."""
_ACCOUNTLESS = ("s3",)
"""Services whose ARNs have no account in them."""

Values = Mapping[str, tuple[str, ...]]
"""By the name of the option; one that is not set is left out, a flag that is has no values."""


@dataclass(frozen=True, slots=True)
class OptionReader:
    """Reads the options of one entry."""

    preset: Preset
    namer: Namer
    location: Location
    """Of the entry."""

    def read(self, entry: Mapping[str, object]) -> Values:
        """The values of every option that is set, sorted; faults go to the namer's."""
        known = self.preset.by_name
        for name in (name for name in entry if name not in known and name not in ENTRY_FIELDS):
            what = f"{self.preset.service} has no option {printable(name, limit=80)}"
            self._fault((name,), what, nearest(name, [*known, *ENTRY_FIELDS]))
        found = {}
        for option in self.preset.options:
            values = self._option(option, entry)
            if values is not None:
                found[option.name] = tuple(sorted(set(values)))
        return found

    def _option(self, option: Option, entry: Mapping[str, object]) -> tuple[str, ...] | None:
        if option.name not in entry:
            if option.required:
                what = f"{self.preset.service} needs {option.name}"
                self._fault((), what, f"add {option.name}: {option.about}")
            return tuple(map(self.namer.place.fill, option.default)) or None
        value = entry[option.name]
        if option.needs and option.needs not in entry:
            what = f"{option.name} has no effect without {option.needs}"
            self._fault((option.name,), what, f"add {option.needs}, or leave {option.name} out")
        if option.kind is OptionKind.FLAG:
            return self._flag(option, value)
        return self._values(option, self._texts(option, value))

    def _flag(self, option: Option, value: object) -> tuple[str, ...] | None:
        if not isinstance(value, bool):
            self._fault((option.name,), f"expected true or false, found {json_type(value)}", "write true or false")
        return () if value is True else None

    def _texts(self, option: Option, value: object) -> list[tuple[Location, str]]:
        """Each text of the option, and where it is."""
        if isinstance(value, str):
            return [((option.name,), value)]
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            found = json_type(value) if not isinstance(value, list | tuple) else "other values in it"
            self._fault((option.name,), f"expected a list of texts, found {found}", "write [first, second]")
            return []
        if not value:
            self._fault((option.name,), f"{option.name} is empty", f"leave {option.name} out, or name one")
        return [((option.name, index), item) for index, item in enumerate(value)]

    def _values(self, option: Option, texts: list[tuple[Location, str]]) -> tuple[str, ...]:
        if option.kind is OptionKind.PRINCIPALS:
            return tuple(self.namer.arns([text for _, text in texts], (*self.location, option.name)))
        fixes = [self._fault_in(option, text) for _, text in texts]
        for (place, text), fix in zip(texts, fixes, strict=True):
            if fix:
                self._fault(place, f"{printable(text)} is no value of {option.name}", fix)
        return tuple(text for (_, text), fix in zip(texts, fixes, strict=True) if not fix)

    def _fault_in(self, option: Option, text: str) -> str:
        """What to do about `text`, empty when it is a good value."""
        match option.kind:
            case OptionKind.ARNS:
                return _fault_in_arn(option, text, self.namer.place.partition)
            case OptionKind.ACCOUNTS:
                return "" if is_account_id(text) else "use 12-digit account ids, in quotes"
            case OptionKind.SERVICES:
                if not is_service(text):
                    return "use names of services, e.g. sns.amazonaws.com"
                return "" if re.fullmatch(option.pattern or ".+", text) else f"write {option.shape}"
            case OptionKind.NAMES:
                return "" if re.fullmatch(option.pattern, text) else f"write {option.shape}"
            case OptionKind.PRINCIPALS | OptionKind.FLAG:  # pragma: no cover  read apart
                raise AssertionError(option.kind)
            case _:
                assert_never(option.kind)

    def _fault(self, place: Location, what: str, fix: str) -> None:
        self.namer.faults.add((*self.location, *place), what, fix)


def _fault_in_arn(option: Option, text: str, partition: str) -> str:
    parts = _VARIABLE.sub("variable", text).split(":", 5)
    shape = f"write {option.shape}"
    if len(parts) != 6 or parts[0] != "arn":
        return shape
    _, found, service, _, account, resource = parts
    if found != partition:
        return f"use ARNs of {partition}: partitions do not share keys"
    if option.service and service != option.service:
        return shape
    if not (is_account_id(account) or (service in _ACCOUNTLESS and account == "")):
        return f"{shape}, of one account: a wildcard there would let every account in"
    return "" if re.fullmatch(option.pattern, resource, re.DOTALL) else shape
