"""A world for real clients: accounts, users, roles and AWS services, and a server that knows them, with boto3 clients.

Every request is signed, by the access key of a user or of a service, or with a role's temporary credentials; every call
is decided by key policies, IAM policies and grants; and every test may read the record.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.support.serving import Served, serving

MAIN = "111122223333"
OTHER = "444455556666"
REGION = "us-east-1"
SESSION = "run"
FEW_ATTEMPTS = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 2})
PATIENCE = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 10})
"""Of who reads the record, which is throttled, too: to look is no part of what is tested."""
CAN_BE_SERVICES = (
    *("s3", "ec2", "rds", "dynamodb", "lambda", "cloudtrail", "sns", "sqs", "secretsmanager", "delivery.logs"),
)
NAMED_BY_KEY_POLICIES = (
    "documents",
    "compute",
    "database-operator",
    "event-consumer",
    "deployer",
    "checkout-function",
    "backup",
    "restore",
)
"""Roles without IAM policies, which the key policies of the examples let in."""
_ALL_OF_KMS = {"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}
_EVERYTHING = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
_NOTHING: list[Any] = []


def _trust(account: str) -> dict[str, Any]:
    who = {"AWS": f"arn:aws:iam::{account}:user/admin"}
    return {"Statement": {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}}


def _role(account: str, *policies: Any) -> dict[str, Any]:
    """A role that the account's admin may assume."""
    return {"trust": _trust(account), "policies": list(policies)}


USERS = {MAIN: {"admin": [_EVERYTHING], "bystander": _NOTHING}, OTHER: {"admin": [_EVERYTHING]}}
ROLES = {
    MAIN: {
        "operator": _role(MAIN, _EVERYTHING),
        "application": _role(MAIN, _ALL_OF_KMS),
        **{name: _role(MAIN) for name in NAMED_BY_KEY_POLICIES},
        "volumes": _role(MAIN),
        "security/log-reader": _role(MAIN),
    },
    OTHER: {"restore": _role(OTHER, _ALL_OF_KMS), "stranger": _role(OTHER)},
}


def key_id(*owner: str) -> str:
    """The access key id of a user (account, name) or a service (name)."""
    return ("AKIA" + "".join(letter for letter in "".join(owner).upper() if letter.isalnum())).ljust(20, "X")


def secret_of(identifier: str) -> str:
    """The secret of an access key id: anything, but always the same."""
    return f"secret{identifier}".ljust(40, "0")


def _access_key(*owner: str) -> list[dict[str, str]]:
    identifier = key_id(*owner)
    return [{"id": identifier, "secret": secret_of(identifier)}]


def identities() -> dict[str, Any]:
    """What the identities file says."""
    accounts = {
        account: {
            "organizationId": "o-exampleorgid",
            "users": {
                name: {"policies": policies, "accessKeys": _access_key(account, name)}
                for name, policies in users.items()
            },
            "roles": {_name(role): _with_path(role, what) for role, what in ROLES[account].items()},
        }
        for account, users in USERS.items()
    }
    services = {f"{name}.amazonaws.com": {"accessKeys": _access_key(name)} for name in CAN_BE_SERVICES}
    return {"accounts": accounts, "services": services}


def _name(role: str) -> str:
    return role.rpartition("/")[2]


def _with_path(role: str, what: dict[str, Any]) -> dict[str, Any]:
    path = role.removesuffix(_name(role))
    return what | ({"path": f"/{path}"} if path else {})


def user_arn(name: str, account: str = MAIN) -> str:
    """The ARN of a user."""
    return f"arn:aws:iam::{account}:user/{name}"


def role_arn(name: str, account: str = MAIN) -> str:
    """The ARN of a role."""
    return f"arn:aws:iam::{account}:role/{name}"


def session_arn(name: str, account: str = MAIN) -> str:
    """The ARN of the session that `World.role` has of a role."""
    return f"arn:aws:sts::{account}:assumed-role/{_name(name)}/{SESSION}"


@cache
def _boto() -> boto3.Session:
    """One session for all clients: it reads botocore's data once."""
    return boto3.Session()


@dataclass(frozen=True)
class Credentials:
    """What signs a request."""

    access_key: str
    secret: str
    token: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables that every AWS client reads."""
        found = {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret}
        return found | ({"AWS_SESSION_TOKEN": self.token} if self.token else {})


@dataclass
class World:
    """A server and who there is for it."""

    served: Served
    _clients: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    _sessions: dict[tuple[str, str], Credentials] = field(default_factory=dict)

    def user(self, name: str = "admin", service: str = "kms", *, account: str = MAIN, region: str = REGION) -> Any:
        """A client that a user's access key signs for."""
        return self._client(service, user_credentials(name, account), region)

    def role(self, name: str, service: str = "kms", *, account: str = MAIN, region: str = REGION) -> Any:
        """A client that a session of the role signs for."""
        return self._client(service, self.session(name, account), region)

    def session(self, name: str, account: str = MAIN) -> Credentials:
        """Temporary credentials of a role, which the account's admin assumes."""
        if (name, account) not in self._sessions:
            sts = self.user("admin", "sts", account=account)
            told = sts.assume_role(RoleArn=role_arn(name, account), RoleSessionName=SESSION)["Credentials"]
            self._sessions[name, account] = Credentials(
                told["AccessKeyId"], told["SecretAccessKey"], told["SessionToken"]
            )
        return self._sessions[name, account]

    def through(self, service: str, principal: str, *, region: str = REGION) -> Any:
        """A client by which an AWS service calls for `principal`, who called it: a forward access session."""
        return self._as_service(service, {"X-Kmsctl-On-Behalf-Of": principal}, region)

    def service(self, service: str, source_arn: str, *, account: str = MAIN, region: str = REGION) -> Any:
        """A client by which an AWS service calls for itself, on behalf of a resource in `account`."""
        headers = {"X-Kmsctl-Source-Arn": source_arn, "X-Kmsctl-Source-Account": account}
        return self._as_service(service, headers, region)

    def new_key(self, policy: Any = None, *, account: str = MAIN, region: str = REGION, **settings: Any) -> str:
        """The ARN of a new key whose policy lets its account's admin manage it, and `policy`'s statements besides."""
        statements = [administration(account), *(policy or [])]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        made = self.user("admin", account=account, region=region).create_key(Policy=document, **settings)
        return str(made["KeyMetadata"]["Arn"])

    def watch(self, resource: str, *, account: str = MAIN) -> Watch:
        """Look at the record of a key from now on."""
        return Watch(self, resource, account, len(self.record(resource, account=account)))

    def record(self, resource: str, event: str | None = None, *, account: str = MAIN) -> list[dict[str, Any]]:
        """CloudTrail's events about a key, as `account` sees them, oldest first."""
        trail = self.user("admin", "cloudtrail", account=account, region=resource.split(":")[3])
        pages = trail.get_paginator("lookup_events").paginate(
            LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": resource}]
        )
        found = [json.loads(one["CloudTrailEvent"]) for page in pages for one in page["Events"]]
        return [one for one in reversed(found) if event in (None, one["eventName"])]

    def _as_service(self, name: str, headers: dict[str, str], region: str) -> Any:
        identifier = key_id(name)
        client = self._client("kms", Credentials(identifier, secret_of(identifier)), region, tuple(headers.items()))
        if headers:
            client.meta.events.register(
                "before-sign.kms",
                lambda request, **_: [request.headers.add_header(*header) for header in headers.items()] and None,
                unique_id="service call",
            )
        return client

    def _client(self, service: str, who: Credentials, region: str, kind: tuple[Any, ...] = ()) -> Any:
        name = (service, who, region, kind)
        if name not in self._clients:
            config = PATIENCE if service == "cloudtrail" else FEW_ATTEMPTS
            self._clients[name] = self.client(service, who, region=region, config=config)
        return self._clients[name]

    def client(self, service: str, who: Credentials, *, region: str = REGION, config: Config | None = None) -> Any:
        """A new client; without `config`, as boto3 makes it."""
        return _boto().client(
            service,
            endpoint_url=self.served.url,
            region_name=region,
            aws_access_key_id=who.access_key,
            aws_secret_access_key=who.secret,
            aws_session_token=who.token,
            config=config,
        )


@dataclass(frozen=True)
class Watch:
    """What is recorded about a key since some moment."""

    world: World
    resource: str
    account: str
    before: int

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """CloudTrail's events, oldest first."""
        new = self.world.record(self.resource, account=self.account)[self.before :]
        return [one for one in new if name in (None, one["eventName"])]


def user_credentials(name: str = "admin", account: str = MAIN) -> Credentials:
    """A user's access key."""
    identifier = key_id(account, name)
    return Credentials(identifier, secret_of(identifier))


def administration(account: str = MAIN) -> dict[str, Any]:
    """A statement by which the admin and the operator manage a key, and nobody uses it."""
    principals = [user_arn("admin", account), *([role_arn("operator")] if account == MAIN else [])]
    manage = ["Create*", "Describe*", "Enable*", "List*", "Put*", "Update*", "Revoke*", "Disable*", "Get*", "Delete*"]
    more = ["TagResource", "UntagResource", "ScheduleKeyDeletion", "CancelKeyDeletion", "RotateKeyOnDemand"]
    return {
        "Sid": "Administration",
        "Effect": "Allow",
        "Principal": {"AWS": principals},
        "Action": [f"kms:{action}" for action in (*manage, *more)],
        "Resource": "*",
    }


def statement(principal: Any, *actions: str, **conditions: Any) -> dict[str, Any]:
    """A statement of a key policy: an ARN, or `{"Service": …}`, may do `actions` under `conditions`."""
    who = {"AWS": principal} if isinstance(principal, str) else principal
    made = {"Effect": "Allow", "Principal": who, "Action": [f"kms:{action}" for action in actions], "Resource": "*"}
    return made | ({"Condition": conditions} if conditions else {})


@contextmanager
def world(folder: Path, *options: str) -> Iterator[World]:
    """A server on any free port, for as long as the block lives."""
    file = folder / "identities.yaml"
    file.write_text(json.dumps(identities()), encoding="utf-8")
    file.chmod(0o600)
    with serving(folder / "data", "--identities", str(file), *options) as served:
        yield World(served)


def environment(who: Credentials, nowhere: Path, url: str, region: str = REGION) -> dict[str, str]:
    """The environment of a process whose AWS configuration is this alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "KMSCTL_"))}
    return {
        **kept,
        **who.environment,
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": str(nowhere / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(nowhere / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "NO_PROXY": "127.0.0.1",
    }
