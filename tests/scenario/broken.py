"""Broken scenarios, each with everything that is said of it: the table that the loader is tested by."""

from __future__ import annotations

BROKEN: dict[str, tuple[str, ...]] = {
    "- a list": ("1:1: a scenario is a table, such as world: {…}",),
    "seed: 4: 5": ("1:8: this is no YAML: mapping values are not allowed in this context",),
    "a: 1\na: 2": ("2:1: a: 'a' stands here twice; it was in line 1",),
    "[1]: 2": ("1:1: a key is a text; put quotes around what begins with a brace",),
    "seeed: 42": ("1:1: seeed: 'seeed' is not known here; did you mean 'seed'?",),
    "version: 2": ("1:1: version: 1 is expected here, not '2'",),
    "seed: many": ("1:1: seed: a whole number is expected here, not 'many'",),
    "clock: {start: yesterday, mode: fast}": (
        "1:9: clock.start: 'yesterday' is not an instant; write it like 2026-03-01T09:00:00Z",
        ("1:27: clock.mode: 'fast' is not a clock mode; take real, xN (such as x60, up to x1000000), manual or auto"),
    ),
    "world: {acounts: {}}": ("1:9: world.acounts: 'acounts' is not known here; did you mean 'accounts'?",),
    "world: {settings: {profle: current}}": (
        "1:20: world.settings.profle: no setting is called 'profle'; did you mean 'profile'?",
    ),
    "world: {settings: {profile: 2019}}": (
        "1:20: world.settings.profile: setting 'profile' cannot be '2019'; it takes 'current', '2020'",
    ),
    "world: {settings: {conversion_api: maybe}}": (
        ("1:20: world.settings.conversion_api: setting 'conversion_api' cannot be 'maybe'; it takes true, false"),
    ),
    "world: {settings: {code_form: {url: ftp://x}}}": (
        (
            "1:20: world.settings.code_form: setting 'code_form': url: 'ftp://x' is no URL; write it like "
            "http://127.0.0.1:8000/login"
        ),
    ),
    "world: {accounts: {main: {balanse: 1 EUR}}}": (
        "1:27: world.accounts.main.balanse: 'balanse' is not known here; did you mean 'balance'?",
    ),
    "world: {accounts: {main: {balance: a lot}}}": (
        (
            '1:27: world.accounts.main.balance: "a lot" is not an amount of money: write it like "100.00 '
            'EUR" or "0.0412"'
        ),
    ),
    "world: {accounts: {main: {balance: -1 EUR}}}": ("1:27: world.accounts.main.balance: '-1 EUR' is below zero",),
    "world: {accounts: {main: {limits: {sms: 30/m}}}}": (
        "1:36: world.accounts.main.limits.sms: '30/m' is no rate; write it like 30/s",
    ),
    "world: {accounts: {main: {webhooks: {method: PSOT, signed: maybe, receipts: ftp://x}}}}": (
        (
            "1:38: world.accounts.main.webhooks.method: one of GET, POST, POST-JSON is expected here, not "
            "'PSOT'; did you mean 'POST'?"
        ),
        "1:52: world.accounts.main.webhooks.signed: true or false is expected here, not 'maybe'",
        ("1:67: world.accounts.main.webhooks.receipts: 'ftp://x' is no URL; it must begin with http:// or https://"),
    ),
    "world: {accounts: {main: {signature: {method: sha257}}}}": (
        (
            "1:39: world.accounts.main.signature.method: one of md5hash, md5, sha1, sha256, sha512 is "
            "expected here, not 'sha257'; did you mean 'sha256'?"
        ),
    ),
    "world: {accounts: {main: {api_secret: a, api_secrets: [b]}}}": (
        ("1:42: world.accounts.main.api_secrets: api_secret and api_secrets are two spellings of one fact; keep one"),
    ),
    "world: {accounts: {main: {api_key: ''}}}": (
        "1:27: world.accounts.main.api_key: an account needs a key; leave it out, and one is drawn",
    ),
    "world: {accounts: {a: {api_key: same}, b: {api_key: same}}}": (
        "1:44: world.accounts.b.api_key: account 'a' has the same key",
    ),
    "world: {accounts: {main: 12}}": ("1:20: world.accounts.main: a table is expected here, not '12'",),
    "world: {accounts: {main: {}}, applications: {ivr: {account: mian}}}": (
        "1:52: world.applications.ivr.account: no account is called 'mian'; did you mean 'main'?",
    ),
    "world: {applications: {ivr: {voice: {}}}}": ("1:24: world.applications.ivr: 'account' is missing here",),
    "world: {applications: {ivr: {account: main, public_key: nonsense}}}": (
        (
            "1:45: world.applications.ivr.public_key: that is no public RSA key; it is PEM that begins "
            "-----BEGIN PUBLIC KEY-----"
        ),
    ),
    "world: {applications: {ivr: {account: main, public_key_file: missing.pem}}}": (
        "1:62: world.applications.ivr.public_key_file: 'missing.pem' cannot be read",
    ),
    "world: {applications: {ivr: {account: main, voice: {answer_ulr: 'http://127.0.0.1'}}}}": (
        "1:45: world.applications.ivr.voice: 'answer_ulr' is not known here; did you mean 'answer_url'?",
    ),
    "world: {applications: {a: {account: main, id: x}, b: {account: main, id: x}}}": (
        "1:70: world.applications.b.id: application 'a' has the same id",
    ),
    "world: {numbers: {'12': {account: main, country: GB}}}": (
        "1:19: world.numbers.12: '12' is no phone number; write E.164 digits such as 447700900001",
    ),
    "world: {numbers: {'447700900000': {account: main, country: US}}}": (
        "1:51: world.numbers.447700900000.country: 'US' contradicts the digits, which belong to GB",
    ),
    (
        "world: {numbers: {'447700900000': {account: main, country: GB}, '+447700900000': {account: main, "
        "country: GB}}}"
    ): ("1:65: world.numbers.+447700900000: 447700900000 stands here twice",),
    "world: {numbers: {'447700900000': {account: main, country: GB, application: ivr}}}": (
        "1:64: world.numbers.447700900000.application: no application is called 'ivr'; there are: main",
    ),
    "world: {numbers: {'447700900000': {account: main}}}": (
        "1:19: world.numbers.447700900000: 'country' is missing here",
    ),
    "world: {networks: {O2: {name: O2}}}": (
        "1:20: world.networks.O2: 'O2' is no network; write its MCC and MNC, such as 23410",
    ),
    "world: {networks: {'99999': {sms: 0.04 EUR}}}": (
        (
            "1:20: world.networks.99999: the built-in table has no network 99999, so its name and its "
            "country must be said"
        ),
    ),
    "world: {networks: {'23410': {country: FR}}}": (
        "1:30: world.networks.23410.country: 'FR' contradicts the code, which belongs to GB",
    ),
    "handsets: {alice: {like: answers}}": ("1:12: handsets.alice: a handset needs a number, or a range of them",),
    "handsets: {alice: {number: '4477'}}": (
        "1:20: handsets.alice.number: '4477' is no phone number; write E.164 digits such as 447700900001",
    ),
    "handsets: {alice: {number: '447700900001', range: 447700900100..447700900199}}": (
        "1:20: handsets.alice.number: a range of phones has range, mix, like, sticky alone, not 'number'",
    ),
    "handsets: {alice: {number: '447700900001', like: bussy}}": (
        "1:44: handsets.alice.like: no character is called 'bussy'; did you mean 'busy'?",
    ),
    "handsets: {alice: {number: '447700900001', network: '23499'}}": (
        (
            "1:44: handsets.alice.network: no network 23499 is known; with that country code there are "
            "23410, 23415, 23420, 23430, 23431, 23432, 23433, 23434; others can be declared in world.networks"
        ),
    ),
    "handsets: {alice: {number: '447700900001', roaming: {network: '99901'}}}": (
        (
            "1:54: handsets.alice.roaming.network: no network 99901 is known; none has that country code; "
            "others can be declared in world.networks"
        ),
    ),
    "handsets: {alice: {number: '447700900000'}}": (
        "1:20: handsets.alice.number: 447700900000 is owned by an account, so nobody is behind it",
    ),
    "handsets: {a: {number: '447700900001'}, b: {number: '+447700900001'}}": (
        "1:45: handsets.b.number: 447700900001 is the number of 'a' too",
    ),
    "handsets: {a: {number: '447700900001', receipts: {after: soon, status: deliverd}}}": (
        (
            "1:51: handsets.a.receipts.after: 'soon' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m "
            "or a number of seconds"
        ),
        (
            "1:64: handsets.a.receipts.status: one of accepted, buffered, delivered, expired, failed, "
            "rejected, unknown is expected here, not 'deliverd'; did you mean 'delivered'?"
        ),
    ),
    "handsets: {a: {number: '447700900001', receipts: {sequence: []}}}": (
        "1:51: handsets.a.receipts.sequence: a sequence holds at least one receipt",
    ),
    "handsets: {a: {number: '447700900001', submission: throtled}}": (
        "1:40: handsets.a.submission: no trouble is called 'throtled'; did you mean 'throttled'?",
    ),
    "handsets: {a: {number: '447700900001', submission: {answer: throttled, calls: 2..1}}}": (
        "1:72: handsets.a.submission.calls: '2..1' is no range of calls; write 3, 1..2 or 2..",
    ),
    "handsets: {a: {number: '447700900001', on_sms: [{reply: hi}, {reply: ho, if_text: /x/}]}}": (
        "1:62: handsets.a.on_sms.1: a step before it takes every message that it would answer",
    ),
    "handsets: {a: {number: '447700900001', on_sms: [{reply: hi, if_text: '/(/'}]}}": (
        (
            "1:61: handsets.a.on_sms.0.if_text: '/(/' is no regular expression: missing ), unterminated "
            "subpattern at position 0"
        ),
    ),
    "handsets: {a: {number: '447700900001', on_call: [{answr: {}}]}}": (
        "1:51: handsets.a.on_call.0.answr: 'answr' is not known here; did you mean 'answer'?",
    ),
    "handsets: {a: {number: '447700900001', on_call: [{answer: {}, say: hi}]}}": (
        (
            "1:50: handsets.a.on_call.0: a step does one thing of answer, reject, press, say, hang_up, wait; "
            "not answer and say"
        ),
    ),
    "handsets: {a: {number: '447700900001', on_call: [{press: 1x}, {say: hi, within: 3s}]}}": (
        "1:51: handsets.a.on_call.0.press: '1x' are no keys; a phone has 0 to 9, * and #, and p pauses",
        ("1:73: handsets.a.on_call.1.within: within goes with when_heard: the words that are waited for"),
    ),
    "handsets: {a: {number: '447700900001', on_call: [{hang_up: {after: 3s}, after: 4s}]}}": (
        ("1:73: handsets.a.on_call.0.after: after stands here twice: in the step and in what is done; keep one"),
    ),
    "handsets: {a: {number: '447700900001', on_code: [{submit: {url: 'http://x', fom: {}}}]}}": (
        "1:77: handsets.a.on_code.0.submit.fom: 'fom' is not known here; did you mean 'form'?",
    ),
    "handsets: {a: {number: '447700900001', on_code: [{after: expird}]}}": (
        "1:50: handsets.a.on_code.0: 'submit' is missing here",
        "1:51: handsets.a.on_code.0.after: 'expird' is not a duration; did you mean 'expired'?",
    ),
    "handsets: {a: {number: '447700900001', power: 'yes'}}": (
        "1:40: handsets.a.power: true or false is expected here, not 'yes'",
    ),
    "handsets: {a: {number: '447700900001', caller: {type: person}}}": (
        "1:49: handsets.a.caller.type: one of consumer, business, unknown is expected here, not 'person'",
    ),
    "handsets: {a: {range: 1..2}}": (
        "1:16: handsets.a.range: '1..2' is no range; write it like 447700900100..447700900999",
    ),
    "handsets: {a: {range: 447700900100..447700900199, mix: {answers: 50%, busy: 40%}}}": (
        "1:51: handsets.a.mix: the shares add up to 90.0%, not to 100%",
    ),
    "handsets: {a: {range: 447700900100..447700900199, mix: {answers: 500%}}}": (
        "1:57: handsets.a.mix.answers: '500%' is no share; write 5% or 0.05",
    ),
    "handsets: {a: {range: 447700900100..447700900199}, b: {range: 447700900110..447700900119}}": (
        "1:56: handsets.b.range: 'a' before it has all of these numbers, so it has none",
    ),
    "faults: {a: {target: sms.sned}}": (
        "1:14: faults.a.target: nothing is called 'sms.sned'; did you mean 'sms.send'?",
    ),
    "faults: {a: {answer: throttled}}": ("1:10: faults.a: 'target' is missing here",),
    "faults: {a: {target: sms.send, answer: throtled}}": (
        "1:32: faults.a.answer: sms.send has no answer 'throtled'; did you mean 'throttled'?",
    ),
    "faults: {a: {target: sms.send, chance: 0}}": ("1:32: faults.a.chance: with a chance of 0 it can never act",),
    "faults: {a: {target: sms.send, chance: 5}}": ("1:32: faults.a.chance: '5' is no share; write 5% or 0.05",),
    "faults: {a: {target: sms.send, call: 1, calls: 1..2}}": (
        "1:41: faults.a.calls: call and calls both say which calls; keep one",
    ),
    "faults: {a: {target: sms.send, call: first}}": (
        "1:32: faults.a.call: a whole number is expected here, not 'first'",
    ),
    "faults: {a: {target: sms.send, account: mian}}": (
        "1:32: faults.a.account: no account is called 'mian'; did you mean 'main'?",
    ),
    "faults: {a: {target: sms.send, to: alcie}, b: {target: sms.send, repeat: 2}}": (
        (
            "1:32: faults.a.to: no phone is called 'alcie'; write a number, a prefix like 4477009*, /a "
            "pattern/ or a name"
        ),
        "1:66: faults.b.repeat: 'repeat' means nothing for a fault on 'sms.send', which is a operation",
    ),
    "faults: {a: {target: sms.send, starts: 5m, for: 0s}}": (
        "1:10: faults.a: it ends when it starts, so it can never act",
    ),
    "faults: {a: {target: sms.send, starts: 5m}}\nends: 5m": (
        "1:32: faults.a.starts: the scenario ends at 5m, so it can never act",
    ),
    "faults: {a: {target: sms.send, until: noon}}": (
        (
            "1:32: faults.a.until: 'noon' is not understood; take spent, disarmed or an instant like "
            "2026-03-01T09:00:00Z"
        ),
    ),
    "clock: {start: 2026-03-01T09:00:00Z}\nfaults: {a: {target: sms.send, until: 2026-02-01T09:00:00Z}}": (
        "2:32: faults.a.until: it ends before it starts, so it can never act",
    ),
    "faults: {a: {target: network.99901, receipts: {status: failed}}}": (
        (
            "1:14: faults.a.target: no network 99901 is known; none has that country code; others can be "
            "declared in world.networks"
        ),
    ),
    "faults: {a: {target: sms.*, answer: throttled}, b: {target: sms.send, answer: barred}}": (
        "1:49: faults.b: 'a' before it acts whenever it would, so it can never act",
    ),
    "faults: {a: {target: sms.send, to: 4477009*}, b: {target: sms.send, to: '447700900001'}}": (
        "1:47: faults.b: 'a' before it acts whenever it would, so it can never act",
    ),
    "faults: {a: {target: sms.send, calls: 1..3}, b: {target: sms.send, call: 2}}": (
        "1:46: faults.b: 'a' before it acts whenever it would, so it can never act",
    ),
    "timeline: [{handset: alice, do: power_off}]": (
        ("1:12: timeline.0: a step says either at which instant it is taken (at), or after which event (when)"),
        "1:13: timeline.0.handset: no phone is called 'alice'; none is declared, or write a number",
    ),
    "timeline: [{at: 1s, handset: alice, do: power_off}]": (
        "1:21: timeline.0.handset: no phone is called 'alice'; none is declared, or write a number",
    ),
    "timeline: [{at: 1s, handset: '447700900001', do: power_of}]": (
        (
            "1:46: timeline.0.do: one of answer, arm, disarm, hang_up, power_off, power_on, reject is "
            "expected here, not 'power_of'; did you mean 'power_off'?"
        ),
    ),
    "timeline: [{at: 1s, handset: '447700900001', do: power_off, say: hi}]": (
        "1:12: timeline.0: a step is one act; not say and do",
    ),
    "timeline: [{at: 1s, handset: '447700900001'}]": ("1:12: timeline.0: a step is one act; such as do: power_off",),
    "timeline: [{at: 1s, do: power_off}]": (
        "1:12: timeline.0: power_off is an act of the handset's; say which handset",
    ),
    "timeline: [{at: 1s, fault: outage, do: arm}]": (
        "1:21: timeline.0.fault: no fault is called 'outage'; there are none",
    ),
    "timeline: [{at: 1s, account: mian, set: {balance: 0 EUR}}]": (
        "1:21: timeline.0.account: no account is called 'mian'; did you mean 'main'?",
    ),
    "timeline: [{at: soon, note: hi}]": (
        (
            "1:13: timeline.0.at: 'soon' is no instant; write 30s from the start, +30s from the step before, "
            "or 2026-03-01T09:00:00Z"
        ),
    ),
    "timeline: [{at: 1s, to: '447700900001', note: hi}]": (
        "1:21: timeline.0.to: to goes with when: it says which event, or how long after it",
    ),
    "timeline: [{when: verify.begun, note: hi}]": (
        "1:13: timeline.0.when: no event is called 'verify.begun'; did you mean 'verify.failed'?",
    ),
    "timeline: [{at: 1s, handset: '447700900001', send_sms: {to: '447700900009', text: JOIN}}]": (
        (
            "1:57: timeline.0.send_sms.to: nobody in this world owns '447700900009'; owned are: "
            "447700900000, 12015550100"
        ),
    ),
    "timeline: [{at: 1s, handset: '447700900001', send_sms: {text: JOIN}}]": (
        "1:46: timeline.0.send_sms: 'to' is missing here",
    ),
    "timeline: [{at: 3m, note: one}, {at: +3m, note: two}]\nends: 5m": (
        "1:34: timeline.1.at: the scenario ends at 5m, so this never happens",
    ),
    "expect: [{count: 1}]": (
        (
            "1:10: expect.0: an expectation is one of message, call, verification, webhook, request, spent, "
            'never, order; such as message: {to: "447700900001"}'
        ),
    ),
    "expect: [{message: {to: alcie}, count: few}]": ("1:33: expect.0.count: 'few' is no count; write 2, 1..3 or 2..",),
    "expect: [{message: {text: /a/}, call: {ended: busy}}]": (
        (
            "1:10: expect.0: an expectation is one of message, call, verification, webhook, request, spent, "
            "never, order; not message and call"
        ),
    ),
    "expect: [{webhook: {kind: reciept, about: otp}}]": (
        "1:21: expect.0.webhook.kind: no kind of webhook is called 'reciept'; did you mean 'receipt'?",
        "1:36: expect.0.webhook.about: no expectation before it is called 'otp'; none has a name (as)",
    ),
    "expect: [{message: {text: /a/}, as: otp}, {message: {text: /b/}, as: otp}]": (
        "1:66: expect.1.as: an expectation before it is called 'otp' too",
    ),
    "expect: [{message: {text: /a/}, before: 5s, after: 5s}]": (
        "1:33: expect.0.before: it is not later than after, so nothing lies between them",
    ),
    "expect: [{call: {lasted: 9s..3s}}]": (
        "1:18: expect.0.call.lasted: '9s..3s' is no period; write 8s.., ..3s or 1s..3s",
    ),
    "expect: [{webhook: {answered: 2x}}]": (
        "1:21: expect.0.webhook.answered: '2x' is no answer; write 2xx, a status such as 204, or none",
    ),
    "expect: [{spent: {account: main}}]": ("1:11: expect.0.spent: say at_most, at_least, or both",),
    "expect: [{never: {spent: {account: main}}}]": (
        (
            "1:19: expect.0.never.spent: 'spent' is not known here; there are message, call, verification, "
            "webhook, request"
        ),
    ),
    "expect: [{order: [otp]}]": (
        "1:19: expect.0.order.0: no expectation before it is called 'otp'; none has a name (as)",
    ),
    "expect: [{request: {operation: sms.sned, fault: flaky}}]": (
        "1:21: expect.0.request.operation: no operation is called 'sms.sned'; did you mean 'sms.send'?",
        "1:42: expect.0.request.fault: no fault is called 'flaky'; there are none",
    ),
    "strict: {unexpected_message: fial}": (
        (
            "1:10: strict.unexpected_message: one of fail, ignore, warn is expected here, not 'fial'; did "
            "you mean 'fail'?"
        ),
    ),
    "vars: {code: 1}": (
        "1:8: vars.code: 'code' is kept for what is filled in when a person types a code; take another",
    ),
    "vars: {App: 1}": ("1:8: vars.App: 'App' cannot name a variable; take small letters, digits and underscores",),
    "vars: {a: '{b}', b: '{a}'}\nscenario: '{a}'": ("1:18: vars.b: the variable 'a' is made from itself: a -> b -> a",),
    "vars: {app: 1}\nscenario: '{ap}'": (
        "2:1: scenario: no variable is called 'ap'; did you mean 'app'?, and {{ is a brace",
    ),
    "faults: {a: {target: sms.send, text: '{code}'}}": (
        "1:32: faults.a.text: {code} is filled in only where a code is typed; write {{ for a brace",
    ),
    "extends: [{a: 1}]": ("1:11: extends.0: what a scenario extends is the name of a file",),
    "ends: soon": ("1:1: ends: 'soon' is not a duration; write 300ms, 3s, 5m, 2h, 1d, 1h30m or a number of seconds",),
    "seed: -1": ("1:1: seed: -1 is no seed; take a whole number from 0 to 9223372036854775807",),
    "world: 1": ("1:1: world: a table is expected here, not '1'",),
    "world: {settings: 1}": ("1:9: world.settings: a table of settings is expected here, not '1'",),
    "world: {settings: {verify_limit: {}}}": (
        "1:20: world.settings.verify_limit: setting 'verify_limit' takes a int, not {}",
    ),
    "world: {applications: {ivr: {account: }}}": ("1:30: world.applications.ivr.account: 'account' is missing here",),
    "world: {networks: {'23410': {country: Britain}}}": (
        "1:30: world.networks.23410.country: 'Britain' is no country; write two letters such as FR",
    ),
    "handsets: {a: {number: '447700900001', on_call: [{press: ''}]}}": (
        "1:51: handsets.a.on_call.0.press: '' are no keys; a phone has 0 to 9, * and #, and p pauses",
    ),
    "handsets: {a: {number: '447700900001', receipts: [1]}}": (
        "1:40: handsets.a.receipts: a table is expected here, not a list",
    ),
    "handsets: {a: {number: '447700900001', on_sms: {reply: hi}}}": (
        "1:40: handsets.a.on_sms: a list is expected here, not a table",
    ),
    "handsets: {a: {number: '447700900001', power: 12345678901234567890123456789012345678901234567890}}": (
        ("1:40: handsets.a.power: true or false is expected here, not '123456789012345678901234567890123456789…'"),
    ),
    "handsets: {a: {number: [1]}}": (
        "1:16: handsets.a.number: a phone number in E.164 digits is expected here, not a list",
    ),
    "handsets: {a: 1, b: }": ("1:12: handsets.a: a table is expected here, not '1'",),
    "faults: {a: {name: b, target: sms.send}}": ("1:14: faults.a.name: its key names it already: 'a'",),
    "timeline: [{at: 1s, fault: a, handset: '447700900001', do: power_on}]": (
        "1:21: timeline.0.fault: power_on is nothing that a fault does",
        "1:21: timeline.0.fault: no fault is called 'a'; there are none",
    ),
    (
        "clock: {start: 2026-03-01T09:00:00Z}\ntimeline: [{at: 2026-03-01T09:00:06Z, note: a}, {at: +1s, "
        "note: b}, {when: call.busy, note: c}, {at: +9s, note: d}]\nends: 5s"
    ): (
        "2:13: timeline.0.at: the scenario ends at 5s, so this never happens",
        "2:50: timeline.1.at: the scenario ends at 5s, so this never happens",
    ),
    "expect: [{call: {lasted: ..}}]": ("1:18: expect.0.call.lasted: '..' is no period; write 8s.., ..3s or 1s..3s",),
    "expect: [{call: {lasted: soon..}}]": (
        "1:18: expect.0.call.lasted: 'soon..' is no period; write 8s.., ..3s or 1s..3s",
    ),
    "expect: [{verification: {number: alcie, account: mian}}]": (
        ("1:26: expect.0.verification.number: no phone is called 'alcie'; none is declared, or write a number"),
        "1:41: expect.0.verification.account: no account is called 'mian'; did you mean 'main'?",
    ),
    "expect: [{never: {}}]": (
        "1:11: expect.0.never: what never happens is one of message, call, verification, webhook, request",
    ),
    "expect: [{message: [1], count: 2..1}]": (
        "1:11: expect.0.message: a table is expected here, not a list",
        "1:25: expect.0.count: '2..1' is no count; write 2, 1..3 or 2..",
    ),
    "vars: 1": ("1:1: vars: a table is expected here, not '1'",),
    "vars: {a: [1]}\nscenario: '{a}'": (
        "1:8: vars.a: a text is expected here, not a list",
        "2:1: scenario: no variable is called 'a'; there are none, and {{ is a brace",
    ),
    "vars: {a: '{b'}\nscenario: '{a}{'\nsed: 1": ("3:1: sed: 'sed' is not known here; did you mean 'seed'?",),
}
