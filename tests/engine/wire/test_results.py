"""Results have the shapes that the service model declares, and boto3 gives."""

from __future__ import annotations

from reconciler.engine.engine import Engine
from reconciler.engine.operations import OPERATIONS
from reconciler.engine.wire.model import operation_model
from reconciler.engine.wire.validate import _compile
from tests.engine.exercise import exercise
from tests.support.people import EVERYTHING, MAIN, people, role, user


def faults_of(operation, result):
    model, faults = operation_model(operation), []
    if model.output is None:
        return [f"{name} is not in the model" for name in result]
    # What botocore's client checks of requests, turned on answers: names, types, required members, limits, patterns.
    _compile(model.shapes, model.output)(result, "", faults)
    # AWS gives the old name of newer key specs, too, which the old name's shape does not list:
    # https://aws.amazon.com/blogs/security/how-to-create-post-quantum-signatures-using-aws-kms-and-ml-dsa/
    return [fault for fault in faults if "customerMasterKeySpec" not in fault]


def test_every_result_fits_the_model(kms, clock):
    called = set()

    def checked(operation, parameters):
        result = kms(operation, parameters)
        called.add(operation)
        assert not faults_of(operation, result), operation
        return result

    exercise(checked, clock)
    assert called == set(OPERATIONS) - {"sts:AssumeRole"}


def test_a_role_that_is_assumed_gives_credentials_that_fit_the_model(data, clock):
    trust = {"Statement": {"Effect": "Allow", "Principal": {"AWS": MAIN}, "Action": "sts:AssumeRole"}}
    who, arn = f"arn:aws:iam::{MAIN}:user/ann", f"arn:aws:iam::{MAIN}:role/app"
    identities = people(user(who, EVERYTHING), role(arn, trust=trust))
    with Engine.open(data, clock=clock, identities=identities) as engine:
        answer = engine.client(principal=who)("sts:AssumeRole", {"RoleArn": arn, "RoleSessionName": "session"})
    assert not faults_of("sts:AssumeRole", answer)
