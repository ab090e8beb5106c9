"""One call on its way through the pipeline, and what an operation is."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconciler.engine.authz.authority import Authority
from reconciler.engine.caller import Caller
from reconciler.engine.crypto.keyring import Keyring
from reconciler.engine.errors import unknown_operation
from reconciler.engine.store.records import Key
from reconciler.engine.store.store import Store
from reconciler.policy.evaluate import Decision

if TYPE_CHECKING:
    from reconciler.engine.quotas.throttle import Throttle


class Access(enum.Enum):
    """What an operation does to the store."""

    READ = "read"
    """Nothing; its event may wait."""
    USE = "use"
    """Cryptography with a key; its event and the key's last use may wait."""
    WRITE = "write"
    """A mutation; its event is written in its transaction."""


@dataclass(frozen=True, slots=True)
class KeyParameter:
    """A parameter that names a key; resolved, authorised and checked for its state before the operation runs."""

    name: str = "KeyId"
    aliases: bool = False
    """Whether an alias name or alias ARN may stand for the key."""


Result = dict[str, Any]
"""What an operation answers, in the shapes of boto3."""
Rest = Callable[[], Result]
"""What is left of an operation that needs the store no more: slow cryptography."""

KEY = (KeyParameter(),)
"""The parameter `KeyId`, no alias."""
KEY_OR_ALIAS = (KeyParameter(aliases=True),)
"""The parameter `KeyId`, which may be an alias."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API."""

    name: str
    """As the port calls it: bare for KMS, else `service:Operation`."""
    run: Callable[[Call], Result | Rest]
    """Does it, and gives the answer; or, if it is no mutation, what is left to do once the store is let go."""
    access: Access
    keys: tuple[KeyParameter, ...] = KEY
    prepare: Callable[[Call], Any] | None = None
    """Slow work that needs no store, done before it is held; its result is `Call.prepared`."""


def _refuse(call: Call) -> Result:
    raise unknown_operation(call.name)


NOT_PARSED = Operation("", _refuse, Access.READ, ())
"""What a call is before its operation is found: it can do nothing."""


@dataclass(slots=True)
class Call:
    """What is known of a call; the stages fill it in."""

    store: Store
    keyring: Keyring
    caller: Caller
    name: str
    given: Mapping[str, Any] = field(repr=False)
    """The parameters as the caller gave them."""
    now: int
    """Microseconds since the epoch; one instant for the whole call."""
    request_id: str | None
    """What the caller was told, or will be; None when nobody asks."""
    authority: Authority = field(repr=False)
    """Who decides what the caller may do."""
    throttle: Throttle | None = field(default=None, repr=False)
    """Who counts requests, when they are counted."""
    operation: Operation = NOT_PARSED
    """What is called, once it is parsed."""
    parameters: dict[str, Any] | None = field(default=None, repr=False)
    """The parameters once they are valid."""
    prepared: Any = field(default=None, repr=False)
    keys: dict[str, Key] = field(default_factory=dict)
    """Keys resolved from the operation's key parameters, by parameter."""
    decision: Decision | None = field(default=None, repr=False)
    """What was decided last about the call, with its trace; it does not go over the wire."""
    resources: list[str] = field(default_factory=list)
    """ARNs that the call is about, for the audit record."""
    usage: list[tuple[int, str]] = field(default_factory=list)
    """Numbers of the keys that served the call, and as what operation."""
    additional: Mapping[str, str] | None = None
    """What CloudTrail shows of a call beyond its request and response, if the operation says so."""
    rest: Rest | None = field(default=None, repr=False)
    """What `finish` has to do."""
    result: Result = field(default_factory=dict, repr=False)

    @property
    def key(self) -> Key:
        """The key that `KeyId` names."""
        return self.keys["KeyId"]

    def get(self, name: str, default: Any = None) -> Any:
        """A valid parameter, or `default`."""
        return (self.parameters or {}).get(name, default)

    def involve(self, arn: str) -> None:
        """Note that the call is about `arn`."""
        if arn not in self.resources:
            self.resources.append(arn)

    def used(self, key: Key, operation: str | None = None) -> None:
        """Note that `key` served this call, for GetKeyLastUsage."""
        self.usage.append((key.n, operation or self.name))
