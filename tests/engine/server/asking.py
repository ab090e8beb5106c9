"""Asking the application without a socket."""

from __future__ import annotations

import json

from reconciler.engine.server.messages import Request


def ask(application, operation, body=b"{}", **headers):
    """What the application answers to an operation of KMS; headers are written with underscores."""
    sent = {
        "x-amz-target": f"TrentService.{operation}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return application.answer(Request("POST", "/", "", sent, body, "127.0.0.1", False))


def error_of(response):
    """The status and the code of an error, which has the form of AWS JSON."""
    told = json.loads(response.body)
    assert set(told) - {"message"} == {"__type"}
    headers = dict(response.headers)
    assert len(headers["x-amzn-requestid"]) == 36
    assert headers["x-amzn-errortype"] == told["__type"]
    assert headers["content-type"] == "application/x-amz-json-1.1"
    return response.status, told["__type"]
