"""The presets that there are, read from the data files beside this module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from reconciler.policy.presets.preset import (
    CallersTemplate,
    ConditionTemplate,
    GrantTemplate,
    NamedTemplate,
    Option,
    OptionKind,
    Preset,
    StatementTemplate,
)


@cache
def presets() -> Mapping[str, Preset]:
    """Every preset by what manifests call the service, sorted."""
    from importlib.resources import files

    folder = files("reconciler.policy.presets").joinpath("data")
    texts = (file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".json"))
    found = [_preset(json.loads(text)) for text in texts]
    return MappingProxyType({preset.service: preset for preset in sorted(found, key=lambda preset: preset.service)})


def _preset(data: dict[str, Any]) -> Preset:
    return Preset(
        service=data["service"],
        title=data["title"],
        protects=data["protects"],
        pages=tuple(data["pages"]),
        date=data["date"],
        options=tuple(map(_option, data["options"])),
        statements=tuple(map(_statement, data["statements"])),
        via=_condition({"key": "kms:ViaService", **data["via"]}) if "via" in data else None,
        grants=tuple(map(_grant, data.get("grants", ()))),
        note=data.get("note", ""),
    )


def _option(data: dict[str, Any]) -> Option:
    lists = {"kind": OptionKind(data["kind"]), "default": tuple(data.get("default", ()))}
    return Option(**{**data, **lists})


def _statement(data: dict[str, Any]) -> StatementTemplate:
    return StatementTemplate(
        sid=data["sid"],
        principal=_principal(data["principal"]),
        actions=tuple(data["actions"]),
        conditions=tuple(map(_condition, data.get("conditions", ()))),
        when=tuple(data.get("when", ())),
    )


def _principal(data: dict[str, Any]) -> CallersTemplate | NamedTemplate:
    match data:
        case {"callers": str() as option}:
            return CallersTemplate(option)
        case _:
            ((kind, names),) = data.items()
            return NamedTemplate(kind, tuple(names))


def _condition(data: dict[str, Any]) -> ConditionTemplate:
    return ConditionTemplate(data["operator"], data["key"], tuple(data["values"]), tuple(data.get("when", ())))


def _grant(data: dict[str, Any]) -> GrantTemplate:
    return GrantTemplate(data["grantee"], tuple(data["operations"]), tuple(data.get("context", ())))
