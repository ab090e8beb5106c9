"""The way of a call.

    parse → authenticate → validate → provide → admit → prepare → [ authorise → quota → operate ] → finish → audit

The stages in brackets hold the store. For a mutation they are one transaction, with the event that records it: it has
no `finish`. A call that fails is recorded too. What time has brought about (`sweep`) is done before the store is held
for the call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from reconciler.engine.audit.across import entries_of
from reconciler.engine.authz.authorise import authorise
from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.errors import unknown_operation
from reconciler.engine.ids import random_uuid
from reconciler.engine.keys.state import check_state
from reconciler.engine.keys.sweep import sweep
from reconciler.engine.managed.provide import provide
from reconciler.engine.operations import OPERATIONS
from reconciler.engine.quotas.throttle import within_quota
from reconciler.engine.wire.model import split_name
from reconciler.engine.wire.validate import validate
from reconciler.kit.errors import KmsError

Stage = Callable[[Call], None]


def parse(call: Call) -> None:
    """Find the operation.

    Raises:
        KmsError: UnknownOperationException.
    """
    if call.name not in OPERATIONS:
        raise unknown_operation(call.name)
    call.operation = OPERATIONS[call.name]


def authenticate(call: Call) -> None:
    """Take the caller's word for who it is, as long as its session lasts.

    A request from the network has proved before who signed it (Signature Version 4, `server.signed`).

    Raises:
        KmsError: UnrecognizedClientException for a caller without an identity; ExpiredTokenException.
    """
    caller = call.caller
    if not caller.principal:
        raise KmsError("UnrecognizedClientException", "The caller has no identity.")
    if caller.session is not None and caller.session.expires <= call.now:
        raise KmsError("ExpiredTokenException", "The security token included in the request is expired")


def check_parameters(call: Call) -> None:
    """Hold the parameters against the service model; see `wire.validate.validate`."""
    call.parameters = validate(call.name, call.given)


def admit(call: Call) -> None:
    """Refuse a mutation to who may not make it before a key pair is made for it, and before it holds the store alone.

    What is decided here is decided again in its transaction, where nothing can change meanwhile.

    Raises:
        KmsError: see `authorise`.
    """
    if call.operation.access is Access.WRITE:
        with call.store.reading():
            authorise(call)
        call.keys.clear()
        call.resources.clear()


def prepare(call: Call) -> None:
    """Do what the operation can do before it holds the store."""
    if call.operation.prepare is not None:
        call.prepared = call.operation.prepare(call)


def operate(call: Call) -> None:
    """Check the states of the keys, and run the operation."""
    for key in call.keys.values():
        check_state(call.name, key)
    result = call.operation.run(call)
    if callable(result):
        call.rest = result
    else:
        call.result = result


def finish(call: Call) -> None:
    """Do what is left of the operation without the store."""
    if call.rest is not None:
        call.result = call.rest()


def audit(call: Call) -> None:
    """Record the call: a mutation in its transaction, everything else with the next batch."""
    keep = call.store.record if call.operation.access is Access.WRITE else call.store.later
    for entry in entries_of(call, None):
        keep(entry)


BEFORE: Final[tuple[Stage, ...]] = (parse, authenticate, check_parameters, provide, admit, prepare)
"""Stages that do not hold the store."""
HOLDING: Final[tuple[Stage, ...]] = (authorise, within_quota, operate)
"""Stages that hold it."""
AFTER: Final[tuple[Stage, ...]] = (finish, audit)
"""Stages that do not hold it any more; of a mutation they belong to its transaction."""


class Way(NamedTuple):
    """The stages of one operation: without those that would do nothing for it."""

    before: tuple[Stage, ...]
    holding: tuple[Stage, ...]
    after: tuple[Stage, ...]
    writes: bool = False
    """Whether what holds the store is a transaction."""


def way_of(operation: Operation) -> Way:
    """The way of the calls of `operation`."""
    writes = operation.access is Access.WRITE
    idle: Mapping[Stage, bool] = {
        provide: not any(parameter.aliases for parameter in operation.keys),
        admit: not writes,
        prepare: operation.prepare is None,
        finish: writes,
    }
    before, after = (tuple(stage for stage in stages if not idle.get(stage)) for stages in (BEFORE, AFTER))
    return Way(before, HOLDING + after, (), writes=True) if writes else Way(before, HOLDING, after)


_WAYS: Final[Mapping[str, Way]] = MappingProxyType({name: way_of(found) for name, found in OPERATIONS.items()})
_NOWHERE: Final = Way((parse,), (), ())
"""The way of a call of an operation that there is not: it ends where that is found out."""


def run(call: Call) -> None:
    """Take `call` through all stages; `call.result` is the answer.

    Raises:
        KmsError: the answer is an error; it was recorded.
        KmsctlError: the store cannot be used.
    """
    way = _WAYS.get(call.name, _NOWHERE)
    try:
        for stage in way.before:
            stage(call)
        while not _held(call, way):
            sweep(call.store, call.keyring, call.now)
        for stage in way.after:
            stage(call)
    except KmsError as error:
        call.request_id = call.request_id or random_uuid()
        error.operation, error.request_id = split_name(call.name)[1], call.request_id
        for entry in entries_of(call, error):
            call.store.later(entry)
        raise


def _held(call: Call, way: Way) -> bool:
    """Run the stages that hold the store; False, and nothing is done, when something is due first."""
    store = call.store
    with store.writing() if way.writes else store.reading():
        due = store.keys.next_due()
        if due is not None and due <= call.now:
            return False
        for stage in way.holding:
            stage(call)
        return True
