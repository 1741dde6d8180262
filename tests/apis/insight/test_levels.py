"""Every level through the whole house: whole answers in JSON and XML, every way to ask, profiles, names, prices."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fake_nexmo.core.moment import Moment, Use
from tests.house import House

KEY, SECRET = "abcd1234", "s3cr3tS3cr3t"
GOOD = {"api_key": KEY, "api_secret": SECRET}
GB, US, FIXED = "447700900123", "14155550123", "442079460123"
ACCOUNT = f"accounts/{KEY}"
UUID = "00000000-0000-4000-8000-000000000000"
O2 = {"network_code": "23410", "name": "Telefonica UK Limited (O2)", "country": "GB", "network_type": "mobile"}
ATT = {"network_code": "310410", "name": "AT&T Mobility", "country": "US", "network_type": "mobile"}
LANDLINE = {
    "network_code": "GB-FIXED",
    "name": "United Kingdom Landline",
    "country": "GB",
    "network_type": "landline",
}


async def ask(house: House, level: str, number: str | None = GB, **params: Any) -> dict[str, Any]:
    """One look-up by GET; ``level`` is the path behind ``/ni/``."""
    given = {**GOOD, **({} if number is None else {"number": number}), **params}
    answer = await house.client.get(f"/ni/{level}/json", params=given)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    read: dict[str, Any] = answer.json()
    return read


async def ask_xml(house: House, level: str, number: str = GB, **params: Any) -> str:
    """The same in XML."""
    answer = await house.client.get(f"/ni/{level}/xml", params={**GOOD, "number": number, **params})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/xml"
    return answer.text


def request_id(ordinal: int) -> str:
    """The id of the request that is the n-th thing in the world."""
    return Moment(0, ordinal, 42).uuid(Use.REQUEST)


def head(request: str, number: str = GB, national: str = "07700 900123", **more: Any) -> dict[str, Any]:
    """What all levels say of a British number."""
    return {
        "status": 0,
        "status_message": "Success",
        **more,
        "request_id": request,
        "international_format_number": number,
        "national_format_number": national,
        "country_code": "GB",
        "country_code_iso3": "GBR",
        "country_name": "United Kingdom",
        "country_prefix": "44",
    }


def american(request: str, **more: Any) -> dict[str, Any]:
    """What all levels say of an American number."""
    return {
        "status": 0,
        "status_message": "Success",
        **more,
        "request_id": request,
        "international_format_number": US,
        "national_format_number": "(415) 555-0123",
        "country_code": "US",
        "country_code_iso3": "USA",
        "country_name": "United States of America",
        "country_prefix": "1",
    }


WHOLE: dict[str, Any] = {"lookup_outcome": 0, "lookup_outcome_message": "Success"}
PARTIAL: dict[str, Any] = {"lookup_outcome": 1, "lookup_outcome_message": "Partial success - some fields populated"}
LIVE: dict[str, Any] = {
    "valid_number": "valid",
    "reachable": "reachable",
    "ported": "not_ported",
    "roaming": {"status": "not_roaming"},
}
SILENT = {"valid_number": "valid", "reachable": "unknown", "ported": "unknown", "roaming": {"status": "unknown"}}


def money(price: str, balance: str, refund: str = "") -> dict[str, Any]:
    return {"request_price": price, **({"refund_price": refund} if refund else {}), "remaining_balance": balance}


def carriers(current: dict[str, Any] | None, original: dict[str, Any] | None) -> dict[str, Any]:
    return {"current_carrier": current, "original_carrier": original}


# -------------------------------------------------------------------------------------------------------------- JSON


async def test_basic(house: House) -> None:
    """Its members in the order of the reference; nothing is charged; source: reference number-insight §6.2."""
    answer = await ask(house, "basic")

    assert answer == head(answer["request_id"])
    assert list(answer) == list(head(UUID))
    assert [len(part) for part in answer["request_id"].split("-")] == [8, 4, 4, 4, 12]
    assert (await house.control("GET", ACCOUNT))["balance"] == "100.00 EUR"


async def test_standard(house: House) -> None:
    """And the networks; source: reference number-insight §6.3."""
    answer = await ask(house, "standard")

    expected = {
        **head(answer["request_id"]),
        **money("0.00500000", "99.99500000"),
        **carriers(O2, O2),
        "ported": "assumed_not_ported",
    }
    assert answer == expected
    assert list(answer) == list(expected)


async def test_advanced(house: House) -> None:
    """And what the phone says; source: reference number-insight §6.4."""
    answer = await ask(house, "advanced")

    expected = {
        **head(answer["request_id"], **WHOLE),
        **money("0.03000000", "99.97000000"),
        **carriers(O2, O2),
        **LIVE,
    }
    assert answer == expected
    assert list(answer) == list(expected)


async def test_a_landline_has_nothing_live(house: House) -> None:
    """44 on the level advanced alone, with all the rest; source: reference number-insight §6.4, §13.5."""
    standard, advanced = await ask(house, "standard", FIXED), await ask(house, "advanced", FIXED)

    assert standard == {
        **head(standard["request_id"], FIXED, "020 7946 0123"),
        **money("0.00500000", "99.99500000"),
        **carriers(LANDLINE, LANDLINE),
        "ported": "assumed_not_ported",
    }
    assert advanced == {
        **head(advanced["request_id"], FIXED, "020 7946 0123", **PARTIAL),
        "status": 44,
        "status_message": "Lookup Handler unable to handle request",
        **money("0.03000000", "99.96500000"),
        **carriers(LANDLINE, LANDLINE),
        **SILENT,
    }


async def test_profile_2020_has_roaming_on_standard_and_ip_warnings_on_advanced(house: House) -> None:
    """Source: reference number-insight §6.3, §6.6; by the world or by the account."""
    await house.control("PATCH", ACCOUNT, {"profile": "2020"})
    standard, advanced = await ask(house, "standard"), await ask(house, "advanced")
    await house.control("PATCH", ACCOUNT, {"profile": None})
    await house.control("PATCH", "settings", {"profile": "2020"})
    again = await ask(house, "standard", ip="192.0.2.1")

    assert standard == {
        **head(standard["request_id"]),
        **money("0.00500000", "99.99500000"),
        **carriers(O2, O2),
        "ported": "assumed_not_ported",
        "roaming": {"status": "unknown"},
    }
    assert advanced == {
        **head(advanced["request_id"], **WHOLE),
        **money("0.03000000", "99.96500000"),
        **carriers(O2, O2),
        **LIVE,
        "ip_warnings": "unknown",
    }
    assert again.keys() == standard.keys()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, {"ip_match_level": "Country Level", "ip_country": "GB"}),
        ({"ip_country": "FR"}, {"ip_match_level": "Mismatch", "ip_country": "FR"}),
    ],
)
async def test_an_address_is_compared_in_2020_alone(house: House, facts: dict[str, str], said: dict[str, str]) -> None:
    """Where it is, a scenario says; source: reference number-insight §6.6."""
    await house.control("PUT", f"handsets/{GB}", facts)
    today = await ask(house, "advanced", ip="192.0.2.1")
    await house.control("PATCH", "settings", {"profile": "2020"})
    then = await ask(house, "advanced", ip="192.0.2.1")
    xml = await ask_xml(house, "advanced", ip="192.0.2.1")

    assert "ip" not in today
    expected = {"ip": "192.0.2.1", "ip_warnings": "no_warning", **said}
    assert dict(list(then.items())[-4:]) == expected
    for name, value in expected.items():
        assert f"  <{name}>{value}</{name}>\n" in xml


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, {"active_status": "active", "handset_status": "on"}),
        ({"power": False}, {"active_status": "inactive", "handset_status": "off"}),
        ({"like": "barred"}, {"active_status": "inactive", "handset_status": "on"}),
    ],
)
async def test_real_time_data_is_for_who_asks(house: House, facts: dict[str, Any], said: dict[str, str]) -> None:
    """On the level advanced alone; source: reference number-insight §6.7."""
    await house.control("PUT", f"handsets/{GB}", facts)
    asked = await ask(house, "advanced", real_time_data="true")

    assert asked["real_time_data"] == said
    assert list(asked)[-1] == "real_time_data"
    attributes = f'active_status="{said["active_status"]}" handset_status="{said["handset_status"]}"'
    assert f"  <real_time_data {attributes}/>\n</lookup>" in await ask_xml(house, "advanced", real_time_data="true")
    for level, wish in (("advanced", "false"), ("advanced", "maybe"), ("standard", "true"), ("basic", "true")):
        assert "real_time_data" not in await ask(house, level, real_time_data=wish)


# --------------------------------------------------------------------------------------------------------------- XML


COUNTRY = 'country_code="GB" country_code_iso3="GBR" country_name="United Kingdom" country_prefix="44"'
NETWORK = 'network_code="23410" name="Telefonica UK Limited (O2)" country="GB" network_type="mobile"'
PROLOG = '<?xml version="1.0" encoding="UTF-8"?>\n'


async def test_basic_in_xml(house: House) -> None:
    """Its root is of its own; source: reference number-insight §8."""
    assert await ask_xml(house, "basic") == (
        f"{PROLOG}<format>\n"
        f"  <request_id>{request_id(1)}</request_id>\n"
        "  <international_format_number>447700900123</international_format_number>\n"
        f"  <local_number {COUNTRY}>07700 900123</local_number>\n"
        '  <error code="0">Success</error>\n'
        "</format>\n"
    )


@pytest.mark.parametrize("profile", ["current", "2020"])
async def test_standard_in_xml(house: House, profile: str) -> None:
    """Without roaming in either profile; source: reference number-insight §8."""
    await house.control("PATCH", ACCOUNT, {"profile": profile})
    xml = await ask_xml(house, "standard")

    assert xml == (
        f"{PROLOG}<lookup>\n"
        f"  <request_id>{xml.partition('<request_id>')[2][:36]}</request_id>\n"
        "  <international_format_number>447700900123</international_format_number>\n"
        f"  <local_number {COUNTRY}>07700 900123</local_number>\n"
        '  <error code="0">Success</error>\n'
        "  <request_price>0.00500000</request_price>\n"
        "  <remaining_balance>99.99500000</remaining_balance>\n"
        f"  <current_carrier {NETWORK}/>\n"
        f"  <original_carrier {NETWORK}/>\n"
        "  <ported>assumed_not_ported</ported>\n"
        "</lookup>\n"
    )


@pytest.mark.parametrize(("profile", "more"), [("current", ""), ("2020", "  <ip_warnings>unknown</ip_warnings>\n")])
async def test_advanced_in_xml(house: House, profile: str, more: str) -> None:
    """Networks and roaming are attributes; source: reference number-insight §8."""
    await house.control("PUT", f"handsets/{GB}", {"roaming": {"country": "IT", "network": "22201"}})
    await house.control("PATCH", ACCOUNT, {"profile": profile})
    xml = await ask_xml(house, "advanced")

    roaming = xml.partition("<roaming ")[2].partition("/>")[0]
    assert roaming.startswith('status="roaming" roaming_country_code="IT" roaming_network_code="22201" roaming_net')
    assert xml == (
        f"{PROLOG}<lookup>\n"
        f"  <request_id>{xml.partition('<request_id>')[2][:36]}</request_id>\n"
        "  <international_format_number>447700900123</international_format_number>\n"
        '  <lookup_outcome code="0">Success</lookup_outcome>\n'
        f"  <local_number {COUNTRY}>07700 900123</local_number>\n"
        '  <error code="0">Success</error>\n'
        "  <request_price>0.03000000</request_price>\n"
        "  <remaining_balance>99.97000000</remaining_balance>\n"
        f"  <current_carrier {NETWORK}/>\n"
        f"  <original_carrier {NETWORK}/>\n"
        "  <valid_number>valid</valid_number>\n"
        "  <reachable>reachable</reachable>\n"
        "  <ported>not_ported</ported>\n"
        f"  <roaming {roaming}/>\n{more}"
        "</lookup>\n"
    )


@pytest.mark.parametrize(("path", "root"), [("basic", "format"), ("standard", "lookup"), ("advanced", "lookup")])
async def test_a_refusal_in_xml(house: House, path: str, root: str) -> None:
    """Status and text in one element; what a client wrote is escaped; source: reference number-insight §8 (D)."""
    assert await ask_xml(house, path, "<1 & 2>") == (
        f"{PROLOG}<{root}>\n"
        '  <error code="3">Invalid request :: Not valid number format detected [ &lt;1 &amp; 2&gt; ]</error>\n'
        f"</{root}>\n"
    )


# --------------------------------------------------------------------------------------------------- ways of asking


@pytest.mark.parametrize("level", ["basic", "standard", "advanced"])
async def test_every_way_of_asking_is_one(house: House, level: str) -> None:
    """Query, form, JSON and Basic, GET and POST; the body wins; source: reference number-insight §2."""
    asked = {**GOOD, "number": GB}
    wrong = {**asked, "number": "1", "api_secret": "wr0ng"}
    path, basic = f"/ni/{level}/json", httpx.BasicAuth(KEY, SECRET)
    post, get = house.client.post, house.client.get
    answers = [
        await get(path, params=asked),
        await post(path, params=asked),
        await post(path, data=asked),
        await post(path, json=asked),
        await post(path, json=asked, params=wrong),
        await post(path, data=asked, params=wrong),
        await get(path, params={"number": GB}, auth=basic),
        await post(path, data={"number": GB}, auth=basic),
        await post(path, json={"number": GB, "cnam": None}, auth=basic),
        await post(path, json={**asked, "number": int(GB)}),
        await get(path + "/", params=asked),
        await post(f"/ni//{level}//json/", json=asked),
        # A form under the label of JSON is what one library sends.
        await post(
            path, content=f"api_key={KEY}&api_secret={SECRET}&number={GB}", headers={"content-type": "application/json"}
        ),
    ]

    said = [{name: each for name, each in answer.json().items() if name not in VARYING} for answer in answers]
    assert said == [said[0]] * len(said)
    assert said[0]["international_format_number"] == GB
    assert {answer.status_code for answer in answers} == {200}


VARYING = ("request_id", "remaining_balance")


@pytest.mark.parametrize(("alias", "path"), [("/number/format", "/ni/basic"), ("/number/lookup", "/ni/standard")])
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_old_names_are_the_same(house: House, alias: str, path: str, form: str) -> None:
    """To the byte, but for what changes by itself; source: reference number-insight §1, §12."""
    await house.control("PATCH", ACCOUNT, {"balance": "unlimited"})
    one, two = [
        (await house.client.get(f"{each}/{form}", params={**GOOD, "number": GB})).text for each in (alias, path)
    ]
    ids = [each["about"] for each in (await house.control("GET", "requests"))["items"]]
    assert one.replace(ids[0], "ID") == two.replace(ids[1], "ID")
    assert ids[0] != ids[1]


@pytest.mark.parametrize(
    ("number", "country", "msisdn"),
    [
        (GB, "", GB),
        ("+" + GB, "", GB),
        ("00" + GB, "", GB),
        ("+44 (7700) 900-123", "", GB),
        (" 44-7700 900 123\t", "", GB),
        ("07700 900123", "GB", GB),
        ("7700900123", "GB", GB),
        ("07700900123", "gb", GB),
        (GB, "GB", GB),
        ("+" + GB, "GB", GB),
        ("(415) 555-0123", "US", US),
        ("+1 415 555 0123", "CA", US),
        ("06 39 98 01 23", "FR", "33639980123"),
    ],
)
async def test_numbers_as_people_write_them(house: House, number: str, country: str, msisdn: str) -> None:
    """International, or national together with a country; source: reference number-insight §3."""
    answer = await ask(house, "basic", number, **({"country": country} if country else {}))
    assert (answer["status"], answer.get("international_format_number")) == (0, msisdn)


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("07700900123", ""),
        ("12ab", ""),
        ("4477009001a23", ""),
        ("+", ""),
        ("()", ""),
        ("0", "GB"),
        ("1", ""),
        ("4" * 30, ""),
        ("9990000000", ""),
        ("٤٤٧٧٠٠٩٠٠١٢٣", ""),
        ("447700900123;ext=1", ""),
        (GB, "US"),
        ("+" + GB, "FR"),
        ("00" + GB, "DE"),
        ("+12015550123", "DE"),
        (GB, "ZZ"),
        ("+" + GB, "ZZ"),
        (GB, "GBR"),
    ],
)
async def test_what_is_no_number_is_told_as_it_was_sent(house: House, number: str, country: str) -> None:
    """Blanks inside the brackets; two members and no more; source: reference number-insight §3, §5."""
    for level in ("basic", "standard", "advanced"):
        assert await ask(house, level, number, country=country) == {
            "status": 3,
            "status_message": f"Invalid request :: Not valid number format detected [ {number} ]",
        }
    assert (await house.control("GET", ACCOUNT))["balance"] == "100.00 EUR"


@pytest.mark.parametrize("path", ["/ni/basic/json", "/ni/standard/xml", "/ni/advanced/json", "/ni/advanced/async/json"])
@pytest.mark.parametrize("verb", ["PUT", "DELETE", "PATCH"])
async def test_other_verbs_are_the_gateways_to_refuse(house: House, path: str, verb: str) -> None:
    """Source: reference auth §6.11."""
    answer = await house.client.request(verb, path)
    assert (answer.status_code, answer.json()) == (403, {"type": "FORBIDDEN", "error_title": "Forbidden"})
    assert answer.headers["allow"] == "GET, POST"


async def test_a_look_up_is_written_down(house: House) -> None:
    """By its request id; a refusal by its status and text, a secret never."""
    answer = await ask(house, "advanced")
    await ask(house, "standard", "12ab")

    items = (await house.control("GET", "requests"))["items"]
    assert [(each["operation"], each["about"], each["status"], each.get("outcome")) for each in items] == [
        ("insight.advanced", answer["request_id"], 200, items[0].get("outcome")),
        ("insight.standard", None, 200, "3 Invalid request :: Not valid number format detected [ 12ab ]"),
    ]
    assert not items[0].get("outcome")


# -------------------------------------------------------------------------------------------------------------- names


ADA = {"type": "consumer", "name": "Ada Byron", "first_name": "Ada", "last_name": "Byron"}


async def test_the_name_of_an_american_number_stands_twice(house: House) -> None:
    """As an object and flat, each in its order; it costs more; source: reference number-insight §6.5, §9."""
    await house.control("PUT", f"handsets/{US}", {"caller": ADA})
    answer = await ask(house, "standard", US, cnam="true")

    expected = {
        **american(answer["request_id"]),
        **money("0.01500000", "99.98500000"),
        **carriers(ATT, ATT),
        "ported": "assumed_not_ported",
        "caller_identity": {
            "caller_type": "consumer",
            "caller_name": "Ada Byron",
            "first_name": "Ada",
            "last_name": "Byron",
        },
        "caller_name": "Ada Byron",
        "last_name": "Byron",
        "first_name": "Ada",
        "caller_type": "consumer",
    }
    assert answer == expected
    assert list(answer) == list(expected)
    assert list(answer["caller_identity"]) == list(expected["caller_identity"])


async def test_the_name_on_the_level_advanced(house: House) -> None:
    """A business has no first name; nobody named is unknown; source: reference number-insight §6.5."""
    await house.control("PUT", f"handsets/{US}", {"caller": {"type": "business", "name": "Acme", "first_name": "A"}})
    business = await ask(house, "advanced", US, cnam="1")
    await house.control("PUT", f"handsets/{US}", {})
    unknown = await ask(house, "advanced", US, cnam="TRUE")

    def tail(name: str, kind: str) -> dict[str, Any]:
        return {
            "caller_identity": {"caller_type": kind, "caller_name": name},
            "caller_name": name,
            "caller_type": kind,
        }

    assert business == {
        **american(business["request_id"], **WHOLE),
        **money("0.04000000", "99.96000000"),
        **carriers(ATT, ATT),
        **LIVE,
        **tail("Acme", "business"),
    }
    assert unknown == {**business, **tail("unknown", "unknown"), **money("0.04000000", "99.92000000")} | {
        "request_id": unknown["request_id"]
    }


@pytest.mark.parametrize(
    ("level", "price", "balance"),
    [("standard", "0.01500000", "99.99500000"), ("advanced", "0.04000000", "99.97000000")],
)
async def test_the_name_of_another_number_is_paid_back(house: House, level: str, price: str, balance: str) -> None:
    """Whoever it belongs to; source: reference number-insight §6.5, §9, §13.6."""
    await house.control("PUT", f"handsets/{GB}", {"caller": ADA})
    answer = await ask(house, level, cnam="true")

    assert (answer["request_price"], answer["refund_price"]) == (price, "0.01000000")
    assert answer["remaining_balance"] == balance
    assert answer["caller_identity"] == {"caller_type": "unknown", "caller_name": "unknown"}
    assert (answer["caller_name"], answer["caller_type"]) == ("unknown", "unknown")
    assert not answer.keys() & {"first_name", "last_name"}
    assert (await house.control("GET", ACCOUNT))["balance"].startswith(balance.rstrip("0"))


@pytest.mark.parametrize("cnam", ["false", "0", "", "yes please"])
async def test_a_name_is_for_who_asks(house: House, cnam: str) -> None:
    """What cannot be read is no wish; source: reference number-insight §3."""
    answer = await ask(house, "standard", US, cnam=cnam)
    assert answer["request_price"] == "0.00500000"
    assert not answer.keys() & {"caller_identity", "caller_name", "caller_type"}


async def test_cnam_means_nothing_on_basic(house: House) -> None:
    """Source: reference number-insight §3."""
    answer = await ask(house, "basic", US, cnam="true")
    assert answer == american(answer["request_id"])


@pytest.mark.parametrize(("profile", "twice"), [("current", ""), ("2020", "  <first_name>Ada</first_name>\n")])
async def test_the_name_in_xml(house: House, profile: str, twice: str) -> None:
    """Hyphens in attributes, and a misspelling that is the service's; source: reference number-insight §8."""
    await house.control("PUT", f"handsets/{US}", {"caller": ADA})
    await house.control("PATCH", ACCOUNT, {"profile": profile})
    xml = await ask_xml(house, "standard", US, cnam="true")

    assert xml.partition("</ported>\n")[2] == (
        '  <caller_identity caller-type="consumer" caller-name="Ada Byron" first-name="Ada" last-name="Byron"/>\n'
        "  <caller_name>Ada Byron</caller_name>\n"
        "  <last_name>Byron</last_name>\n"
        f"  <firs_name>Ada</firs_name>\n{twice}"
        "  <caller_type>consumer</caller_type>\n"
        "</lookup>\n"
    )


# ------------------------------------------------------------------------------------------------------- the people


async def test_phones_that_are_ported_roam_or_are_away(house: House) -> None:
    """By reserved numbers; source: scenario format, reference number-insight §6.4."""
    said = {}
    for digits in ("06", "07", "08", "09", "10", "11", "17"):
        answer = await ask(house, "advanced", f"4477009000{digits}")
        said[digits] = (
            answer["status"],
            answer["lookup_outcome"],
            answer["reachable"],
            answer["ported"],
            answer["roaming"]["status"],
            answer["current_carrier"]["network_type"],
        )
    assert said == {
        "06": (0, 0, "undeliverable", "not_ported", "not_roaming", "mobile"),
        "07": (0, 0, "absent", "not_ported", "not_roaming", "mobile"),
        "08": (43, 1, "unknown", "unknown", "unknown", "mobile"),
        "09": (0, 0, "reachable", "ported", "not_roaming", "mobile"),
        "10": (0, 0, "blacklisted", "not_ported", "not_roaming", "mobile"),
        "11": (44, 1, "unknown", "unknown", "unknown", "landline"),
        "17": (0, 0, "reachable", "not_ported", "roaming", "mobile"),
    }


async def test_acts_change_what_is_found(house: House) -> None:
    """A phone is switched off, taken abroad and to another network."""
    at = f"handsets/{GB}"
    await house.control("POST", f"{at}/power", {"on": False})
    off = await ask(house, "advanced")
    await house.control("POST", f"{at}/power", {"on": True})
    await house.control("POST", f"{at}/roam", {"to": "FR"})
    await house.control("POST", f"{at}/port", {"network": "23415"})
    moved = await ask(house, "advanced")
    standard = await ask(house, "standard")

    assert off["reachable"] == "absent"
    assert moved["reachable"] == "reachable"
    assert moved["current_carrier"]["network_code"] == "23415"
    assert moved["original_carrier"] == O2
    assert (moved["ported"], standard["ported"]) == ("ported", "ported")
    assert (moved["roaming"]["status"], moved["roaming"]["roaming_country_code"]) == ("roaming", "FR")
    assert moved["roaming"]["roaming_network_code"].startswith("208")


async def test_what_is_declared_as_null_is_null(house: House) -> None:
    """In JSON; in XML it is left out; source: reference number-insight §4, §8, §11."""
    nulls = dict.fromkeys(("network", "original_network", "ported", "reachable", "roaming", "valid"))
    await house.control("PUT", f"handsets/{GB}", nulls)
    assert (await house.control("GET", f"handsets/{GB}")).items() >= nulls.items()
    answer, xml = await ask(house, "advanced"), await ask_xml(house, "advanced")
    await house.control("PUT", f"handsets/{GB}", {"type": None})
    members, empty = await ask(house, "standard"), await ask_xml(house, "standard")

    assert answer == {
        **head(answer["request_id"], **PARTIAL),
        **money("0.03000000", "99.97000000"),
        **carriers(None, None),
        "valid_number": None,
        "reachable": None,
        "ported": None,
        "roaming": None,
    }
    assert xml.endswith("  <remaining_balance>99.94000000</remaining_balance>\n</lookup>\n")
    nothing = dict.fromkeys(O2)
    assert members["current_carrier"] == members["original_carrier"] == nothing
    assert members["ported"] == "unknown"
    assert "  <current_carrier/>\n  <original_carrier/>\n" in empty


@pytest.mark.parametrize(
    "facts",
    [
        {"network": None},
        {"original_network": None},
        {"type": None},
        {"ported": None},
        {"ported": "unknown"},
        {"reachable": None},
        {"reachable": "unknown"},
        {"roaming": None},
        {"valid": None},
    ],
)
async def test_one_thing_that_is_not_known_makes_a_success_a_partial_one(house: House, facts: dict[str, Any]) -> None:
    """Which is charged all the same; source: reference number-insight §6.4 ("some fields populated"), §9."""
    await house.control("PUT", f"handsets/{GB}", facts)
    answer = await ask(house, "advanced")
    said = {name: answer[name] for name in ("status", "lookup_outcome", "lookup_outcome_message", "remaining_balance")}
    assert said == {
        "status": 0,
        "lookup_outcome": 1,
        "lookup_outcome_message": "Partial success - some fields populated",
        "remaining_balance": "99.97000000",
    }
    assert "refund_price" not in answer


async def test_an_owned_number_is_no_person(house: House) -> None:
    """One whose digits say mobile is at home; one of which they say nothing is virtual, which nothing serves."""
    british, us = await ask(house, "advanced", "447700900000"), await ask(house, "advanced", "12015550100")

    assert british == {
        **head(british["request_id"], "447700900000", "07700 900000", **WHOLE),
        **money("0.03000000", "99.97000000"),
        **carriers(O2, O2),
        **LIVE,
    }
    assert (us["status"], us["lookup_outcome"], us["current_carrier"]["network_type"]) == (45, 1, "virtual")


async def test_an_american_number_that_no_table_places_is_partly_known(house: House) -> None:
    """Status 0 and outcome 1; source: reference number-insight §6.4."""
    answer = await ask(house, "advanced", "12015550123")
    nobody = {"network_code": "NONE", "name": "Unknown", "country": "US", "network_type": "unknown"}
    assert (answer["status"], answer["lookup_outcome"]) == (0, 1)
    assert answer["current_carrier"] == answer["original_carrier"] == nobody
    assert {name: answer[name] for name in SILENT} == SILENT


# ------------------------------------------------------------------------------------------------------------ prices


async def test_prices_are_settings(house: House) -> None:
    """Source: reference number-insight §9, §11."""
    later = {"insight_price_advanced": "0.04 EUR", "insight_price_cnam": "0.01025 EUR"}
    await house.control("PATCH", "settings", {**later, "insight_price_standard": "0"})
    answer = await ask(house, "advanced", US, cnam="true")
    free = await ask(house, "standard")

    assert (answer["request_price"], answer["remaining_balance"]) == ("0.05025000", "99.94975000")
    assert (free["request_price"], free["remaining_balance"]) == ("0.00000000", "99.94975000")


@pytest.mark.parametrize("price", ["-1 EUR", "much", "1 USD", 5])
async def test_what_is_no_price_is_refused(house: House, price: object) -> None:
    """Before anything is changed."""
    answer = await house.client.patch("/_fake/worlds/default/settings", json={"insight_price_advanced": price})
    assert answer.status_code == 422
    assert "insight_price_advanced" in answer.text


async def test_an_unlimited_account_is_charged_nothing(house: House) -> None:
    """Its balance stays; the price is named."""
    await house.control("PATCH", ACCOUNT, {"balance": "unlimited"})
    before = (await ask(house, "advanced"))["remaining_balance"]
    answer = await ask(house, "advanced", cnam="true")
    assert (answer["request_price"], answer["remaining_balance"]) == ("0.04000000", before)


async def test_a_balance_that_falls_low_is_reloaded(house: House) -> None:
    """As after any other charge; source: reference account §3."""
    reload = {"trx": "00X", "amount": "10.00 EUR", "threshold": "99.99 EUR"}
    await house.control("PATCH", ACCOUNT, {"auto_reload": reload})
    await ask(house, "advanced")
    await house.advance("6m")
    assert (await ask(house, "standard"))["remaining_balance"] == "109.96500000"
