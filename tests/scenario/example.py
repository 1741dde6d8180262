"""The whole example of the scenario format, and the names that the house knows: what tests of scenarios begin with."""

from __future__ import annotations

from fake_nexmo.apis import REGISTRY
from fake_nexmo.scenario.vocabulary import vocabulary

NAMES = vocabulary({api.name: api for api in REGISTRY})

EXAMPLE = r"""
# yaml-language-server: $schema=./fake-nexmo.schema.json
version: 1
scenario: otp-on-a-bad-day
seed: 42                        # ids, codes, dice: all from this
clock: {start: 2026-03-01T09:00:00Z, mode: manual}
vars: {app: "http://127.0.0.1:8000"}

world:
  settings: {profile: current}
  accounts:
    main:
      api_key: abcd1234
      api_secret: s3cr3tS3cr3t
      signature: {secret: test-signature-secret-0000000000001, method: sha256}
      balance: 2.00 EUR
      limits: {sms: 30/s}
      webhooks: {inbound_sms: "{app}/in", receipts: "{app}/dlr", method: POST-JSON, signed: true}
  applications:
    ivr: {account: main, keys: generate, voice: {answer_url: "{app}/answer", event_url: "{app}/event"}}
  networks:
    "23410": {name: O2 UK, country: GB, type: mobile, sms: 0.0412 EUR, voice: 0.0127 EUR}
  numbers:
    "447700900000": {account: main, country: GB, features: [SMS, VOICE], application: ivr, cost: 1.25 EUR}

handsets:
  alice:
    number: "447700900001"
    network: "23410"
    like: answers
    receipts: {after: 2s, status: delivered}
    on_call:
      - answer: {after: 3s}
      - press: "1"
        when_heard: /for sales/i
        within: 20s
        else: hang_up
      - say: yes please
      - hang_up: {after: 5s}
    on_sms:
      - {reply: STOP, if_text: /offer/i, after: 4s}
    on_code:                                    # the person types the code into *your* app
      - submit: {url: "{app}/login/otp", form: {phone: "{number}", code: "{wrong_code}"}}
      - submit: {url: "{app}/login/otp", form: {phone: "{number}", code: "{code}"}, after: 10s}
  bob:   {number: "447700900002", network: "23410", like: busy}
  carol: {number: "447700900003", network: "23410", like: answers}
  crowd: {range: 447700900100..447700900999, mix: {answers: 90%, unreachable: 7%, wrong-coder: 3%}, sticky: true}

faults:                                         # ordered; the first that matches acts
  throttled:  {target: sms.send, account: main, calls: 1..2, answer: throttled}
  lost-reply: {target: voice.create_call, call: 1, effect: applied, then: drop_connection}
  flaky:      {target: insight.*, chance: 5%, answer: {http: 503, retry_after: 2s}}
  slow:       {target: verify.check, delay: {median: 800ms, p99: 4s}}
  twice:      {target: webhook.receipt, to: alice, repeat: 2, gap: 300ms, order: shuffled}
  too-early:  {target: webhook.receipt, call: 3, deliver: before_response}
  outage:     {target: network.23410, starts: 5m, for: 15m, receipts: {status: failed, err_code: "1"}}

timeline:
  - {at: 0s, handset: alice, send_sms: {to: "447700900000", text: JOIN}}
  - {at: +30s, handset: bob, call: {to: "447700900000"}}          # + counts from the step before
  - {when: verify.started, to: carol, after: 10s, handset: carol, do: power_off}  # an act without arguments is do: NAME
  - {at: 5m, account: main, set: {balance: 0 EUR}}

expect:
  - {message: {to: alice, text: "/code: \\d{4}/i"}, count: 1, before: 5s, as: otp}
  - {webhook: {kind: receipt, about: otp, answered: 2xx}}
  - {call: {to: alice, ended: completed, heard: [/welcome/i, /for sales/i], lasted: 8s..}}
  - {never: {message: {to: bob}}}
  - {spent: {account: main, at_most: 0.20 EUR}}
  - {order: [otp, otp.receipt]}

strict: {unexpected_message: fail, unused_fault: fail, failed_webhook: fail, unknown_number: warn}
"""
