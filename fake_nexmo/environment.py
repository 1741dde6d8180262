"""The environment in which programs find an emulator, whoever sets it up: ``run``, ``env`` or a test's fixture."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PREFIXES = ("NEXMO_", "VONAGE_")
_UNPROXIED = "localhost,127.0.0.1,::1"
_SECRETS = ("API_KEY", "API_SECRET", "SIGNATURE_SECRET", "APPLICATION_ID", "PRIVATE_KEY")

MISLEADING = tuple(prefix + name for prefix in PREFIXES for name in (*_SECRETS, "PRIVATE_KEY_PATH"))
"""Names under which libraries look for what belongs to an account of the real service, or of another world.

Whichever of them an environment does not set must not be left as it was. Source: reference sdk-surface §2 (C).
"""


def environment(
    *,
    http: str,
    https: str,
    world: str,
    account: Mapping[str, Any] | None,
    application: Mapping[str, Any] | None,
    ca_file: Path,
    bundle: Path,
) -> dict[str, str]:
    """All that a program needs to find a server and to be somebody there.

    Args:
        http: The server's origin for plain HTTP, which is its address as a proxy too.
        https: The other origin.
        world: The name of the world that the credentials are of.
        account: As the control API words it; None: the world has none.
        application: The same.
        ca_file: The certificate of the server's authority.
        bundle: That and the public roots.
    """
    proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), http)
    return {
        "FAKE_NEXMO_URL": http,
        "FAKE_NEXMO_HTTPS": https,
        "FAKE_NEXMO_CONTROL": f"{http}/_fake",
        **proxies,
        "NO_PROXY": _UNPROXIED,
        "no_proxy": _UNPROXIED,
        "SSL_CERT_FILE": str(bundle),
        "REQUESTS_CA_BUNDLE": str(bundle),
        "CURL_CA_BUNDLE": str(bundle),
        "NODE_EXTRA_CA_CERTS": str(ca_file),
        **credentials(world, account, application),
    }


def credentials(world: str, account: Mapping[str, Any] | None, application: Mapping[str, Any] | None) -> dict[str, str]:
    """The part of the environment that says who one is: all there is to say without a server.

    What the account or the application does not have is left out.
    """
    facts = {
        "API_KEY": account and account["api_key"],
        "API_SECRET": account and account["api_secret"],
        "SIGNATURE_SECRET": account and account["signature_secret"],
        "APPLICATION_ID": application and application["id"],
        "PRIVATE_KEY": application and application["private_key"],
    }
    named = {prefix + name: str(fact) for prefix in PREFIXES for name, fact in facts.items() if fact}
    return {"FAKE_NEXMO_WORLD": world, **named}


def of_world(world: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """The account and the application that an environment speaks of: the first, and the first that is its own.

    Args:
        world: ``accounts`` and ``applications`` as the control API words them, in the order of their making.
    """
    account = next(iter(world["accounts"]), None)
    if account is None:
        return None, None
    own = (each for each in world["applications"] if each["account"] == account["name"])
    return account, next(own, None)


def shell_lines(variables: Mapping[str, str]) -> list[str]:
    """The environment as lines that any POSIX shell obeys."""
    exports = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    stale = [name for name in MISLEADING if name not in variables]
    return [*exports, *([f"unset {' '.join(stale)}"] if stale else [])]
