"""Questions to the components' HTTPS endpoints."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from pathlib import Path

from rehearsal.controlplane.ports import LOOPBACK

TIMEOUT_SECONDS = 5


@dataclass(frozen=True)
class Probe:
    """One HTTPS server on 127.0.0.1, whose certificate must be signed by ``ca``."""

    port: int
    ca: Path
    token: str | None = None

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of ``GET path``. Raises OSError when there is no answer."""
        context = ssl.create_default_context(cafile=str(self.ca))
        connection = http.client.HTTPSConnection(
            LOOPBACK, self.port, timeout=TIMEOUT_SECONDS, context=context
        )
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(f"no HTTP answer on port {self.port}: {error!r}") from error
        finally:
            connection.close()

    def answers(self, path: str) -> bool:
        """Whether ``GET path`` is answered with 200."""
        try:
            return self.get(path)[0] == http.client.OK
        except OSError:
            return False
