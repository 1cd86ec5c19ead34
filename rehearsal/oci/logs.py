"""OCI Logging: log groups, logs, and what the agents on instances send."""

from __future__ import annotations

from typing import ClassVar

from rehearsal.cloud.store import Record
from rehearsal.oci import errors
from rehearsal.oci.facts.durations import LOGGING
from rehearsal.oci.inputs import Enumerations
from rehearsal.oci.model import Call, ResourceType, Values
from rehearsal.oci.tokens import (
    CLUSTER,
    DYNAMIC_GROUP,
    LOG,
    LOG_GROUP,
    UNIFIED_AGENT_CONFIGURATION,
)

#: Days: 30 to 180 in steps of 30.
RETENTIONS = range(30, 181, 30)

#: Services that emit service logs, as far as this platform uses them, with the type of the
#: resource and the categories. OKE: https://docs.oracle.com/iaas/Content/Logging/Reference/details_for_oke.htm
SERVICES = {
    "oke-k8s-cp-prod": (
        CLUSTER,
        (
            "all-service-logs",
            "cloud-controller-manager",
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
        ),
    ),
}

_PARSERS = (
    "APACHE2",
    "APACHE_ERROR",
    "AUDITD",
    "CRI",
    "CSV",
    "GROK",
    "JSON",
    "MSGPACK",
    "MULTILINE",
    "MULTILINE_GROK",
    "NONE",
    "OPENMETRICS",
    "REGEXP",
    "SYSLOG",
    "TSV",
)


class LogGroup(ResourceType):
    """A group of logs; its name is unique in the compartment."""

    token = LOG_GROUP
    sdk_class = "logging.LogGroup"
    ocid_kind = "loggroup"
    durations = LOGGING
    active_state = "ACTIVE"

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Make it under a free name."""
        _check_name(call, identity, inputs["displayName"], inputs["compartmentId"])
        return {"description": inputs.get("description") or "", "timeLastModified": call.time}

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Rename it to a free name."""
        _check_name(call, record.id, inputs["displayName"], inputs["compartmentId"])
        return {"timeLastModified": call.time}

    def delete(self, call: Call, record: Record) -> None:
        """Refused while it holds logs."""
        logs = [log for log in call.transaction.live(LOG) if log.scope == record.id]
        if logs:
            raise errors.conflict(
                f"Log group {record.id} cannot be deleted: it contains log {logs[0].id}", call.type
            )


class Log(ResourceType):
    """A custom log, or the log of a service's resource."""

    token = LOG
    sdk_class = "logging.Log"
    ocid_kind = "log"
    durations = LOGGING
    active_state = "ACTIVE"
    enumerations: ClassVar[Enumerations] = {
        "logType": ("CUSTOM", "SERVICE"),
        "configuration.source.sourceType": ("OCISERVICE",),
    }
    unmodelled: ClassVar[frozenset[str]] = frozenset({"configuration", "tenancyId"})

    def compartment(self, call: Call, inputs: Values) -> str:
        """Logs live in their group."""
        return call.need(inputs["logGroupId"], LOG_GROUP).id

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Make it under a free name, fed by a resource that exists if it is a service's."""
        group = call.need(inputs["logGroupId"], LOG_GROUP)
        _check_name(call, identity, inputs["displayName"], group.id)
        _check_retention(call, inputs)
        self._check_source(call, inputs)
        return {
            "compartmentId": group.scope,
            "isEnabled": inputs.get("isEnabled", True),
            "retentionDuration": inputs.get("retentionDuration") or RETENTIONS[0],
            "timeLastModified": call.time,
        }

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Rename, switch, keep for longer."""
        _check_name(call, record.id, inputs["displayName"], inputs["logGroupId"])
        _check_retention(call, inputs)
        return {"timeLastModified": call.time}

    def delete(self, call: Call, record: Record) -> None:
        """Refused while agents write to it."""
        writers = call.transaction.referring_to(record.id, type_token=UNIFIED_AGENT_CONFIGURATION)
        if writers:
            raise errors.conflict(
                f"Log {record.id} is the destination of agent configuration {writers[0].id}",
                call.type,
            )

    def _check_source(self, call: Call, inputs: Values) -> None:
        source = (inputs.get("configuration") or {}).get("source")
        if inputs["logType"] == "CUSTOM":
            if source is not None:
                raise call.refuse("a CUSTOM log has no configuration.source")
            return
        if source is None:
            raise call.refuse("a SERVICE log needs configuration.source")
        if source["service"] not in SERVICES:
            raise call.refuse(
                f"the simulated Logging does not know the service {source['service']}; it knows "
                f"{', '.join(SERVICES)}"
            )
        kind, categories = SERVICES[source["service"]]
        if source["category"] not in categories:
            raise call.refuse(
                f"{source['service']} has no category {source['category']}: {', '.join(categories)}"
            )
        resource = call.need(source["resource"], kind)
        for other in call.transaction.referring_to(resource.id, type_token=LOG):
            theirs = other.properties["configuration"]["source"]
            if theirs["category"] == source["category"]:
                raise errors.conflict(
                    f"{source['category']} of {resource.id} already goes to log {other.id}",
                    call.type,
                )


class UnifiedAgentConfiguration(ResourceType):
    """What the agents on the instances of dynamic groups send, and to which log."""

    token = UNIFIED_AGENT_CONFIGURATION
    sdk_class = "logging.UnifiedAgentConfiguration"
    ocid_kind = "unifiedagentconfiguration"
    durations = LOGGING
    active_state = "ACTIVE"
    enumerations: ClassVar[Enumerations] = {
        "serviceConfiguration.configurationType": ("LOGGING", "MONITORING"),
        "serviceConfiguration.sources.sourceType": (
            "CUSTOM_PLUGIN",
            "LOG_TAIL",
            "WINDOWS_EVENT_LOG",
        ),
        "serviceConfiguration.sources.parser.parserType": _PARSERS,
    }

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Make it for groups and a log that exist."""
        self._check(call, identity, inputs)
        return {
            "configurationState": "VALID",
            "groupAssociation": inputs.get("groupAssociation") or {"groupLists": []},
            "timeLastModified": call.time,
        }

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Change it."""
        self._check(call, record.id, inputs)
        return {"timeLastModified": call.time}

    def _check(self, call: Call, identity: str, inputs: Values) -> None:
        _check_name(call, identity, inputs["displayName"], inputs["compartmentId"])
        for group in (inputs.get("groupAssociation") or {}).get("groupLists") or []:
            call.need(group, DYNAMIC_GROUP)
        service = inputs["serviceConfiguration"]
        if service["configurationType"] == "LOGGING":
            if not service.get("sources") or not service.get("destination"):
                raise call.refuse("a LOGGING configuration needs sources and a destination")
            call.need(service["destination"]["logObjectId"], LOG)
        for source in service.get("sources") or []:
            if source["sourceType"] == "LOG_TAIL" and not source.get("paths"):
                raise call.refuse("a LOG_TAIL source needs paths")


def _check_name(call: Call, identity: str, name: str, scope: str) -> None:
    for other in call.transaction.live(call.type):
        same_place = (other.scope, other.region) == (scope, call.region.name)
        if other.id != identity and same_place and other.name == name:
            raise errors.conflict(f"The display name {name} is in use by {other.id}", call.type)


def _check_retention(call: Call, inputs: Values) -> None:
    days = inputs.get("retentionDuration")
    if days is not None and days not in RETENTIONS:
        raise call.refuse(f"retentionDuration {days} is not one of 30, 60, 90, 120, 150, 180 days")
