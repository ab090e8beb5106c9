"""Nothing secret is in what is written or said: files, backups, the record, errors, what a server prints."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from contextlib import closing

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

from reconciler.engine.engine import Engine
from reconciler.engine.operations import OPERATIONS
from reconciler.kit.errors import KmsError
from tests.engine.exercise import exercise
from tests.engine.laws.secrecy.collecting import Collector, files_of, forms, leaks
from tests.engine.laws.secrecy.using import PLAINTEXT, use_secrets
from tests.support.people import MAIN, people, role, user
from tests.support.serving import KMSCTL, serving

BOSS, APP = f"arn:aws:iam::{MAIN}:user/boss", f"arn:aws:iam::{MAIN}:role/app"
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": BOSS}, "Action": "sts:AssumeRole"},
}
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def backup_of(data, to):
    """What SQLite's own backup makes of the store."""
    with closing(sqlite3.connect(data / "kms.sqlite3")) as live, closing(sqlite3.connect(to)) as copy:
        live.backup(copy)
    return to.read_bytes()


def test_no_secret_of_a_run_over_all_operations_is_in_a_file_a_backup_the_record_or_an_error(
    data, clock, tmp_path, one_wrapping_pair
):
    source = people(user(BOSS), role(APP, trust=TRUST), keys=[(KEY_ID, SECRET, BOSS)])
    with Engine.open(data, clock=clock, identities=source) as engine:
        kms, boss = Collector(engine.client()), Collector(engine.client(principal=BOSS))
        exercise(kms, clock)
        use_secrets(kms)
        credentials = boss("sts:AssumeRole", {"RoleArn": APP, "RoleSessionName": "run"})["Credentials"]
        assert kms.called | boss.called == set(OPERATIONS)
        materials = {secret.value for secret in engine._keyring._cache.values()}
        record = "\n".join(json.dumps(event) for event in engine.events())
        places = {f"live {name}": content for name, content in files_of(data).items()}
        places["backup"] = backup_of(data, tmp_path / "backup")
    places |= {"record": record.encode(), "errors": "\n".join(kms.told + boss.told).encode(), **files_of(data)}
    secrets = kms.secrets | boss.secrets | materials | {SECRET.encode(), (data / "root.key").read_bytes()}
    assert {credentials["SecretAccessKey"].encode(), PLAINTEXT} <= secrets
    assert {"live kms.sqlite3-wal", "live kms.sqlite3-shm", "kms.sqlite3", "backup"} <= places.keys()
    assert len(secrets) > 40
    assert leaks(secrets, places) == set()
    assert b"cluster-bcdefghijkl" in places["backup"], "what is no secret is found, so that secrets would be"


@pytest.mark.parametrize("around", [b"", b"a", b"ab", b"abc"])
def test_a_secret_would_be_found_in_any_form(around):
    import base64

    whole = around + PLAINTEXT + around
    for written in (whole, base64.b64encode(whole), base64.urlsafe_b64encode(whole), whole.hex().encode()):
        assert any(form in written for form in forms(PLAINTEXT))


IDENTITIES = {
    "accounts": {
        MAIN: {
            "users": {
                "boss": {
                    "policies": [{"Statement": {"Effect": "Allow", "Action": ["kms:*"], "Resource": "*"}}],
                    "accessKeys": [{"id": KEY_ID, "secret": SECRET}],
                }
            },
            "roles": {"app": {"trust": TRUST}},
        }
    }
}


def signed(served, service="kms"):
    """A signed client of the server that is called as one of the engine is."""
    client = served.client(service, key=KEY_ID, secret=SECRET)

    def call(operation, parameters):
        try:
            answer = getattr(client, xform_name(operation.rpartition(":")[2]))(**parameters)
        except ClientError as error:
            raise KmsError(error.response["Error"]["Code"], json.dumps(error.response, default=str)) from None
        except ParamValidationError as error:
            raise KmsError("ParamValidation", "not sent") from error
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    return Collector(call)


def test_no_secret_is_in_what_a_server_writes_prints_or_answers_to_mistakes(tmp_path):
    data, file = tmp_path / "data", tmp_path / "identities.yaml"
    file.write_text(json.dumps(IDENTITIES))
    file.chmod(0o600)
    with serving(data, "--identities", str(file), workers=2) as served:
        kms, sts = signed(served), signed(served, "sts")
        use_secrets(kms)
        sts("sts:AssumeRole", {"RoleArn": APP, "RoleSessionName": "run"})
        places = {f"live {name}": content for name, content in files_of(data).items()}
        environment = {**os.environ, "KMSCTL_HOME": str(data)}
        audit = subprocess.run(
            [KMSCTL, "local", "audit", "--output", "json"], env=environment, capture_output=True, check=True
        )
        assert served.stop() == 0
        printed = served.process.stdout.read() + served.process.stderr.read()
    places |= {"printed": printed.encode(), "audit": audit.stdout + audit.stderr, **files_of(data)}
    places["errors"] = "\n".join(kms.told + sts.told).encode()
    secrets = kms.secrets | sts.secrets | {SECRET.encode(), (data / "root.key").read_bytes()}
    assert len(secrets) > 20
    assert b"CreateCustomKeyStore" in places["audit"]
    assert leaks(secrets, places) == set()
