"""The question before changes are made."""

from __future__ import annotations

from reconciler.cli.context import Context
from reconciler.kit.errors import KmsctlError


def confirm(question: str, context: Context) -> bool:
    """Ask on the terminal; only `yes` is yes.

    Raises:
        KmsctlError: there is nobody to ask.
    """
    if not context.interactive:
        raise KmsctlError(
            "nobody is there to ask, and nothing was changed",
            why="standard input or standard error is no terminal",
            fix="run the command again with --auto-approve (-y) if it is meant",
        )
    context.stdout.flush()
    answer = b""
    try:
        context.stderr.write(f"\n{question} Only `yes` is accepted: ")
        context.stderr.flush()
        answer = context.stdin.readline()
    finally:
        if not answer.endswith(b"\n"):  # Ctrl-D, or Ctrl-C
            context.stderr.write("\n")
    return answer.strip() == b"yes"
