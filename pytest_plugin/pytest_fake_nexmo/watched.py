"""The command line of the emulator, for as long as somebody watches: ``watched.py PORT FOLDER ARGUMENT…``.

A program of its own, that imports nothing of this package. It ends as on SIGTERM when the connection to the port of
loopback ends, whether its other end was closed or its process died, and removes the folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import threading
import time
from contextlib import suppress

_GRACE_S = 10


def _end_with(connection: socket.socket, folder: str) -> None:
    with suppress(OSError):
        connection.recv(1)
    shutil.rmtree(folder, ignore_errors=True)
    os.kill(os.getpid(), signal.SIGTERM)
    # A webhook that is under way is waited for, but not by nobody and for ever.
    time.sleep(_GRACE_S)
    os._exit(1)


def main() -> None:
    """Watch, and be the command line."""
    # The first entry is this folder, whose modules are not to be found by short names.
    del sys.path[0]
    connection = socket.create_connection(("127.0.0.1", int(sys.argv.pop(1))))
    threading.Thread(target=_end_with, args=(connection, sys.argv.pop(1)), daemon=True).start()
    from fake_nexmo.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
