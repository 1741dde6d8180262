"""The registry of emulated APIs, and nothing else."""

from __future__ import annotations

from fake_nexmo.apis import account, sms

REGISTRY = (sms.API, account.API)
