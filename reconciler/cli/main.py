"""The entry point: one command line in, one exit code out, and no traceback for people."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from reconciler.cli.commandline import parse
from reconciler.cli.context import Context, of_process
from reconciler.cli.parser import HelpAsked
from reconciler.kit.errors import EXIT_DONE, EXIT_ERROR, EXIT_INTERRUPTED

_COLLECT = 100_000, 50, 100
"""A run builds large values without cycles and ends; walking them again and again costs a fifth of its time."""


def entry_point() -> int:
    """Run the process's command line; what `kmsctl` calls."""
    gc.set_threshold(*_COLLECT)
    context = of_process()
    code = main(sys.argv[1:], context)
    _silence_exit(context)
    if code == EXIT_INTERRUPTED:
        os._exit(code)  # threads that still wait for an answer would be waited for
    return code


def main(argv: Sequence[str], context: Context) -> int:
    """Run one command line and return its exit code."""
    try:
        code = _run(argv, context)
        context.stdout.flush()
    except BrokenPipeError:
        return EXIT_ERROR  # whoever read the output has seen enough
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  here ends every error's way
        from reconciler.cli.failure import tell

        return tell(error, context, debug="--debug" in argv, colour="--no-color" not in argv)
    return code


def _run(argv: Sequence[str], context: Context) -> int:
    try:
        command, args = parse(argv)
        return command.run(args, context)
    except HelpAsked as asked:
        context.stdout.write(asked.text)
        return EXIT_DONE


def _silence_exit(context: Context) -> None:
    """Python flushes the streams at exit and complains when that fails; all that can be said has been said."""
    for stream in (context.stdout, context.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
