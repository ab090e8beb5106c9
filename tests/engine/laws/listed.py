"""Which errors an operation may answer with: those of its service model, and those that all have in common.

Source: botocore's service models; https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and
https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from reconciler.engine.wire.model import errors_of, operation_model, split_name

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


OF_MEMBERS = {"GrantTokens": "InvalidGrantTokenException", "Marker": "InvalidMarkerException"}
"""Errors about members that the model forgets: of DescribeKey's grant tokens and ListKeyPolicies' marker."""

OF_OPERATIONS = {"CreateAlias": {"NotAuthorizedException"}}
"""What AWS answers and no model lists: of a reserved alias."""


def listed(operation):
    """The codes with which `operation`, by the port's name, may fail."""
    model = operation_model(operation)
    members = model.shapes[model.input]["members"]
    forgotten = {code for name, code in OF_MEMBERS.items() if name in members}
    common = COMMON[split_name(operation)[0]] | OF_OPERATIONS.get(operation, set())
    return errors_of(operation) | common | forgotten
