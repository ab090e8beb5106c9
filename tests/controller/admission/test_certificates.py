"""The webhook's certificate follows its files, and never fails because of them."""

from __future__ import annotations

import logging
import ssl
from datetime import timedelta

import pytest

from reconciler.controller.admission.certificates import Certificates
from reconciler.kit.errors import KmsctlError
from tests.controller.admission.authority import START, handshake, make_pair, mount, write

NAMES = pytest.mark.parametrize("name", ["kmsctl-webhook.kmsctl-system.svc", None], ids=["by name", "by address"])


@pytest.fixture(scope="module")
def pairs():
    return [make_pair() for _ in range(3)]


@pytest.fixture
def folder(tmp_path, pairs):
    mount(tmp_path, pairs[0], "v1")
    return tmp_path


@NAMES
def test_a_swapped_mount_is_used_by_the_next_handshake(folder, pairs, name):
    certificates = Certificates(folder)
    assert handshake(certificates.context, name=name)[0] == pairs[0].serial
    for number in (1, 2):
        mount(folder, pairs[number], f"v{number + 1}")
        assert handshake(certificates.context, name=name)[0] == pairs[number].serial


@NAMES
def test_files_written_one_after_the_other_never_break_a_handshake(tmp_path, pairs, name, caplog):
    write(tmp_path, pairs[0])
    certificates = Certificates(tmp_path)
    (tmp_path / "tls.crt").write_bytes(pairs[1].certificate)
    assert handshake(certificates.context, name=name)[0] == pairs[0].serial
    assert "do not belong together" in caplog.text
    (tmp_path / "tls.key").write_bytes(pairs[1].key)
    assert handshake(certificates.context, name=name)[0] == pairs[1].serial


@pytest.mark.parametrize("spoil", ["empty", "gone", "rubbish", "encrypted"])
def test_files_that_cannot_be_used_leave_the_old_certificate_in_use(tmp_path, pairs, spoil, caplog):
    write(tmp_path, pairs[0])
    certificates = Certificates(tmp_path)
    file = tmp_path / ("tls.key" if spoil == "encrypted" else "tls.crt")
    if spoil == "gone":
        file.unlink()
    else:
        file.write_bytes({"empty": b"", "rubbish": b"x" * 5000, "encrypted": pairs[0].encrypted_key}[spoil])
    for _ in range(3):
        assert handshake(certificates.context)[0] == pairs[0].serial
    assert "keeps its certificate" in caplog.text
    write(tmp_path, pairs[1])
    assert handshake(certificates.context)[0] == pairs[1].serial


def test_a_pair_that_cannot_be_used_is_told_once(tmp_path, pairs, caplog):
    write(tmp_path, pairs[0])
    certificates = Certificates(tmp_path)
    (tmp_path / "tls.key").write_bytes(b"")
    for _ in range(3):
        assert not certificates.refresh()
    assert len(caplog.records) == 1


def test_a_new_pair_is_told_with_its_expiry(folder, caplog):
    certificates = Certificates(folder)
    assert certificates.not_after == START + timedelta(days=36_500)
    assert not certificates.refresh()
    mount(folder, make_pair(days=400), "v2")
    with caplog.at_level(logging.INFO):
        assert certificates.refresh()
    assert certificates.not_after == START + timedelta(days=400)
    assert "good until 2027-02-05" in caplog.text


def test_tls_1_2_is_the_least(folder):
    context = Certificates(folder).context
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    assert handshake(context, client=client)[1] == "TLSv1.2"
    assert handshake(context)[1] == "TLSv1.3"


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ("tls.crt", "tls.crt: No such file or directory"),
        ("tls.key", "tls.key: No such file or directory"),
    ],
    ids=["certificate", "key"],
)
def test_files_that_are_not_there_are_said_to_be_missing(tmp_path, pairs, missing, why):
    write(tmp_path, pairs[0])
    (tmp_path / missing).unlink()
    with pytest.raises(KmsctlError) as caught:
        Certificates(tmp_path)
    assert caught.value.why == why
    assert "--webhook-cert-dir" in caught.value.fix


@pytest.mark.parametrize("what", ["rubbish", "another key", "an encrypted key"])
def test_a_pair_that_does_not_work_is_refused_at_the_start(tmp_path, pairs, what):
    write(tmp_path, pairs[0])
    content = {"rubbish": b"x", "another key": pairs[1].key, "an encrypted key": pairs[0].encrypted_key}[what]
    (tmp_path / "tls.key").write_bytes(content)
    with pytest.raises(KmsctlError) as caught:
        Certificates(tmp_path)
    assert "do not belong together" in caught.value.why
    assert "PRIVATE" not in f"{caught.value.what}{caught.value.why}{caught.value.fix}"
