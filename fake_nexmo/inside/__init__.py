"""The emulator inside another process: no socket, no server, and for a synchronous caller no event loop.

`fake.Fake` is one emulator; `over_httpx` and `over_requests` are how clients reach it, `intercept` puts it in the way
of clients that know nothing of it, and `apps` is how its webhooks reach apps in the same process.
"""
