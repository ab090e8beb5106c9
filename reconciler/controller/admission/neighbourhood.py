"""What the webhook knows of the cluster around the object that it is asked about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from reconciler.controller.settings import WebhookLint
from reconciler.manifest.documents import Document, ManifestKind
from reconciler.manifest.objects import Neighbours
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.target import Target
from reconciler.policy.patterns import matches

Names = Collection[tuple[ManifestKind, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """How to ask. A replica that has not listed the objects yet answers None, and nothing is said of them."""

    targets: Callable[[], Mapping[str, Target] | None]
    """Every Target of the cluster, by name."""
    default_target: str
    """The one of objects that name none."""
    declared: Callable[[str], Names | None]
    """The kinds and names of the objects in a namespace."""
    lint: WebhookLint = WebhookLint.DENY
    """What becomes of an object in which lint finds an error."""

    def neighbours(self, namespace: str) -> Neighbours:
        """For the checks of an object in `namespace`."""
        targets = {TargetName(name): target for name, target in (self.targets() or {}).items()}
        if self.default_target in targets:
            targets[RUN_TARGET] = targets[TargetName(self.default_target)]
        names = {(ManifestKind.TARGET, str(name)) for name in targets if name != RUN_TARGET}
        return Neighbours(targets, names | set(self.declared(namespace) or ()))

    def sees(self, namespace: str, kind: str) -> bool:
        """Whether it can be told that there is no object of `kind`."""
        return (self.targets() if kind == ManifestKind.TARGET else self.declared(namespace)) is not None

    def closed_to(self, document: Document, namespace: str) -> str | None:
        """The Target of `document` when it does not serve `namespace`; None when it does, or is not known."""
        if document.kind in (ManifestKind.TARGET, ManifestKind.KEY_POLICY, ManifestKind.ACCESS_TEST):
            return None
        name = document.target or self.default_target
        target = (self.targets() or {}).get(name)
        return None if target is None or serves(target, namespace) else name


def serves(target: Target, namespace: str) -> bool:
    """Whether objects in `namespace` may use `target`: `allowedNamespaces` says so by name; without it, none may."""
    return any(matches(pattern, namespace) for pattern in target.allowed_namespaces)
