"""Principals that KMS does not know: not yet, or not at all.

IAM is eventually consistent too. A role made a moment ago, by the same pipeline perhaps, is unknown to KMS for some
seconds, and KMS gives the same answer for a name with a typing error.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html (Policy) and
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.apply.site import Site
from reconciler.apply.wait import TICK, Pause, Pausing
from reconciler.apply.wire import Request
from reconciler.kit.errors import KmsctlError, KmsError


class UnknownPrincipal(KmsctlError):  # noqa: N818  the name says what went wrong
    """KMS knows no principal of that name, now."""


PRINCIPAL_WINDOW = 60.0
"""Seconds for which an unknown principal may be one that is not visible yet."""

_FIRST_PAUSE = 2.0
_CAUSES = (
    "One of three: the principal was made a moment ago and KMS does not see it yet (apply again in a minute); its ARN "
    "has a typing error or it was deleted (compare it with IAM); it is a service-linked role that the account does not "
    "have yet (aws iam create-service-linked-role makes it)."
)


def send_once_principals_are_seen(
    site: Site, request: Request, send: Callable[[Request], dict[str, Any]] | None = None
) -> Pausing[dict[str, Any]]:
    """Make the call, and again while KMS does not know a principal in it; by `send`, or as the site sends.

    That is for `PRINCIPAL_WINDOW`, or for the site's patience if that is less. The refused calls had no effect, so
    repeating them is safe whatever they do.

    Raises:
        UnknownPrincipal: the principal stayed unknown; the three causes are told.
        KmsError: any other refusal, at once.
    """
    end = site.clock.monotonic() + min(PRINCIPAL_WINDOW, site.patience)
    pause = _FIRST_PAUSE
    while True:
        try:
            return (send or site.send)(request)
        except KmsError as error:
            if not _unknown_principal(request.operation, error):
                raise
            left = end - site.clock.monotonic()
            if left < TICK or (yield Pause(min(pause, left), "KMS does not know a principal yet")):
                raise UnknownPrincipal("KMS does not know a principal", why=str(error), fix=_CAUSES) from error
        pause *= 2


def _unknown_principal(operation: str, error: KmsError) -> bool:
    if error.code == "MalformedPolicyDocumentException":
        return "invalid principal" in error.message.lower()
    return operation == "CreateGrant" and error.code == "InvalidArnException" and "principal" in error.message.lower()
