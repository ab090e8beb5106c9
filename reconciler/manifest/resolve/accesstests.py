"""An AccessTest manifest to what has to be true of each of its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.kit.arn import Arn, root_arn
from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.printable import printable
from reconciler.manifest.checks.accesstests import LISTS
from reconciler.manifest.documents import KEY_KINDS, Document, Manifests, Message
from reconciler.manifest.positions import Path
from reconciler.manifest.resolve.principals import wrong_partition
from reconciler.manifest.resolve.where import Where
from reconciler.model.accesstest import AccessTest, Expectation
from reconciler.model.desired import DesiredKey
from reconciler.policy.actions import actions_on, matching
from reconciler.policy.permissions import KeyTraits
from reconciler.policy.principals import ANYONE, is_account_id, is_principal_arn, is_service, stranger

_OF_GRANTS: Final = "kms:RetireGrant"
"""Which grant it is for decides, and no key policy allows it: it has to be named.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html
"""


def keys_of(document: Document, manifests: Manifests) -> Iterator[Document]:
    """The keys that an AccessTest is about, in the order of their names; those that are not there are left out."""
    spec = document.spec
    if "allKeys" in spec:
        yield from sorted((one for kind in KEY_KINDS for one in manifests.of_kind(kind)), key=lambda one: one.name)
        return
    names = [spec["keyRef"]["name"]] if "keyRef" in spec else sorted(spec["keys"])
    yield from (key for key in map(manifests.key, names) if key is not None)


def desired_test(document: Document, key: DesiredKey, where: Where, faults: list[Diagnostic]) -> AccessTest:
    """What `document` says of `key`, which is at `where`; what is wrong goes to `faults`."""
    traits = KeyTraits(str(key.key_usage), key.key_spec, key.origin, key.multi_region)
    allow, deny = (
        tuple(
            _Reading(document, ("spec", name, index), traits, where, faults).read(written)
            for index, written in enumerate(document.spec.get(name, ()))
        )
        for name in LISTS
    )
    return AccessTest(document.name, key.address, document.position, allow, deny)


class _Reading:
    """One expectation, of one key."""

    def __init__(
        self, document: Document, path: Path, traits: KeyTraits, where: Where, faults: list[Diagnostic]
    ) -> None:
        self._document = document
        self._path = path
        self._traits = traits
        self._where = where
        self._faults = faults

    def read(self, written: Mapping[str, Any]) -> Expectation:
        pseudo = self._where.pseudo
        return Expectation(
            position=self._document.at(self._path),
            principals=tuple(dict.fromkeys(self._principals(written["principals"]))),
            actions=tuple(dict.fromkeys(self._actions(written["actions"]))),
            context=pseudo.fill(written.get("context", {})),
            via=written.get("via"),
            facts={name.lower(): pseudo.text(value) for name, value in written.get("facts", {}).items()},
            delegated=written.get("delegated", "fails") == "allowed",
        )

    def _actions(self, patterns: list[str]) -> Iterator[str]:
        possible = actions_on(self._traits)
        for index, pattern in enumerate(patterns):
            found = matching(pattern, possible)
            if not found and matching(pattern) and not self._of_many:
                self._fault(("actions", index), _not_possible(pattern, self._traits))
            yield from (action for action in found if action != _OF_GRANTS or not {"*", "?"} & set(pattern))

    @property
    def _of_many(self) -> bool:
        """Whether it is about several keys: then an action counts for those that can be asked it."""
        return "keyRef" not in self._document.spec

    def _principals(self, names: list[str]) -> Iterator[str]:
        where = self._where
        for index, written in enumerate(names):
            text = where.pseudo.text(written)
            if text == ANYONE:
                yield stranger(where.partition)
            elif is_account_id(text):
                yield root_arn(text, where.partition)
            elif text.startswith(("role/", "user/")):
                yield f"arn:{where.partition}:iam::{where.account_id}:{text}"
            elif is_service(text) or self._is_arn(text, ("principals", index)):
                yield text

    def _is_arn(self, text: str, path: Path) -> bool:
        arn = Arn.parse(text)
        if arn is None or not is_principal_arn(text):
            message = Message(
                "invalid-principal",
                f"{printable(text)} is nobody who can ask",
                "a request is made by an account's root user, a role, a user, a role session or a service",
                "use an ARN, role/NAME, user/NAME, an account id, a service such as logs.amazonaws.com, or *",
            )
            self._fault(path, message)
            return False
        if self._where.region_known and arn.partition != self._where.partition:
            self._fault(path, wrong_partition(text, arn, self._where.partition))
        return True

    def _fault(self, path: Path, message: Message) -> None:
        self._faults.append(self._document.fault((*self._path, *path), message))


def _not_possible(pattern: str, traits: KeyTraits) -> Message:
    return Message(
        "action-not-possible",
        f"a key of {traits.spec} for {traits.usage} cannot be asked {printable(pattern)}",
        "the line would say nothing",
        "remove the action, or test another key",
    )
