"""What botocore raises, as what the port promises.

Nothing of the original text survives where it could carry a secret: signature errors quote the signed request with
its session token, parameter errors quote the parameters, connection errors quote a URL that may hold a password.
For the same reason no translated error keeps the original as its cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kit.printable import printable
from reconciler.kms import codes

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_LOOK = "check the endpoint URL, the Region, the network and the proxy settings (HTTPS_PROXY, NO_PROXY)"
_SIGN_IN = (
    "sign in again (aws sso login, aws login), or point the target's profile, AWS_PROFILE or the AWS_* variables at "
    "credentials that work"
)


class Unreachable(KmsctlError):  # noqa: N818  a state of the world, met before anything happened
    """The request never arrived, so calling again is always safe."""


class CredentialsUnavailable(KmsctlError):  # noqa: N818  as above
    """No source of credentials has any at present; the sources of a pod may not be up yet."""


class CredentialsRefused(KmsctlError):  # noqa: N818  as above
    """There are credentials, and AWS does not accept them, or does not let them assume the role."""


def translate(error: Exception, operation: str, where: str) -> KmsError | KmsctlError:
    """`error`, raised by botocore while calling `operation`, as one of the port's errors.

    `where` is the host that was called, for people: it holds no user name or password (see `host_of`).
    """
    from botocore import exceptions as boto
    from botocore.parsers import ResponseParserError

    match error:
        case boto.ClientError() if error.operation_name != operation.rpartition(":")[2]:
            return _not_our_call(error, where)
        case boto.ClientError():
            return _answered(error, operation)
        case boto.ParamValidationError():
            return KmsError("ValidationException", "the parameters do not fit the operation", operation=operation)
        case boto.SSLError() if "certificate" in str(error).lower():
            return _untrusted(where)
        case boto.ConnectionError() | boto.HTTPClientError() | boto.IncompleteReadError() | ResponseParserError():
            return _lost_or_unsent(error, operation, where)
        case boto.BotoCoreError() | ValueError() | EOFError():
            return _no_way_to_ask(error, where)
        case KeyError():  # botocore looks for the root of AWS's XML in that of somebody else
            return AmbiguousOutcome("UnreadableAnswer", "the answer is not what AWS answers", operation=operation)
        case _:
            raise error


def host_of(url: str | None, default: str) -> str:
    """The host and port of an endpoint's URL, without any credentials in it."""
    if not url:
        return default
    try:
        parts = urlsplit(url)
        return f"{parts.hostname or default}:{parts.port}" if parts.port else parts.hostname or default
    except ValueError:
        return default


def _answered(error: ClientError, operation: str) -> KmsError | KmsctlError:
    code = _code(error)
    details = error.response.get("Error", {})
    metadata = error.response.get("ResponseMetadata", {})
    message, request_id = details.get("Message", ""), metadata.get("RequestId", "")
    if code.isdecimal():
        message = "the answer is a web page, not AWS's"  # botocore takes the page for the message
    if code in codes.EXPIRED or code in codes.UNRECOGNISED:
        return _bad_credentials(code)
    if code not in codes.THROTTLED and (code in codes.LOST or metadata.get("HTTPStatusCode", 0) >= 500):
        return AmbiguousOutcome(code, message, operation=operation, request_id=request_id)
    return KmsError(code, message, operation=operation, request_id=request_id)


def _not_our_call(error: ClientError, where: str) -> KmsError | KmsctlError:
    """Getting credentials took a call of its own, which failed; ours was not sent."""
    code = _code(error)
    if code in codes.THROTTLED:
        return KmsError(code, "too many requests for credentials", operation=f"sts:{error.operation_name}")
    if code in codes.LOST or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        return Unreachable(f"no credentials for {where}", why=f"{error.operation_name} answered {code}", fix=_LOOK)
    if code in codes.EXPIRED or code in codes.UNRECOGNISED:
        return _bad_credentials(code)
    return CredentialsRefused(
        f"cannot get credentials for {where}",
        why=f"{error.operation_name} answered {code}",
        fix="check roleArn and externalId of the target, and that the role's trust policy lets the caller assume it",
    )


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "") or "UnknownError"


def _bad_credentials(code: str) -> CredentialsRefused:
    if code in codes.EXPIRED:
        return CredentialsRefused("the AWS credentials have expired", why=code, fix=_SIGN_IN)
    return CredentialsRefused(
        "AWS does not accept the credentials", why=code, fix=f"{_SIGN_IN}; check this machine's clock as well"
    )


def _untrusted(where: str) -> KmsctlError:
    return KmsctlError(
        f"cannot trust {where}",
        why="its TLS certificate does not verify",
        fix="set AWS_CA_BUNDLE to the certificate authority of the endpoint, or correct the endpoint URL",
    )


def _lost_or_unsent(error: Exception, operation: str, where: str) -> KmsError | KmsctlError:
    from botocore import exceptions as boto

    unsent = boto.EndpointConnectionError | boto.ConnectTimeoutError | boto.ProxyConnectionError
    if isinstance(error, unsent):
        return Unreachable(f"cannot reach {where}", why=_REASONS.get(type(error).__name__, ""), fix=_LOOK)
    return AmbiguousOutcome(type(error).__name__, f"the answer of {where} was lost", operation=operation)


_REASONS = {
    "EndpointConnectionError": "the name does not resolve or the connection is refused",
    "ConnectTimeoutError": "it does not answer in time",
    "ProxyConnectionError": "the proxy does not answer",
}


def _no_way_to_ask(error: Exception, where: str) -> KmsctlError:
    from botocore import exceptions as boto

    match error:
        case boto.NoCredentialsError():
            why = "no source of the AWS SDK has any"
            return CredentialsUnavailable("there are no AWS credentials", why=why, fix=_SIGN_IN)
        case boto.ProfileNotFound():
            return KmsctlError(
                f"there is no AWS profile {printable(str(error.kwargs.get('profile')))!r}",
                why="the AWS configuration files do not define it",
                fix="correct profile in the target, --profile or AWS_PROFILE; aws configure list-profiles shows them",
            )
        case EOFError():
            return CredentialsUnavailable(
                "the AWS profile asks for an MFA code",
                why="there is no terminal to type it into",
                fix="run it on a terminal, or sign in first and use a profile that needs no code",
            )
        case boto.SSOTokenLoadError() | boto.UnauthorizedSSOTokenError() | boto.TokenRetrievalError():
            why = f"nobody is signed in, or no longer ({type(error).__name__})"
            return CredentialsUnavailable("cannot get AWS credentials", why=why, fix=_SIGN_IN)
        case boto.ConfigParseError():
            return KmsctlError("the AWS configuration file cannot be read", why="it is not valid", fix="correct it")
        case boto.UnknownEndpointError() | boto.InvalidRegionError() | boto.EndpointProviderError() | ValueError():
            return KmsctlError(f"{where} is no usable endpoint", why=type(error).__name__, fix=_LOOK)
        case _ if isinstance(error, _credential_errors()):
            return CredentialsUnavailable("cannot get AWS credentials", why=type(error).__name__, fix=_SIGN_IN)
        case _:
            fix = f"check the AWS_* variables and the AWS configuration file; {_LOOK}"
            return KmsctlError(f"cannot prepare a call to {where}", why=type(error).__name__, fix=fix)


def _credential_errors() -> tuple[type[Exception], ...]:
    from botocore import exceptions as boto

    return (
        boto.CredentialRetrievalError,
        boto.LoginError,
        boto.MetadataRetrievalError,
        boto.MissingDependencyException,
        boto.NoAuthTokenError,
        boto.PartialCredentialsError,
        boto.RefreshWithMFAUnsupportedError,
        boto.SSOError,
        boto.TokenRetrievalError,
        boto.UnknownCredentialError,
    )


def no_region() -> KmsctlError:
    """Nothing says which Region is meant."""
    return KmsctlError(
        "no AWS Region is given",
        why="neither the target, --region, AWS_REGION, AWS_DEFAULT_REGION nor the profile names one",
        fix="add region to the target or pass --region",
    )
