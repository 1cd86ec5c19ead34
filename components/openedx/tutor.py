"""Tutor's configuration, with a placeholder where a secret goes.

The configuration is plain, so that a change of it can be reviewed; the secrets travel apart, and
``python -m handover`` puts the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from components.capacity import PoolCapacity
from components.openedx import mail, plugin
from components.openedx.sizing import cms_workers, lms_workers
from components.settings.openedx import OpenEdxSettings

VERSION: Final = "22.0.2"
"""Tutor's version; ``requirements/tutor.in`` pins the same."""

NAMESPACE: Final = "openedx"
"""The Kubernetes namespace of Open edX."""

PLUGINS: Final[Sequence[str]] = ("mfe", plugin.NAME)

SECRET_KEYS: Final = (
    "CMS_OAUTH2_SECRET",
    "JWT_RSA_PRIVATE_KEY",
    "MEILISEARCH_MASTER_KEY",
    "MYSQL_ROOT_PASSWORD",
    "OPENEDX_MYSQL_PASSWORD",
    "OPENEDX_SECRET_KEY",
)
"""The secrets that Tutor would make up by itself, once for each new directory."""


def secret_keys(spec: OpenEdxSettings) -> Sequence[str]:
    """Every secret of the configuration: those that are made, and those that the stack is given."""
    return SECRET_KEYS if spec.smtp is None else (*SECRET_KEYS, mail.PASSWORD_KEY)


Value = str | int | bool | Sequence[str]


def placeholder(key: str) -> str:
    """What stands in the configuration for the secret ``key``."""
    return f"${{secret:{key}}}"


def hosts(spec: OpenEdxSettings) -> Mapping[str, str]:
    """The sites' names by Tutor's key."""
    return {
        "LMS_HOST": spec.lms_host,
        "CMS_HOST": spec.cms_host,
        "MFE_HOST": spec.mfe_host or f"apps.{spec.lms_host}",
        "MEILISEARCH_HOST": f"meilisearch.{spec.lms_host}",
    }


def endpoints(spec: OpenEdxSettings) -> Mapping[str, str]:
    """The addresses of the sites, as the stack's outputs give them."""
    names = hosts(spec)
    return {site: f"https://{names[f'{site.upper()}_HOST']}" for site in ("lms", "cms", "mfe")}


def datastores() -> Mapping[str, Mapping[str, str | int]]:
    """The data services, which are Tutor's own Deployments in the cluster."""
    ports = {"mysql": 3306, "mongodb": 27017, "redis": 6379, "search": 7700}
    names = {"search": "meilisearch"}
    return {
        service: {"mode": "tutor", "host": names.get(service, service), "port": port}
        for service, port in ports.items()
    }


def config(spec: OpenEdxSettings, *, lms_pool: PoolCapacity) -> Mapping[str, Value]:
    """Every key of Tutor's configuration that the platform decides, but for identities.

    TLS ends at the edge, in front of Caddy: ``ENABLE_WEB_PROXY`` off makes Caddy's Service
    internal, ``ENABLE_HTTPS`` on keeps the sites' own addresses on https.
    """
    return {
        **hosts(spec),
        "PLATFORM_NAME": spec.platform_name,
        "CONTACT_EMAIL": spec.contact_email,
        "LANGUAGE_CODE": spec.language,
        "K8S_NAMESPACE": NAMESPACE,
        "ENABLE_HTTPS": True,
        "ENABLE_WEB_PROXY": False,
        "CADDY_HTTP_PORT": 80,
        "RUN_MYSQL": True,
        "RUN_MONGODB": True,
        "RUN_REDIS": True,
        "RUN_MEILISEARCH": True,
        **mail.config(spec.smtp),
        "OPENEDX_LMS_UWSGI_WORKERS": lms_workers(spec, lms_pool),
        "OPENEDX_CMS_UWSGI_WORKERS": cms_workers(spec),
        # Tutor's own derivation, named here so that it follows the master key.
        "MEILISEARCH_API_KEY": (
            "{{ MEILISEARCH_MASTER_KEY|uid_master_hash(MEILISEARCH_API_KEY_UID) }}"
        ),
        "PLUGINS": list(PLUGINS),
        **{key: placeholder(key) for key in secret_keys(spec)},
    }
