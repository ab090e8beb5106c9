"""The server as a process: it starts, it serves as it was told, it stops in good order, and it forgets nothing."""

from __future__ import annotations

import http.client
import json
import os
import resource
import select
import signal
import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reconciler.engine.engine import Engine
from reconciler.kit.clock import SystemClock
from tests.support.serving import KMSCTL, serving, start
from tests.support.signing import sign

IDENTITIES = Path(__file__).parents[3] / "examples" / "identities" / "identities.yaml"
ALICE = {"key": "AKIAIOSFODNN7EXAMPLE", "secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
DEPLOYER = {"key": "AKIAI44QH8DHBEXAMPLE", "secret": "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"}


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def identities(tmp_path):
    file = tmp_path / "identities.yaml"
    file.write_text(IDENTITIES.read_text())
    file.chmod(0o600)
    return file


def post(port, body, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", "/", body, {name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    told = response.status, response.read().decode()
    connection.close()
    return told


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="only Linux tells the limits of a process")
def test_no_process_of_it_leaves_its_memory_behind_when_it_crashes(data):
    with serving(data, workers=2) as served:
        served.client().list_keys()
        parent = served.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        limits = [Path(f"/proc/{process}/limits").read_text() for process in (parent, *children)]
    assert len(limits) >= 3
    for told in limits:
        line = next(line for line in told.splitlines() if line.startswith("Max core file size"))
        assert line.split()[4:6] == ["0", "0"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_with_exit_code_0_though_connections_are_open(data, number):
    with serving(data, workers=2) as served:
        kms = served.client()
        kms.list_keys()
        assert served.stop(number) == 0
        assert served.process.stderr.read() == ""


def test_requests_in_flight_are_finished(data):
    with serving(data) as served:
        connection = socket.create_connection(("127.0.0.1", served.port), timeout=20)
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: TrentService.CreateKey\r\nContent-Length: 2\r\n\r\n{"
        )
        served.client().list_keys()  # by now the request above has come, too
        served.process.send_signal(signal.SIGTERM)
        connection.sendall(b"}")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 OK")
        connection.close()
        assert served.process.wait(20) == 0


def test_what_was_acknowledged_survives_a_restart_and_a_kill(data):
    with serving(data, workers=2) as served:
        kms = served.client()
        first = kms.create_key()["KeyMetadata"]["KeyId"]
        sealed = kms.encrypt(KeyId=first, Plaintext=b"x")["CiphertextBlob"]
        assert served.stop() == 0
    with serving(data, workers=2) as served:
        kms = served.client()
        second = kms.create_key()["KeyMetadata"]["KeyId"]
        for worker in workers_of(served.process.pid):
            os.kill(worker, signal.SIGKILL)
        served.process.kill()
    with serving(data) as served:
        kms = served.client()
        assert {key["KeyId"] for key in kms.list_keys()["Keys"]} == {first, second}
        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"


def workers_of(parent):
    told = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(number) for number in told.split()]


def test_the_record_is_written_when_no_more_calls_come(data):
    with serving(data) as served:
        served.client().generate_random(NumberOfBytes=8)
        events = subprocess.Popen(
            [KMSCTL, "local", "audit", "--follow", "--event", "GenerateRandom", "--output", "json"],
            env={**os.environ, "KMSCTL_HOME": str(data)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert '"eventName":"GenerateRandom"' in events.stdout.readline()
        events.terminate()
        events.communicate()


def test_all_processes_are_empty_after_a_reset(data):
    with serving(data, "--allow-reset", workers=2) as served:
        clients = [served.client() for _ in range(8)]
        for client in clients:
            client.create_key()
        urllib.request.urlopen(f"{served.url}/_kmsctl/reset", data=b"").close()
        assert [client.list_keys()["Keys"] for client in clients] == [[]] * 8
        key = clients[0].create_key()["KeyMetadata"]["KeyId"]
        assert {client.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] for client in clients} == {key}


def test_a_worker_that_is_killed_is_replaced(data):
    with serving(data) as served:
        key = served.client().create_key()["KeyMetadata"]["KeyId"]
        (worker,) = workers_of(served.process.pid)
        os.kill(worker, signal.SIGKILL)
        for _ in range(200):
            try:
                found = served.client().describe_key(KeyId=key)
            except Exception:
                SystemClock().sleep(0.05)
            else:
                break
        assert found["KeyMetadata"]["KeyId"] == key


def ends(process):
    """A descriptor that can be read once `process` has ended, whoever is its parent by then."""
    return os.pidfd_open(process)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux ends the children of a process that was killed")
def test_the_workers_end_with_a_parent_that_is_killed_and_write_what_waits(data):
    with serving(data, workers=2) as served:
        client = served.client()  # its connection stays open
        client.generate_random(NumberOfBytes=8)
        workers = [ends(worker) for worker in workers_of(served.process.pid)]
        served.process.kill()
        for worker in workers:
            assert select.select([worker], [], [], 20)[0]
            os.close(worker)
    with Engine.open(data) as engine:
        assert [event["eventName"] for event in engine.events()] == ["GenerateRandom"]


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_a_record_that_cannot_be_written_is_told_without_another_call(data):
    with serving(data) as served:
        (worker,) = workers_of(served.process.pid)
        unlimited = resource.prlimit(worker, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        served.client().generate_random(NumberOfBytes=8)
        said = served.process.stderr.readline()
        assert said.startswith("error: the audit record cannot be written: ")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{served.url}/_kmsctl/health")
        told = json.load(refused.value)
        assert (refused.value.code, told["status"]) == (503, "unhealthy")
        assert told["reason"].startswith("the audit record cannot be written: ")
        assert str(data) not in told["reason"]
        resource.prlimit(worker, resource.RLIMIT_FSIZE, unlimited)
        assert served.process.stderr.readline() == "the audit record is written again\n"
        with urllib.request.urlopen(f"{served.url}/_kmsctl/health") as answer:
            assert json.load(answer)["status"] == "ready"


def test_a_second_server_on_the_port_is_refused(data, tmp_path):
    with serving(data) as served:
        command = [KMSCTL, "local", "serve", "--port", str(served.port), "--data", tmp_path / "other"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 1
        assert f"cannot listen on 127.0.0.1, port {served.port}" in done.stderr


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kmsctl")])
    now = SystemClock().now().astimezone(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"


def test_it_serves_https_with_a_given_certificate(data, tmp_path):
    cert, key = certificate(tmp_path)
    with serving(data, "--tls-cert", str(cert), "--tls-key", str(key), "--host", "localhost") as served:
        assert served.url.startswith("https://localhost:")
        kms = served.client(verify=str(cert))
        assert kms.create_key()["KeyMetadata"]["KeyState"] == "Enabled"
        with pytest.raises(ssl.SSLError), socket.create_connection(("localhost", served.port)) as plain:
            ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")


def test_with_identities_every_request_is_signed(data, identities):
    with serving(data, "--identities", str(identities), workers=2) as served:
        alice = served.client("sts", **ALICE).get_caller_identity()
        assert alice["Arn"] == "arn:aws:iam::111122223333:user/platform/alice"
        key = served.client(**ALICE).create_key(Tags=[{"TagKey": "team", "TagValue": "orders"}])["KeyMetadata"]["Arn"]
        with pytest.raises(ClientError, match="UnrecognizedClientException"):
            served.client().list_keys()
        with pytest.raises(ClientError, match="AccessDeniedException"):
            served.client(**DEPLOYER).describe_key(KeyId=key)
        role = served.client("sts", **DEPLOYER).assume_role(
            RoleArn="arn:aws:iam::111122223333:role/orders", RoleSessionName="run", ExternalId="orders-prod"
        )
        assert role["Credentials"]["Expiration"] > SystemClock().now()
        assumed = {
            "key": role["Credentials"]["AccessKeyId"],
            "secret": role["Credentials"]["SecretAccessKey"],
            "token": role["Credentials"]["SessionToken"],
        }
        sealed = served.client(**assumed).encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        assert served.client(**assumed).decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
        with pytest.raises(ClientError, match="AccessDeniedException"):
            served.client(**assumed).disable_key(KeyId=key)
        with pytest.raises(ClientError, match="UnrecognizedClientException"):
            served.client(**{**assumed, "token": "x" + assumed["token"][1:]}).list_keys()


def signed(port, body=b"{}"):
    headers = {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": "application/x-amz-json-1.1"}
    now = int(SystemClock().now().timestamp())
    made = sign(headers=headers, body=body, at=now)
    return {name.replace("-", "_"): value for name, value in made.items()}


def test_a_replayed_request_is_refused_by_every_process_and_after_a_restart(data, identities):
    with serving(data, "--identities", str(identities), workers=2) as served:
        headers = signed(served.port)
        assert post(served.port, b"{}", **headers)[0] == 200
        for _ in range(8):
            status, told = post(served.port, b"{}", **headers)
            assert (status, "already used" in told) == (400, True)
    with serving(data, "--identities", str(identities)) as served:
        assert "already used" in post(served.port, b"{}", **headers)[1]


def test_a_changed_identities_file_counts_and_a_broken_one_is_told(data, identities):
    with serving(data, "--identities", str(identities)) as served:
        assert served.client(**ALICE).list_keys()["Keys"] == []
        identities.write_text(identities.read_text().replace(ALICE["secret"], "x" * 40))
        refused = None
        for _ in range(100):
            try:
                served.client(**ALICE).list_keys()
            except ClientError as error:
                refused = error.response["Error"]["Code"]
                break
            SystemClock().sleep(0.05)
        assert refused == "InvalidSignatureException"
        identities.write_text("accounts: [")
        said = []
        reader = threading.Thread(target=lambda: said.append(served.process.stderr.readline()))
        reader.start()
        for _ in range(100):
            served.client(key=ALICE["key"], secret="x" * 40).list_keys()
            if said:
                break
            SystemClock().sleep(0.05)
        reader.join(10)
        assert "error:" in said[0]
        assert "x" * 40 not in said[0]


def test_a_first_answer_takes_no_time_worth_mentioning(data):
    started = datetime.now(UTC)  # noqa: TID251  the real time it takes is the question
    with serving(data) as served:
        urllib.request.urlopen(f"{served.url}/_kmsctl/health").close()
        took = datetime.now(UTC) - started  # noqa: TID251
    assert took < timedelta(seconds=10), "the aim is one second; this only notices the absurd"


def test_it_can_be_stopped_while_it_starts(data):
    process = start(data)
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
