"""Send one SMS with the official library: ``python send.py 447700900201 "Your parcel is here"``.

It takes its credentials from the environment and knows nothing of fake-nexmo, which it finds when it is started by it:
``fake-nexmo run --scenario parcel.yaml -- python send.py 447700900201 "Your parcel is here"``. That ends with 1 when
the message is not the one that the scenario expects.
"""

from __future__ import annotations

import os
import sys

from vonage import Auth, Vonage
from vonage_sms import SmsMessage
from vonage_sms.errors import SmsError


def main(to: str, text: str) -> int:
    """Send it; the exit status."""
    client = Vonage(Auth(api_key=os.environ["VONAGE_API_KEY"], api_secret=os.environ["VONAGE_API_SECRET"]))
    try:
        sent = client.sms.send(SmsMessage(to=to, from_="Acme", text=text))
    except SmsError as error:
        print(f"not sent: {error}", file=sys.stderr)
        return 2
    print(sent.messages[0].message_id)
    return 0


sys.exit(main(*sys.argv[1:]))
