"""The webhook's certificate: read again when its files change, and never given up for one that does not work.

cert-manager and the kubelet replace files of a mounted Secret by swapping a symbolic link; a person may write one
file after the other. So every new handshake looks whether the files are others than before, and a pair that cannot be
read, or does not belong together, changes nothing until it does.
"""

from __future__ import annotations

import logging
import ssl
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from reconciler.kit.errors import KmsctlError

_LOG: Final = logging.getLogger(__name__)
_Signature = tuple[tuple[int, int, int], ...]

CERTIFICATE: Final = "tls.crt"
KEY: Final = "tls.key"


class Certificates:
    """The certificate and key in one folder, as a TLS context that keeps up with them.

    Args:
        folder: holds `tls.crt` (the chain, the server's own first) and `tls.key`, both PEM, as a Secret of type
            kubernetes.io/tls does.

    Raises:
        KmsctlError: the files are not there, cannot be read, or do not belong together.
    """

    context: ssl.SSLContext
    """For the server; it may be used for as long as that runs."""

    def __init__(self, folder: Path) -> None:
        self._files = (folder / CERTIFICATE, folder / KEY)
        try:
            self._seen = self._signature()
            self._current, self._not_after = self._load()
        except (OSError, ValueError) as error:
            raise KmsctlError(
                f"the webhook's certificate in {folder} cannot be used",
                why=_why(error),
                fix=f"mount a Secret of type kubernetes.io/tls there, with {CERTIFICATE} and {KEY}, or run without "
                "--webhook-cert-dir",
            ) from None
        self.context = self._current
        self.context.sni_callback = self._choose

    @property
    def not_after(self) -> datetime:
        """When the certificate in use expires."""
        return self._not_after

    def refresh(self) -> bool:
        """Look whether the files changed; True when another pair is in use now."""
        try:
            signature = self._signature()
            if signature == self._seen:
                return False
            self._seen = signature
            self._current, self._not_after = self._load()
        except (OSError, ValueError) as error:
            _LOG.warning("the webhook keeps its certificate: the new one cannot be used: %s", _why(error))
            return False
        _LOG.info("the webhook has a new certificate, good until %s", self._not_after.isoformat())
        return True

    def _signature(self) -> _Signature:
        """What changes when a file does, behind however many symbolic links."""
        return tuple((stat.st_mtime_ns, stat.st_ino, stat.st_size) for stat in (file.stat() for file in self._files))

    def _load(self) -> tuple[ssl.SSLContext, datetime]:
        certificate, key = self._files
        context = _server_context()
        context.load_cert_chain(certificate, key, password=_no_password)
        return context, x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _: ssl.SSLContext) -> None:
        """Called in every handshake, with or without a server's name."""
        self.refresh()
        connection.context = self._current


def _server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _no_password() -> str:
    """Without this, OpenSSL would ask for one on the terminal."""
    return ""


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        return f"{Path(error.filename).name if error.filename else 'a file'}: {error.strerror}"
    return "the certificate and the key are not PEM, are encrypted, or do not belong together"
