"""AccessTests: actions that there are, and expectations that say something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.printable import printable
from reconciler.manifest.documents import Document, Message
from reconciler.manifest.positions import Path
from reconciler.manifest.wording import nearest
from reconciler.policy.actions import KEY_ACTIONS, PREFIX, matching

LISTS: Final = ("mustAllow", "mustDeny")


def expectations(document: Document) -> Iterator[tuple[Path, Any]]:
    """Every expectation of an AccessTest, with where it stands."""
    for name in LISTS:
        for index, expectation in enumerate(document.spec.get(name, ())):
            yield ("spec", name, index), expectation


def check_access_test(document: Document) -> Iterator[Diagnostic]:
    """Everything wrong with an AccessTest that shows without its keys."""
    if not any(name in document.spec for name in LISTS):
        message = Message(
            "missing-field",
            "the AccessTest expects nothing",
            "it would hold whatever the policy says",
            "add `mustAllow:` or `mustDeny:`",
        )
        yield document.fault(("spec",), message, of_key=True)
    for path, expectation in expectations(document):
        for index, action in enumerate(expectation["actions"]):
            if not matching(action):
                yield document.fault((*path, "actions", index), _unknown(action))
        for name in expectation.get("facts", ()):
            if ":" not in name:
                yield document.fault((*path, "facts", name), _no_condition_key(name), of_key=True)


def _unknown(action: str) -> Message:
    known = [name.removeprefix(PREFIX) for name in KEY_ACTIONS]
    guess = nearest(action.removeprefix(PREFIX), known)
    return Message(
        "unknown-action",
        f"{printable(action)} is no action on a key",
        "what no key can be asked is neither allowed nor denied",
        f"did you mean {guess}?" if guess else "for example Decrypt, GenerateDataKey* or CreateGrant",
    )


def _no_condition_key(name: str) -> Message:
    return Message(
        "invalid-value",
        f"{printable(name)} is no condition key",
        "condition keys begin with a service, and a colon",
        "for example aws:SourceIp",
    )
