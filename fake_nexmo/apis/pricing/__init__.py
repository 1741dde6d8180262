"""The Pricing API: what an SMS or a call costs, by country, calling code or number."""

from __future__ import annotations

from fake_nexmo.apis.pricing import model, routes
from fake_nexmo.web.api import Api, Operation

_COUNTRY = "/account/get-pricing/outbound"
_FULL = "/account/get-full-pricing/outbound"
_PREFIX = "/account/get-prefix-pricing/outbound"
_PHONE = "/account/get-phone-pricing/outbound/{product}"

API = Api(
    name="pricing",
    title="Pricing",
    operations=(
        Operation(
            "pricing.country",
            (_COUNTRY, f"{_COUNTRY}/{{product}}", f"{_COUNTRY}/{{key}}/{{secret}}/{{country}}"),
            ("GET",),
            routes.country,
            mark="B",
            source="pricing §1, §2, §3, §4",
        ),
        Operation(
            "pricing.full",
            (_FULL, f"{_FULL}/{{product}}"),
            ("GET",),
            routes.full,
            mark="D",
            source="pricing §2, §4",
        ),
        Operation(
            "pricing.prefix",
            (_PREFIX, f"{_PREFIX}/{{product}}"),
            ("GET",),
            routes.prefix,
            mark="B",
            source="pricing §2, §3, §4",
        ),
        Operation(
            "pricing.phone",
            (_PHONE, f"{_PHONE}/{{key}}/{{secret}}/{{phone}}"),
            ("GET",),
            routes.phone,
            mark="C",
            source="pricing §2, §5",
        ),
    ),
    word_refusal=routes.word_refusal,
    wrong_verb=routes.wrong_verb,
    troubles=model.TROUBLES,
    trouble=routes.trouble,
)
