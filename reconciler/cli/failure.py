"""What a failed run tells a person, and its exit code."""

from __future__ import annotations

import contextlib
import traceback

from reconciler.cli.colour import wants_colour
from reconciler.cli.context import Context
from reconciler.kit.errors import EXIT_ERROR, EXIT_INTERRUPTED, AmbiguousOutcome, InvalidInput, KmsctlError, KmsError
from reconciler.kit.printable import printable
from reconciler.report.style import Style

_TRACE_LIMIT = 2_000


def tell(error: BaseException, context: Context, *, debug: bool, colour: bool) -> int:
    """Write `error` to stderr and return the exit code. Never raises: there is nobody left to tell."""
    with contextlib.suppress(OSError):
        if debug:
            context.stderr.write(_traced(error))
        style = Style(colour=colour and wants_colour(context.stderr, context.environ))
        context.stderr.write(_text(error, style))
        context.stderr.flush()
    if isinstance(error, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    return error.exit_code if isinstance(error, KmsctlError) else EXIT_ERROR


def _traced(error: BaseException) -> str:
    """The traceback; messages in it repeat what strangers wrote."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "".join(f"{printable(line, limit=_TRACE_LIMIT)}\n" for line in lines)


def _text(error: BaseException, style: Style) -> str:
    from reconciler.cli.quotes import sources_of
    from reconciler.report.text.diagnostics import render, render_error

    if isinstance(error, InvalidInput):
        sources = sources_of(diagnostic.position for diagnostic in error.diagnostics)
        return render(error.diagnostics, style, sources=sources)
    return render_error(_told(error), style)


def _told(error: BaseException) -> KmsctlError:
    """What, why, what to do."""
    match error:
        case KmsctlError():
            return error
        case AmbiguousOutcome():
            return KmsctlError(str(error), why="no answer came, or one that is not AWS's", fix=_ENDPOINT)
        case KmsError():
            why, fix = _ADVICE.get(error.code, ("", ""))
            return KmsctlError(str(error), why=why, fix=fix)
        case KeyboardInterrupt():
            return KmsctlError("interrupted")
        case MemoryError():
            return KmsctlError("out of memory")
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return KmsctlError(f"{where}{error.strerror or error}")
        case ModuleNotFoundError(name=str(name)) if name.partition(".")[0] != "reconciler":
            return KmsctlError(
                f"the Python module {name} is missing",
                why="kmsctl was installed before it was needed, or without it",
                fix="install kmsctl again (`make install` in a checkout)",
            )
        case _:
            # Its message is not shown: of an error that nobody expected, nobody knows what it holds.
            return KmsctlError(
                f"this is a bug in kmsctl ({type(error).__name__})",
                why="nothing that you type should bring this about",
                fix="run the command again with --debug and report what it prints",
            )


_ENDPOINT = "check that the endpoint speaks AWS's API, and the network, and run the command again"
_ADVICE = {
    "AccessDeniedException": (
        "the caller lacks a permission, in its IAM policy or in the key's policy",
        "`kmsctl permissions` prints what plan and apply need",
    ),
    "ThrottlingException": ("the account's quota is used up", "try again, with a lower --parallelism"),
    "LimitExceededException": ("a quota of the account is used up", "ask AWS for more, or delete what is not needed"),
}
"""Why, and what to do, for the codes that people meet."""
