"""Lines of the log, as a collector of logs reads them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import warnings

import pytest

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.cluster.refs import ObjectRef
from reconciler.controller.logs import about, configure, reconciliation
from reconciler.controller.settings import LogFormat, LogLevel
from reconciler.kit.errors import KmsctlError, KmsError

ORDERS = ObjectRef("Key", "shop", "orders")
logger = logging.getLogger("reconciler.controller.test")


@pytest.fixture
def log():
    """Configures the process's log as asked and gives what it wrote; everything is as it was afterwards."""
    root, kopf = logging.getLogger(), logging.getLogger("kopf")
    before = root.handlers[:], root.level, kopf.handlers[:], kopf.propagate
    stream = io.StringIO()

    def start(form=LogFormat.JSON, level=LogLevel.INFO):
        configure(form, level, stream)
        return stream

    yield start
    root.handlers[:], root.level, kopf.handlers[:], kopf.propagate = before
    logging.captureWarnings(capture=False)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_how_bad_who_and_what(log):
    stream = log()
    logger.info("%d keys", 3)
    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line == {"level": "info", "logger": "reconciler.controller.test", "message": "3 keys"}


def test_a_line_is_about_the_object_that_is_worked_on(log):
    stream = log()
    with reconciliation() as id_:
        logger.info("before")
        with about(ORDERS, "u-1"):
            logger.info("in")
            with about(ObjectRef("Target", "", "prod")):
                logger.info("deeper")
    with about(ORDERS):
        logger.info("outside of any reconciliation")
    logger.info("after")
    before, inside, deeper, outside, after = lines(stream)
    assert inside["object"] == {"kind": "Key", "namespace": "shop", "name": "orders", "uid": "u-1"}
    assert deeper["object"] == {"kind": "Target", "name": "prod"}
    assert before["reconcileId"] == inside["reconcileId"] == deeper["reconcileId"] == id_
    assert "object" in outside
    assert "reconcileId" not in outside
    assert after.keys() == {"time", "level", "logger", "message"}


def test_threads_that_a_reconciliation_starts_tell_of_its_object(log):
    stream = log()

    async def story():
        with about(ORDERS):
            await asyncio.to_thread(logger.info, "from a thread")

    asyncio.run(story())
    assert lines(stream)[0]["object"]["name"] == "orders"


def test_kopfs_own_word_for_the_object_is_understood(log):
    stream = log()
    ref = {"apiVersion": "v1", "kind": "Key", "name": "orders", "uid": None, "namespace": "shop"}
    logging.getLogger("kopf.objects").warning("seen", extra={"k8s_ref": ref})
    assert lines(stream)[0]["object"] == {"kind": "Key", "namespace": "shop", "name": "orders"}


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KmsError("NotFoundException", "gone", request_id="req-1"), "NotFoundException: gone"),
        (KmsctlError("no"), "no"),
        (ApiError(409, "Conflict", "changed"), "Conflict (409): changed"),
        (ValueError("the plaintext is hunter2"), None),
    ],
    ids=["KMS", "ours", "the API", "anybody's"],
)
def test_an_error_is_told_in_full_only_when_it_is_known_what_it_says(log, error, message):
    stream = log()
    try:
        raise error
    except Exception:
        logger.exception("it failed")
    (line,) = lines(stream)
    assert line["error"].get("message") == message
    assert line["error"]["type"] == type(error).__name__
    stack = line["error"].get("stack", [""])
    assert stack[0].startswith("tests/controller/test_logs.py:") is (message is None)
    assert line.get("requestId") == getattr(error, "request_id", None)
    assert "hunter2" not in stream.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer sesame.sesame",
        "{'Authorization': 'Bearer sesame-sesame'}",
        "aws_secret_access_key=sesame/sesame",
        '{"SecretAccessKey": "sesamesesame"}',
        "X-Amz-Security-Token: sesamesesame",
        "password = sesamesesame",
        "token eyJhbGciOiJSUzI1.sesame.sesame",
    ],
)
def test_what_looks_like_credentials_is_masked(log, text):
    stream = log()
    logger.warning(text)
    assert "sesame" not in stream.getvalue()
    assert "…" in lines(stream)[0]["message"]


def test_words_about_credentials_are_not(log):
    stream = log()
    logger.info("the token of the service account was read again")
    assert lines(stream)[0]["message"] == "the token of the service account was read again"


@pytest.mark.parametrize("form", list(LogFormat))
def test_one_event_is_one_line_whatever_is_in_it(log, form):
    stream = log(form)
    logger.info("a\nfake \x1b[31mline %s", "\r\n{}")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_a_line_whose_arguments_do_not_fit_is_written_all_the_same(log):
    stream = log()
    logger.info("%d keys", "three")
    assert lines(stream)[0]["message"] == "%d keys"


def test_text_is_the_same_for_people(log):
    stream = log(LogFormat.TEXT)
    with about(ORDERS, "u-1"):
        try:
            raise KmsError("NotFoundException", "gone")
        except KmsError:
            logger.exception("it failed")
    try:
        raise ValueError("hunter2")
    except ValueError:
        logger.exception("a fault")
    logger.info("fine")
    first, second, frame, last = stream.getvalue().splitlines()
    assert "ERROR   reconciler.controller.test: it failed (Key shop orders): KmsError: NotFoundException: gone" in first
    assert second.endswith("a fault: ValueError")
    assert frame.strip().startswith("tests/controller/test_logs.py:")
    assert last.endswith("INFO    reconciler.controller.test: fine")


def test_requests_to_aws_are_not_logged_at_any_level(log):
    stream = log(level=LogLevel.DEBUG)
    logging.getLogger("botocore.auth").debug("signature %s", "x")
    logging.getLogger("urllib3.connectionpool").info("POST")
    logger.debug("ours")
    assert [line["message"] for line in lines(stream)] == ["ours"]


def test_less_than_the_level_is_not_written(log):
    stream = log(level=LogLevel.WARNING)
    logger.info("no")
    logger.warning("yes")
    assert [line["message"] for line in lines(stream)] == ["yes"]


def test_what_kopf_run_set_up_does_not_write_every_line_twice(log):
    logging.getLogger("kopf").addHandler(logging.StreamHandler(io.StringIO()))
    logging.getLogger("kopf").propagate = False
    stream = log()
    logging.getLogger("kopf.activities").info("once")
    assert len(lines(stream)) == 1


def test_warnings_of_python_are_lines_too(log):
    stream = log()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning("old", DeprecationWarning, "x.py", 1)
    assert lines(stream)[0]["logger"] == "py.warnings"
