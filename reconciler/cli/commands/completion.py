"""`kmsctl completion`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "SHELL"
DESCRIPTION = """\
Print a script that completes commands, options and file names in your shell."""
EXAMPLES = """\
  kmsctl completion bash > ~/.local/share/bash-completion/completions/kmsctl
  kmsctl completion zsh > ~/.zfunc/_kmsctl
  kmsctl completion fish > ~/.config/fish/completions/kmsctl.fish"""
_SHELLS = ("bash", "zsh", "fish", "tcsh")


def add_arguments(parser: Parser) -> None:
    """The shell."""
    parser.add_argument("shell", metavar="SHELL", choices=_SHELLS, help="one of " + ", ".join(_SHELLS))


def run(args: Namespace, context: Context) -> int:
    """Print the script."""
    import shtab

    from reconciler.cli.commandline import build

    context.stdout.write(shtab.complete(build(everything=True), shell=args.shell) + "\n")
    return EXIT_DONE
