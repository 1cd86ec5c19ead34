"""Free ports on the loopback interface, held until their server has bound them."""

from __future__ import annotations

import socket
from types import TracebackType

LOOPBACK = "127.0.0.1"


class HeldPort:
    """A port that nobody else can take until :meth:`release`.

    The socket is bound with ``SO_REUSEPORT`` and never listens: a server that also sets the option
    (``--permit-port-sharing``, ``--socket-reuse-port``) binds the same port beside it, so there is
    no moment between choosing and binding at which another program could get it.
    """

    def __init__(self, preferred: int = 0) -> None:
        try:
            self._socket = _bound(preferred)
        except OSError:
            self._socket = _bound(0)
        self.port: int = self._socket.getsockname()[1]

    def release(self) -> None:
        """Let go; the server that shares the port keeps it."""
        self._socket.close()

    def __enter__(self) -> HeldPort:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def _bound(port: int) -> socket.socket:
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # A port of the last run is looked for without sharing first: a live server of somebody
        # else that allows sharing must not be joined.
        if port:
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((LOOPBACK, port))
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((LOOPBACK, port))
    except OSError:
        held.close()
        raise
    return held
