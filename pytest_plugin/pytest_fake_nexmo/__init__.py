"""Fixtures and markers for pytest."""
