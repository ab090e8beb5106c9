"""How the operator is run: flags over KMSCTL_* variables over defaults, checked once, at the start.

`OPTIONS` is the one list of them: the command declares its flags from it, and `kopf run` has the variables alone.
Knows neither kopf nor aiohttp, so that the command's help needs neither.
"""

from __future__ import annotations

import enum
import re
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from reconciler.kit.errors import KmsctlError
from reconciler.kit.printable import printable

PREFIX: Final = "KMSCTL_"
SERVICE_ACCOUNT_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_LABEL: Final = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
"""RFC 1123: the name of a namespace."""
_SUBDOMAIN: Final = rf"{_LABEL}(\.{_LABEL})*"
_LEAST_INTERVAL: Final = timedelta(seconds=1)
_LONGEST_INTERVAL: Final = timedelta(days=1)
MAX_WORKERS: Final = 32
MAX_BATCH: Final = 256


class LogFormat(enum.StrEnum):
    """What a line of the log looks like."""

    JSON = "json"
    TEXT = "text"


class LogLevel(enum.StrEnum):
    """What is worth a line."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class WebhookLint(enum.StrEnum):
    """What the webhook makes of an object in which lint finds an error."""

    DENY = "deny"
    WARN = "warn"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen."""

    host: str | None
    """An address; None for all of the machine's."""
    port: int
    """0 takes any free one."""

    def __str__(self) -> str:
        host = f"[{self.host}]" if self.host and ":" in self.host else self.host or ""
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Option:
    """One setting."""

    name: str
    """The field of `Settings`; the flag and the variable are spelled after it."""
    metavar: str
    help: str
    parse: Callable[[str], Any]
    """From text; raises ValueError with what is wrong, after the text itself."""
    default: str | None = None
    """As text; None where it depends on where the operator runs, or must be said."""

    @property
    def flag(self) -> str:
        """`--drift-interval`."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """`KMSCTL_DRIFT_INTERVAL`."""
        return f"{PREFIX}{self.name.upper()}"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, each as `OPTIONS` describes it."""

    cluster_name: str
    target: str
    namespaces: tuple[str, ...]
    """Empty: all."""
    drift_interval: timedelta
    workers: int
    batch: int
    leader_elect: bool
    lease_name: str
    listen: Listen
    webhook_listen: Listen
    webhook_cert_dir: Path | None
    """None: no webhook."""
    webhook_lint: WebhookLint
    log_format: LogFormat
    log_level: LogLevel
    operator_namespace: str
    """Where the lease and the Secrets of Targets are."""
    identity: str
    """Of this process and no other, not even of its successor in the same pod."""

    @classmethod
    def from_environment(cls, variables: Mapping[str, str], flags: Mapping[str, str | None] | None = None) -> Settings:
        """The settings of a process.

        Args:
            variables: of the environment.
            flags: by the name of the option, as text; None for what was not given.

        Raises:
            KmsctlError: one is missing, or is not what it must be. Names the flag or the variable.
        """
        values = {option.name: _value(option, variables, (flags or {}).get(option.name)) for option in OPTIONS}
        if values["operator_namespace"] is None:
            values["operator_namespace"] = _own_namespace(variables)
        return cls(**values, identity=_identity(variables))

    def stack(self, namespace: str) -> str:
        """The stack of what is declared in `namespace`."""
        return f"{self.cluster_name}.{namespace}"


def _value(option: Option, variables: Mapping[str, str], flag: str | None) -> Any:
    """What is given on the command line, in the environment, or by default; an empty variable is not set."""
    where, text = option.flag, flag
    if text is None and variables.get(option.variable):
        where, text = option.variable, variables[option.variable]
    if text is None:
        text = option.default
    if text is None:
        return _missing(option)
    try:
        return option.parse(text)
    except ValueError as error:
        what = f"{where}: {printable(text)!r} {error}"
        raise KmsctlError(what, fix="see `kmsctl operator run --help`") from None


def _missing(option: Option) -> None:
    if option.name == "cluster_name":
        raise KmsctlError(
            "the cluster has no name",
            why="keys are tagged with it, so that two clusters never take each other's keys for their own",
            fix=f"set {option.flag} or {option.variable}, and never change it: eu-prod, for example",
        )


def _own_namespace(variables: Mapping[str, str]) -> str:
    """Where the pod is; where there is none, the namespace that kubectl would take."""
    namespace = variables.get("POD_NAMESPACE", "").strip()
    if not namespace and SERVICE_ACCOUNT_NAMESPACE.is_file():
        namespace = SERVICE_ACCOUNT_NAMESPACE.read_text("utf-8").strip()
    return namespace or "default"


def _identity(variables: Mapping[str, str]) -> str:
    return f"{variables.get('POD_NAME') or socket.gethostname()}_{secrets.token_hex(4)}"


def _matching(pattern: str, longest: int, what: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if len(text) > longest or not re.fullmatch(pattern, text):
            raise ValueError(what)
        return text

    return parse


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"is no number from {least} to {most}")
        return int(text)

    return parse


def _namespaces(text: str) -> tuple[str, ...]:
    names = tuple(sorted({name.strip() for name in text.split(",") if name.strip()}))
    for name in names:
        if not re.fullmatch(_LABEL, name):
            raise ValueError(f"names {printable(name, limit=80)!r}, which is no namespace")
    return names


def _interval(text: str) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,6})(s|m|h)", text)
    if found is None:
        raise ValueError("is no time; one is 30s, 10m or 1h")
    interval = int(found[1]) * {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}[found[2]]
    if not _LEAST_INTERVAL <= interval <= _LONGEST_INTERVAL:
        raise ValueError("is not between 1s and 24h")
    return interval


def _truth(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError("is neither true nor false")
    return text == "true"


def _listen(text: str) -> Listen:
    host, colon, port = text.rpartition(":")
    if not colon or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65_535:
        raise ValueError("is no address to listen at; one is :8080 or 127.0.0.1:8080")
    host = host.removeprefix("[").removesuffix("]")
    if not re.fullmatch(r"[A-Za-z0-9.:-]*", host):
        raise ValueError("is no address to listen at; one is :8080 or 127.0.0.1:8080")
    return Listen(host or None, int(port))


def _choice(kind: type[enum.StrEnum]) -> Callable[[str], enum.StrEnum]:
    def parse(text: str) -> enum.StrEnum:
        try:
            return kind(text.lower())
        except ValueError:
            raise ValueError(f"is none of {', '.join(kind)}") from None

    return parse


_subdomain = _matching(_SUBDOMAIN, 253, "is no name of an object in Kubernetes")

OPTIONS: Final = (
    Option(
        "cluster_name",
        "NAME",
        "what the cluster is called in the tags of its keys; it must stay the same, and be another one in every "
        "cluster that shares an account (needed)",
        _matching(_LABEL, 63, "is no name of a cluster: at most 63 lower-case letters, digits and dashes"),
    ),
    Option("target", "NAME", "the Target of objects that name none", _subdomain, "default"),
    Option("namespaces", "LIST", "serve these namespaces, with commas between them (default: all)", _namespaces, ""),
    Option("drift_interval", "TIME", "how often every target is compared with what is declared", _interval, "10m"),
    Option("workers", "N", "batches that are worked on at once", _number(1, MAX_WORKERS), "8"),
    Option("batch", "N", "most objects in a batch", _number(1, MAX_BATCH), "64"),
    Option("leader_elect", "BOOL", "work only while holding the lease", _truth, "true"),
    Option("lease_name", "NAME", "what the lease is called", _subdomain, "kmsctl-operator"),
    Option(
        "operator_namespace",
        "NAME",
        "where the lease and the Secrets of Targets are (default: $POD_NAMESPACE, or that of the service account)",
        _matching(_LABEL, 63, "is no namespace"),
    ),
    Option("listen", "ADDRESS", "where probes and metrics are served", _listen, ":8080"),
    Option("webhook_listen", "ADDRESS", "where the webhook is served", _listen, ":9443"),
    Option(
        "webhook_cert_dir", "DIR", "serve the webhook with tls.crt and tls.key of this folder (default: none)", Path
    ),
    Option(
        "webhook_lint",
        "WHAT",
        "what the webhook makes of an object in which lint finds an error: deny, warn, or off to look at none",
        _choice(WebhookLint),
        "deny",
    ),
    Option("log_format", "FORMAT", "json or text", _choice(LogFormat), "json"),
    Option("log_level", "LEVEL", "debug, info, warning or error", _choice(LogLevel), "info"),
)
"""Every setting, in the order in which help lists them."""
