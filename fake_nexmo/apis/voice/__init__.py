"""The Voice API: calls."""

from __future__ import annotations

from fake_nexmo.apis.voice import arrive_rules, flow, graph_rules, ivr_wire, replies, routes, sockets
from fake_nexmo.apis.voice.model import OWNER, Call
from fake_nexmo.web.api import Api, Endpoint, Operation, Report

_ALL = "/v1/calls"
_ONE = "/v1/calls/{uuid}"

_NCCO = ("files that an NCCO plays are not fetched: every one lasts five seconds",)
_SOCKETS = (
    "tones instead of voices on websockets, and no words in what an app says there",
    "no limit to what an app has queued on a websocket",
    "each websocket belongs to one worker",
)
_STREAM = ("the file is not fetched: every one lasts five seconds",)


def _operation(
    name: str, path: str, method: str, endpoint: Endpoint, mark: str, source: str, gaps: tuple[str, ...] = ()
) -> Operation:
    source = f"voice §1.1, {source}"
    return Operation(f"{OWNER}.{name}", (path,), (method,), endpoint, mark=mark, source=source, gaps=gaps)


API = Api(
    name=OWNER,
    title="Voice",
    operations=(
        Operation(
            "voice.create_call",
            (_ALL, "/v2/calls"),
            ("POST",),
            routes.create_call,
            mark="B",
            source="voice §1.1, §4",
            gaps=(*_NCCO, "audio to and from SIP endpoints", *_SOCKETS),
        ),
        _operation("list_calls", _ALL, "GET", routes.list_calls, "A", "§5"),
        _operation("get_call", _ONE, "GET", routes.get_call, "A", "§6"),
        _operation("modify_call", _ONE, "PUT", routes.modify_call, "B", "§7", _NCCO),
        _operation("start_talk", f"{_ONE}/talk", "PUT", routes.start_talk, "B", "§8.2"),
        _operation("stop_talk", f"{_ONE}/talk", "DELETE", routes.stop_talk, "B", "§8.2"),
        _operation("start_stream", f"{_ONE}/stream", "PUT", routes.start_stream, "B", "§8.1", _STREAM),
        _operation("stop_stream", f"{_ONE}/stream", "DELETE", routes.stop_stream, "B", "§8.1"),
        _operation("send_dtmf", f"{_ONE}/dtmf", "PUT", routes.send_dtmf, "B", "§8.3"),
        _operation("subscribe_dtmf", f"{_ONE}/input/dtmf", "PUT", routes.subscribe_dtmf, "B", "§8.4"),
        _operation("unsubscribe_dtmf", f"{_ONE}/input/dtmf", "DELETE", routes.unsubscribe_dtmf, "B", "§8.4"),
        Operation(
            "voice.get_recording",
            ("/v1/files/{id}", "/v1/files", "/media/download"),
            ("GET",),
            routes.get_recording,
            mark="B",
            source="ncco §8, auth §6.6",
            gaps=("tones instead of voices, and WAV whatever format was asked for",),
        ),
    ),
    word_refusal=replies.word_refusal,
    wrong_verb=routes.wrong_verb,
    timers=flow.TIMERS,
    sockets=sockets.SOCKETS,
    webhooks=flow.WEBHOOKS,
    on_leg=flow.on_leg,
    on_press=flow.on_press,
    on_call=arrive_rules.arrive,
    reports={
        "ivr": Report(
            Call,
            lambda calls: graph_rules.graph(call.way for call in calls),
            ivr_wire.say,
            {"mermaid": ("text/vnd.mermaid", ivr_wire.mermaid), "table": ("text/plain", ivr_wire.table)},
        )
    },
    troubles=replies.TROUBLES,
    trouble=replies.trouble,
)
