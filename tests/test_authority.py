"""The local authority: made once, kept safely, trusted by strict clients, cheap to load."""

from __future__ import annotations

import json
import os
import ssl
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from fake_nexmo.authority import MINTED_MAX, NAMES, Authority, AuthorityError, data_folder

# Prints what a test compares: the fingerprint of the authority, and which heavy modules its loading has needed.
LOAD = """
import hashlib, sys
from pathlib import Path
from fake_nexmo.authority import Authority
authority = Authority.load(*sys.argv[2:], folder=Path(sys.argv[1]))
print(hashlib.sha256(authority.ca_file.read_bytes()).hexdigest())
print([name for name in ("trustme", "cryptography", "platformdirs") if name in sys.modules])
"""


def load_elsewhere(folder: Path, *host: str) -> subprocess.Popen[str]:
    """Load an authority in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", LOAD, folder, *host], stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> list[str]:
    with process:
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
    assert process.returncode == 0
    return lines


def shown(authority: Authority, name: str | None, trust: ssl.SSLContext | None = None) -> dict[str, Any]:
    """The certificate that a client accepts who asks for a name; the handshake runs in memory."""
    trust = trust or strict(authority)
    trust.check_hostname = name is not None
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust.wrap_bio(to_client, to_server, server_hostname=name)
    server = authority.context().wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        side = waiting.pop(0)
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(side)
    certificate: dict[str, Any] | None = client.getpeercert()
    assert certificate is not None
    return certificate


def strict(authority: Authority) -> ssl.SSLContext:
    """A client that trusts nobody but us and checks as Python 3.13 does."""
    trust = ssl.create_default_context(cafile=authority.ca_file)
    trust.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return trust


def names_in(certificate: dict[str, Any]) -> list[str]:
    return [name for _, name in certificate["subjectAltName"]]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_first_start_makes_everything_for_its_owner_only(home: Path) -> None:
    """The folder and the keys are private, and nothing half-made is left."""
    Authority.load(folder=home)

    assert mode_of(home) == 0o700
    modes = {file.name: mode_of(file) & 0o077 for file in home.iterdir() if file.name != "ca.pem"}
    assert modes == {"ca-key.pem": 0, "leaf.pem": 0}
    assert "PRIVATE" not in (home / "ca.pem").read_text()


@pytest.mark.parametrize(
    "name",
    [
        "localhost",
        "127.0.0.1",
        "::1",
        "rest.nexmo.com",
        "api-eu.vonage.com",
        "x.api.vonage.com",
        "x.idp.vonage.com",
        "REST.nexmo.com",
    ],
)
def test_strict_clients_accept_the_leaf(home: Path, name: str) -> None:
    """For all names of the service and of loopback, the one leaf is shown and passes strict checks."""
    authority = Authority.load(folder=home)

    certificate = shown(authority, name)

    expected = [*NAMES[:2], "0:0:0:0:0:0:0:1", *NAMES[3:]]
    assert sorted(names_in(certificate)) == sorted(expected)
    assert authority.covers(name)


def test_no_name_asked_for(home: Path) -> None:
    """A client without SNI is shown the leaf."""
    assert "localhost" in names_in(shown(Authority.load(folder=home), None))


def test_other_names_are_minted_up_to_a_number(home: Path) -> None:
    """Each other name gets its own certificate, once; beyond a hundred the leaf is shown."""
    authority = Authority.load(folder=home)

    first = shown(authority, "a.b.nexmo.com")
    assert names_in(first) == ["a.b.nexmo.com"]
    assert shown(authority, "A.b.nexmo.com") == first
    for number in range(MINTED_MAX - 1):
        assert names_in(shown(authority, f"n{number}.test")) == [f"n{number}.test"]

    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for 'more\.test'"):
        shown(authority, "more.test")
    assert shown(authority, "a.b.nexmo.com") == first


def test_names_that_no_certificate_can_hold_get_the_leaf(home: Path) -> None:
    """An odd name is no error; it does not count either."""
    authority = Authority.load(folder=home)
    lax = strict(authority)

    with pytest.raises(ssl.SSLCertVerificationError, match=r"not valid for 'under_score\.test'"):
        shown(authority, "under_score.test", lax)


def test_later_loads_need_no_cryptography(home: Path) -> None:
    """What is there is reused, byte for byte, by `ssl` alone."""
    first = said(load_elsewhere(home))
    before = {file: file.read_bytes() for file in home.iterdir()}

    second = said(load_elsewhere(home))

    assert first == [second[0], "['trustme', 'cryptography']"]
    assert second[1] == "[]"
    assert {file: file.read_bytes() for file in home.iterdir()} == before


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::7", "fake.test"])
def test_a_further_host_has_a_leaf_of_its_own(home: Path, host: str) -> None:
    """The leaf names the host that is listened on; leaves of other hosts stay beside it."""
    Authority.load(folder=home)
    usual = (home / "leaf.pem").read_bytes()

    authority = Authority.load(host, folder=home)

    assert authority.names == (*NAMES, host)
    assert authority.covers(host)
    shown(authority, host)
    shown(authority, "rest.nexmo.com")
    assert (home / "leaf.pem").read_bytes() == usual
    assert said(load_elsewhere(home, host))[1] == "[]"


def test_a_host_that_no_certificate_can_hold(home: Path) -> None:
    """It can be listened on all the same; the leaf covers the rest."""
    authority = Authority.load("my_host", folder=home)

    assert authority.names == NAMES
    shown(authority, "localhost")


def test_many_processes_at_once_agree(home: Path) -> None:
    """Of several first starts one authority wins, all of them use it, and no scraps remain."""
    processes = [load_elsewhere(home) for _ in range(6)]

    results = {said(process)[0] for process in processes}

    assert len(results) == 1
    assert sorted(file.name for file in home.iterdir()) == ["ca-key.pem", "ca.pem", "leaf.pem"]
    shown(Authority.load(folder=home), "rest.nexmo.com")


@pytest.mark.parametrize("change", [{"ca": "0"}, {"names": []}, {"not_after": 0}, {"not_before": 2**40}, None])
def test_a_leaf_that_does_not_fit_is_made_anew(home: Path, change: dict[str, Any] | None) -> None:
    """Another authority's, expired, not yet valid, or for too few names: replaced without a word."""
    first = Authority.load(folder=home)
    leaf = home / "leaf.pem"
    facts, _, pem = leaf.read_text().partition("\n")
    old = json.dumps(json.loads(facts) | change) if change is not None else "[]"
    leaf.write_text(f"{old}\n{pem}")

    again = Authority.load(folder=home)

    assert shown(again, "localhost", strict(first))["serialNumber"] != shown(first, "localhost")["serialNumber"]
    assert mode_of(leaf) == 0o600


@pytest.mark.parametrize("content", ["", "{}", "rubbish\n", '{"names": 1}\n'])
def test_a_damaged_leaf_is_made_anew(home: Path, content: str) -> None:
    """A leaf is nobody's treasure."""
    Authority.load(folder=home)
    (home / "leaf.pem").write_text(content)

    shown(Authority.load(folder=home), "rest.nexmo.com")


def test_a_cut_leaf_is_made_anew(home: Path) -> None:
    """Also when what it says about itself is whole."""
    Authority.load(folder=home)
    leaf = home / "leaf.pem"
    leaf.write_text(leaf.read_text()[:-200])

    shown(Authority.load(folder=home), "rest.nexmo.com")


def test_a_lost_certificate_is_written_again(home: Path) -> None:
    """The key's file holds all that matters."""
    first = Authority.load(folder=home).ca_file.read_bytes()
    (home / "ca.pem").unlink()

    assert Authority.load(folder=home).ca_file.read_bytes() == first


def test_an_expired_authority_is_made_anew(home: Path) -> None:
    """Nobody trusts it any more, so nothing is lost; its leaf goes with it."""
    first = Authority.load(folder=home).ca_file.read_text()
    pem = expired()
    (home / "ca-key.pem").write_text(pem)
    (home / "ca.pem").write_text(pem[pem.index("-----BEGIN CERT") :])

    again = Authority.load(folder=home)

    assert again.ca_file.read_text() not in (first, pem)
    shown(again, "rest.nexmo.com")
    assert mode_of(home / "ca-key.pem") == 0o600


def expired() -> str:
    """Key and certificate of an authority whose time is over."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "past")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(datetime(2001, 1, 1)).not_valid_after(datetime(2002, 1, 1))  # noqa: DTZ001
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return (secret + certificate).decode()


REMEDY = "delete ca.pem and ca-key.pem to have them made anew, and trust the new ca.pem."


def test_damaged_files_of_the_authority_are_errors(home: Path) -> None:
    """What others may trust is never replaced silently: one sentence says what, where, and what would do."""
    Authority.load(folder=home)
    public, pair = home / "ca.pem", home / "ca-key.pem"
    certificate, both = public.read_text(), pair.read_text()
    key = both.removesuffix(certificate)
    mixed = f"{pair} is damaged"
    stranger = Authority.load(folder=home / "other").ca_file.read_text()
    cases = {
        (both, "x"): f"{public} is damaged or does not belong to ca-key.pem: {REMEDY}",
        (both, stranger): f"{public} is damaged or does not belong to ca-key.pem: {REMEDY}",
        ("", certificate): f"{mixed} (no certificate in it): {REMEDY}",
        (key, certificate): f"{mixed} (no certificate in it): {REMEDY}",
        (key + stranger, certificate): f"{mixed} (key values mismatch): {REMEDY}",
    }

    for (pair_text, public_text), sentence in cases.items():
        pair.write_text(pair_text)
        public.write_text(public_text)
        with pytest.raises(AuthorityError) as refused:
            Authority.load(folder=home)
        assert str(refused.value) == sentence

    for text in (certificate, both[:40] + both[60:], key + certificate[:100] + certificate[140:]):
        pair.write_text(text)
        public.write_text(certificate)
        with pytest.raises(AuthorityError, match=r"ca-key\.pem is damaged"):
            Authority.load(folder=home)

    pair.unlink()
    with pytest.raises(AuthorityError) as refused:
        Authority.load(folder=home)
    assert str(refused.value) == (f"{public} is there but its key ca-key.pem is not: delete it to have both made anew.")


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """One sentence, with the way out."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    for folder, why in ((blocked, "File exists: file"), (blocked / "under", "Not a directory: under")):
        with pytest.raises(AuthorityError) as refused:
            Authority.load(folder=folder)
        assert str(refused.value) == (
            f"The data folder {folder} cannot be used ({why}): "
            "set FAKE_NEXMO_HOME to a folder that can be read and written."
        )


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_is_not_ours(home: Path) -> None:
    """A folder without leave to write in it."""
    home.mkdir(mode=0o500)

    with pytest.raises(AuthorityError, match="cannot be used"):
        Authority.load(folder=home)


def test_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's first, else the platform's; made when missing, private."""
    monkeypatch.setenv("FAKE_NEXMO_HOME", str(tmp_path / "a" / "b"))
    assert data_folder() == tmp_path / "a" / "b"
    assert mode_of(tmp_path / "a" / "b") == 0o700

    monkeypatch.delenv("FAKE_NEXMO_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    folder = data_folder()
    assert folder.is_relative_to(tmp_path / "user")
    assert folder.name == "fake-nexmo"
    assert mode_of(folder) == 0o700


def test_bundle(home: Path) -> None:
    """The public roots and ours in one file that `ssl` can read, written only when something changed."""
    import certifi

    authority = Authority.load(folder=home)

    bundle = authority.bundle()

    assert bundle == home / "bundle.pem"
    roots, _, ours = bundle.read_text().partition(authority.ca_file.read_text())
    assert roots.strip() == certifi.contents().strip()
    assert ours == ""
    shown(authority, "rest.nexmo.com", ssl.create_default_context(cafile=bundle))
    written = bundle.stat()
    assert authority.bundle().stat() == written
    bundle.write_text("old")
    assert authority.bundle().read_text().endswith(authority.ca_file.read_text())


def test_bundle_without_certifi(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The system's roots, from one file or from a folder of them; none at all is fine too."""
    authority = Authority.load(folder=home)
    root = Authority.load(folder=tmp_path / "root").ca_file
    hashed = tmp_path / "hashed"
    hashed.mkdir()
    (hashed / "0a1b2c3d.0").write_text(root.read_text())
    monkeypatch.setitem(sys.modules, "certifi", None)
    ours = authority.ca_file.read_text()
    both = f"{root.read_text()}\n{ours}"
    nowhere = str(tmp_path / "nowhere")

    for file, folder, expected in ((str(root), nowhere, both), (nowhere, str(hashed), both), (nowhere, nowhere, ours)):
        monkeypatch.setenv("SSL_CERT_FILE", file)
        monkeypatch.setenv("SSL_CERT_DIR", folder)
        assert authority.bundle().read_text() == expected
