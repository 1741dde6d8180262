"""Parcels on Django, in one file, which calls the service by the typed client of this package.

People log in with a code, are told by SMS that their parcel is there, may answer STOP, and hear on the phone where it
is. The app takes its credentials from the environment, as it would for the real service; what it knows is in Django's
cache. Its tests: ``cd examples/django_app && python -m pytest``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import django
from django.conf import settings
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from fake_nexmo_client import Client, Sms, SmsError, StartVerification, VerifyError, WebhookError, webhooks

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)
django.setup()

SITE = "https://shop.test"
NUMBER = "447700900000"
WRONG = "16"
"""The code of the error for a code that is not the one, while there is another try."""
FINAL = frozenset({"delivered", "expired", "failed", "rejected"})
MENU = [
    {"action": "talk", "text": "Welcome to Acme. Press 1 to hear where your parcel is.", "bargeIn": True},
    {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1}},
]

View = Callable[..., HttpResponse]


def client() -> Client:
    """The service."""
    return Client(api_key=os.environ["NEXMO_API_KEY"], api_secret=os.environ["NEXMO_API_SECRET"])


@require_POST
@csrf_exempt
def begin(request: HttpRequest) -> HttpResponse:
    """``POST /login`` with ``phone``: a code goes there."""
    phone = request.POST["phone"]
    try:
        started = client().verify.start(StartVerification(number=phone, brand="Acme"))
    except VerifyError as error:
        return JsonResponse({"error": str(error)}, status=409)
    cache.set(f"login/{phone}", started.request_id)
    return HttpResponse(status=202)


@require_POST
@csrf_exempt
def hand_in(request: HttpRequest) -> HttpResponse:
    """``POST /login/code`` with ``phone`` and ``code``: 200 for the right one, 422: try again, 410: begin again."""
    try:
        client().verify.check(cache.get(f"login/{request.POST['phone']}"), request.POST["code"])
    except VerifyError as error:
        return HttpResponse(status=422 if error.code == WRONG else 410)
    return HttpResponse()


@require_POST
@csrf_exempt
def announce(request: HttpRequest) -> HttpResponse:
    """``POST /parcels`` with ``phone``: tell somebody that a parcel is there, unless they do not want to hear it."""
    phone = request.POST["phone"]
    cache.add("parcels", 0)
    number = f"P{cache.incr('parcels')}"
    cache.set(f"parcel/{number}", {"phone": phone, "news": "untold"})
    cache.set(f"newest/{phone}", number)
    if cache.get(f"stopped/{phone}"):
        return JsonResponse({"number": number}, status=201)
    text = f"Your parcel {number} is here."
    try:
        client().sms.send(Sms(sender=NUMBER, to=phone, text=text, client_ref=number, callback=f"{SITE}/receipts"))
    except SmsError as error:
        return JsonResponse({"error": error.text}, status=502)
    return JsonResponse({"number": number}, status=201)


@require_GET
def read(_: HttpRequest, number: str) -> HttpResponse:
    """``GET /parcels/{number}``."""
    return JsonResponse(cache.get(f"parcel/{number}"))


# What the service tells.


def signed_sms(view: Callable[[dict[str, Any]], HttpResponse]) -> View:
    """A view for the parameters of an SMS webhook that the account's secret signed."""

    @require_GET
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        params = request.GET.dict()
        try:
            webhooks.check_sms_signature(params, os.environ["NEXMO_SIGNATURE_SECRET"])
        except WebhookError:
            return HttpResponse(status=401)
        return view(params)

    return checked


def signed_call(view: Callable[[dict[str, Any]], HttpResponse]) -> View:
    """A view for the parameters of a voice webhook that the account's secret signed."""

    @csrf_exempt
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        query = request.META["QUERY_STRING"]
        try:
            webhooks.check_token(
                request.headers.get("Authorization", ""),
                os.environ["NEXMO_SIGNATURE_SECRET"],
                body=request.body,
                query=query,
            )
        except WebhookError:
            return HttpResponse(status=401)
        return view(webhooks.read_params(query=query, body=request.body))

    return checked


@signed_sms
def take_receipt(params: dict[str, Any]) -> HttpResponse:
    """``GET /receipts``: what became of an SMS; a receipt that comes after the final one changes nothing."""
    receipt = webhooks.parse_receipt(params)
    parcel = cache.get(f"parcel/{receipt.client_ref}")
    if parcel["news"] not in FINAL:
        cache.set(f"parcel/{receipt.client_ref}", {**parcel, "news": receipt.status})
    return HttpResponse(status=204)


@signed_sms
def take_sms(params: dict[str, Any]) -> HttpResponse:
    """``GET /inbound``: what somebody wrote."""
    sms = webhooks.parse_inbound_sms(params)
    if sms.keyword == "STOP":
        cache.set(f"stopped/{sms.sender}", value=True)
    return HttpResponse(status=204)


@signed_call
def answer(_: dict[str, Any]) -> HttpResponse:
    """``GET /answer``: what a caller hears first."""
    return JsonResponse(MENU, safe=False)


@signed_call
def take_event(event: dict[str, Any]) -> HttpResponse:
    """``POST /event``: a key that a caller pressed is answered; what else happens to a call is of no interest."""
    if "dtmf" not in event:
        return HttpResponse(status=204)
    if event["dtmf"]["digits"] != "1":
        return JsonResponse(MENU, safe=False)
    number = cache.get(f"newest/{event['from']}")
    told = f"Your parcel {number} is ready." if number else "There is no parcel for you."
    return JsonResponse([{"action": "talk", "text": told}], safe=False)


urlpatterns = [
    path("login", begin),
    path("login/code", hand_in),
    path("parcels", announce),
    path("parcels/<number>", read),
    path("receipts", take_receipt),
    path("inbound", take_sms),
    path("answer", answer),
    path("event", take_event),
]

app = get_wsgi_application()
