"""KC5xx: what a key says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.kit.absent import ABSENT
from reconciler.lint.finding import Hit, Path
from reconciler.lint.registry import Family
from reconciler.lint.subject import Subject

_SECRETS: Final = (
    (re.compile(r"(?<![A-Z0-9])(AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])"), "the id of an access key"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"(?i)\b(password|passwd|secret[ _-]?access[ _-]?key|api[ _-]?key)\s*[:=]\s*\S{6,}"), "a secret"),
)
"""What looks like something that nobody should read; its text is never repeated."""


def multi_region_key(subject: Subject) -> Iterator[Hit]:
    """Its material can be in other Regions, by other policies."""
    if subject.multi_region and not subject.replica:
        yield Hit("the key's material can be replicated to other Regions", ("spec", "multiRegion"))


def untagged(subject: Subject) -> Iterator[Hit]:
    """Nobody can tell whose it is, or what it costs whom."""
    if subject.tags is ABSENT or (subject.tags is not None and not subject.tags):
        yield Hit("the key has no tags of its own", ("spec", "tags"))


def no_alias(subject: Subject) -> Iterator[Hit]:
    """It cannot be replaced without telling everybody its new id."""
    if subject.aliases == ():
        yield Hit("the key has no alias", ("spec", "aliases"))


def no_policy(subject: Subject) -> Iterator[Hit]:
    """KMS's default leaves everything to IAM policies."""
    if subject.policy is ABSENT:
        yield Hit("no key policy is declared", ("spec",))


def secret_in_text(subject: Subject) -> Iterator[Hit]:
    """Descriptions, tags and aliases are in CloudTrail and in bills, in plain text.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
    """
    for text, what, path in _texts(subject):
        for pattern, kind in _SECRETS:
            if pattern.search(text):
                yield Hit(f"{what} looks like it holds {kind}", path)
                break


def _texts(subject: Subject) -> Iterator[tuple[str, str, Path]]:
    if isinstance(subject.description, str):
        yield subject.description, "the description", ("spec", "description")
    if subject.tags is not None and subject.tags is not ABSENT:
        for number, (key, value) in enumerate(sorted(subject.tags.items()), start=1):
            yield f"{key}={value}", f"tag {number}", ("spec", "tags", key)
    for index, alias in enumerate(subject.aliases or ()):
        yield alias, "an alias", ("spec", "aliases", index)


PROBES: Family = {
    "KC506": multi_region_key,
    "KC507": untagged,
    "KC508": no_alias,
    "KC509": no_policy,
    "KC510": secret_in_text,
}
