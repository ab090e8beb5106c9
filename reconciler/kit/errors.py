"""Errors that mean something to the caller.

`KmsError` is every failure that a KMS answers with, whichever KMS it is. `KmsctlError` is every failure that a
person reads: it says what happened, why, and what to do, and carries the exit code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.kit.diagnostics import Diagnostic

EXIT_DONE = 0
"""Done, or nothing to do."""
EXIT_ERROR = 1
"""Something is wrong: the input, the account, the connection."""
EXIT_CHANGES = 2
"""Changes or drift were found (`plan --detailed-exitcode`, `drift`)."""
EXIT_REFUSED = 3
"""A guard, a lint error or an AccessTest refused, or a saved plan was not fit to apply."""

EXIT_INTERRUPTED = 130
"""Ctrl-C: 128 and the number of SIGINT, as shells count."""


class KmsError(Exception):
    """An error answered by a KMS (or by STS, tagging or CloudTrail beside it).

    `code` is AWS's name without the service prefix, e.g. `NotFoundException`, `ThrottlingException`.
    """

    def __init__(self, code: str, message: str, *, operation: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.operation = operation
        self.request_id = request_id

    def __str__(self) -> str:
        where = f" when calling {self.operation}" if self.operation else ""
        return f"{self.code}{where}: {self.message}"


class AmbiguousOutcome(KmsError):  # noqa: N818  named for what the caller must handle
    """The call may or may not have taken effect: the answer was lost, timed out or was a server fault.

    Whoever made a call that is not idempotent must look before calling again.
    """


class KmsctlError(Exception):
    """A failure told to a person: what, why, what to do.

    Args:
        what: the fault, in one sentence without a full stop at the end.
        why: what makes it a fault, or what was seen.
        fix: what the reader can do about it.
        exit_code: the process's exit code.
    """

    exit_code = EXIT_ERROR

    def __init__(self, what: str, *, why: str = "", fix: str = "", exit_code: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix
        if exit_code is not None:
            self.exit_code = exit_code


class Refused(KmsctlError):  # noqa: N818  a refusal is an answer, not an accident
    """kmsctl will not do it: a guard, a lint error, or a plan file that is stale, edited or foreign."""

    exit_code = EXIT_REFUSED


class InvalidInput(KmsctlError):  # noqa: N818  reads as what it says
    """Manifests with errors; every one of them is in `diagnostics`, in the order of the files."""

    def __init__(self, diagnostics: Sequence[Diagnostic], *, exit_code: int | None = None) -> None:
        count = len(diagnostics)
        super().__init__(f"{count} error{'s' if count != 1 else ''} in the manifests", exit_code=exit_code)
        self.diagnostics = tuple(diagnostics)
