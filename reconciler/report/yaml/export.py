"""Keys as they are, as manifests that adopt them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.kit.printable import printable
from reconciler.model.observed import Account
from reconciler.report.words import plural
from reconciler.report.yaml.blocks import document

_COMMENT_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class Exported:
    """One manifest."""

    value: Mapping[str, Any]
    """Its fields, plain values."""
    comments: tuple[str, ...] = ()
    """What it does not say of the key, and why."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A key that no manifest was written for."""

    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Export:
    """What was written, and what was not."""

    accounts: Sequence[Account]
    manifests: tuple[Exported, ...]
    left_out: tuple[LeftOut, ...] = ()


def render(export: Export) -> str:
    """All of `export` as one YAML text."""
    where = " and ".join(f"account {each.account_id} in {each.region}" for each in export.accounts)
    head = [
        f"Keys of {where}, as they are.",
        "A plan of these manifests adopts them: it changes nothing but kmsctl's own tags.",
    ]
    head += [f"Left out: {one.title}: {one.why}" for one in export.left_out]
    documents = ["".join(comments(one.comments)) + document(one.value) for one in export.manifests]
    return "".join(comments(head)) + "---\n".join(documents)


def summary(export: Export) -> str:
    """One line for people who send the manifests to a file; nothing when all there is was written."""
    keys = sum(one.value["kind"] != "Target" for one in export.manifests)
    if export.left_out:
        left = len(export.left_out)
        return f"{plural(keys, 'key')} written, {left} left out: the first lines of the manifests say why\n"
    return "" if keys else "nothing to export: every key here is AWS's or a stack's, see `kmsctl show --all`\n"


def comments(lines: Sequence[str]) -> Iterator[str]:
    """Each of `lines` as a comment, whatever strangers wrote into it."""
    return (f"# {printable(line, limit=_COMMENT_LIMIT)}\n" for line in lines)
