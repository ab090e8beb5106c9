"""Runs the console blocks of a page, as a reader in an empty folder with a copy of `examples/` would.

Time stands still at one instant, so dates are the same in every run. Ids are drawn by chance: the n-th that a page
prints is shown as the same one in every run, and a command may name it.
"""

from __future__ import annotations

import hashlib
import io
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

from reconciler.cli.context import Context
from reconciler.cli.main import main
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import EXIT_CHANGES, EXIT_DONE
from tests.docs.pages import ROOT, Block, blocks

_ID = re.compile(r"\b(?:[0-9a-f]{64}|mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
_VARIABLE = re.compile(r"([A-Z][A-Z_]*)=(.*)")
_PROMPT = "$ "
_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_QUIET = {EXIT_DONE, EXIT_CHANGES}
"""Exit codes after which stderr holds progress alone, whose order is that of the threads."""


class Console:
    """A reader's shell: `kmsctl` with `<`, `>` and variables before it, and `echo $?`."""

    def __init__(self) -> None:
        self._clock = ManualClock(_NOW)
        self._code = 0
        self._shown: dict[str, str] = {}

    def replay(self, block: Block) -> str:
        """The text of `block` as it would be, had its commands been run now."""
        lines = []
        for line in block.text.splitlines():
            if line.startswith(_PROMPT):
                lines += [line, *self._run(line.removeprefix(_PROMPT)).splitlines()]
        return "".join(f"{line}\n" for line in lines)

    def _run(self, command: str) -> str:
        if command == "echo $?":
            return f"{self._code}\n"
        for actual, shown in self._shown.items():
            command = command.replace(shown, actual)
        for id_ in _ID.findall(command):
            self._shown.setdefault(id_, id_)
        return _ID.sub(lambda found: self._show(found[0]), self._kmsctl(shlex.split(command, comments=True)))

    def _kmsctl(self, words: list[str]) -> str:
        environ = {}
        while words and (variable := _VARIABLE.fullmatch(words[0])):
            environ[variable[1]] = variable[2]
            words = words[1:]
        assert words[:1] == ["kmsctl"], f"only kmsctl is run, and not {words}"
        source, words = _redirected(words, "<")
        sink, words = _redirected(words, ">")
        stdout, stderr = io.StringIO(), io.StringIO()
        stdin = io.BytesIO(Path(source).read_bytes() if source else b"")
        self._code = main(words[1:], Context(environ, stdin, stdout, stderr, lambda: self._clock))
        text = stdout.getvalue()
        if sink:
            Path(sink).write_text(text, encoding="utf-8")
            text = ""
        return text if self._code in _QUIET else text + stderr.getvalue()

    def _show(self, actual: str) -> str:
        return self._shown.setdefault(actual, _like(actual, len(self._shown)))


def replayed(page: Path) -> str:
    """The text of `page` with every console block as its commands print it now; the working folder is used up.

    YAML blocks with a label are files of that name.
    """
    Path("examples").symlink_to(ROOT / "examples")
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
    console, texts = Console(), []
    for block in blocks(page):
        if block.language == "yaml" and block.label:
            Path(block.label).parent.mkdir(parents=True, exist_ok=True)
            Path(block.label).write_text(block.text, encoding="utf-8")
        if block.language == "console":
            texts.append((block, console.replay(block)))
    for block, text in reversed(texts):
        lines[block.first : block.last] = [text]
    return "".join(lines)


def _redirected(words: list[str], sign: str) -> tuple[str | None, list[str]]:
    if sign not in words:
        return None, words
    at = words.index(sign)
    return words[at + 1], words[:at] + words[at + 2 :]


def _like(actual: str, number: int) -> str:
    """An id of the form of `actual` that is the same in every run."""
    digits = iter(hashlib.sha256(f"id {number}".encode()).hexdigest())
    text = actual.removeprefix("mrk-")
    prefix = actual[: len(actual) - len(text)]
    made = "".join(character if character == "-" else next(digits) for character in text)
    return prefix + (made if len(text) != 36 else f"{made[:14]}4{made[15:19]}a{made[20:]}")
