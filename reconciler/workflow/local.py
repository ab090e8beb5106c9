"""The bundled KMS, opened from the environment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from reconciler.workflow.environment import Environment

if TYPE_CHECKING:
    from reconciler.engine.engine import Engine


def open_engine(environment: Environment) -> Engine:
    """The engine whose data is in the environment's home folder; made when there is none.

    Raises:
        reconciler.kit.errors.KmsctlError: the folder, the store or the root key is not fit for use.
    """
    from reconciler.engine.engine import Engine
    from reconciler.engine.store.rootkey import root_key_source

    return Engine.open(environment.home, clock=environment.clock, root_key=root_key_source(environment.variables))


@dataclass(frozen=True, slots=True)
class Advanced:
    """What moving the engine's time forward brought about."""

    start: datetime
    end: datetime
    events: list[dict[str, Any]]
    """What the engine did by itself, as the audit record has it, oldest first."""


def advance(engine: Engine, by: timedelta) -> Advanced:
    """Move the engine's time forward by `by`, for every process.

    Raises:
        reconciler.kit.errors.KmsctlError: `by` is not above zero, or too far.
    """
    start = engine.now()
    engine.advance(by)
    end = engine.now()
    happened = engine.events(since=start, until=end)
    return Advanced(start, end, [event for event in happened if event["eventType"] == "AwsServiceEvent"])
