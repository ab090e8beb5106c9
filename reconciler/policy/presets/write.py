"""From the entries of `services` to statements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, assert_never

from reconciler.kit.printable import printable
from reconciler.policy.faults import Location, json_type, nearest
from reconciler.policy.naming import Namer
from reconciler.policy.permissions import KeyTraits, is_for_services
from reconciler.policy.presets.catalogue import presets
from reconciler.policy.presets.options import OptionReader, Values
from reconciler.policy.presets.preset import (
    CallersTemplate,
    ConditionTemplate,
    NamedTemplate,
    Preset,
    StatementTemplate,
)
from reconciler.policy.principals import ANYONE

_OPTION: Final = re.compile(r"(?<!\$)\{(\w+)(:account)?\}")
_OF_THE_ACCOUNT: Final = ConditionTemplate("StringEquals", "kms:CallerAccount", ("${aws:accountId}",))
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,64}")

Written = tuple[Location, dict[str, Any]]
"""A statement, after the entry that made it."""


@dataclass(frozen=True, slots=True)
class ServiceWriter:
    """Writes the statements for the services that use one key."""

    key: KeyTraits
    namer: Namer

    def statements(self, entries: Sequence[object]) -> list[Written]:
        """The statements of all `entries`, the same for any order; what is wrong goes to the namer's faults."""
        written: list[tuple[tuple[str, str], list[Written]]] = []
        seen: dict[tuple[str, str], int] = {}
        for index, entry in enumerate(entries):
            location: Location = ("services", index)
            if not isinstance(entry, Mapping):
                self._fault(location, f"expected an object, found {json_type(entry)}", "write {service: s3}")
                continue
            preset = self._preset(entry, location)
            name = self._name(entry, location)
            if preset is None:
                continue
            first = seen.setdefault((preset.service, name), index)
            if first != index:
                what = f"{preset.service} is that of services[{first}] too"
                self._fault((*location, "name"), what, "give each a name of its own, or join them")
            values = OptionReader(preset, self.namer, location).read(entry)
            templates = _Templates(preset, values, self.namer, name)
            written.append(((preset.service, name), [(location, each) for each in templates.statements()]))
        return [each for _, statements in sorted(written, key=lambda one: one[0]) for each in statements]

    def _preset(self, entry: Mapping[str, object], location: Location) -> Preset | None:
        service = entry.get("service", "")
        preset = presets().get(service) if isinstance(service, str) else None
        if preset is None:
            what = f"{printable(service, limit=80)} is no service" if isinstance(service, str) else "no service"
            self._fault((*location, "service"), what, nearest(str(service), presets()))
        elif not is_for_services(self.key):
            what = f"{preset.service} cannot use a key of {printable(self.key.spec, limit=80)}"
            fix = "AWS services use symmetric encryption keys alone: have a key of SYMMETRIC_DEFAULT for them"
            self._fault((*location, "service"), what, fix)
        return preset

    def _name(self, entry: Mapping[str, object], location: Location) -> str:
        name = entry.get("name", "")
        if isinstance(name, str) and ("name" not in entry or _NAME.fullmatch(name)):
            return name
        self._fault((*location, "name"), "the name is none", "use up to 64 letters, digits and dashes")
        return ""

    def _fault(self, location: Location, what: str, fix: str) -> None:
        self.namer.faults.add(location, what, fix)


@dataclass(frozen=True, slots=True)
class _Templates:
    """Fills the templates of one preset."""

    preset: Preset
    values: Values
    namer: Namer
    name: str

    def statements(self) -> list[dict[str, Any]]:
        """Those that the options ask for."""
        return [each for template in self.preset.statements if (each := self._statement(template))]

    def _statement(self, template: StatementTemplate) -> dict[str, Any] | None:
        conditions = [each for each in template.conditions if self._holds(each.when)]
        match template.principal:
            case CallersTemplate(option):
                callers = self._callers(option)
                principal: dict[str, list[str]] = {"AWS": callers}
                conditions = [*self._of_callers(callers), *conditions]
            case NamedTemplate(kind, names):
                principal = {kind: self._filled(names)}
            case _:
                assert_never(template.principal)
        if not all(principal.values()) or not self._holds(template.when):
            return None
        statement = {
            "Sid": f"{template.sid}-{self.name}" if self.name else template.sid,
            "Effect": "Allow",
            "Principal": principal,
            "Action": list(template.actions),
            "Resource": "*",
            "Condition": self._conditions(conditions),
        }
        return {element: value for element, value in statement.items() if value}

    def _callers(self, option: str) -> list[str]:
        """Those of the option; everybody of the account when no option names callers."""
        if option == "principals" and not self.preset.caller_options & self.values.keys():
            return [ANYONE]
        return list(self.values.get(option, ()))

    def _of_callers(self, callers: list[str]) -> list[ConditionTemplate]:
        """That they come through the service; and of which account everybody is, where nobody is named."""
        through = [self.preset.via] if self.preset.via else []
        return [*through, _OF_THE_ACCOUNT] if callers == [ANYONE] else through

    def _holds(self, when: Iterable[str]) -> bool:
        return all((name.removeprefix("!") in self.values) != name.startswith("!") for name in when)

    def _conditions(self, templates: Iterable[ConditionTemplate]) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = {}
        for template in templates:
            found.setdefault(template.operator, {})[template.key] = self._filled(template.values)
        return found

    def _filled(self, templates: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(text for template in templates for text in self._fill(template)))

    def _fill(self, template: str) -> list[str]:
        text = self.namer.place.fill(template)
        option = _OPTION.search(text)
        if option is None:
            return [text]
        values = self.values.get(option[1], ())
        if option[2]:
            values = tuple(sorted({value.split(":")[4] for value in values}))
        return [text.replace(option[0], value) for value in values]
