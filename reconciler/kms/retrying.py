"""Call again when that is safe and may help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tenacity

from reconciler.kit.clock import Clock
from reconciler.kit.errors import AmbiguousOutcome, KmsError
from reconciler.kms import codes
from reconciler.kms.port import Kms
from reconciler.kms.translate import Unreachable

_READS = ("Decrypt", "Describe", "Encrypt", "Generate", "Get", "List", "Lookup", "ReEncrypt", "Sign", "Verify")
"""How the names of operations begin that change nothing."""
_SETS = frozenset(
    {
        "DisableKey",
        "DisableKeyRotation",
        "EnableKey",
        "EnableKeyRotation",
        "PutKeyPolicy",
        "TagResource",
        "UntagResource",
        "UpdateAlias",
        "UpdateKeyDescription",
    }
)
"""Mutations that end in the same state, with the same answer, however often they are made.

CreateKey, ReplicateKey and RotateKeyOnDemand would do their work twice. CreateAlias, DeleteAlias, ScheduleKeyDeletion,
CancelKeyDeletion, RevokeGrant and RetireGrant would not, but fail the second time, after success: their caller looks.
"""

_UNNAMED_ATTEMPTS = 3
"""For faults that do not say what they are: a passing fault is gone by then, and an operation that an emulator lacks
is not waited for."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to keep trying one call."""

    attempts: int = 8
    seconds: float = 60.0
    """From the first attempt; once they are over, its failure is final."""
    first_wait: float = 0.1
    """The most seconds before the second attempt; it doubles with each further one."""
    longest_wait: float = 10.0


class Retrying:
    """A `Kms` that calls again with exponential backoff and full jitter.

    - Throttled calls, whatever the operation: they had no effect.
    - Lost answers of operations that may be repeated (see `repeatable`), never of any other.
    - Requests that did not arrive, once any call has been answered: an endpoint that was never there is told at once.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    def __init__(self, kms: Kms, *, clock: Clock, patience: Patience | None = None) -> None:
        self._kms = kms
        self._clock = clock
        self._patience = patience or Patience()
        self._answered = False
        self._loop = tenacity.Retrying(
            retry=self._again,
            stop=self._enough,
            wait=tenacity.wait_random_exponential(self._patience.first_wait, self._patience.longest_wait),
            sleep=clock.sleep,
            reraise=True,
        )

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """See `reconciler.kms.port.Kms`."""
        return self._loop(self._attempt, operation, parameters, self._clock.monotonic())

    def _attempt(self, operation: str, parameters: Mapping[str, Any], _started: float) -> dict[str, Any]:
        try:
            answer = self._kms(operation, parameters)
        except KmsError:
            self._answered = True
            raise
        self._answered = True
        return answer

    def _again(self, state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Unreachable):
            return self._answered
        if not isinstance(error, KmsError):
            return False
        if error.code in codes.THROTTLED:
            return True
        lost = isinstance(error, AmbiguousOutcome) or error.code in codes.LOST
        hopeful = error.code not in codes.UNNAMED or state.attempt_number < _UNNAMED_ATTEMPTS
        return lost and hopeful and repeatable(state.args[0], state.args[1])

    def _enough(self, state: tenacity.RetryCallState) -> bool:
        elapsed = self._clock.monotonic() - state.args[2]
        return state.attempt_number >= self._patience.attempts or elapsed >= self._patience.seconds


def repeatable(operation: str, parameters: Mapping[str, Any]) -> bool:
    """Whether making this call twice ends as making it once does.

    A grant with a `Name` is: KMS answers a repetition with the grant that is there.
    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
    """
    name = operation.rpartition(":")[2]
    if name == "CreateGrant":
        return bool(parameters.get("Name"))
    return name in _SETS or name.startswith(_READS)
