"""A violation of a schema, in words for the person who wrote the manifest."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from reconciler.kit.printable import printable
from reconciler.manifest.documents import Message
from reconciler.manifest.limits import MAX_TAGS_OF_KEY, OWN_TAGS
from reconciler.manifest.positions import Path
from reconciler.manifest.structure import Violation
from reconciler.manifest.synonyms import fix_of

Placed = tuple[Path, bool, Message]
"""Where in the document (`True`: at the key, not the value), and what to say."""

_NOUNS: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
}
_NAMES: Final = {
    ("periodDays", "minimum"): "rotation-period-out-of-range",
    ("periodDays", "maximum"): "rotation-period-out-of-range",
    ("windowDays", "minimum"): "window-out-of-range",
    ("windowDays", "maximum"): "window-out-of-range",
    ("aliases", "maxItems"): "too-many-aliases",
    ("tags", "maxProperties"): "too-many-tags",
    ("aliases", "uniqueItems"): "duplicate-alias",
}
"""Names of their own for some faults, by field and keyword."""
_SWITCHES: Final = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def explain(error: Violation) -> Iterator[Placed]:
    """What to say about `error`, and where; one message for each field that is missing or unknown."""
    path = tuple(error.path)
    if error.keyword == "additionalProperties":
        yield from _unknown_fields(path, error)
    elif error.keyword == "required":
        yield from _missing_fields(path, error)
    elif error.of_name:
        yield (*path, error.value), True, _bad_name(path, error)
    elif _excludes(error):
        yield from _exactly_one(path, error)
    else:
        yield path, False, _BY_KEYWORD[error.keyword](path, error)


def field_name(path: Path) -> str:
    """`spec.aliases[0]` for ("spec", "aliases", 0)."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return f"`{printable(text)}`" if text else "the manifest"


SHARED_PROPERTY = "shared-property"
"""The name of the diagnostic about what only a primary declares: the manifest that has it is sound in all else."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was probably meant to be."""
    by_lower = {name.lower(): name for name in known}
    match = difflib.get_close_matches(word[:100].lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[match[0]] if match else None


def shown(value: Any) -> str:
    """A value as the reader wrote it, more or less."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "nothing"
        case int() | float():
            return f"the number {value}"
        case str():
            return f'the text "{printable(value, limit=60)}"'
        case list():
            return "a list"
        case _:
            return "a mapping"


def _unknown_fields(path: Path, error: Violation) -> Iterator[Placed]:
    known = error.schema["properties"]
    for name in error.value:
        if name in known:
            continue
        if name in error.schema.get("x-shared-properties", ()):
            yield (*path, name), True, _shared(path, name)
            continue
        fix = _known_instead(name, known)
        yield (
            (*path, name),
            True,
            Message(
                "unknown-field",
                f"{field_name((*path, name))} is not a field",
                "a misspelt field would silently do nothing",
                fix,
            ),
        )


def _shared(path: Path, name: str) -> Message:
    """For what KMS gives every key of a multi-Region key alike.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html#mrk-sync-properties
    """
    return Message(
        SHARED_PROPERTY,
        f"{field_name((*path, name))} is its primary's to declare",
        "all related keys have the same",
        "remove it here, and declare it on the Key that this is a replica of",
    )


def _known_instead(name: str, known: Collection[str]) -> str:
    if fix := fix_of(name, known):
        return fix
    guess = nearest(name, known)
    return f"did you mean `{guess}`?" if guess else f"known here: {', '.join(sorted(known))}"


def _missing_fields(path: Path, error: Violation) -> Iterator[Placed]:
    for name in error.argument:
        if name not in error.value:
            why = _purpose(error.schema["properties"][name])
            yield path, True, Message("missing-field", f"{field_name((*path, name))} is missing", why, f"add `{name}:`")


def _purpose(schema: Mapping[str, Any]) -> str:
    """What a field is for: the first sentence of its schema's description; empty where there is none."""
    text: str = schema.get("description", "").split(". ")[0].rstrip(".")
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _bad_name(path: Path, error: Violation) -> Message:
    limits = error.schema
    if error.keyword == "pattern":
        what = f"{field_name(path)} cannot have {shown(error.value)}"
        return Message("invalid-value", what, _purpose(limits), f"for example {limits['examples'][0]}")
    return Message(
        "invalid-value",
        f"a name in {field_name(path)} has {len(error.value)} characters",
        f"names here have {limits['minLength']} to {limits['maxLength']} characters",
        "use another name",
    )


def _wrong_type(path: Path, error: Violation) -> Message:
    wanted = error.argument
    nouns = " or ".join(_NOUNS[name] for name in ([wanted] if isinstance(wanted, str) else wanted))
    value = error.value
    what = f"{field_name(path)} must be {nouns}, not {shown(value)}"
    return Message("wrong-type", what, _purpose(error.schema), _retype(wanted, value, error.schema))


def _retype(wanted: Any, value: Any, schema: Mapping[str, Any]) -> str:
    switch = _SWITCHES.get(value.lower()) if isinstance(value, str) else None
    if wanted == "boolean" and switch:
        return f"write {switch}: YAML 1.2 reads yes, no, on and off as text"
    if wanted == "string" and isinstance(value, bool | int | float):
        return "put quotes around it"
    if wanted == "integer" and isinstance(value, str) and value.isdecimal():
        return "remove the quotes"
    if wanted == "array" and isinstance(value, str):
        return f"write it as a list: [{printable(value, limit=60)}]"
    if value is None:
        return "give it a value, or remove the field"
    if isinstance(value, str) and "document" in schema.get("properties", ()):
        return "write it as `document: …` below this field"
    if wanted == "object" and "properties" in schema:
        return f"write a mapping; its fields are {', '.join(schema['properties'])}"
    if wanted == "object":
        return "write each of them as `name: value`"
    return "change the value"


def _range(path: Path, error: Violation) -> Message:
    schema = error.schema
    low, high = schema.get("minimum"), schema.get("maximum")
    limits = f"from {low} to {high}" if low is not None and high is not None else f"at least {low}"
    name = _name_of(path, error, "out-of-range")
    return Message(name, f"{field_name(path)} cannot be {error.value}", f"it must be {limits}", "change the number")


def _enum(path: Path, error: Violation) -> Message:
    known = [str(value) if isinstance(value, str) else shown(value) for value in error.argument]
    guess = nearest(error.value, known) if isinstance(error.value, str) else None
    fix = f"did you mean {guess}?" if guess else "choose one of them"
    return Message(
        "unknown-value", f"{field_name(path)} cannot be {shown(error.value)}", f"known: {', '.join(known)}", fix
    )


def _pattern(path: Path, error: Violation) -> Message:
    examples = error.schema.get("examples")
    fix = f"for example {examples[0]}" if examples else "change the value"
    return Message("invalid-value", f"{field_name(path)} cannot be {shown(error.value)}", _purpose(error.schema), fix)


def _length(path: Path, error: Violation) -> Message:
    size, limit = len(error.value), error.argument
    unit = "characters" if error.keyword.endswith("Length") else "entries"
    bound = "at least" if error.keyword.startswith("min") else "at most"
    return Message(
        _name_of(path, error, "wrong-length"),
        f"{field_name(path)} has {size:,} {unit}",
        _why_length(path, error) or f"it takes {bound} {limit:,}",
        "make it longer" if bound == "at least" else "make it shorter",
    )


def _why_length(path: Path, error: Violation) -> str:
    if _name_of(path, error, "") != "too-many-tags":
        return ""
    return f"KMS takes 50 tags a key, of which kmsctl needs {len(OWN_TAGS)}: {MAX_TAGS_OF_KEY} are left"


def _exactly_one(path: Path, error: Violation) -> Iterator[Placed]:
    """For `minProperties: 1, maxProperties: 1`, and for `oneOf` over `required`.

    Nothing where unknown fields make the difference: they are told anyway.
    """
    if error.keyword == "oneOf":
        names = [name for choice in error.argument for name in choice["required"]]
    else:
        names = list(error.schema["properties"])
    given = [name for name in error.value if name in names]
    either = ", ".join(f"`{name}`" for name in names)
    if len(given) > 1:
        what = f"{field_name(path)} has {' and '.join(f'`{name}`' for name in given)}"
        why = f"they exclude each other: it takes exactly one of {either}"
        yield (*path, given[1]), True, Message("conflicting-fields", what, why, "keep one of them")
    elif not given and error.keyword != "maxProperties":
        what = f"{field_name(path)} lacks one of {either}"
        yield path, True, Message("missing-field", what, "exactly one of them is needed", "add one of them")


def _excludes(error: Violation) -> bool:
    """Whether the schema wants exactly one of several fields."""
    return error.keyword == "oneOf" or (
        error.keyword in ("minProperties", "maxProperties")
        and error.schema.get("maxProperties") == 1
        and "properties" in error.schema
    )


def _repeated(path: Path, error: Violation) -> Message:
    entries: list[Any] = error.value
    twice = next(entry for index, entry in enumerate(entries) if entry in entries[:index])
    name = _name_of(path, error, "repeated-value")
    return Message(
        name, f"{field_name(path)} names {shown(twice)} twice", "each entry counts once", "remove one of them"
    )


def _constant(path: Path, error: Violation) -> Message:
    wanted = error.argument
    return Message("unknown-value", f"{field_name(path)} must be {wanted}", "", f"write {wanted}")


def _name_of(path: Path, error: Violation, otherwise: str) -> str:
    return _NAMES.get((str(path[-1]) if path else "", error.keyword), otherwise)


_BY_KEYWORD: Final[dict[str, Callable[[Path, Violation], Message]]] = {
    "type": _wrong_type,
    "minimum": _range,
    "maximum": _range,
    "enum": _enum,
    "const": _constant,
    "pattern": _pattern,
    "minLength": _length,
    "maxLength": _length,
    "minItems": _length,
    "maxItems": _length,
    "minProperties": _length,
    "maxProperties": _length,
    "uniqueItems": _repeated,
}
