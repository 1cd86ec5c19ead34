"""How long Open edX waits for a data service.

When a node disappears, nothing closes the connections to what ran on it: a client that waits for
an answer waits until the kernel gives up, a quarter of an hour or more, and with few uWSGI workers
the site hangs with it although the database is back on another node long before.

Sources: mysqlclient's connection arguments (Django passes ``OPTIONS`` on); django-redis,
"Socket timeout"; kombu, transport options of Redis; pymongo, ``MongoClient``; edx-platform hands
``DOC_STORE_CONFIG`` on to the latter. The manual of MySQL's client library says that a read may
take three times as long; that was so until 5.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Limits:
    """The longest waits of one kind of process, in seconds."""

    mysql: int
    mongodb: int
    broker: int


WEB: Final = Limits(mysql=60, mongodb=20, broker=5)
"""A learner waits: better an error than a worker that is gone."""

WORKER: Final = Limits(mysql=600, mongodb=300, broker=30)
"""Reports and re-grading run long queries."""

CONNECT_SECONDS: Final = 10
"""To reach MySQL, for every process."""

SELECTION_SECONDS: Final = 5
"""To reach MongoDB and Redis, and for any answer of a cache: a missed cache is no error."""

MARK: Final = "######## Time limits of openedx-large"
"""The first line of :func:`settings`."""


def settings() -> str:
    """The lines at the end of the settings that LMS and Studio share, as Python.

    Management commands, migrations among them, may take as long as they need. A figure that is
    there already stays.
    """
    return _TEMPLATE.format(
        mark=MARK,
        web=(WEB.mysql, WEB.mongodb, WEB.broker),
        worker=(WORKER.mysql, WORKER.mongodb, WORKER.broker),
        connect=CONNECT_SECONDS,
        selection=SELECTION_SECONDS,
    )


_TEMPLATE: Final = """\
{mark}
import sys

try:
    # There is such a module only inside uWSGI.
    import uwsgi

    _limits = {web}
except ImportError:
    _limits = {worker} if sys.argv[0].endswith("celery") else None

for _database in DATABASES.values():
    if _database["ENGINE"].endswith("mysql"):
        _options = _database.setdefault("OPTIONS", dict())
        _options.setdefault("connect_timeout", {connect})
        if _limits:
            _options.setdefault("read_timeout", _limits[0])
            _options.setdefault("write_timeout", _limits[0])

mongodb_parameters.setdefault("connectTimeoutMS", {selection}000)
mongodb_parameters.setdefault("serverSelectionTimeoutMS", {selection}000)
if _limits:
    mongodb_parameters.setdefault("socketTimeoutMS", _limits[1] * 1000)
update_module_store_settings(MODULESTORE, doc_store_settings=DOC_STORE_CONFIG)

for _cache in CACHES.values():
    if _cache["BACKEND"] == "django_redis.cache.RedisCache":
        _options = _cache.setdefault("OPTIONS", dict())
        _options.setdefault("SOCKET_CONNECT_TIMEOUT", {selection})
        _options.setdefault("SOCKET_TIMEOUT", {selection})

BROKER_TRANSPORT_OPTIONS = dict(globals().get("BROKER_TRANSPORT_OPTIONS", ()))
BROKER_TRANSPORT_OPTIONS.setdefault("socket_connect_timeout", {selection})
BROKER_TRANSPORT_OPTIONS.setdefault("socket_keepalive", True)
if _limits:
    BROKER_TRANSPORT_OPTIONS.setdefault("socket_timeout", _limits[2])
"""
