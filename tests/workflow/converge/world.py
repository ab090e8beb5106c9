"""One target over the bundled KMS, and batches of a stack on it."""

from __future__ import annotations

from datetime import UTC, datetime

from reconciler.kit.clock import ManualClock
from reconciler.manifest.documents import Document, ManifestKind
from reconciler.manifest.objects import read_object
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.target import Target
from reconciler.workflow.converge.run import Means, converge
from reconciler.workflow.converge.wishes import Batch, Wish
from reconciler.workflow.environment import Environment
from reconciler.workflow.targets import open_target

KEY, ALIAS, GRANT = ManifestKind.KEY, ManifestKind.ALIAS, ManifestKind.GRANT
TARGET = Target(TargetName("default"))


def document(kind, name, /, **spec) -> Document:
    body = {
        "apiVersion": "kms.reconciler.dev/v1alpha1",
        "kind": str(kind),
        "metadata": {"name": name},
        "spec": spec,
    }
    found = read_object(body, file=f"{kind}/{name}")
    assert isinstance(found, Document), found
    return found


def grant(name, key, /, **spec):
    who = {"granteePrincipal": "arn:aws:iam::111122223333:role/app", "operations": ["Decrypt"]}
    return document(GRANT, name, keyRef={"name": key}, **{**who, **spec})


class World:
    """One target, and batches of a stack on it."""

    def __init__(self, path):
        self.environment = Environment(path, {}, ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))
        self.connection = open_target(TARGET, self.environment)
        self.kms = self.connection.kms

    def batch(self, *wishes, stack="c.payments", **keywords):
        made = tuple(wish if isinstance(wish, Wish) else Wish(wish) for wish in wishes)
        target = keywords.pop("target", TARGET)
        connection = keywords.pop("connection", self.connection)
        return Batch(
            stack,
            made,
            targets={TARGET.name: target},
            run_target=TARGET.name,
            connections={RUN_TARGET: connection},
            **keywords,
        )

    def converge(self, *wishes, means=None, **keywords):
        return converge(self.batch(*wishes, **keywords), means or Means(self.environment))

    def one(self, wish, **keywords):
        (verdict,) = self.converge(wish, **keywords).values()
        return verdict

    def key_ids(self):
        return [key["KeyId"] for key in self.kms("ListKeys", {})["Keys"]]
