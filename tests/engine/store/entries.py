"""Entries of the record."""

from __future__ import annotations

from reconciler.engine.caller import Caller
from reconciler.engine.store.segments import Entry

ALICE = Caller("111122223333", "us-east-1", "aws", "arn:aws:iam::111122223333:user/alice", access_key="AKIAEXAMPLE")
BOB = Caller("444455556666", "eu-west-1", "aws", "arn:aws:iam::444455556666:user/bob")


def entry(time, name="Encrypt", who=ALICE, resources=("arn:a",), **fields):
    given = {"parameters": None, "response": None, "error": None, "request_id": None, "used": (), "read_only": True}
    return Entry(time=time, who=who, name=name, resources=resources, **{**given, **fields})
