"""The whole example of the scenario format, and the names that the house knows: what tests of scenarios begin with."""

from __future__ import annotations

from fake_nexmo.apis import REGISTRY
from fake_nexmo.scenario.vocabulary import vocabulary
from tests.live import ROOT

NAMES = vocabulary({api.name: api for api in REGISTRY})

EXAMPLE = (ROOT / "examples" / "shop" / "otp-on-a-bad-day.yaml").read_text()
