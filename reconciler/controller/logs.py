"""What the operator writes to its log: one line an event, as JSON or as text, of everything in the process.

A line says which object and which reconciliation it is about (`about`), and which request of AWS's failed. Of an error
that nobody expected it tells the class and the place, never the text: nobody knows what that holds.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, TextIO, assert_never

import orjson

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.settings import LogFormat, LogLevel
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kit.printable import printable

if TYPE_CHECKING:
    from reconciler.controller.cluster.refs import ObjectRef

_MESSAGE_LIMIT: Final = 8_192
_FRAMES: Final = 20
_QUIET: Final = ("aiohttp.access", "asyncio", "boto3", "botocore", "kopf.objects", "urllib3")
"""Loggers that tell of every request, botocore with its signature and its answer, and of everything that a watch shows;
their warnings are told."""
_SECRETS: Final = re.compile(
    r"(?P<before>\b(?:Bearer|Basic)\s+|(?:authorization|password|secret[\w-]*|[\w-]*token)[\"']?\s*[:=]\s*[\"']?)"
    r"(?!Bearer\s|Basic\s)[^\s\"',;}]{6,}"
    r"|\beyJ[\w-]{8,}\.[\w.-]+",
    re.IGNORECASE,
)
"""What looks like credentials, wherever it comes from. The last line of defence: nothing of ours logs any."""


@dataclass(frozen=True, slots=True)
class _About:
    reconcile_id: str
    object: Mapping[str, str] | None = None


_ABOUT: ContextVar[_About | None] = ContextVar("about", default=None)


@contextmanager
def reconciliation() -> Iterator[str]:
    """Lines of this task, and of what runs in a copy of its context, are of one reconciliation. Gives its id."""
    with _telling(_About(secrets.token_hex(8))) as now:
        yield now.reconcile_id


@contextmanager
def about(ref: ObjectRef, uid: str = "") -> Iterator[None]:
    """Lines of this task, and of what runs in a copy of its context, are about this object."""
    outer = _ABOUT.get()
    named = {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name, "uid": uid}
    with _telling(_About(outer.reconcile_id if outer else "", {key: value for key, value in named.items() if value})):
        yield


@contextmanager
def _telling(what: _About) -> Iterator[_About]:
    token = _ABOUT.set(what)
    try:
        yield what
    finally:
        _ABOUT.reset(token)


def configure(form: LogFormat, level: LogLevel, stream: TextIO | None = None) -> None:
    """Have everything that logs in this process write lines of this form to `stream` (default: standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(form))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.name)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    kopf = logging.getLogger("kopf")  # `kopf run` gave it a handler of its own
    kopf.handlers.clear()
    kopf.propagate = True
    logging.captureWarnings(capture=True)


def _formatter(form: LogFormat) -> logging.Formatter:
    match form:
        case LogFormat.JSON:
            return JsonFormatter()
        case LogFormat.TEXT:
            return TextFormatter()
        case _:
            assert_never(form)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and where there are any object, reconcileId, error."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        return orjson.dumps(_line(record)).decode()


class TextFormatter(logging.Formatter):
    """The same for people: `12:00:00.000 INFO reconciler.x: what happened (Key shop/orders)`."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        line = _line(record)
        text = f"{line['time']} {record.levelname:<7} {record.name}: {line['message']}"
        if "object" in line:
            text += f" ({' '.join(filter(None, (line['object'].get(key) for key in ('kind', 'namespace', 'name'))))})"
        if "error" in line:
            text += f": {': '.join(filter(None, (line['error']['type'], line['error'].get('message'))))}"
            text += "".join(f"\n    {frame}" for frame in line["error"].get("stack", ()))
        return text


def _line(record: logging.LogRecord) -> dict[str, Any]:
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _clean(_message(record)),
    }
    now = _ABOUT.get()
    if now is not None and now.reconcile_id:
        line["reconcileId"] = now.reconcile_id
    if now is not None and now.object:
        line["object"] = now.object
    elif isinstance(ref := getattr(record, "k8s_ref", None), Mapping):  # kopf's own way to say it
        line["object"] = {key: str(ref[key]) for key in ("kind", "namespace", "name", "uid") if ref.get(key)}
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        line["error"] = _error(error)
    if isinstance(error, KmsError) and error.request_id:
        line["requestId"] = _clean(error.request_id)
    return line


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)  # its arguments do not fit it; half a line is better than none


def _error(error: BaseException) -> dict[str, Any]:
    """What somebody answered, or where in the program it came about."""
    told: dict[str, Any] = {"type": type(error).__name__}
    if isinstance(error, KmsError | KmsctlError | ApiError):
        return told | {"message": _clean(str(error))}
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    told["stack"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return told


def _short(path: str) -> str:
    """Where in which package, not where that is installed."""
    return "/".join(PurePath(path).parts[-3:])


def _clean(text: str) -> str:
    return _SECRETS.sub(lambda found: f"{found['before'] or ''}…", printable(text, limit=_MESSAGE_LIMIT))
