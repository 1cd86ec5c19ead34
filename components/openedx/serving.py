"""What makes a pod of LMS or Studio really serve, and stop without losing a request.

Both run uWSGI with a master, a router process that speaks HTTP on port 8000, and workers behind
it (Tutor 22, ``build/openedx/settings/uwsgi.ini``). Checked against uWSGI 2.0.24, which Tutor
builds in:

- the router's port accepts connections *before* the application is loaded, and goes on accepting
  them when every worker is busy;
- a file that uWSGI serves itself (``static-map``) is answered by a worker, without Django: no
  database, no cache, no host check. It waits in the queue behind other requests;
- on shutdown, the "graceful" one included, the router is killed at once: a request in flight is
  lost to its client even when the worker still finishes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from components.settings.openedx import OpenEdxSettings

PORT: Final = 8000

STARTED_PATH: Final = "/startupz"
"""Answered by a uWSGI worker with an empty file, so only once the application is loaded."""

_EMPTY_FILE: Final = "/openedx/edx-platform/lms/envs/tutor/__init__.py"
"""An empty file that Tutor mounts into the pods of both."""

ENDPOINT_SECONDS: Final = 15
"""Until every node knows that the pod takes no new connections."""

DRAIN_SECONDS: Final = 60
"""The longest wait for requests in flight."""

MERCY_SECONDS: Final = 30
"""What a worker has after SIGTERM to finish what it is doing, though its client is gone."""

GRACE_SECONDS: Final = ENDPOINT_SECONDS + DRAIN_SECONDS + MERCY_SECONDS + 15
"""``terminationGracePeriodSeconds``: all of it, and some more for uWSGI to end."""

_DRAIN: Final = f"""\
sleep {ENDPOINT_SECONDS}
i=0
while [ $i -lt {DRAIN_SECONDS} ] && grep -q ':{PORT:04X} [0-9A-F]*:[0-9A-F]* 01 ' /proc/net/tcp; do
  i=$((i + 1))
  sleep 1
done
"""


def uwsgi_config(spec: OpenEdxSettings) -> str:
    """The lines that go after Tutor's own in ``uwsgi.ini``.

    Of an option with one value (``buffer-size``, ``listen``) the later wins; ``static-map`` and
    ``add-header`` add to what is there. So a response carries Tutor's ``Connection: Keep-Alive``
    and our ``Connection: close``: together a list, in which ``close`` decides (RFC 9112, 9.3).

    It gives each request a connection of its own. Caddy would otherwise keep
    its connections to a pod for as long as there is traffic: a pod that stops would get requests
    until it is cut off, and one that comes back would get none.
    """
    return (
        f"buffer-size = {spec.uwsgi_buffer_size_bytes}\n"
        f"post-buffering-bufsize = {spec.uwsgi_post_buffering_bytes}\n"
        f"listen = {spec.uwsgi_listen}\n"
        f"static-map = {STARTED_PATH}={_EMPTY_FILE}\n"
        "add-header = Connection: close\n"
        "hook-master-start = unix_signal:15 gracefully_kill_them_all\n"
        f"worker-reload-mercy = {MERCY_SECONDS}\n"
    )


def container() -> Mapping[str, Any]:
    """Probes and hooks of the container; none of them touches a database that pods share.

    ``/heartbeat`` of Open edX asks MySQL and MongoDB: as a probe, one slow database would stop
    every pod of the site together.

    - Start-up asks a worker for an empty file: the application is loaded.
    - Readiness and liveness open a connection to the router: they do not wait behind requests. A
      probe that did would take the busiest pod out of service, and its load would take the next.
      A worker that dies is replaced by uWSGI's master, and the router too.
    - Before it stops, a pod waits until no connection is open.
    """
    router = {"tcpSocket": {"port": PORT}}
    return {
        "startupProbe": {
            "httpGet": {"path": STARTED_PATH, "port": PORT},
            "periodSeconds": 5,
            "timeoutSeconds": 5,
            "failureThreshold": 60,
        },
        "readinessProbe": {**router, "periodSeconds": 5, "timeoutSeconds": 3},
        "livenessProbe": {
            **router,
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "failureThreshold": 6,
        },
        "lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", _DRAIN]}}},
    }
