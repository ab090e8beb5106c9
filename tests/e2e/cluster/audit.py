"""Who asked the API server for what: its audit log, for service accounts, whose every request a test can account for.

The log: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata", "userGroups": ["system:serviceaccounts"]}, {"level": "None"}],
}
_READS = ("get", "list", "watch")


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the API server answered, or began to answer if it is a watch.

    Attributes:
        user: such as `system:serviceaccount:shop:operator`.
        verb: as RBAC has it, such as `list`.
        resource: with its group and subresource, such as `keys.kms.reconciler.dev/status`; the path of what is none.
        namespace: empty for all of them, and for what is in none.
        name: empty for a collection.
        code: the HTTP status.
        agent: the client's User-Agent.
        credential: which token it came with, of several that one user may have.
        at: when it came, RFC 3339 with microseconds.
        forbidden: whether its user lacks the right to it, and not something else stood against it.
    """

    user: str
    verb: str
    resource: str
    namespace: str
    name: str
    code: int
    agent: str = ""
    credential: str = ""
    at: str = ""
    forbidden: bool = False

    @property
    def writes(self) -> bool:
        """Whether it asked for a change."""
        return self.verb not in _READS


def write_policy(path: Path) -> Path:
    """Write the policy that says what the log has."""
    path.write_text(json.dumps(_POLICY))
    return path


def read(log: Path) -> list[Request]:
    """The requests of the log, in the order of their answers, without a line that is not whole yet."""
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    # A watch is logged when it begins and when it ends.
    events = {event["auditID"]: event for event in map(json.loads, (line for line in lines if line.endswith("\n")))}
    return [_request(event) for event in events.values()]


def _request(event: dict[str, Any]) -> Request:
    of: dict[str, str] = event.get("objectRef", {})
    return Request(
        user=event["user"]["username"],
        verb=event["verb"],
        resource=_resource(of) if of else event["requestURI"],
        namespace=of.get("namespace", ""),
        name=of.get("name", ""),
        code=event["responseStatus"]["code"],
        agent=event.get("userAgent", ""),
        credential="".join(event["user"].get("extra", {}).get("authentication.kubernetes.io/credential-id", ())),
        at=event["requestReceivedTimestamp"],
        forbidden=event.get("annotations", {}).get("authorization.k8s.io/decision") == "forbid",
    )


def _resource(of: dict[str, str]) -> str:
    named = ".".join(filter(None, (of["resource"], of.get("apiGroup"))))
    return f"{named}/{of['subresource']}" if "subresource" in of else named
