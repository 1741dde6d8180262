"""The environment in which programs find a server: made once, the same for ``run`` and ``env``, good in a shell."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fake_nexmo.authority import AuthorityError, trust_files
from fake_nexmo.environment import MISLEADING, credentials, environment, of_world, shell_lines
from fake_nexmo.inbox import line
from fake_nexmo.recipes import RECIPES, recipe
from tests.commands import Ended, acall, call
from tests.live import COMMAND, PATIENCE_S, ROOT, Live, clean_environment, open_live, open_world, trusting
from tests.receiver import Answer, Receiver

ACCOUNT = {
    "name": "main",
    "api_key": "abcd1234",
    "api_secret": 'it\'s "secret" $HOME `x`',
    "signature_secret": "s1gn",
    "signature_method": "md5hash",
}
APPLICATION = {"name": "main", "account": "main", "id": "app-1", "private_key": "-----BEGIN\nx\n-----END\n"}
NAMES = ("API_KEY", "API_SECRET", "SIGNATURE_SECRET", "APPLICATION_ID", "PRIVATE_KEY")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with open_live(tmp_path_factory.mktemp("environment"), "--seed", "7") as opened:
        yield opened


def whole(live: Live, account: dict[str, Any], application: dict[str, Any], world: str = "default") -> dict[str, str]:
    """What programs shall find in their environment."""
    facts = {
        "API_KEY": account["api_key"],
        "API_SECRET": account["api_secret"],
        "SIGNATURE_SECRET": account["signature_secret"],
        "APPLICATION_ID": application["id"],
        "PRIVATE_KEY": application["private_key"],
    }
    bundle = str(live.home / "bundle.pem")
    return {
        "FAKE_NEXMO_URL": live.http,
        "FAKE_NEXMO_HTTPS": live.https,
        "FAKE_NEXMO_CONTROL": f"{live.http}/_fake",
        "FAKE_NEXMO_WORLD": world,
        "HTTPS_PROXY": live.http,
        "HTTP_PROXY": live.http,
        "https_proxy": live.http,
        "http_proxy": live.http,
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "no_proxy": "localhost,127.0.0.1,::1",
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "CURL_CA_BUNDLE": bundle,
        "NODE_EXTRA_CA_CERTS": live.ca_file,
        **{prefix + name: fact for prefix in ("NEXMO_", "VONAGE_") for name, fact in facts.items()},
    }


def in_shell(lines: str, **before: str) -> dict[str, str]:
    """The variables that a POSIX shell has after it has evaluated some lines, without those it brings along."""
    script = 'eval "$LINES_TO_EVALUATE"; unset LINES_TO_EVALUATE; exec env -0'
    done = subprocess.run(
        ["sh", "-euc", script],
        env={"PATH": clean_environment()["PATH"], "LINES_TO_EVALUATE": lines, **before},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = dict(each.split("=", 1) for each in done.stdout.split("\0") if each)
    return {name: value for name, value in found.items() if name not in {"PATH", "PWD", "OLDPWD", "SHLVL", "_"}}


# The function.


def test_the_environment_is_what_the_design_promises() -> None:
    """Every name of it, compared whole."""
    made = environment(
        http="http://127.0.0.1:6396",
        https="https://127.0.0.1:6396",
        world="default",
        account=ACCOUNT,
        application=APPLICATION,
        ca_file=Path("/data/ca.pem"),
        bundle=Path("/data/bundle.pem"),
    )

    http = "http://127.0.0.1:6396"
    facts = dict(
        zip(NAMES, ("abcd1234", ACCOUNT["api_secret"], "s1gn", "app-1", APPLICATION["private_key"]), strict=True)
    )
    assert made == {
        "FAKE_NEXMO_URL": http,
        "FAKE_NEXMO_HTTPS": "https://127.0.0.1:6396",
        "FAKE_NEXMO_CONTROL": f"{http}/_fake",
        "HTTPS_PROXY": http,
        "HTTP_PROXY": http,
        "https_proxy": http,
        "http_proxy": http,
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "no_proxy": "localhost,127.0.0.1,::1",
        "SSL_CERT_FILE": "/data/bundle.pem",
        "REQUESTS_CA_BUNDLE": "/data/bundle.pem",
        "CURL_CA_BUNDLE": "/data/bundle.pem",
        "NODE_EXTRA_CA_CERTS": "/data/ca.pem",
        "FAKE_NEXMO_WORLD": "default",
        **{f"NEXMO_{name}": fact for name, fact in facts.items()},
        **{f"VONAGE_{name}": fact for name, fact in facts.items()},
    }


def test_what_a_world_does_not_have_is_left_out() -> None:
    """No account, no application, a key pair whose private half is the user's own: no name with nothing in it."""
    assert credentials("w", None, None) == {"FAKE_NEXMO_WORLD": "w"}
    assert credentials("w", {**ACCOUNT, "signature_secret": ""}, {**APPLICATION, "private_key": None}) == {
        "FAKE_NEXMO_WORLD": "w",
        **{
            prefix + name: value
            for prefix in ("NEXMO_", "VONAGE_")
            for name, value in (
                ("API_KEY", "abcd1234"),
                ("API_SECRET", ACCOUNT["api_secret"]),
                ("APPLICATION_ID", "app-1"),
            )
        },
    }


def test_the_first_account_speaks_with_its_own_first_application() -> None:
    """Not with that of another account."""
    other = {**APPLICATION, "account": "other", "id": "app-0"}
    accounts = [ACCOUNT, {**ACCOUNT, "name": "other"}]

    assert of_world({"accounts": accounts, "applications": [other, APPLICATION]}) == (ACCOUNT, APPLICATION)
    assert of_world({"accounts": accounts, "applications": [other]}) == (ACCOUNT, None)
    assert of_world({"accounts": [], "applications": [other]}) == (None, None)


def test_a_shell_reads_the_lines_back_whatever_they_hold() -> None:
    """Quotes, dollars, line ends; what is not set is unset, so that no real key is left."""
    variables = credentials("w", ACCOUNT, APPLICATION)
    stale = dict.fromkeys(MISLEADING, "real")

    assert in_shell("\n".join(shell_lines(variables)), **stale) == variables
    assert in_shell("\n".join(shell_lines({})), **stale, OTHER="kept") == {"OTHER": "kept"}


# Which certificate is trusted.


def test_the_files_of_an_authority_here_are_those_of_the_data_folder(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No copy is made."""
    monkeypatch.setenv("FAKE_NEXMO_HOME", str(live.home))
    ca_pem = Path(live.ca_file).read_text()

    assert trust_files(ca_pem) == (live.home / "ca.pem", live.home / "bundle.pem")
    assert not (live.home / "servers").exists()


def test_the_files_of_a_foreign_authority_are_its_own(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside ours, the same each time, mended when damaged; and no authority of ours is made for that."""
    monkeypatch.setenv("FAKE_NEXMO_HOME", str(tmp_path))
    ca_pem = Path(live.ca_file).read_text()
    ca_file, bundle = trust_files(ca_pem)
    ca_file.write_text("damaged")

    assert trust_files(f"noise\n{ca_pem}") == (ca_file, bundle)
    assert (ca_file.parent, bundle.parent) == (tmp_path / "servers", tmp_path / "servers")
    assert ca_file.read_text() == ca_pem
    assert bundle.read_text() == (live.home / "bundle.pem").read_text()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["servers"]
    trusting(ca_file)
    trusting(bundle)


def test_what_is_no_certificate_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is a folder that cannot be used."""
    monkeypatch.setenv("FAKE_NEXMO_HOME", str(tmp_path))
    with pytest.raises(ValueError, match="there is no certificate in it"):
        trust_files("hello")
    (tmp_path / "servers").write_text("")
    with pytest.raises(AuthorityError, match="servers"):
        trust_files("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


# The command.


def test_env_prints_the_environment_of_a_server(live: Live) -> None:
    """Evaluated by a shell, it is all there; without --sdk no line is a comment."""
    world = httpx.get(f"{live.http}/_fake/worlds/default", trust_env=False).json()
    ended = call("env", "--url", live.http, FAKE_NEXMO_HOME=str(live.home))

    assert (ended.status, ended.err) == (0, "")
    assert in_shell(ended.out) == whole(live, world["accounts"][0], world["applications"][0])
    assert [each for each in ended.out.splitlines() if each.startswith("#")] == []


async def test_env_speaks_of_the_world_that_is_named(live: Live) -> None:
    """By --world, or by the environment, as the server may be; the option wins."""
    async with open_world(live.http, "mine") as world:
        held = await world.control("GET", "")
        home = {"FAKE_NEXMO_HOME": str(live.home)}
        by_option = await acall("env", "--url", live.http, "--world", "mine", **home, FAKE_NEXMO_WORLD="default")
        by_name = await acall("env", **home, FAKE_NEXMO_URL=live.http, FAKE_NEXMO_WORLD="mine")

    assert in_shell(by_option.out) == whole(live, held["accounts"][0], held["applications"][0], "mine")
    assert by_name == by_option


def test_run_and_env_set_the_same(live: Live) -> None:
    """A command that ``run`` started asks ``env`` for what it has already: nothing changes."""
    script = f"env -0; printf '====\\0'; eval \"$({COMMAND} env)\"; exec env -0"
    ended = call("run", "--", "sh", "-euc", script, FAKE_NEXMO_HOME=str(live.home), VONAGE_PRIVATE_KEY_PATH="real.pem")

    assert (ended.status, ended.err) == (0, "")
    before, _, after = ended.out.partition("====\0")
    assert sorted(before.split("\0")) == sorted(after.split("\0"))
    assert sum(each.startswith(("FAKE_NEXMO_", "NEXMO_", "VONAGE_")) for each in before.split("\0")) == 4 + 10 + 1
    assert "VONAGE_PRIVATE_KEY_PATH" not in before


@pytest.mark.parametrize("sdk", RECIPES)
def test_env_says_how_a_library_is_pointed_at_the_server(live: Live, sdk: str) -> None:
    """In comments behind the environment, so that a shell takes all of it."""
    plain = call("env", "--url", live.http, FAKE_NEXMO_HOME=str(live.home))
    ended = call("env", "--url", live.http, "--sdk", sdk, FAKE_NEXMO_HOME=str(live.home))

    host, _, port = live.place.rpartition(":")
    said = recipe(sdk, http=live.http, https=live.https, place=live.place, host=host, port=int(port))
    assert ended == Ended(0, plain.out + "".join(f"# {each}\n" for each in said), "")
    assert in_shell(ended.out) == in_shell(plain.out)


def test_env_finds_a_server_by_https_too(live: Live, tmp_path: Path) -> None:
    """Trusting the authority of the data folder; where that is another, the plain URL is the way."""
    by_http = call("env", "--url", live.http, FAKE_NEXMO_HOME=str(live.home))
    by_https = call("env", "--url", f"{live.https}/", FAKE_NEXMO_HOME=str(live.home))
    stranger = call("env", "--url", live.https, FAKE_NEXMO_HOME=str(tmp_path))

    assert by_https == by_http
    ca_file = tmp_path / "ca.pem"
    said = f"the certificate of {live.https} is not good by {ca_file}; take its plain URL, {live.http}"
    assert stranger == Ended(2, "", f"fake-nexmo: {said}\n")


def test_env_trusts_the_authority_of_the_server_not_the_one_here(live: Live, tmp_path: Path) -> None:
    """A server that another user started: its certificate is fetched, and good for https."""
    ended = call("env", "--url", live.http, FAKE_NEXMO_HOME=str(tmp_path))
    found = in_shell(ended.out)

    assert (ended.status, ended.err) == (0, "")
    for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
        assert Path(found[name]).parent == tmp_path / "servers"
        with httpx.Client(verify=trusting(found[name]), trust_env=False) as client:
            assert client.get(f"{live.https}/_fake/health").status_code == 200


def test_a_data_folder_that_cannot_be_used_is_one_line(live: Live, tmp_path: Path) -> None:
    """For the plain URL when files are to be written, for https before anything is sent."""
    home = tmp_path / "home"
    home.write_text("")
    said = (
        f"The data folder {home} cannot be used (File exists: home): "
        "set FAKE_NEXMO_HOME to a folder that can be read and written."
    )
    for url in (live.http, live.https):
        assert call("env", "--url", url, FAKE_NEXMO_HOME=str(home)) == Ended(2, "", f"fake-nexmo: {said}\n")


COMMANDS = (("env",), ("inbox",), ("inbox", "--follow"), ("trigger", "inbound-sms", "--from=1", "--to=2", "--text=x"))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
async def test_what_is_no_server_is_told(command: tuple[str, ...], tmp_path: Path) -> None:
    """Nobody there, somebody else there, somebody who says nothing that can be read, somebody who hangs up."""
    async with Receiver() as receiver:
        url = receiver.url.rstrip("/")
        answers = (
            Answer(404, b"<h1>Not here</h1>"),
            Answer(404, b'{"type": "urn:other:no"}'),
            Answer(404, b'["type"]'),
            Answer(200, b"<h1>Hello</h1>"),
            Answer(200, b"{}"),
        )
        for answer in answers:
            receiver.say(answer)
            said = f"what answers at {url} is no fake-nexmo; 'fake-nexmo serve' starts one"
            ended = await acall(*command, "--url", url, FAKE_NEXMO_HOME=str(tmp_path))
            assert ended == Ended(2, "", f"fake-nexmo: {said}\n")
        receiver.say(Answer(hang_up=True))
        hung_up = await acall(*command, "--url", url, FAKE_NEXMO_HOME=str(tmp_path))
    nobody = await acall(*command, "--url", url, FAKE_NEXMO_HOME=str(tmp_path))

    said = f"no server answers at {url}; 'fake-nexmo serve' starts one"
    assert [hung_up, nobody] == [Ended(2, "", f"fake-nexmo: {said}\n")] * 2


async def test_a_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    """Somebody who answers like us for the world, and not for the certificate."""
    async with Receiver() as receiver:
        receiver.say(Answer(200, b'{"world": "default", "accounts": [], "applications": []}'), Answer(200, b"hello"))
        ended = await acall("env", "--url", receiver.url, FAKE_NEXMO_HOME=str(tmp_path))

    said = f"what answers at {receiver.url.rstrip('/')} is no fake-nexmo; 'fake-nexmo serve' starts one"
    assert ended == Ended(2, "", f"fake-nexmo: {said}\n")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_the_server_refuses_is_one_line_and_exit_status_1(command: tuple[str, ...], live: Live) -> None:
    """A world that is not there, with those that are."""
    ended = call(*command, "--url", live.http, "--world", "no/such", FAKE_NEXMO_HOME=str(live.home))
    found = call(*command, "--url", live.http, "--world", "nosuch", FAKE_NEXMO_HOME=str(live.home))
    worlds = httpx.get(f"{live.http}/_fake/health", trust_env=False).json()["worlds"]

    assert (ended.status, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert found == Ended(1, "", f"fake-nexmo: No world is called nosuch; there are: {', '.join(worlds)}.\n")


# Recipes.

FACTS = {
    "python": ["HttpClientOptions(api_host=…, rest_host=…", "REQUESTS_CA_BUNDLE", "client.host(", "client.api_host("],
    "nexmo-python-2": [
        *("client.host(", "client.api_host(", "client._Client__host", "_Client__api_host"),
        *("NEXMO_API_KEY", "NEXMO_API_SECRET", "NEXMO_SIGNATURE_SECRET", "REQUESTS_CA_BUNDLE"),
    ],
    "node": ["new Vonage(auth, {", "restHost", "apiHost", "NODE_EXTRA_CA_CERTS", "NODE_USE_ENV_PROXY"],
    "nexmo-node-2": ["new Nexmo(", "restHost", "apiHost", "port"],
    "go": ["client.Config.BasePath", "client.SMS.SetBaseURL(", "SSL_CERT_FILE", "HTTPS_PROXY", "/v1/applications/"],
    "java": ["HttpConfig.builder().baseUri(", "javax.net.ssl.trustStore", "http.proxyHost", "VonageClient.builder()"],
    "ruby": ["Vonage::Client.new(", "rest_host:", "api_host:", "host:", "proxy: :ENV", "SSL_CERT_FILE"],
    "php": ["'base_api_url' =>", "'base_rest_url' =>", "'url' => ['https://api.nexmo.com' =>", "openssl.cafile"],
    "dotnet": ["Url.Api", "Url.Rest", "vonage:Proxy", "appsettings.json"],
    "curl": [],
}


@pytest.mark.parametrize("sdk", RECIPES)
def test_names_of_options_are_those_of_the_reference(sdk: str) -> None:
    """Each stands in the recipe and in what was read in the libraries' sources."""
    said = "\n".join(recipe(sdk, http="H", https="S", place="P", host="h", port=1))
    surface = (ROOT / "docs" / "reference" / "sdk-surface.md").read_text()

    for fact in FACTS[sdk]:
        assert fact in surface, fact
        assert all(piece in said for piece in fact.split("…")), fact
    assert max(map(len, said.splitlines())) <= 118


# The README.


def test_the_examples_of_the_readme_work_as_they_stand(live: Live) -> None:
    """Copied into a shell, one after the other."""
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    readme = (ROOT / "README.md").read_text()
    section = readme.partition("## Commands\n")[2].partition("\n## ")[0]
    examples = dict(re.findall(r"<!-- example: (\w+) -->\n```sh\n(.*?)```", section, re.DOTALL))
    environment = clean_environment(FAKE_NEXMO_HOME=str(live.home), FAKE_NEXMO_URL=live.http)
    environment["PATH"] = f"{COMMAND.parent}:{environment['PATH']}"
    said = {}
    for name, script in examples.items():
        quiet = script.replace("curl ", "curl --silent --show-error --max-time 20 ")
        done = subprocess.run(
            ["sh", "-euc", quiet], env=environment, capture_output=True, text=True, timeout=PATIENCE_S
        )
        assert (done.returncode, done.stderr) == (0, "")
        said[name] = json.loads(done.stdout)

    assert list(said) == ["run", "env", "trigger", "messages"]
    assert said["run"]["messages"][0]["status"] == "0"
    assert said["env"]["value"] == 100.0
    assert said["trigger"].pop("settled") is True
    assert said["messages"] == said["trigger"]
    shown = section.partition("On a terminal:\n\n```\n")[2].partition("\n```")[0]
    assert shown == line({**said["trigger"], "at": "2026-03-01T12:00:00.000Z"})
