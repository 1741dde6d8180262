# mypy: ignore-errors
"""Drives the voice calls of `vonage` 4 unmodified: one JSON command a line in, one JSON outcome a line out.

It runs in the library's own virtual environment, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys

from vonage import Auth, HttpClientOptions, Vonage
from vonage_voice import AudioStreamOptions, CreateCallRequest, ListCallsFilter, TtsStreamOptions
from vonage_voice.models import AnswerWebhook
from vonage_voice.models.ncco import Connect, Conversation, Input, Notify, Record, Stream, Talk, Transfer, Wait

ACTIONS = {
    "connect": Connect,
    "conversation": Conversation,
    "input": Input,
    "notify": Notify,
    "record": Record,
    "stream": Stream,
    "talk": Talk,
    "transfer": Transfer,
    "wait": Wait,
}


class Driver:
    """What can be asked of the library."""

    def __init__(self) -> None:
        self.voice = None

    def connect(self, auth, options=None):
        """Make the client that the next calls use."""
        self.voice = Vonage(Auth(**auth), HttpClientOptions(**(options or {}))).voice

    def create(self, **request):
        """Call somebody; the actions of an NCCO are made by the library's own models."""
        if "ncco" in request:
            request["ncco"] = _made(request["ncco"])
        return self.voice.create_call(CreateCallRequest(**request)).model_dump()

    def build(self, ncco):
        """An NCCO as an application's server gives it, made by the library's own models."""
        return [each.model_dump(by_alias=True, exclude_none=True) for each in _made(ncco)]

    def answer(self, **params):
        """What an application is asked an NCCO for, as its server reads that."""
        return AnswerWebhook.model_validate(params).model_dump(by_alias=True, exclude_unset=True)

    def list(self, **filters):
        """A page of calls, and the index of the next one."""
        calls, following = self.voice.list_calls(ListCallsFilter(**filters))
        return [[each.model_dump() for each in calls], following]

    def get(self, uuid):
        """One call."""
        return self.voice.get_call(uuid).model_dump()

    def transfer(self, uuid, text="", url=""):
        """Have a call run another NCCO."""
        if url:
            return self.voice.transfer_call_answer_url(uuid, url)
        return self.voice.transfer_call_ncco(uuid, [Talk(text=text, loop=0)])

    def do(self, method, uuid):
        """Hang up, mute, unmute, earmuff, unearmuff: what has no parameters and no answer."""
        return getattr(self.voice, method)(uuid)

    def stream(self, uuid, **options):
        """Play a recording."""
        return self.voice.play_audio_into_call(uuid, AudioStreamOptions(**options)).model_dump()

    def talk(self, uuid, **options):
        """Say a text."""
        return self.voice.play_tts_into_call(uuid, TtsStreamOptions(**options)).model_dump()

    def stop(self, method, uuid):
        """Stop what is played."""
        return getattr(self.voice, method)(uuid).model_dump()

    def download(self, url, path):
        """Fetch a recording into a file."""
        return self.voice.download_recording(url, path)

    def dtmf(self, uuid, digits):
        """Press keys."""
        return self.voice.play_dtmf_into_call(uuid, digits).model_dump()


def _made(ncco):
    return [ACTIONS[each["action"]](**{k: v for k, v in each.items() if k != "action"}) for each in ncco]


def main() -> None:
    """Obey until the input ends."""
    driver = Driver()
    for line in sys.stdin:
        told = json.loads(line)
        try:
            outcome = getattr(driver, told["call"])(**told["params"])
        except Exception as error:  # noqa: BLE001 - whatever the library raises is the outcome
            response = getattr(error, "response", None)
            status = None if response is None else response.status_code
            outcome = {"raised": type(error).__name__, "status": status, "text": str(error)}
        print(json.dumps(outcome), flush=True)


main()
