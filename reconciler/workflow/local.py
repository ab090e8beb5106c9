"""The bundled KMS, opened from the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
