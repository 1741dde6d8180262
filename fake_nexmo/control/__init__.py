"""The emulator's own HTTP API under ``/_fake``."""
