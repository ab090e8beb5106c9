"""The bundled KMS behind its network server, and what is true in it."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller import people
from tests.e2e.controller.child import KMSCTL, Child
from tests.support.moto import free_port

REGION = "eu-central-1"
_CONFIG = Config(retries={"total_max_attempts": 2}, connect_timeout=5, read_timeout=20, proxies={})


class KmsServer:
    """`kmsctl local serve` with signatures and policies verified; it keeps its port and data when started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        folder.mkdir()
        identities = people.write(folder / "identities.json")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = (KMSCTL, "local", "serve", "--port", str(port), "--data", folder / "data", "--workers", "1")
        self.child = Child(
            "kms", (*command, "--identities", identities, *options), folder, {"HOME": str(folder), "PATH": "/nowhere"}
        )
        self._session = boto3.Session()
        self._clients: dict[tuple[str, ...], Any] = {}

    def start(self, *options: str) -> None:
        """Start it, with more `options` this time, and wait until it answers."""
        self.child.start(*options)
        eventually(lambda: self.child.check() and self._answers(), within=60, what="the KMS answers")

    def stop(self) -> None:
        """End it; whoever asks is refused a connection."""
        self.child.stop()

    def client(self, account: str, user: str, service: str, region: str) -> Any:
        """A boto3 client of somebody; the same one each time."""
        known = (account, user, service, region)
        if known not in self._clients:
            key, secret = people.access_key(account, user)
            self._clients[known] = self._session.client(
                service,
                endpoint_url=self.url,
                region_name=region,
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                config=_CONFIG,
            )
        return self._clients[known]

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_kmsctl/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@dataclass(frozen=True)
class Call:
    """A call that the KMS has on record."""

    name: str
    read_only: bool
    user: str


@dataclass(frozen=True)
class Account:
    """One account, seen by its admin."""

    server: KmsServer
    number: str

    def client(self, service: str = "kms", *, region: str = REGION, user: str = "admin") -> Any:
        """A boto3 client."""
        return self.server.client(self.number, user, service, region)

    @property
    def kms(self) -> Any:
        """boto3's KMS in the usual Region, as admin."""
        return self.client()

    def role(self, name: str) -> str:
        """The ARN of a role."""
        return f"arn:aws:iam::{self.number}:role/{name}"

    def key_ids(self, region: str = REGION) -> list[str]:
        """Every customer managed key, whatever its state."""
        pages = self.client(region=region).get_paginator("list_keys").paginate()
        return [key["KeyId"] for page in pages for key in page["Keys"]]

    def describe(self, key_id: str, region: str = REGION) -> dict[str, Any]:
        """DescribeKey's KeyMetadata."""
        found: dict[str, Any] = self.client(region=region).describe_key(KeyId=key_id)["KeyMetadata"]
        return found

    def tags(self, key_id: str, region: str = REGION) -> dict[str, str]:
        """A key's tags."""
        tags = self.client(region=region).list_resource_tags(KeyId=key_id)["Tags"]
        return {tag["TagKey"]: tag["TagValue"] for tag in tags}

    def aliases(self, region: str = REGION) -> dict[str, str]:
        """Every alias and the key that it points to; without AWS's own."""
        pages = self.client(region=region).get_paginator("list_aliases").paginate()
        found = (alias for page in pages for alias in page["Aliases"] if "TargetKeyId" in alias)
        return {alias["AliasName"]: alias["TargetKeyId"] for alias in found}

    def grants(self, key_id: str, region: str = REGION) -> list[dict[str, Any]]:
        """A key's grants."""
        found: list[dict[str, Any]] = self.client(region=region).list_grants(KeyId=key_id)["Grants"]
        return found

    def calls(self, user: str = "operator", region: str = REGION) -> list[Call]:
        """What `user` has called so far, the first call first. One account's, of one Region."""
        asked = {"LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": user}]}
        pages = self.client("cloudtrail", region=region).get_paginator("lookup_events").paginate(**asked)
        events = [event for page in pages for event in page["Events"]]
        return [Call(event["EventName"], event["ReadOnly"] == "true", user) for event in reversed(events)]

    def writes(self, user: str = "operator", region: str = REGION) -> list[str]:
        """The names of the calls that changed something, or were to."""
        return [call.name for call in self.calls(user, region) if not call.read_only]
