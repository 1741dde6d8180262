"""The local certificate authority, and the user's data folder that it lives in.

Clients of the emulator speak TLS to names that belong to somebody else. They may do so because on its first start the
emulator makes an authority of its own, which those clients are told to trust, and a certificate for all the names
that it answers for. Three files hold this:

``ca-key.pem``
    the authority's key *and* certificate. One file, because one file can be put in place in one step: of two
    processes that start at once, one wins and both go on with what won.
``ca.pem``
    the certificate alone, for others to trust. It is written again from ``ca-key.pem`` when it is missing.
``leaf.pem``
    key and certificate that the server shows. A line of JSON above them (readers of PEM skip it) says what they cover,
    who signed them and how long they are good for, so that a start needs nothing but ``ssl`` to judge them. A host
    beyond the usual names has a file of its own, ``leaf-….pem``; servers on different hosts share the folder.

Making certificates needs trustme and cryptography, which take longer to import than all the rest of a start; they are
imported only when something is really made.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import ssl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import trustme

logger = logging.getLogger(__name__)

HOME_VARIABLE: Final = "FAKE_NEXMO_HOME"

#: What the leaf always names. A wildcard stands for one label, hence the two deeper ones.
NAMES: Final = (
    "localhost",
    "127.0.0.1",
    "::1",
    "*.nexmo.com",
    "*.vonage.com",
    "*.api.vonage.com",
    "*.idp.vonage.com",
)

#: So many certificates are minted for other names; whoever asks for one more is shown the leaf.
MINTED_MAX: Final = 100

_DAY_S: Final = 86_400
# Some clients refuse certificates that are good for more than 398 days in all.
_BEFORE_S: Final = 30 * _DAY_S
_AFTER_S: Final = 365 * _DAY_S
# A leaf this close to its end is replaced at the start already: it should outlive the run.
_SPARE_S: Final = 14 * _DAY_S

_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)


class AuthorityError(Exception):
    """The authority cannot be used: one sentence with what is wrong, where, and what would do."""


def data_folder() -> Path:
    """The folder for what outlives a run; made, for its owner only, when it is not there.

    It is ``$FAKE_NEXMO_HOME``, else the platform's place for a user's data.

    Raises:
        AuthorityError: It cannot be made.
    """
    given = os.environ.get(HOME_VARIABLE)
    if given:
        return _made(Path(given).expanduser())
    import platformdirs

    return _made(platformdirs.user_data_path("fake-nexmo", appauthor=False))


class Authority:
    """Certificates for the server: the leaf on disk, and others minted for names that it does not cover."""

    def __init__(self, folder: Path, ca_pem: str, names: tuple[str, ...], context: ssl.SSLContext) -> None:
        self.folder: Final = folder
        #: The certificate that clients must trust.
        self.ca_file: Final = folder / "ca.pem"
        #: What the leaf covers, wildcards as such.
        self.names: Final = names
        self._ca_pem = ca_pem
        self._names = frozenset(names)
        self._maker: trustme.CA | None = None
        self._minted: dict[str, ssl.SSLContext] = {}
        self._context = context
        self._context.sni_callback = self._choose

    @classmethod
    def load(cls, host: str = "127.0.0.1", *, folder: Path | None = None) -> Authority:
        """Load the authority and its leaf, or make what is missing, has expired or does not fit.

        Args:
            host: The name or IP address that the server listens on; the leaf names it too.
            folder: Where the files are; the user's data folder when absent.

        Raises:
            AuthorityError: The folder cannot be written, or the authority's files are damaged. A damaged leaf is no
                error, it is made anew.
        """
        place = data_folder() if folder is None else _made(folder)
        try:
            ca_pem = _load_ca(place)
            names = _wanted(host)
            leaf = place / _leaf_name(names)
            context = _load_leaf(leaf, ca_pem, names)
            for _ in range(_LEAF_TRIES):
                if context is not None:
                    break
                # OpenSSL opens the file once for the certificate and once for the key. When another process puts its
                # leaf in place between the two, they do not belong together, and the leaf is read again.
                names = _make_leaf(leaf, ca_pem, names)
                context = _load_leaf(leaf, ca_pem, names)
        except OSError as error:
            raise _trouble(place, error) from error
        if context is None:
            raise AuthorityError(f"{leaf} was made and cannot be read back: delete the folder's leaf*.pem files.")
        return cls(place, ca_pem, names, context)

    def context(self) -> ssl.SSLContext:
        """The TLS context to accept connections with; it picks or mints the certificate for the name asked for."""
        return self._context

    def covers(self, name: str) -> bool:
        """Whether the leaf is good for a host name or IP address."""
        name = name.lower()
        return name in self._names or f"*.{name.partition('.')[2]}" in self._names

    def bundle(self) -> Path:
        """Write the public roots and our certificate into one file, for programs that take only one.

        The roots are certifi's when it is installed, else the system's.

        Raises:
            AuthorityError: The file cannot be written, or the roots cannot be read.
        """
        try:
            return _write_bundle(self.folder / "bundle.pem", self._ca_pem)
        except (OSError, UnicodeDecodeError) as error:
            raise _trouble(self.folder, error) from error

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        """Put the certificate for a name (SNI) in place; the leaf stays where none is named or none can be made."""
        if name is None or self.covers(name):
            return
        name = name.lower()
        minted = self._minted.get(name)
        if minted is None:
            if len(self._minted) >= MINTED_MAX:
                return
            try:
                minted = self._mint(name)
            except (ValueError, OSError) as error:
                # Not a name that a certificate can hold. The client will judge whether the leaf does.
                logger.debug("no certificate for %r: %s", name, error)
                return
            self._minted[name] = minted
        connection.context = minted

    def _mint(self, name: str) -> ssl.SSLContext:
        if self._maker is None:
            self._maker = _maker(self.folder, self._ca_pem)
        context = _bare_context()
        _issue(self._maker, (name,), int(time.time())).configure_cert(context)
        return context


def trust_files(ca_pem: str) -> tuple[Path, Path]:
    """The files that have programs trust a server: its authority's certificate, and the bundle of it and the roots.

    They are those of the data folder when the authority there is the server's; else files of that authority's own
    below it, in ``servers``.

    Raises:
        ValueError: this is no certificate.
        AuthorityError: the files cannot be written, or the public roots cannot be read.
    """
    found = _CERTIFICATE.search(ca_pem)
    if found is None:
        raise ValueError("there is no certificate in it")
    mark = _fingerprint(found[0])[:16]
    folder = data_folder()
    own, bundle = folder / "ca.pem", folder / "bundle.pem"
    try:
        if not own.exists() or own.read_bytes() != ca_pem.encode():
            place = _made(folder / "servers")
            own, bundle = place / f"{mark}-ca.pem", place / f"{mark}-bundle.pem"
            if not own.exists() or own.read_bytes() != found[0].encode():
                _write(own, found[0], mode=0o644)
        return own, _write_bundle(bundle, found[0])
    except (OSError, UnicodeDecodeError) as error:
        raise _trouble(folder, error) from error


# Reading what is there.


_LEAF_TRIES: Final = 20


def _load_ca(folder: Path) -> str:
    """The authority's certificate as PEM; made first where there is none, or only an expired one."""
    pair, public = folder / "ca-key.pem", folder / "ca.pem"
    if not pair.exists():
        # The pair is always put in place before the certificate: alone, the latter was left or copied here.
        if public.exists() and not pair.exists():
            raise AuthorityError(f"{public} is there but its key {pair.name} is not: delete it to have both made anew.")
        _write(pair, _new_ca(), mode=0o600, keep=True)
    ca_pem, not_after = _read_ca(pair)
    if not_after <= time.time():
        public.unlink(missing_ok=True)
        _write(pair, _new_ca(), mode=0o600)
        ca_pem, _ = _read_ca(pair)
    if not public.exists():
        _write(public, ca_pem, mode=0o644)
    elif public.read_bytes() != ca_pem.encode("ascii"):
        raise AuthorityError(f"{public} is damaged or does not belong to {pair.name}: {_DELETE_BOTH}")
    return ca_pem


_DELETE_BOTH: Final = "delete ca.pem and ca-key.pem to have them made anew, and trust the new ca.pem."


def _read_ca(pair: Path) -> tuple[str, int]:
    """The certificate in a file of key and certificate, and its end in seconds since the epoch."""
    found = _CERTIFICATE.search(pair.read_bytes().decode("ascii", "replace"))
    if found is None:
        raise AuthorityError(f"{pair} is damaged (no certificate in it): {_DELETE_BOTH}")
    try:
        # This also finds out whether key and certificate belong together.
        _bare_context().load_cert_chain(pair, password=_no_password)
        reader = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        reader.load_verify_locations(cadata=found[0])
        (facts,) = reader.get_ca_certs()
        return found[0], int(ssl.cert_time_to_seconds(str(facts["notAfter"])))
    except (ValueError, ssl.SSLError) as error:
        raise AuthorityError(f"{pair} is damaged ({_why(error)}): {_DELETE_BOTH}") from error


def _load_leaf(leaf: Path, ca_pem: str, names: tuple[str, ...]) -> ssl.SSLContext | None:
    """A context that shows the leaf; nothing unless it is this authority's, names all, and will not expire soon."""
    try:
        with leaf.open("rb") as file:
            facts = json.loads(file.readline(10_000))
        if facts["ca"] != _fingerprint(ca_pem) or not set(names) <= set(facts["names"]):
            return None
        if not facts["not_before"] <= time.time() < facts["not_after"] - _SPARE_S:
            return None
        context = _bare_context()
        context.load_cert_chain(leaf, password=_no_password)
    except (FileNotFoundError, ssl.SSLError, ValueError, KeyError, TypeError):
        return None
    return context


def _wanted(host: str) -> tuple[str, ...]:
    """The names for the leaf: the usual ones, and the host when it is none of them."""
    name = host.strip("[]").partition("%")[0].lower()
    return NAMES if not name or name in NAMES else (*NAMES, name)


def _leaf_name(names: tuple[str, ...]) -> str:
    if names == NAMES:
        return "leaf.pem"
    return f"leaf-{hashlib.sha256(names[-1].encode()).hexdigest()[:16]}.pem"


def _fingerprint(ca_pem: str) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(ca_pem)).hexdigest()


# Contexts.


def _bare_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _no_password() -> str:
    """Keep OpenSSL from asking for a password at the terminal when somebody put an encrypted key here."""
    return ""


# Making what is not.


def _new_ca() -> str:
    import trustme

    ca = trustme.CA(
        path_length=0,
        organization_name="fake-nexmo",
        # Trust stores tell authorities apart by name, so each one made has its own.
        organization_unit_name=f"local test authority {os.urandom(4).hex()}",
    )
    return (ca.private_key_pem.bytes() + ca.cert_pem.bytes()).decode("ascii")


def _make_leaf(leaf: Path, ca_pem: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Make the leaf's file; returns the names that it really covers."""
    now = int(time.time())
    maker = _maker(leaf.parent, ca_pem)
    try:
        made = _issue(maker, names, now)
    except ValueError:
        # A host name that a certificate cannot hold (`my_host`) is left out; TLS to the other names still works.
        names = NAMES
        made = _issue(maker, names, now)
    facts = {
        "names": names,
        "ca": _fingerprint(ca_pem),
        "not_before": now - _BEFORE_S,
        "not_after": now + _AFTER_S,
    }
    pem = made.private_key_and_cert_chain_pem.bytes().decode("ascii")
    # Whose leaf it is does not matter: the same file name stands for the same names. At a first start the first stays.
    _write(leaf, f"{json.dumps(facts)}\n{pem}", mode=0o600, keep=not leaf.exists())
    return names


def _maker(folder: Path, ca_pem: str) -> trustme.CA:
    import trustme

    return trustme.CA.from_pem(ca_pem.encode("ascii"), (folder / "ca-key.pem").read_bytes())


def _issue(maker: trustme.CA, names: tuple[str, ...], now: int) -> trustme.LeafCert:
    from datetime import UTC, datetime

    return maker.issue_cert(
        *names,
        organization_name="fake-nexmo",
        organization_unit_name="local test server",
        not_before=datetime.fromtimestamp(now - _BEFORE_S, UTC),
        not_after=datetime.fromtimestamp(now + _AFTER_S, UTC),
    )


def _public_roots() -> str:
    """The roots that this machine trusts anyway, as PEM; nothing when there are none."""
    try:
        import certifi
    except ImportError:
        paths = ssl.get_default_verify_paths()
        # `capath` is a folder of one file per root, each linked under its hash.
        files = sorted(Path(paths.capath).glob("*.0")) if paths.capath else []
        files = [Path(paths.cafile)] if paths.cafile else files
        return "".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
    return certifi.contents()


def _write_bundle(path: Path, ca_pem: str) -> Path:
    text = f"{_public_roots().rstrip()}\n\n{ca_pem}".lstrip()
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        _write(path, text, mode=0o644)
    return path


# Files.


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _trouble(folder, error) from error
    return folder


def _write(path: Path, text: str, *, mode: int, keep: bool = False) -> None:
    """Put a file in place whole: readers find the old one or the new one, never a piece.

    Args:
        path: The file.
        text: What it holds.
        mode: Its permissions, from its first instant on.
        keep: Leave a file that is there already, even one that came a moment ago.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
        if keep:
            _put_if_absent(temporary, path)
        else:
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _put_if_absent(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    except OSError:
        # Some file systems (shared folders of containers) know no hard links. The gap between these two lines is
        # the price there: of two first starts within it, the slower one's authority stays.
        if not path.exists():
            temporary.replace(path)


def _trouble(folder: Path, error: OSError | ValueError) -> AuthorityError:
    return AuthorityError(
        f"The data folder {folder} cannot be used ({_why(error)}): "
        f"set {HOME_VARIABLE} to a folder that can be read and written."
    )


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "unreadable").replace("_", " ").lower()
    if isinstance(error, OSError) and error.strerror:
        return error.strerror if error.filename is None else f"{error.strerror}: {Path(error.filename).name}"
    return str(error)
