"""AWS, or anything that speaks its protocols, as a `Kms`: boto3 with its own retries off.

botocore would retry CreateKey after a lost answer and so make a second key; `Retrying` knows better.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import platform
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from reconciler import __version__
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kit.printable import printable
from reconciler.kms.translate import host_of, no_region, translate
from reconciler.model.target import DEFAULT_REGION, Target

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient
    from botocore.config import Config
    from botocore.session import Session

logger = logging.getLogger(__name__)

_EMPTY_BODIES = frozenset({"0", "2"})
"""Lengths of nothing and of `{}`."""
_SERVICES = {"tagging": "resourcegroupstaggingapi", "sts": "sts", "cloudtrail": "cloudtrail", "iam": "iam"}
_AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
"""Source: https://docs.aws.amazon.com/general/latest/gr/kms.html"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CONNECT_TIMEOUT = 5
"""Seconds until an unreachable endpoint is given up."""
READ_TIMEOUT = 30
"""Seconds until an answer counts as lost."""
SESSION_NAME = "kmsctl"
"""What CloudTrail shows as the session of an assumed role."""


class AwsKms:
    """A `Kms` over boto3; clients are made when they are first needed, each once, and shared by all threads."""

    def __init__(self, session: boto3.Session, config: Config, endpoint_url: str | None) -> None:
        self._session = session
        self._config = config
        self._endpoint_url = endpoint_url
        self._clients: dict[str, BaseClient] = {}
        self._lock = threading.Lock()

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """See `reconciler.kms.port.Kms`."""
        prefix, _, name = operation.rpartition(":")
        service = _SERVICES[prefix] if prefix else "kms"
        try:
            method = self._method(service, name)
            answer: dict[str, Any] = method(**parameters)
        except (KmsError, KmsctlError):
            raise
        except Exception as error:  # noqa: BLE001  translate raises again what it does not know
            raise translate(error, operation, self._host(service)) from None
        metadata = answer.pop("ResponseMetadata", {})
        if not answer and self._should_say_something(service, name, metadata):
            raise AmbiguousOutcome("UnreadableAnswer", "the answer is not what AWS answers", operation=operation)
        return answer

    def _should_say_something(self, service: str, name: str, metadata: Mapping[str, Any]) -> bool:
        """Whether an answer with nothing in it was cut off or is another server's: botocore does not mind either."""
        model = self._client(service).meta.service_model.operation_model(name)
        has_members = model.output_shape is not None and bool(model.output_shape.members)
        return has_members and metadata.get("HTTPHeaders", {}).get("content-length") not in _EMPTY_BODIES

    def close(self) -> None:
        """Close every connection. A later call opens new ones."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    def _method(self, service: str, name: str) -> Any:
        client = self._client(service)
        if name not in client.meta.service_model.operation_names:
            raise KmsError("UnknownOperationException", "botocore does not know the operation", operation=name)
        from botocore import xform_name

        return getattr(client, xform_name(name))

    def _client(self, service: str) -> BaseClient:
        client = self._clients.get(service)
        if client is None:
            with self._lock:  # boto3 sessions are not thread-safe, clients are
                client = self._clients.get(service)
                if client is None:
                    client = self._create(service)
                    self._clients[service] = client
        return client

    def _create(self, service: str) -> BaseClient:
        create: Any = self._session.client  # the overloads of the stubs want a literal
        client: BaseClient = create(service, config=self._config, endpoint_url=self._endpoint_url)
        if not self._clients:
            _warn_of_plain_http(client.meta.endpoint_url)
        return client

    def _host(self, service: str) -> str:
        return host_of(self._endpoint_url, f"{service} in {self._session.region_name or 'no Region'}")


def _warn_of_plain_http(url: str) -> None:
    """Say that everybody on the way can read the calls; wherever the address comes from, AWS_ENDPOINT_URL included."""
    host = urlsplit(url).hostname or ""
    if urlsplit(url).scheme == "http" and not _is_this_machine(host):
        logger.warning("calls to %s are not encrypted: anybody on the way can read and answer them", printable(host))


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@dataclass(frozen=True, slots=True)
class StaticCredentials:
    """An access key that somebody hands over."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


def connect(target: Target, *, parallelism: int = 8, credentials: StaticCredentials | None = None) -> AwsKms:
    """Prepare to call `target`; nothing is sent before the first call.

    Without `credentials` they come from where every AWS SDK takes them: environment, profile, SSO, container (IRSA and
    pod identity among them), instance. With `role_arn` they are exchanged for the role's, again and again as those
    expire.

    Raises:
        KmsctlError: unknown profile, no Region, an endpoint that is no URL, or `target` names a Secret with credentials
            and nobody has read it: it is not called as whoever this machine happens to be.
    """
    import boto3

    if target.credentials is not None and credentials is None:
        raise KmsctlError(
            f"the credentials of the Target {printable(target.name)} are not at hand",
            why=f"they are in the Secret {printable(target.credentials.secret_name)}, which only the operator reads",
            fix="use a Target without `credentials`, with a profile or a role, or leave this one to the operator",
        )
    core = _core(target, credentials)
    session = _session(target, core)
    config = _config(parallelism, _user_agent(core))
    if target.role_arn:
        session = boto3.Session(botocore_session=_assume(session, target, config), region_name=session.region_name)
    return AwsKms(session, config, target.endpoint_url)


def region_of(target: Target) -> str:
    """The Region of `target`: its own, or else the bundled KMS's default, or that of the environment or AWS profile.

    Raises:
        KmsctlError: nothing names one, or the profile does not exist.
    """
    if target.region:
        return target.region
    if target.backend == "local":
        return DEFAULT_REGION
    region: str = _session(target, _core(target)).region_name
    return region


def is_aws(target: Target) -> bool:
    """Whether calls go to AWS itself, by the address; a private endpoint of AWS is AWS, a stand-in is not."""
    host = urlsplit(target.endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or "").hostname
    return host is None or host.endswith(_AWS_DOMAINS)


def _session(target: Target, core: Session) -> boto3.Session:
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        named = target.region or os.environ.get("AWS_REGION")  # which every other SDK reads, and boto3 does not
        session = boto3.Session(botocore_session=core, region_name=named)
        region = session.region_name
    except BotoCoreError as error:
        raise translate(error, "", host_of(target.endpoint_url, "AWS")) from None
    if not region:
        raise no_region()
    return session


def _core(target: Target, credentials: StaticCredentials | None = None) -> Session:
    """A botocore session of the target's profile that gives instants in UTC, not in this machine's time zone."""
    import botocore.session
    from botocore.utils import parse_timestamp

    def parse(value: Any) -> datetime:
        """KMS gives seconds; botocore's way by this machine's time zone takes most of the time that a list takes."""
        if isinstance(value, int | float):
            return _EPOCH + timedelta(seconds=value)
        return parse_timestamp(value).astimezone(UTC)

    session = botocore.session.Session(profile=target.profile)
    if credentials is not None:
        given = credentials
        session.set_credentials(given.access_key_id, given.secret_access_key, given.session_token)
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=parse)
    return session


def _user_agent(core: Session) -> str:
    """Who calls, as CloudTrail shows it; botocore adds its name. Else it would make up all of it anew, twice a call."""
    app = core.get_config_variable("user_agent_appid")
    system = f"Python/{platform.python_version()} {platform.system()}/{platform.release()}"
    return " ".join([f"kmsctl/{__version__}", system, *([f"app/{app}"] if app else [])])


def _config(parallelism: int, user_agent: str) -> Config:
    from botocore.config import Config

    return Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=max(10, 2 * parallelism),
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        user_agent=user_agent,
    )


def _assume(source: boto3.Session, target: Target, config: Config) -> Session:
    """A session whose credentials are those of the target's role, taken anew before they expire."""
    from botocore.credentials import (
        AssumeRoleCredentialFetcher,
        CredentialProvider,
        CredentialResolver,
        DeferredRefreshableCredentials,
    )

    def create_client(service: str, **keys: str) -> BaseClient:
        create: Any = source.client
        client: BaseClient = create(service, config=config, endpoint_url=target.endpoint_url, **keys)
        return client

    class Assumed(CredentialProvider):
        METHOD = "assume-role"

        def load(self) -> DeferredRefreshableCredentials:
            fetcher = AssumeRoleCredentialFetcher(
                create_client, _credentials(source), str(target.role_arn), extra_args=_role_arguments(target)
            )
            return DeferredRefreshableCredentials(fetcher.fetch_credentials, self.METHOD)

    session = _core(target)
    session.register_component("credential_provider", CredentialResolver([Assumed()]))
    return session


def _credentials(source: boto3.Session) -> Any:
    from botocore.exceptions import NoCredentialsError

    credentials = source.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    return credentials


def _role_arguments(target: Target) -> dict[str, str]:
    arguments = {"RoleSessionName": SESSION_NAME}
    if target.external_id:
        arguments["ExternalId"] = target.external_id
    return arguments
