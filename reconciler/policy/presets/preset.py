"""What a preset is made of: templates of statements and grants, and the options that fill them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


class OptionKind(enum.StrEnum):
    """What an option holds."""

    PRINCIPALS = "principals"
    """A list of principals, as roles have them."""
    ARNS = "arns"
    """An ARN of the service, or a list of such; `*` and `?` in its resource."""
    ACCOUNTS = "accounts"
    """A list of account ids."""
    SERVICES = "services"
    """A list of names of services, e.g. `sns.amazonaws.com`."""
    NAMES = "names"
    """A text, or a list of such."""
    FLAG = "flag"
    """True or false; false when it is left out."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that whoever names the service can say."""

    name: str
    kind: OptionKind
    about: str
    """What it is for, as a sentence."""
    required: bool = False
    service: str = ""
    """Of ARNs: the service in them."""
    pattern: str = ""
    """A regular expression: of ARNs, their resource; of names and services, themselves."""
    shape: str = ""
    """What `pattern` asks for, in words for people."""
    default: tuple[str, ...] = ()
    """Templates of its values when it is left out."""
    needs: str = ""
    """The option without which it would have no effect."""


@dataclass(frozen=True, slots=True)
class ConditionTemplate:
    """One test. In its values `${aws:…}` are pseudo parameters and `{…}` is an option, one value each.

    `{…:account}` is the account in each ARN of the option.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    when: tuple[str, ...] = ()
    """Options that must be set for the test to be there; with `!` before it, must not."""


@dataclass(frozen=True, slots=True)
class CallersTemplate:
    """The principals of an option, through the service where the preset has `via`; or everybody of the account."""

    option: str


@dataclass(frozen=True, slots=True)
class NamedTemplate:
    """Principals of a kind of the policy language (`Service`, `AWS`), by templates of their names."""

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementTemplate:
    """One Allow statement on every resource, which is the key."""

    sid: str
    principal: CallersTemplate | NamedTemplate
    actions: tuple[str, ...]
    conditions: tuple[ConditionTemplate, ...] = ()
    when: tuple[str, ...] = ()
    """As of a condition."""


@dataclass(frozen=True, slots=True)
class GrantTemplate:
    """A grant that the service makes for itself through the preset's statements; nobody declares it."""

    grantee: str
    """A template, or words where it is a session of the service's."""
    operations: tuple[str, ...]
    context: tuple[str, ...] = ()
    """Keys of the encryption context that constrain it."""


@dataclass(frozen=True, slots=True)
class Preset:
    """What one service needs."""

    service: str
    """What manifests call it."""
    title: str
    protects: str
    pages: tuple[str, ...]
    """AWS's pages that ask for what is here."""
    date: str
    """When they were read."""
    options: tuple[Option, ...]
    statements: tuple[StatementTemplate, ...]
    via: ConditionTemplate | None = None
    """The test of `kms:ViaService` for callers; None where the page has none.

    It has the name with the own suffix of the partition besides `amazonaws.com`, which AWS's pages have everywhere:
    they do not say which of them KMS gives in China, and each names nothing but the service.
    """
    grants: tuple[GrantTemplate, ...] = ()
    note: str = ""
    """What to know of it besides."""

    by_name: Mapping[str, Option] = field(init=False, repr=False)
    """Its options."""
    caller_options: frozenset[str] = field(init=False, repr=False)
    """Those that name callers."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", MappingProxyType({option.name: option for option in self.options}))
        principals = (statement.principal for statement in self.statements)
        callers = (principal.option for principal in principals if isinstance(principal, CallersTemplate))
        object.__setattr__(self, "caller_options", frozenset(callers))
