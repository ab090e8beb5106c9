"""The part of docs/presets.md that is made from the presets themselves.

`python -m tests.docs.presets` writes it into the page; a test sees that it is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.policy.presets import Option, OptionKind, Preset, presets
from reconciler.policy.presets.preset import CallersTemplate, ConditionTemplate, StatementTemplate
from tests.docs.pages import DOCS

PAGE = DOCS / "presets.md"
BEGIN = "<!-- made from reconciler/policy/presets/data -->\n"
_KINDS = {
    OptionKind.PRINCIPALS: "list of principals",
    OptionKind.ARNS: "ARN, or a list",
    OptionKind.ACCOUNTS: "account, or a list",
    OptionKind.SERVICES: "list of services",
    OptionKind.NAMES: "name, or a list",
    OptionKind.FLAG: "true or false",
}


def rendered() -> str:
    """All presets, one section each."""
    return BEGIN + "\n".join(line for preset in presets().values() for line in _section(preset))


def _section(preset: Preset) -> Iterator[str]:
    links = ", ".join(f"[{page.rpartition('/')[2]}]({page})" for page in preset.pages)
    yield f"\n## {preset.service}\n"
    yield f"{preset.title}: {preset.protects}. From {links}, read on {preset.date}."
    if preset.options:
        yield "\n| option | type | meaning |\n|---|---|---|"
        yield from map(_row, preset.options)
    yield "\n| Sid | who | actions | conditions |\n|---|---|---|---|"
    yield from (_statement(preset, each) for each in preset.statements)
    for grant in preset.grants:
        on = f", in the context {_codes(grant.context)}" if grant.context else ""
        yield f"\nThe service makes grants to {_grantee(grant.grantee)} for {_codes(grant.operations)}{on}."
    if preset.note:
        yield f"\n{preset.note}"


def _row(option: Option) -> str:
    about = f"{option.about} Required." if option.required else option.about
    return f"| `{option.name}` | {_KINDS[option.kind]} | {about} |"


def _statement(preset: Preset, statement: StatementTemplate) -> str:
    actions = _codes(action.removeprefix("kms:") for action in statement.actions)
    conditions = list(statement.conditions)
    if isinstance(statement.principal, CallersTemplate):
        who = f"`{statement.principal.option}`"
        conditions = [preset.via, *conditions] if preset.via else conditions
    else:
        who = ", ".join(_value(name) for name in statement.principal.names)
    when = f", with {_words(statement.when)}" if statement.when else ""
    return f"| `{statement.sid}` | {who}{when} | {actions} | {'<br>'.join(map(_condition, conditions)) or 'none'} |"


def _condition(condition: ConditionTemplate) -> str:
    values = ", ".join(_value(value) for value in condition.values)
    when = f", with {_words(condition.when)}" if condition.when else ""
    return f"`{condition.key}`: {values}{when}"


def _words(when: tuple[str, ...]) -> str:
    return " and ".join(f"no `{name[1:]}`" if name.startswith("!") else f"`{name}`" for name in when)


def _value(value: str) -> str:
    return value if " " in value else f"`{value}`"


def _grantee(grantee: str) -> str:
    return f"`{grantee}`" if "." in grantee else grantee


def _codes(names: object) -> str:
    return ", ".join(f"`{name}`" for name in names)  # type: ignore[attr-defined]


if __name__ == "__main__":
    PAGE.write_text(PAGE.read_text(encoding="utf-8").partition(BEGIN)[0] + rendered() + "\n", encoding="utf-8")
