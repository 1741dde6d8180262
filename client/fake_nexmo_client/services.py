"""The services of a `Client`: one method for each operation, each of them a plan that is carried out.

`async_services` says the same with ``await``.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from fake_nexmo_client import application, call, developer, insight, sms, verify
from fake_nexmo_client.exchange import Plan

T = TypeVar("T")


class Face(Protocol):
    """What carries a plan out: a `Client`."""

    def do(self, plan: Plan[T], base_url: str) -> T:
        """Carry out a plan at a base URL."""
        ...


class Service:
    """What all services share.

    Attributes:
        base_url: where the operations are, with or without a slash at its end; set it at any time.
    """

    def __init__(self, face: Face, base_url: str) -> None:
        self._face = face
        self.base_url = base_url

    def _do(self, plan: Plan[T]) -> T:
        return self._face.do(plan, self.base_url)


class SmsService(Service):
    """Text messages."""

    def send(self, message: sms.Sms) -> sms.SmsReply:
        """Send a message.

        Raises:
            SmsError: the service did not take all of it; ``code`` is the status, ``reply`` the whole reply.

        >>> reply = client.sms.send(Sms(sender="Acme", to="447700900001", text="Hello"))
        >>> [(part.status, part.to, part.network) for part in reply.messages]
        [('0', '447700900001', '23410')]
        """
        return self._do(sms.send(message))


class InsightService(Service):
    """What is known of a number. With the soft statuses 43, 44 and 45 a reply is ``partial``, and no error."""

    def basic(self, number: str, *, country: str | None = None) -> insight.BasicInsight:
        """Look at the form and the country of a number; free.

        Raises:
            InsightError: the number cannot be one, or the credentials are wrong.

        >>> client.insight.basic("07700 900001", country="GB").international_format_number
        '447700900001'
        """
        return self._do(insight.basic(number, country=country))

    def standard(self, number: str, *, country: str | None = None, cnam: bool = False) -> insight.StandardInsight:
        """Look up the networks of a number too, and with ``cnam`` the caller's name.

        Raises:
            InsightError: the number cannot be one, the credentials are wrong, or the balance is spent.

        >>> client.insight.standard("447700900001").current_carrier.network_code
        '23410'
        """
        return self._do(insight.standard(number, country=country, cnam=cnam))

    def advanced(
        self, number: str, *, country: str | None = None, cnam: bool = False, ip: str | None = None
    ) -> insight.AdvancedInsight:
        """Look up whether a phone can be reached, too.

        Raises:
            InsightError: the number cannot be one, the credentials are wrong, or the balance is spent.

        >>> client.insight.advanced("447700900001").reachable
        'reachable'
        """
        return self._do(insight.advanced(number, country=country, cnam=cnam, ip=ip))


class VerifyService(Service):
    """Whether a number belongs to the person who names it."""

    def start(self, request: verify.StartVerification) -> verify.Started:
        """Start a verification: a code goes to the number.

        Raises:
            VerifyError: it was not started; with code "10" its ``request_id`` is the one that runs already.

        >>> client.verify.start(StartVerification(number="447700900002", brand="Acme")).status
        '0'
        """
        return self._do(verify.start(request))

    def check(self, request_id: str, code: str, *, ip_address: str | None = None) -> verify.Checked:
        """Check the code that the person typed.

        Raises:
            VerifyError: it is wrong (16), was wrong too often (17), or the request is over or unknown (6).

        >>> client.verify.check(request_id, code).currency
        'EUR'
        """
        return self._do(verify.check(request_id, code, ip_address=ip_address))

    def search(self, *request_ids: str) -> tuple[verify.Verification, ...]:
        """Look at one to ten verifications, running or over.

        Raises:
            VerifyError: none of them is known (101).

        >>> [each.status for each in client.verify.search(request_id)]
        ['IN PROGRESS']
        """
        return self._do(verify.search(*request_ids))

    def control(self, request_id: str, command: verify.Command) -> verify.Controlled:
        """Cancel a verification, or have its next message or call made at once.

        Raises:
            VerifyError: not now (19), or the request is over or unknown (6).

        >>> client.verify.control(request_id, "trigger_next_event").command
        'trigger_next_event'
        """
        return self._do(verify.control(request_id, command))


class CallService(Service):
    """Telephone calls; they need ``application_id`` and ``private_key``."""

    def create(self, request: call.CreateCall) -> call.CreatedCall:
        """Make a call.

        Raises:
            HttpError: it was not made; ``invalid_parameters`` says what is wrong.

        >>> made = client.call.create(
        ...     CreateCall(
        ...         to=PhoneEndpoint(number="447700900001"),
        ...         sender=PhoneEndpoint(number="447700900000"),
        ...         ncco=[{"action": "talk", "text": "Hello"}],
        ...     )
        ... )
        >>> made.status
        'started'
        """
        return self._do(call.create(request))

    def search(self, request: call.SearchCalls = call.SearchCalls()) -> call.CallPage:  # noqa: B008  (it is frozen)
        """List the calls of the application, page by page.

        >>> client.call.search(SearchCalls(status="answered")).count
        1
        """
        return self._do(call.search(request))

    def get(self, uuid: str) -> call.CallInfo:
        """Look at one call.

        Raises:
            NotFoundError: no such call.

        >>> client.call.get(uuid).status
        'answered'
        """
        return self._do(call.get(uuid))

    def modify(self, uuid: str, action: call.Action | call.Transfer) -> None:
        """Hang a call up, mute it, or transfer it to other actions.

        Raises:
            HttpError: not in the state that the call is in.
            NotFoundError: no such call, or it is over.

        >>> client.call.modify(uuid, Transfer(ncco=[{"action": "talk", "text": "One moment"}]))
        >>> client.call.modify(uuid, "hangup")
        """
        return self._do(call.modify(uuid, action))

    def stream(self, uuid: str, request: call.Stream) -> call.CallDone:
        """Play a sound file into a call that was answered.

        Raises:
            HttpError: the call is not answered yet.
            NotFoundError: no such call, or it is over.

        >>> client.call.stream(uuid, Stream("https://shop.test/hello.mp3", loop=0)).message
        'Stream started'
        """
        return self._do(call.stream(uuid, request))

    def stop_stream(self, uuid: str) -> call.CallDone:
        """Stop the sound file.

        Raises:
            HttpError: the call is not answered yet.
            NotFoundError: no such call, or it is over.

        >>> client.call.stop_stream(uuid).message
        'Stream stopped'
        """
        return self._do(call.stop_stream(uuid))

    def talk(self, uuid: str, request: call.Talk) -> call.CallDone:
        """Speak a text into a call that was answered.

        Raises:
            HttpError: the call is not answered yet.
            NotFoundError: no such call, or it is over.

        >>> client.call.talk(uuid, Talk("Hello", language="en-GB")).message
        'Talk started'
        """
        return self._do(call.talk(uuid, request))

    def stop_talk(self, uuid: str) -> call.CallDone:
        """Stop speaking.

        Raises:
            HttpError: the call is not answered yet.
            NotFoundError: no such call, or it is over.

        >>> client.call.stop_talk(uuid).message
        'Talk stopped'
        """
        return self._do(call.stop_talk(uuid))

    def send_dtmf(self, uuid: str, digits: str) -> call.CallDone:
        """Press keys into a call that was answered; ``p`` waits half a second.

        Raises:
            HttpError: the call is not answered yet, or there is no such key.
            NotFoundError: no such call, or it is over.

        >>> client.call.send_dtmf(uuid, "17p13#").message
        'DTMF sent'
        """
        return self._do(call.send_dtmf(uuid, digits))


class DeveloperService(Service):
    """The account: what is left, and what things cost."""

    def balance(self) -> developer.Balance:
        """Ask for the balance, in EUR.

        Raises:
            UnauthorizedError: the credentials are wrong.

        >>> client.developer.balance().value
        Decimal('99.9667')
        """
        return self._do(developer.balance())

    def country_pricing(self, country: str) -> developer.CountryPrices:
        """Ask what SMS to a country cost, network by network; ``country`` is two letters.

        Raises:
            HttpError: no such country (420).

        >>> client.developer.country_pricing("GB").mt
        Decimal('0.03330000')
        """
        return self._do(developer.country_pricing(country))

    def product_pricing(self, product: developer.Product, country: str) -> developer.ProductPrices:
        """Ask what a product costs in a country, network by network.

        Raises:
            HttpError: no such country (420).
            NotFoundError: no such product.

        >>> client.developer.product_pricing("voice", "GB").dialing_prefix
        '44'
        """
        return self._do(developer.product_pricing(product, country))

    def prefix_pricing(self, prefix: str) -> developer.PrefixPrices:
        """Ask what SMS to the countries of a dialling prefix cost; none has it: no prices.

        >>> [each.name for each in client.developer.prefix_pricing("260").prices]
        ['Zambia']
        """
        return self._do(developer.prefix_pricing(prefix))

    def phone_pricing(self, product: developer.Product, phone: str) -> developer.PhonePrice:
        """Ask what a product costs to one number.

        Raises:
            HttpError: no price for it (420).
            NotFoundError: no such product.

        >>> client.developer.phone_pricing("sms", "447700900001").price
        Decimal('0.03330000')
        """
        return self._do(developer.phone_pricing(product, phone))


class ApplicationService(Service):
    """Applications: what makes and takes calls in the name of an account."""

    def create(self, settings: application.ApplicationSettings) -> application.Application:
        """Make an application; its private key is in this reply, and never again in another.

        Raises:
            HttpError: it was not made; ``invalid_parameters`` says what is wrong.

        >>> made = client.application.create(
        ...     ApplicationSettings(
        ...         name="Shop", answer_url="https://shop.test/answer", event_url="https://shop.test/event"
        ...     )
        ... )
        >>> made.keys.private_key.splitlines()[0]
        '-----BEGIN PRIVATE KEY-----'
        """
        return self._do(application.create(settings))

    def list(self, *, page_size: int | None = None, page_index: int | None = None) -> application.ApplicationPage:
        """List applications, page by page; the first page is 1.

        >>> client.application.list(page_size=5).count
        1
        """
        return self._do(application.list_all(page_size=page_size, page_index=page_index))

    def get(self, application_id: str) -> application.Application:
        """Look at one application.

        Raises:
            NotFoundError: no such application.

        >>> client.application.get(application_id).name
        'main'
        """
        return self._do(application.get(application_id))

    def modify(self, application_id: str, settings: application.ApplicationSettings) -> application.Application:
        """Give an application another name and other webhooks; its key stays.

        Raises:
            HttpError: it was not changed; ``invalid_parameters`` says what is wrong.
            NotFoundError: no such application.

        >>> settings = ApplicationSettings(name="Shop", event_url="https://shop.test/event")
        >>> client.application.modify(application_id, settings).name
        'Shop'
        """
        return self._do(application.modify(application_id, settings))

    def delete(self, application_id: str) -> None:
        """Remove an application; its key is worth nothing from then on.

        Raises:
            NotFoundError: no such application.

        >>> client.application.delete(application_id)
        """
        return self._do(application.delete(application_id))
