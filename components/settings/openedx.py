"""What a stack file may say about Open edX itself, under ``openedx-large:platform.openedx``."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from components.settings.spec import Spec
from components.settings.values import Count, Email, Host, LanguageCode, PlainText

_TLS_OF_PORT = {465: "implicit", 587: "starttls"}
"""Port 465 speaks TLS from the first byte; 587 starts plain and switches (RFC 8314)."""


def _mail_user(value: str) -> str:
    # It ends in a quoted value of a file that is a template.
    if re.fullmatch(r"[A-Za-z0-9._%+@=/:-]{1,320}", value) is None:
        remedy = "letters, digits and any of . _ % + @ = / : -"
        raise PydanticCustomError("rule", "{remedy}", {"remedy": remedy})
    return value


def _secret_name(value: str) -> str:
    # With a fixed ending, a password put here by mistake is refused before it is shown as a name.
    if re.fullmatch(r"[a-z][A-Za-z0-9]{0,40}Password", value) is None:
        remedy = "the name of a secret of the stack that ends in Password, e.g. smtpPassword"
        raise PydanticCustomError("rule", "{remedy}", {"remedy": remedy})
    return value


class WorkloadSettings(Spec):
    """What one of Tutor's Deployments asks of the general pool."""

    replicas: Annotated[int, Field(ge=1, le=1000)]
    """Pods. The databases and the search engine have one: their volume mounts on one node."""
    cpu_millicores: Count
    """CPU request of a pod, in thousandths of a vCPU; more is used when the node has it."""
    memory_mib: Count
    """Memory request and limit of a pod, in MiB."""
    volume_gb: Annotated[int, Field(ge=50, le=32 * 1024)] | None = None
    """Size of the volume, in GB, of a workload that has one; OCI's volumes start at 50 GB."""


class LmsMarginSettings(Spec):
    """What is left free on an LMS node, for a DaemonSet that is added later."""

    cpu_millicores: Annotated[int, Field(ge=0)] = 500
    """In thousandths of a vCPU."""
    memory_mib: Annotated[int, Field(ge=0)] = 1024
    """In MiB; also takes up what the estimate of the kernel's own memory is off by."""


class JobSettings(Spec):
    """What an initialisation job of Tutor's asks of the general pool; one runs at a time."""

    cpu_millicores: Count = 500
    """CPU request, in thousandths of a vCPU."""
    memory_mib: Annotated[int, Field(ge=1024)] = 4096
    """Memory request and limit, in MiB: migrations load all of Open edX."""


class SmtpSettings(Spec):
    """The relay that takes the site's mail, reached over the internet or a service gateway."""

    host: Host
    """The relay's name, e.g. ``smtp.email.me-jeddah-1.oci.oraclecloud.com``."""
    port: Literal[465, 587] = 587
    """The cluster's network opens no other port for mail."""
    tls: Literal["starttls", "implicit"] = "starttls"
    """``starttls`` on port 587, ``implicit`` on port 465; mail never leaves in the clear."""
    username: Annotated[str, AfterValidator(_mail_user)]
    """The account at the relay."""
    password_secret: Annotated[str, AfterValidator(_secret_name)] = "smtpPassword"  # noqa: S105 - a name
    """The *name* of the stack's secret that holds the password, which is set with
    ``pulumi config set --secret openedx-large:smtpPassword``."""

    @model_validator(mode="after")
    def _tls_fits_the_port(self) -> Self:
        if self.tls != _TLS_OF_PORT[self.port]:
            pairs = ", or ".join(f"tls {t} with port {p}" for p, t in _TLS_OF_PORT.items())
            raise PydanticCustomError("rule", "{remedy}", {"remedy": pairs})
        return self


class OpenEdxSettings(Spec):
    """Open edX as Tutor renders it."""

    lms_host: Host
    """The learners' site."""
    cms_host: Host
    """Studio."""
    mfe_host: Host | None = None
    """The micro-frontends: a subdomain of ``lms_host``; default ``apps.<lms_host>``."""
    platform_name: PlainText = "Open edX"
    """The site's name in pages and mails."""
    contact_email: Email
    """Where learners' mails go."""
    language: LanguageCode = "en"
    """The default language."""
    uwsgi_workers: Annotated[int, Field(ge=1, le=1000)] | Literal["auto"]
    """uWSGI processes of an LMS pod: each serves one request at a time. ``auto`` derives them from
    the pod's CPU and memory and from ``mysql_max_connections``."""
    uwsgi_buffer_size_bytes: Annotated[int, Field(ge=4096, le=65535)] = 16000
    """The largest request header block; uWSGI's own limits are one page and 65,535."""
    uwsgi_post_buffering_bytes: Annotated[int, Field(ge=1, le=2**31 - 1)] = 8192
    """The buffer for reading request bodies."""
    uwsgi_listen: Annotated[int, Field(ge=100, le=65535)] = 1024
    """Requests that wait for a worker of a pod before others are turned away; uWSGI's own default
    is 100. uWSGI does not start with more than the pod's ``net.core.somaxconn``, which is 4096
    from Linux 5.4 on and 128 before."""
    mysql_max_connections: Annotated[int, Field(ge=10, le=100_000)] = 500
    """``max_connections`` of the MySQL server; MySQL's own default of 151 is below what ``auto``
    may ask for."""
    lms_margin: LmsMarginSettings = LmsMarginSettings()
    """Left free beside the LMS pod on its node."""
    smtp: SmtpSettings | None = None
    """Without it no mail leaves: Tutor's own relay sends to port 25, which is closed. With it the
    workload ``smtp`` is not made."""
    job: JobSettings = JobSettings()
    """Tutor's initialisation jobs."""
    workloads: dict[str, WorkloadSettings]
    """Everything but the LMS, by Tutor's Deployment name."""
