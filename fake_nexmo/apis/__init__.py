"""The registry of emulated APIs, and nothing else."""
