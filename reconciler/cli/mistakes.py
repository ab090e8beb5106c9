"""What somebody probably meant who typed a command or an option that there is none of.

People come from Terraform, kubectl and the AWS CLI, and bring their words along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

_SHOW = "to list keys: `kmsctl show`"
_DESTROY = "to give up a whole stack: `kmsctl destroy`; one key: remove its manifest and `kmsctl apply --prune`"
_PLAN = "to see what would change: `kmsctl plan`"
_APPLY = "to make changes: `kmsctl apply`"
_EXPORT = (
    "to take keys over: `kmsctl export > keys.yaml`, then `kmsctl apply -f keys.yaml`; from the files of another tool: "
    "`kmsctl convert`"
)
_COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("get", "list", "ls", "describe", "state", "status"), _SHOW),
        **dict.fromkeys(("delete", "remove", "rm", "down"), _DESTROY),
        **dict.fromkeys(("diff", "preview"), _PLAN),
        **dict.fromkeys(("create", "deploy", "up", "replace", "patch"), _APPLY),
        "refresh": "to see what somebody else changed: `kmsctl drift`",
        "init": "there is nothing to initialise: `kmsctl plan -f PATH`",
        **dict.fromkeys(("adopt", "dump", "import"), _EXPORT),
        "fmt": "to check manifests: `kmsctl validate`",
    }
)
_FORMAT = "to choose a format: --output FORMAT"
_OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "-o": _FORMAT,
        "--json": "for JSON: --output json",
        "--yes": "to approve beforehand: --auto-approve",
        "--force": "there is no such switch: dangers are allowed by name, with --allow",
        "-v": "for the version: `kmsctl version`",
    }
)
_FORMATS = frozenset({"text", "json", "markdown", "html", "sarif", "junit", "github", "yaml", "wide", "name"})
"""What kubectl takes after `-o`, and kmsctl after `--output`."""


def meant_command(name: str, argv: Sequence[str], known: Sequence[str]) -> str:
    """What to do instead of `kmsctl NAME`."""
    from difflib import get_close_matches

    later = next((word for word in argv if word in known), None)
    if later is not None and argv[0].startswith("-"):
        return f"the command comes first: kmsctl {later} …"
    if name in _COMMANDS:
        return _COMMANDS[name]
    near = get_close_matches(name, known, n=1)
    return f"did you mean `kmsctl {near[0]}`?" if near else "`kmsctl --help` lists the commands"


def meant_arguments(extras: Sequence[str], options: Iterable[str], paths: Sequence[str] | None, name: str) -> str:
    """What to do about the arguments `extras` of the command `name`, none of which it knows.

    Args:
        extras: those arguments, at least one.
        options: the options that it knows.
        paths: the paths that were given with `-f`; None when it takes none.
        name: of the command.
    """
    from difflib import get_close_matches

    help_ = f"see `{f'kmsctl {name}'.strip()} --help`"
    first = extras[0].partition("=")[0]
    if first in _OPTIONS:
        return _OPTIONS[first]
    if first.startswith("-"):
        by_word = {option.lstrip("-"): option for option in options if option.startswith("--")}
        word = first.lstrip("-")
        near = [one for one in by_word if one.startswith(word)] or get_close_matches(word, by_word, n=1)
        return f"did you mean {by_word[near[0]]}?" if near else help_
    if paths is None:
        return help_
    if paths:
        return "every path needs an -f of its own; a folder of manifests needs one: -f FOLDER"
    return f"did you mean `kmsctl {name} -f {extras[0]}`?"


def meant_file(file: str) -> str:
    """What to do instead of saving a plan to `file`, where that is no name for a file; empty where it may be one."""
    if file in _FORMATS:
        return (
            f"to print the plan: --output text, json, markdown or html; to save it in a file of that name: -o ./{file}"
        )
    if file == "ut" or file.startswith("ut="):
        return "long options have two dashes: --out FILE"
    if file == "-":
        return "give it a file; to print the plan: --output json"
    return ""
