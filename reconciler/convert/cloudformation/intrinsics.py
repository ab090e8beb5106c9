"""Intrinsic functions: what can be said without CloudFormation is put in, the rest is marked.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from reconciler.convert.cloudformation.identities import arn_of, name_of
from reconciler.convert.cloudformation.template import Template
from reconciler.convert.unresolved import Unresolved, literal
from reconciler.kit.printable import printable

NO_VALUE: Final = "AWS::NoValue"
_VARIABLE: Final = re.compile(r"\$\{(!?)([^{}]*)\}")
_DYNAMIC: Final = "{{resolve:"


def resolved(value: Any, template: Template) -> Any:
    """`value` with its functions resolved; what cannot be is `Unresolved`, and properties of no value are gone."""
    if isinstance(value, str):
        return Unresolved("only CloudFormation resolves dynamic references") if _DYNAMIC in value else literal(value)
    if isinstance(value, list):
        return [resolved(child, template) for child in value if not _is_nothing(child)]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        name, argument = next(iter(value.items()))
        if name == "Ref" or name.startswith("Fn::"):
            return _called(name, argument, template)
    return {name: resolved(child, template) for name, child in value.items() if not _is_nothing(child)}


def _called(name: str, argument: Any, template: Template) -> Any:
    function = _FUNCTIONS.get(name)
    found = function(argument, template) if function else None
    if found is None:
        return Unresolved(f"only CloudFormation can resolve {printable(_shown(name, argument))}")
    return found


def _shown(name: str, argument: Any) -> str:
    short = name.removeprefix("Fn::")
    return f"!{short} {argument}" if isinstance(argument, str) else f"!{short}"


def _is_nothing(value: Any) -> bool:
    return bool(value == {"Ref": NO_VALUE})


def _ref(argument: Any, template: Template) -> Any:
    if not isinstance(argument, str):
        return None
    if argument in template.stack.physical:
        return template.stack.physical[argument][1]
    parameter = template.parameter(argument)
    return name_of(template.resources.get(argument)) if parameter is None else parameter


def _attribute(argument: Any, template: Template) -> Any:
    path = argument.split(".", 1) if isinstance(argument, str) else argument
    if not (isinstance(path, list) and len(path) == 2 and all(isinstance(step, str) for step in path)):
        return None
    name, attribute = path
    return arn_of(template.resources.get(name)) if attribute == "Arn" else None


def _substituted(argument: Any, template: Template) -> Any:
    text, values = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    if not (isinstance(text, str) and isinstance(values, dict)):
        return None
    return _filled(text, {name: resolved(value, template) for name, value in values.items()}, template)


def _filled(text: str, values: Mapping[str, Any], template: Template) -> Any:
    unknown: list[Unresolved] = []

    def put(match: re.Match[str]) -> str:
        escaped, name = match[1], match[2].strip()
        if escaped:
            return f"${{{name}}}"
        if name in values:
            value = values[name]
        else:
            value = (_attribute if "." in name else _ref)(name, template)
        if value is None:
            value = Unresolved(f"only CloudFormation can resolve ${{{printable(name)}}}")
        if isinstance(value, Unresolved):
            unknown.append(value)
        return _text(value)

    done = _VARIABLE.sub(put, text)
    return unknown[0] if unknown else done


def _joined(argument: Any, template: Template) -> Any:
    separator, values = argument if isinstance(argument, list) and len(argument) == 2 else (None, None)
    items = resolved(values, template)
    if not (isinstance(separator, str) and isinstance(items, list)):
        return items if isinstance(items, Unresolved) else None
    unknown = next((item for item in items if isinstance(item, Unresolved)), None)
    return unknown or separator.join(_text(item) for item in items)


def _selected(argument: Any, template: Template) -> Any:
    found = resolved(argument, template)
    index, items = found if isinstance(found, list) and len(found) == 2 else (None, None)
    if isinstance(items, Unresolved):
        return items
    number = int(index) if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) < 6 else index
    if not (isinstance(items, list) and isinstance(number, int) and 0 <= number < len(items)):
        return None
    return items[number]


def _split(argument: Any, template: Template) -> Any:
    found = resolved(argument, template)
    separator, text = found if isinstance(found, list) and len(found) == 2 else (None, None)
    if isinstance(text, Unresolved):
        return text
    return text.split(separator) if isinstance(text, str) and isinstance(separator, str) and separator else None


def _mapped(argument: Any, template: Template) -> Any:
    names = resolved(argument, template)
    if not (isinstance(names, list) and len(names) == 3 and all(isinstance(name, str) for name in names)):
        return None
    value = template.document.get("Mappings", *names).value
    return value if isinstance(value, str | int | float) else None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


_FUNCTIONS: Final = MappingProxyType[str, Callable[[Any, Template], Any]](
    {
        "Ref": _ref,
        "Fn::GetAtt": _attribute,
        "Fn::Sub": _substituted,
        "Fn::Join": _joined,
        "Fn::Select": _selected,
        "Fn::Split": _split,
        "Fn::FindInMap": _mapped,
    }
)
