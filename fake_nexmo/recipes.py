"""How each client library is pointed at a server. Pure.

Names of options and what each library reads of the environment: reference sdk-surface §1 and §2 (C). A line that
begins with two spaces can be copied; it takes the credentials from the environment that `environment` makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

RECIPES: Mapping[str, str] = {
    "python": """\
vonage 4 (https always; REQUESTS_CA_BUNDLE has it trust the server). By its options:
  import os
  from vonage import Auth, HttpClientOptions, Vonage
  auth = Auth(api_key=os.environ["VONAGE_API_KEY"], api_secret=os.environ["VONAGE_API_SECRET"])
  client = Vonage(auth, HttpClientOptions(api_host="{place}", rest_host="{place}"))
Unchanged, it comes through HTTPS_PROXY:
  client = Vonage(auth)
vonage 3 reads VONAGE_API_KEY and VONAGE_API_SECRET; its options are setters:
  client.host("{place}"); client.api_host("{place}")
""",
    "nexmo-python-2": """\
nexmo 2 reads NEXMO_API_KEY, NEXMO_API_SECRET and NEXMO_SIGNATURE_SECRET (vonage 2: VONAGE_…). Its options
client.host(…) and client.api_host(…) take no port, so let it come unchanged, through HTTPS_PROXY, trusting the
server by REQUESTS_CA_BUNDLE:
  import nexmo
  client = nexmo.Client()
Around its options (https as well):
  client._Client__host = client._Client__api_host = "{place}"
""",
    "node": """\
@vonage/server-sdk 3 reads no credentials from the environment and no proxy. By its options:
  const {{ Vonage }} = require("@vonage/server-sdk");
  const auth = {{ apiKey: process.env.VONAGE_API_KEY, apiSecret: process.env.VONAGE_API_SECRET }};
  const vonage = new Vonage(auth, {{ restHost: "{http}", apiHost: "{http}" }});
With "{https}" it speaks TLS and trusts the server by NODE_EXTRA_CA_CERTS. Unchanged, from 3.28 on and under Node 24,
it comes through HTTPS_PROXY:
  export NODE_USE_ENV_PROXY=1
""",
    "nexmo-node-2": """\
nexmo 2 for Node reads no credentials from the environment and no proxy. By its options; with any port but 443 it
speaks plain http:
  const Nexmo = require("nexmo");
  const auth = {{ apiKey: process.env.NEXMO_API_KEY, apiSecret: process.env.NEXMO_API_SECRET }};
  const nexmo = new Nexmo(auth, {{ restHost: "{host}", apiHost: "{host}", port: {port} }});
""",
    "go": """\
Go takes HTTPS_PROXY and SSL_CERT_FILE from the environment, so both libraries may come unchanged.
vonage-go-sdk by its options, per client and without a final slash:
  client.Config.BasePath = "{http}/sms"            // sms
  client.Config.BasePath = "{http}/verify"         // verify
  client.Config.BasePath = "{http}/ni"             // number insight
  client.Config.BasePath = "{http}"                // numbers
  client.Config.BasePath = "{http}/v2/applications"
  client.Config.BasePath = "{http}/v1/calls"       // voice
nexmo-go, per service and with a final slash:
  client.SMS.SetBaseURL("{http}/sms/")
  client.Verify.SetBaseURL("{http}/verify/")
  client.Insight.SetBaseURL("{http}/ni/")
  client.Developer.SetBaseURL("{http}/")
  client.Application.SetBaseURL("{http}/v1/applications/")
  client.Call.SetBaseURL("{http}/v1/calls/")
""",
    "java": """\
The Java library reads nothing of this environment by itself. By its options:
  HttpConfig config = HttpConfig.builder().baseUri("{http}").build();
  VonageClient client = VonageClient.builder().httpConfig(config)
      .apiKey(System.getenv("VONAGE_API_KEY")).apiSecret(System.getenv("VONAGE_API_SECRET")).build();
Unchanged, it comes through the proxy by system properties and trusts the server by a trust store:
  keytool -importcert -noprompt -alias fake-nexmo -file "$NODE_EXTRA_CA_CERTS" -keystore trust.p12 -storepass changeit
  java -Dhttps.proxyHost={host} -Dhttps.proxyPort={port} -Dhttp.proxyHost={host} -Dhttp.proxyPort={port} \\
      -Djavax.net.ssl.trustStore=trust.p12 -Djavax.net.ssl.trustStorePassword=changeit …
""",
    "ruby": """\
The Ruby library reads VONAGE_API_KEY, VONAGE_API_SECRET, VONAGE_SIGNATURE_SECRET, VONAGE_APPLICATION_ID and
VONAGE_PRIVATE_KEY (up to 6: NEXMO_…); https always, and SSL_CERT_FILE has it trust the server. By its options:
  client = Vonage::Client.new(rest_host: "{place}", api_host: "{place}")
Up to 4.8:
  client = Nexmo::Client.new(host: "{place}", api_host: "{place}")
Through HTTPS_PROXY:
  client = Vonage::Client.new(http: {{ proxy: :ENV }})
""",
    "php": """\
The PHP library reads no credentials from the environment. By its options; the map reaches what has a fixed host:
  $credentials = new Vonage\\Client\\Credentials\\Basic(getenv('VONAGE_API_KEY'), getenv('VONAGE_API_SECRET'));
  $client = new Vonage\\Client($credentials, [
      'base_rest_url' => '{http}', 'base_api_url' => '{http}', 'url' => ['https://api.nexmo.com' => '{http}'],
  ]);
Unchanged over Guzzle, it comes through HTTPS_PROXY and trusts the server by Guzzle's option verify or php.ini:
  php -d openssl.cafile="$SSL_CERT_FILE" …
""",
    "dotnet": """\
The .NET library reads settings, not the environment. In appsettings.json:
  {{"vonage": {{"Url.Rest": "{http}", "Url.Api": "{http}"}}}}
Unchanged, it comes through the proxy by the setting vonage:Proxy and trusts what the system's store does:
  {{"vonage": {{"Proxy": "{http}"}}}}
""",
    "curl": """\
curl takes HTTPS_PROXY and CURL_CA_BUNDLE from the environment; directly, or unchanged:
  curl -d api_key="$NEXMO_API_KEY" -d api_secret="$NEXMO_API_SECRET" -d from=Acme -d to=447700900001 -d text=Hello \\
      "$FAKE_NEXMO_URL/sms/json"
  curl -d api_key="$NEXMO_API_KEY" -d api_secret="$NEXMO_API_SECRET" -d from=Acme -d to=447700900001 -d text=Hello \\
      https://rest.nexmo.com/sms/json
""",
}
"""By the name that ``env --sdk`` takes; places in braces are filled in by `recipe`."""


def check_sdk(name: str) -> None:
    """Refuse a library that there is no recipe for.

    Raises:
        ValueError: what there is, and the nearest.
    """
    if name not in RECIPES:
        near = get_close_matches(name.lower(), RECIPES, 1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"{name!r} is no SDK known here; {hint}there are {', '.join(RECIPES)}")


def recipe(sdk: str, *, http: str, https: str, place: str, host: str, port: int) -> list[str]:
    """How a library is pointed at a server, as lines of text; one of `RECIPES`."""
    return RECIPES[sdk].format(http=http, https=https, place=place, host=host, port=port).splitlines()
