"""What a stack file may say about Open edX itself, under ``openedx-large:platform.openedx``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.settings.spec import Spec
from components.settings.values import Count, Email, Host, LanguageCode, PlainText


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
    mysql_max_connections: Annotated[int, Field(ge=10, le=100_000)] = 500
    """``max_connections`` of the MySQL server; MySQL's own default of 151 is below what ``auto``
    may ask for."""
    lms_margin: LmsMarginSettings = LmsMarginSettings()
    """Left free beside the LMS pod on its node."""
    workloads: dict[str, WorkloadSettings]
    """Everything but the LMS, by Tutor's Deployment name."""
