"""The registry of emulated APIs, and nothing else."""

from __future__ import annotations

from fake_nexmo.apis import account, application, insight, numbers, pricing, sms, verify, voice

REGISTRY = (sms.API, account.API, insight.API, pricing.API, numbers.API, verify.API, application.API, voice.API)
