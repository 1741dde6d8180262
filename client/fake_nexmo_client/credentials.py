"""Who is asking: key and secret, a signature, or an application's token, and how each is put into a request.

Key and secret travel in the form or JSON of a POST or PUT, else as a Basic header: never in a URL, which servers write
into their logs. A signature travels with the parameters, wherever they are.

Source: reference auth §1 to §5 (B).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from fake_nexmo_client.errors import MissingCredentialsError
from fake_nexmo_client.signatures import SignatureMethod, sign

TOKEN_LIFE_S: Final = 900
"""How long a token is good for. Source: reference auth §5.8 (C): what most libraries use."""


class Stamp(Struct, frozen=True):
    """What a request takes from the outside world: an instant, and something that no other request has.

    Attributes:
        now_s: Unix seconds of the wall's clock.
        unique: the ``jti`` of a token.
    """

    now_s: int
    unique: str


class Credentials(Struct, frozen=True, kw_only=True):
    """What a caller may hold; each operation takes what it needs.

    Attributes:
        signature_secret: with it SMS are signed; without an ``api_secret`` everything else that takes a key, too.
        private_key: PEM of the application's RSA key.
    """

    api_key: str = ""
    api_secret: str = ""
    signature_secret: str = ""
    signature_method: SignatureMethod = "md5hash"
    application_id: str = ""
    private_key: str = ""

    def __repr__(self) -> str:
        """Names of caller and application; secrets stay secret."""
        return f"Credentials(api_key={self.api_key!r}, application_id={self.application_id!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for programs that print by ``rich``, which would ask msgspec for every field."""
        return [("api_key", self.api_key), ("application_id", self.application_id)]

    def signs(self, *, preferred: bool) -> bool:
        """Whether a request is signed rather than sent with the secret.

        Args:
            preferred: the API is one of those that document signatures.

        Raises:
            MissingCredentialsError: there is no key, or nothing to go with it.
        """
        if not self.api_key or not (self.api_secret or self.signature_secret):
            raise MissingCredentialsError("this operation needs api_key, and api_secret or signature_secret")
        return bool(self.signature_secret) and (preferred or not self.api_secret)

    def signed(self, params: Mapping[str, str], stamp: Stamp) -> dict[str, str]:
        """What is added to the parameters of a signed request.

        Source: reference sms §4.1 (B).
        """
        added = {"api_key": self.api_key, "timestamp": str(stamp.now_s)}
        return {**added, "sig": sign({**params, **added}, self.signature_secret, self.signature_method)}

    def said(self) -> dict[str, str]:
        """Key and secret as parameters. Source: reference auth §2 (B)."""
        return {"api_key": self.api_key, "api_secret": self.api_secret}

    def basic(self) -> str:
        """Key and secret as an ``Authorization`` header. Source: reference auth §3 (B)."""
        return "Basic " + base64.b64encode(f"{self.api_key}:{self.api_secret}".encode()).decode()

    def bearer(self, stamp: Stamp) -> str:
        """A fresh token of the application as an ``Authorization`` header.

        Raises:
            MissingCredentialsError: no application id or no private key.

        Source: reference auth §5.1, §5.2 (B).
        """
        if not (self.application_id and self.private_key):
            raise MissingCredentialsError("this operation needs application_id and private_key")
        import jwt

        claims = {
            "application_id": self.application_id,
            "iat": stamp.now_s,
            "exp": stamp.now_s + TOKEN_LIFE_S,
            "jti": stamp.unique,
        }
        return "Bearer " + jwt.encode(claims, self.private_key, algorithm="RS256")
