"""Where one test is: a namespace, a Target that is open to it, and an account of its own behind that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.controller.cluster.refs import API_VERSION, RESOURCES, path_of
from tests.e2e.cluster.cluster import Cluster
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller import verdicts
from tests.e2e.controller.kms import REGION, Account
from tests.e2e.controller.people import access_key
from tests.e2e.controller.processes import CLUSTER_NAME

ANNOTATION = "kms.reconciler.dev/"
FINALIZER = "kms.reconciler.dev/finalizer"
Body = dict[str, Any]
_MANAGER = "tests"
_APPLY = "application/apply-patch+yaml"
_CONFLICT = 409
_MERGE = "application/merge-patch+json"
_TARGETED = frozenset(RESOURCES) - {"Target", "KeyPolicy", "AccessTest"}


def manifest(kind: str, name: str, /, *, annotations: Mapping[str, str] | None = None, **spec: Any) -> Body:
    """A manifest; annotations by what follows `kms.reconciler.dev/`."""
    metadata: Body = {"name": name}
    if annotations:
        metadata["annotations"] = {ANNOTATION + key: value for key, value in annotations.items()}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def key(name: str = "orders", /, **spec: Any) -> Body:
    """A Key, with a description unless the test says otherwise."""
    return manifest("Key", name, **{"description": "Encrypts orders", **spec})


@dataclass
class Place:
    """What a test needs to ask for things and to see what became of them."""

    cluster: Cluster
    namespace: str
    account: Account
    target: str
    """The name of a Target of the account that is open to the namespace; what is applied is on it by default."""
    secret: str
    """The name of the Secret with its credentials, in the operator's namespace."""
    targets: list[str] = field(default_factory=list)
    """Targets made for the test."""

    @property
    def stack(self) -> str:
        """As it is in tags."""
        return f"{CLUSTER_NAME}.{self.namespace}"

    # -- asking

    def target_body(self, name: str = "", *, region: str = REGION, **spec: Any) -> Body:
        """Another Target of the account, open to the namespace."""
        name = f"{self.namespace}-{name}" if name else self.target
        where = {"backend": "aws", "region": region, "accountId": self.account.number}
        way = {"endpointUrl": self.account.server.url, "credentials": {"secretRef": {"name": self.secret}}}
        return manifest("Target", name, **{**where, **way, "allowedNamespaces": [self.namespace], **spec})

    def add_target(self, name: str = "", *, region: str = REGION, **spec: Any) -> str:
        """Make or change a Target of the account; its name."""
        body = self.target_body(name, region=region, **spec)
        self.apply(body)
        return str(body["metadata"]["name"])

    def apply(self, *bodies: Body, manager: str = _MANAGER) -> None:
        """Server-side apply, in the namespace and on the Target of the test where the manifests name none."""
        for body in bodies:
            body = self.placed(body)
            path = f"{self._path(body['kind'], body['metadata']['name'])}?fieldManager={manager}&force=true"
            self._call("PATCH", path, body, _APPLY)
            if body["kind"] == "Target":
                self.targets.append(body["metadata"]["name"])

    def refused(self, body: Body) -> str:
        """The message with which the API server refuses a manifest."""
        body = self.placed(body)
        path = f"{self._path(body['kind'], body['metadata']['name'])}?fieldManager={_MANAGER}&force=true"
        answer = self.cluster.api.call("PATCH", path, body, media_type=_APPLY)
        assert answer.status == 422, answer
        return str(answer.body["message"])

    def patch(self, kind: str, name: str, **spec: Any) -> None:
        """Merge into the spec; None removes."""
        self._call("PATCH", self._path(kind, name), {"spec": spec}, _MERGE)

    def annotate(self, kind: str, name: str, **annotations: str | None) -> None:
        """Set annotations, by what follows `kms.reconciler.dev/`, with `_` for `-`; None removes."""
        values = {ANNOTATION + key.replace("_", "-"): value for key, value in annotations.items()}
        self._call("PATCH", self._path(kind, name), {"metadata": {"annotations": values}}, _MERGE)

    def set_status(self, kind: str, name: str, status: Body | None) -> None:
        """Write a status as a restored backup would; None leaves nothing of it."""
        path = f"{self._path(kind, name)}/status"

        def put() -> bool:
            body = self.get(kind, name)
            body.pop("status", None)
            answer = self.cluster.api.call("PUT", path, {**body, **({"status": status} if status else {})})
            assert answer.status in {200, _CONFLICT}, answer
            return answer.status == 200

        eventually(put, what=f"the status of {kind}/{name} is written, and nobody else's in between")

    def delete(self, kind: str, name: str) -> None:
        """Ask for the end of an object."""
        self._call("DELETE", self._path(kind, name))

    def secret_of(self, name: str, **values: str) -> None:
        """Make a Secret in the namespace."""
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": values}
        path = path_of("v1", "secrets", self.namespace, name)
        self._call("PATCH", f"{path}?fieldManager={_MANAGER}&force=true", body, _APPLY)

    # -- seeing

    def get(self, kind: str, name: str) -> Body:
        """An object that is there."""
        found: Body = self._call("GET", self._path(kind, name))
        return found

    def find(self, kind: str, name: str) -> Body | None:
        """An object, if it is there."""
        answer = self.cluster.api.call("GET", self._path(kind, name))
        assert answer.status in (200, 404), answer
        return answer.body if answer.status == 200 else None

    def status(self, kind: str, name: str) -> Body:
        """Its status."""
        found: Body = self.get(kind, name).get("status", {})
        return found

    def condition(self, kind: str, name: str, condition: str = "Ready") -> Body:
        """A condition of what is declared now; fails while the operator has not seen that yet."""
        return condition_of(self.get(kind, name), condition)

    def wait(self, kind: str, name: str, *, reason: str, within: float = 30.0) -> Body:
        """The object, once its Ready condition has `reason` for what is declared now."""

        def probe() -> Body:
            body = self.get(kind, name)
            found = condition_of(body)
            assert found["reason"] == reason, f"{kind}/{name}: {found}"
            verdicts.check(body, reason)
            return body

        return eventually(probe, within=within, what=f"{kind}/{name} is {reason}")

    def ready(self, kind: str, name: str, *, within: float = 30.0) -> Body:
        """The object, once it is ready and synced as declared now."""

        def probe() -> Body:
            body = self.get(kind, name)
            for condition in ("Ready", "Synced"):
                found = condition_of(body, condition)
                assert found["status"] == "True", f"{kind}/{name}: {found}"
            verdicts.check(body, "InSync")
            return body

        return eventually(probe, within=within, what=f"{kind}/{name} is ready")

    def gone(self, kind: str, name: str, *, within: float = 30.0) -> None:
        """Return once the object is no more."""
        eventually(lambda: self.find(kind, name) is None, within=within, what=f"{kind}/{name} is gone")

    def key_id(self, name: str = "orders") -> str:
        """The id of a ready Key's key."""
        return str(self.ready("Key", name)["status"]["keyId"])

    def events(self, kind: str, name: str) -> list[Body]:
        """The events of an object, the oldest first."""
        path = path_of("events.k8s.io/v1", "events", self.namespace if kind != "Target" else "default")
        found = self._call("GET", path)["items"]
        mine = [event for event in found if (event["regarding"]["kind"], event["regarding"]["name"]) == (kind, name)]
        return sorted(mine, key=lambda event: str(event["eventTime"]))

    def told(self, kind: str, name: str, reason: str, what: str = "") -> Body:
        """The last event of an object with `reason` and `what` in its note, once there is one."""

        def probe() -> Body:
            events = self.events(kind, name)
            found = [event for event in events if event["reason"] == reason and what in event["note"]]
            assert found, f"{kind}/{name} tells {[(event['reason'], event['note']) for event in events]}"
            return found[-1]

        return eventually(probe, within=15, what=f"{kind}/{name} tells {reason}")

    # -- how

    def placed(self, body: Body) -> Body:
        """A manifest in the namespace and on the Target of the test, unless it says otherwise."""
        metadata, spec = dict(body["metadata"]), dict(body.get("spec", {}))
        if body["kind"] != "Target":
            metadata.setdefault("namespace", self.namespace)
        if body["kind"] in _TARGETED:
            spec.setdefault("targetRef", {"name": self.target})
        return {**body, "metadata": metadata, "spec": spec}

    def _path(self, kind: str, name: str) -> str:
        resource = RESOURCES[kind]
        return path_of(API_VERSION, resource.plural, self.namespace if resource.namespaced else "", name)

    def _call(self, method: str, path: str, body: Any = None, media_type: str = "application/json") -> Any:
        answer = self.cluster.api.call(method, path, body, media_type=media_type)
        assert answer.status < 300, f"{method} {path}: {answer.status} {json.dumps(answer.body)[:2000]}"
        return answer.body


def condition_of(body: Body, condition: str = "Ready") -> Body:
    """A condition of an object; fails while it is not of what is declared now."""
    status = body.get("status", {})
    assert status.get("observedGeneration") == body["metadata"]["generation"], f"not seen yet: {status}"
    found: Body = next(each for each in status["conditions"] if each["type"] == condition)
    return found


def credentials(namespace: str, name: str, account: str) -> Body:
    """The Secret with the access key of an account's operator."""
    key_id, secret = access_key(account, "operator")
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "stringData": {"aws_access_key_id": key_id, "aws_secret_access_key": secret},
    }
