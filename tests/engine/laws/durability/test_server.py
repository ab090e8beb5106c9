"""A server of two processes: what one acknowledges the other knows, and both are killed without a loss."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from reconciler.engine.engine import Engine
from reconciler.kit.errors import KmsError
from tests.engine.laws.durability.mutations import MUTATIONS, prepared
from tests.engine.laws.durability.observing import HOME, observed
from tests.support.serving import serving

ACCOUNT = "111122223333"


def caller(served, region):
    """A client of the server that is called as one of the engine is."""
    client = served.client(key=ACCOUNT, region=region)

    def call(operation, parameters):
        try:
            answer = getattr(client, xform_name(operation))(**parameters)
        except ClientError as error:
            raise KmsError(error.response["Error"]["Code"], str(error)) from None
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    return call


def seen(served):
    """By connections of its own, which the processes share out among themselves."""
    return observed(lambda region: caller(served, region))


@pytest.mark.crash
def test_every_acknowledged_write_survives_the_death_of_a_server_of_two_processes(tmp_path):
    data, copy = tmp_path / "data", tmp_path / "copy"
    with serving(data, workers=2) as served:
        kms = caller(served, HOME)
        for number, operation in enumerate(MUTATIONS):
            kms(operation, prepared(kms, operation))
            assert number % 9 or seen(served) == seen(served), operation
        shutil.copytree(data, copy)
        told = seen(served)
        assert [seen(served) for _ in range(3)] == [told] * 3, "all processes know the same"
        for process in (*workers_of(served.process.pid), served.process.pid):
            os.kill(process, signal.SIGKILL)
    for folder in (copy, data):
        with Engine.open(folder) as engine:
            assert observed(lambda region, engine=engine: engine.client(region=region)) == told
            written = {event["eventName"] for event in engine.events()}
        assert written.issuperset(MUTATIONS)


def workers_of(parent):
    told = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(number) for number in told.split()]
