"""RSA key pairs of applications: a packaged pool, and fresh ones beyond it."""
