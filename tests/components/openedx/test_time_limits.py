"""The time limits, run as Python in the kinds of process that read the settings."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from components.openedx import time_limits

REDIS = "django_redis.cache.RedisCache"


def ran(**given: Any) -> dict[str, Any]:
    """The settings after the lines; ``given`` is laid over what Open edX has before."""
    stores: list[Any] = [{"DOC_STORE_CONFIG": {"host": "mongodb"}}]
    parameters: dict[str, Any] = {"host": "mongodb"}

    def update(modulestore: Any, *, doc_store_settings: Any) -> None:
        for store in modulestore:
            store["DOC_STORE_CONFIG"].update(doc_store_settings)

    settings: dict[str, Any] = {
        "DATABASES": {
            "default": {"ENGINE": "django.db.backends.mysql", "OPTIONS": {"charset": "utf8mb4"}},
            "other": {"ENGINE": "django.db.backends.sqlite3"},
        },
        "mongodb_parameters": parameters,
        "DOC_STORE_CONFIG": parameters,
        "MODULESTORE": stores,
        "CACHES": {"default": {"BACKEND": REDIS}, "local": {"BACKEND": "locmem"}},
        "BROKER_TRANSPORT_OPTIONS": {"fanout_prefix": True},
        "update_module_store_settings": update,
        **given,
    }
    exec(compile(time_limits.settings(), "settings", "exec"), settings)  # noqa: S102 - our own lines
    return settings


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uwsgi", ModuleType("uwsgi"))


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/openedx/venv/bin/celery", "--app=lms.celery", "worker"])


@pytest.mark.usefixtures("web")
def test_a_request_waits_a_minute_at_most() -> None:
    settings = ran()
    assert settings["DATABASES"]["default"]["OPTIONS"] == {
        "charset": "utf8mb4",
        "connect_timeout": 10,
        "read_timeout": 60,
        "write_timeout": 60,
    }
    assert settings["MODULESTORE"][0]["DOC_STORE_CONFIG"]["socketTimeoutMS"] == 20_000
    assert settings["BROKER_TRANSPORT_OPTIONS"] == {
        "fanout_prefix": True,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "socket_timeout": 5,
    }


@pytest.mark.usefixtures("worker")
def test_a_task_may_ask_longer_questions() -> None:
    settings = ran()
    assert settings["DATABASES"]["default"]["OPTIONS"]["read_timeout"] == 600
    assert settings["mongodb_parameters"]["socketTimeoutMS"] == 300_000
    # A worker that waits for tasks asks Redis for one second at a time.
    assert settings["BROKER_TRANSPORT_OPTIONS"]["socket_timeout"] == 30


def test_a_migration_takes_as_long_as_it_takes() -> None:
    settings = ran()
    assert settings["DATABASES"]["default"]["OPTIONS"] == {
        "charset": "utf8mb4",
        "connect_timeout": 10,
    }
    assert "socketTimeoutMS" not in settings["mongodb_parameters"]
    assert "socket_timeout" not in settings["BROKER_TRANSPORT_OPTIONS"]


def test_caches_answer_soon_or_count_as_empty() -> None:
    caches = ran()["CACHES"]
    assert caches["default"]["OPTIONS"] == {"SOCKET_CONNECT_TIMEOUT": 5, "SOCKET_TIMEOUT": 5}
    assert "OPTIONS" not in caches["local"]


def test_what_is_not_mysql_is_left_alone() -> None:
    assert "OPTIONS" not in ran()["DATABASES"]["other"]


@pytest.mark.usefixtures("web")
def test_a_figure_that_is_there_stays() -> None:
    options = {"connect_timeout": 1, "read_timeout": 2, "write_timeout": 3}
    database = {"ENGINE": "django.db.backends.mysql", "OPTIONS": dict(options)}
    assert ran(DATABASES={"default": database})["DATABASES"]["default"]["OPTIONS"] == options


def test_the_lines_name_themselves() -> None:
    assert time_limits.settings().startswith(f"{time_limits.MARK}\n")
