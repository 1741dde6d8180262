"""Segmentation, price, and carrying a message to a person and back. Pure."""
