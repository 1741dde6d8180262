"""The Application API, versions 1 and 2: two views of the same applications."""

from __future__ import annotations

from fake_nexmo.apis.application import model, routes
from fake_nexmo.web.api import Api, Operation

_ALL = ("/v1/applications", "/v2/applications")
_ONE = ("/v1/applications/{id}", "/v2/applications/{id}")

API = Api(
    name="application",
    title="Application",
    operations=(
        Operation(
            "application.create",
            _ALL,
            ("POST",),
            routes.create,
            mark="B",
            source="application §2, §3, §4",
            gaps=("reproducible key pairs beyond the 16th of a world",),
        ),
        Operation("application.list", _ALL, ("GET",), routes.list_all, mark="B", source="application §3.3, §4.6"),
        Operation("application.get", _ONE, ("GET",), routes.get, mark="B", source="application §3.3, §4.3"),
        Operation("application.update", _ONE, ("PUT",), routes.update, mark="B", source="application §3.2, §4.4, §7"),
        Operation("application.delete", _ONE, ("DELETE",), routes.delete, mark="D", source="application §4.5"),
    ),
    word_refusal=routes.word_refusal,
    wrong_verb=routes.wrong_verb,
    troubles=model.TROUBLES,
    trouble=routes.trouble,
)
