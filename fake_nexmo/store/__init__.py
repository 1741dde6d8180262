"""The one door for state: the protocol and its engines."""
