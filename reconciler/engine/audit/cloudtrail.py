"""From the row that is kept to CloudTrail's event record.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html and
https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from reconciler.engine.audit.across import shared_id
from reconciler.engine.caller import account_identity, user_identity
from reconciler.engine.crypto.specs import SYMMETRIC_DEFAULT
from reconciler.engine.errors import ACCESS_DENIED
from reconciler.engine.instants import to_datetime, to_text
from reconciler.engine.store.events import Event
from reconciler.kit.arn import Arn

EVENT_VERSION: Final = "1.11"
_ADDRESS: Final = "127.0.0.1"
_INTERNAL: Final = "AWS Internal"
_KMS: Final = "kms.amazonaws.com"
_DENIED: Final = "AccessDenied"
_DELETE_KEY: Final = "DeleteKey"
_SAYS_ITS_ALGORITHM: Final = frozenset({"Decrypt", "Encrypt"})
"""Operations whose events name the algorithm even when the request did not
(https://docs.aws.amazon.com/kms/latest/developerguide/ct-decrypt.html and ct-encrypt.html)."""


def record(event: Event) -> dict[str, Any]:
    """The event as CloudTrail delivers it; JSON has everything in it."""
    shown: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": _identity(event),
        "eventTime": to_text(event.time),
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": event.region,
        "sourceIPAddress": event.invoked_by or event.source_ip or (_ADDRESS if event.principal else _INTERNAL),
        "userAgent": event.invoked_by or event.user_agent or _INTERNAL,
    }
    if event.error_code is not None:
        shown["errorCode"] = _error_code(event)
        shown["errorMessage"] = event.error_message
    shown |= _called(event) if event.principal else _done_by_kms(event)
    return shown | {
        "eventID": event.event_id,
        "readOnly": event.read_only,
        "resources": [_resource(arn) for arn in event.resources],
        "eventType": "AwsApiCall" if event.principal else "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": event.account,
        "eventCategory": "Management",
    }


def lookup_entry(event: Event) -> dict[str, Any]:
    """The event as LookupEvents lists it, with the whole record as JSON text in `CloudTrailEvent`."""
    shown = record(event)
    return {
        "EventId": event.event_id,
        "EventName": shown["eventName"],
        "ReadOnly": str(event.read_only).lower(),
        "EventTime": to_datetime(event.time),
        "EventSource": shown["eventSource"],
        "Username": event.user,
        "Resources": [
            {"ResourceType": resource["type"], "ResourceName": resource["ARN"]} for resource in shown["resources"]
        ],
        "CloudTrailEvent": json.dumps(shown),
    }


def _error_code(event: Event) -> str | None:
    """The error's code; CloudTrail has a shorter one than KMS for what KMS denies, with KMS's own message.

    AWS's pages have no example; an event as it was delivered is in
    https://github.com/aws-samples/baseline-environment-on-aws/pull/51.
    """
    denied = event.source == _KMS and event.error_code == ACCESS_DENIED
    return _DENIED if denied else event.error_code


def _called(event: Event) -> dict[str, Any]:
    """What only events of calls have."""
    shown: dict[str, Any] = {"requestParameters": _parameters(event), "responseElements": event.response}
    if event.additional is not None:
        shown["additionalEventData"] = event.additional
    shared = shared_id(event.principal, event.resources, event.request_id, event.error_code)
    if shared is not None:
        shown["sharedEventID"] = shared
    return shown | {"requestID": event.request_id}


def _done_by_kms(event: Event) -> dict[str, Any]:
    """What events of KMS's own have, which nobody requested: ct-rotatekey.html, ct-delete-key.html and others."""
    key = event.resources[0]
    answered = {"keyId": key} if event.name == _DELETE_KEY else None
    shown: dict[str, Any] = {"requestParameters": None, "responseElements": answered}
    if event.response is not None:
        shown["serviceEventDetails"] = {**event.response, "keyId": key.partition("/")[2]}
    return shown


def _identity(event: Event) -> dict[str, Any]:
    if event.principal is None:
        return {"accountId": event.account, "invokedBy": _INTERNAL}
    caller = Arn.parse(event.principal)
    if caller is not None and caller.account != event.account:
        identity = account_identity(caller)
    else:
        identity = user_identity(event.principal)
        if event.access_key is not None:
            identity["accessKeyId"] = event.access_key
        if event.session is not None:
            identity["sessionContext"] = identity.get("sessionContext", {}) | _session(event.session)
    if event.invoked_by is not None:
        identity["invokedBy"] = event.invoked_by
    return identity


def _session(session: Mapping[str, Any]) -> dict[str, Any]:
    """What CloudTrail's sessionContext says of temporary credentials, besides who issued them."""
    known = {"creationDate": to_text(session["issued"]), "mfaAuthenticated": str(session["mfa"]).lower()}
    source = session.get("source_identity")
    return {"attributes": known, **({"sourceIdentity": source} if source else {})}


def _parameters(event: Event) -> Any:
    if event.name in _SAYS_ITS_ALGORITHM and event.parameters and "omitted" not in event.parameters:
        return {"encryptionAlgorithm": SYMMETRIC_DEFAULT, **event.parameters}
    return event.parameters


def _resource(arn: str) -> dict[str, str]:
    parsed = Arn.parse(arn)
    kind = "Alias" if parsed and parsed.resource.startswith("alias/") else "Key"
    return {"accountId": parsed.account if parsed else "", "type": f"AWS::KMS::{kind}", "ARN": arn}
