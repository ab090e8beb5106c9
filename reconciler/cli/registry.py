"""The commands, in the order in which help lists them. A new one is a new file and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser


class Command(NamedTuple):
    """What help says of a command without importing it."""

    name: str
    summary: str


class CommandModule(Protocol):
    """A module of `reconciler.cli.commands`."""

    USAGE: str
    """What follows the command's name in its usage line."""
    DESCRIPTION: str
    EXAMPLES: str

    def add_arguments(self, parser: Parser) -> None:
        """Declare the command's own arguments."""
        ...

    def run(self, args: Namespace, context: Context) -> int:
        """Do it, and return the exit code."""
        ...


COMMANDS = (
    Command("validate", "check manifests without asking any KMS"),
    Command("lint", "look for what is dangerous, without effect or too weak"),
    Command("plan", "show what apply would change, and why"),
    Command("apply", "make the KMS what the manifests say"),
    Command("drift", "report where the KMS no longer is what the manifests say"),
    Command("show", "list the keys of the stack and their state"),
    Command("export", "print manifests of keys that are there, to adopt them"),
    Command("convert", "print manifests for what other tools declare, to adopt it"),
    Command("destroy", "give up the whole stack, as each key's deletion policy says"),
    Command("graph", "draw keys, aliases and grants"),
    Command("access", "say who may do what with a key, and why"),
    Command("permissions", "print the IAM policy that plan and apply need"),
    Command("cost", "estimate what the keys cost a month"),
    Command("local", "work with the bundled KMS"),
    Command("operator", "declare keys in a Kubernetes cluster"),
    Command("completion", "print a completion script for your shell"),
    Command("version", "print the version"),
)


def load(name: str) -> CommandModule:
    """The module of command `name`; only the command that runs is ever imported."""
    from importlib import import_module

    return cast("CommandModule", import_module(f"reconciler.cli.commands.{name}"))
