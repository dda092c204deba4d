"""Deliveries by https: to the address that was checked, and to no host but the one named."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.services.world import ANNA, world

from connect.hooked import order, sender, states
from connect.receivers import answer, received
from manufold.model.desk import Webhook
from manufold.model.fakes import ManualClock
from manufold.services.context import Context
from manufold.services.hooks import subscribe

HOST = "hooks.example"


def certificate(folder: Path, host: str) -> Path:
    """Return a file with a key and a certificate for a host, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / f"{host}.pem"
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return path


def serving(pem: Path, seen: list[str | None]) -> ssl.SSLContext:
    """Return how a receiver talks TLS; it notes for whom it was asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _socket, name, _context: seen.append(name)
    return context


def sent(ctx: Context, port: int, trusted: Path | None) -> Webhook:
    """Make an order and deliver it to a host whose address is this machine's."""

    def here(host: str, port: int) -> list[str]:
        assert host == HOST
        return ["127.0.0.1"]

    url = f"https://{HOST}:{port}/in"
    webhook = subscribe(ctx, ANNA, url, ["OrderAccepted"], resolve=here)
    order(ctx)
    verify = None if trusted is None else ssl.create_default_context(cafile=str(trusted))
    assert sender(ctx, resolve=here, verify=verify).sweep() == 1
    return webhook


@pytest.fixture
def ctx() -> Context:
    """A simulated world, in which this machine may be reached."""
    made = world()
    made.wall = ManualClock(217_000_000)
    return made


def test_the_connection_goes_to_the_address_and_asks_for_the_host(
    ctx: Context, tmp_path: Path
) -> None:
    """We look the name up; the certificate is checked for the name, not for the number."""
    pem, seen = certificate(tmp_path, HOST), list[str | None]()
    with received(answer(200), serving(pem, seen)) as receiver:
        webhook = sent(ctx, receiver.port, pem)
    assert states(ctx, webhook) == [("delivered", 1, "HTTP 200")]
    (one,) = receiver.arrivals
    assert (one.headers["Host"], one.path) == (f"{HOST}:{receiver.port}", "/in")
    assert seen == [HOST]


def test_another_hosts_certificate_is_refused(ctx: Context, tmp_path: Path) -> None:
    """A trusted certificate of another name gets nothing, not even the first byte of a body."""
    pem = certificate(tmp_path, "other.example")
    with received(answer(200), serving(pem, [])) as receiver:
        webhook = sent(ctx, receiver.port, pem)
    assert states(ctx, webhook) == [("waiting", 1, "certificate not trusted")]
    assert receiver.arrivals == []


def test_a_certificate_that_nobody_vouches_for_is_refused(ctx: Context, tmp_path: Path) -> None:
    """The right name, signed by itself and not told to us: refused, and tried again later."""
    pem = certificate(tmp_path, HOST)
    with received(answer(200), serving(pem, [])) as receiver:
        webhook = sent(ctx, receiver.port, None)
    assert states(ctx, webhook) == [("waiting", 1, "certificate not trusted")]
    assert receiver.arrivals == []
