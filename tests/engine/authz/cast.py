"""Who the tests of authorization are about."""

from __future__ import annotations

from tests.engine.authz.world import lets
from tests.support.people import MAIN, OTHER

ALICE = f"arn:aws:iam::{MAIN}:user/alice"
BOB = f"arn:aws:iam::{MAIN}:user/bob"
APP = f"arn:aws:iam::{MAIN}:role/service/app"
SESSION = f"arn:aws:sts::{MAIN}:assumed-role/app/one"
EVE = f"arn:aws:iam::{OTHER}:user/eve"
ROOT = f"arn:aws:iam::{MAIN}:root"
USE = ("kms:Encrypt", "kms:DescribeKey")
DELEGATES = lets(MAIN, "kms:*")
