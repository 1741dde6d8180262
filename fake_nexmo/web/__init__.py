"""What endpoints share: parameters, credentials, commit, replies and the class Api."""
