"""Which errors an operation may answer with: those of its service model, and those that all have in common.

Source: botocore's service models; https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and
https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from functools import cache

from botocore.loaders import Loader

from reconciler.engine.wire.model import SERVICES, split_name

COMMON = {
    "kms": {"AccessDeniedException", "ValidationException"},
    "sts": {"AccessDenied", "ValidationError"},
    "tagging": {"AccessDeniedException"},
    "cloudtrail": {"AccessDeniedException", "ValidationException"},
}
SIGNING = {
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
}
"""What a request that is not signed as it should be is answered with."""


@cache
def _model(service):
    return Loader().load_service_model(SERVICES[service].model, "service-2")


@cache
def listed(operation):
    """The codes with which `operation`, by the port's name, may fail."""
    prefix, name = split_name(operation)
    model = _model(prefix)
    shapes = [error["shape"] for error in model["operations"][name].get("errors", ())]
    codes = {model["shapes"][shape].get("error", {}).get("code", shape) for shape in shapes}
    return frozenset(codes | COMMON[prefix])
