"""What is wrong with what a user wrote: what, where, and the nearest right thing."""

from __future__ import annotations


class ScenarioError(ValueError):
    """A fact that cannot be.

    Attributes:
        path: where it stands, such as ``accounts.main.balance``.
    """

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path}: {what}" if path else what)
        self.path = path
        self.what = what


class CredentialTaken(ScenarioError):  # noqa: N818
    """A spelled-out credential is bound to another live world, and was to be kept."""
