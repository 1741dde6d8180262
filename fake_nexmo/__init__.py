"""A faithful, stateful emulator of the Nexmo (Vonage) HTTP APIs.

Importing this package is cheap on purpose: no HTTP client, no cryptography, no numbering plan is loaded. What a
program needs, it finds in the submodules.
"""

from __future__ import annotations

__version__ = "0.1.0.dev0"
