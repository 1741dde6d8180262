"""A small typed client for the emulated APIs."""
