"""Dynamic groups and policies: global, named uniquely, written in the home region only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from rehearsal.cloud.store import Record
from rehearsal.oci import errors, ocid
from rehearsal.oci.facts.durations import IDENTITY
from rehearsal.oci.model import Call, ResourceType, Values
from rehearsal.oci.tokens import DYNAMIC_GROUP, POLICY

#: https://docs.oracle.com/iaas/Content/General/Concepts/servicelimits.htm#IAM
MAX_STATEMENTS = 50

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")

#: The policy language, to the depth that a typing error shows:
#: https://docs.oracle.com/iaas/Content/Identity/policysyntax/policy-syntax.htm
_ALLOW = re.compile(
    r"allow\s+(any-user|any-group|(group|dynamic-group|service)\s+[^ ]+(\s*,\s*[^ ]+)*)\s+to\s+"
    r"((inspect|read|use|manage)\s+[a-z0-9-]+|\{[A-Z0-9_,\s]+\})\s+in\s+"
    r"(tenancy|compartment\s+(id\s+)?[^ ]+)(\s+where\s+.+)?",
    re.IGNORECASE,
)
_VARIABLE_RULE = re.compile(r"(all|any)\s*\{.*\}|.+=.+", re.IGNORECASE | re.DOTALL)


class _Identity(ResourceType):
    durations = IDENTITY
    global_ = True
    autonamed = True
    active_state = "ACTIVE"
    deleted_state = "DELETED"
    unmodelled: ClassVar[frozenset[str]] = frozenset({"inactiveState"})

    def compartment(self, call: Call, inputs: Values) -> str:
        """Where it lives; the call is refused outside the home region before that matters."""
        _at_home(call)
        return super().compartment(call, inputs)

    def update(self, call: Call, record: Record, inputs: Values) -> Values:
        """Change it, at home."""
        _at_home(call)
        self.check_content(call, inputs)
        return {}

    def delete(self, call: Call, record: Record) -> None:
        """Delete it, at home."""
        _at_home(call)

    def check_content(self, call: Call, inputs: Values) -> None:
        """Refuse content that the API would refuse."""
        raise NotImplementedError


class DynamicGroup(_Identity):
    """Instances by rule, as principals."""

    token = DYNAMIC_GROUP
    sdk_class = "identity.DynamicGroup"
    ocid_kind = "dynamicgroup"

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Make it in the root compartment under a free name."""
        if ocid.kind_of(inputs["compartmentId"]) != "tenancy":
            raise call.refuse(
                "Dynamic groups live in the root compartment: compartmentId must be the tenancy's "
                f"OCID, not {inputs['compartmentId']}"
            )
        _check_name(call, identity, inputs["name"])
        self.check_content(call, inputs)
        return {}

    def check_content(self, call: Call, inputs: Values) -> None:
        """The matching rule must be one."""
        if not _VARIABLE_RULE.fullmatch(inputs["matchingRule"].strip()):
            raise call.refuse(f"Invalid matching rule: {inputs['matchingRule']}")


class Policy(_Identity):
    """What principals may do."""

    token = POLICY
    sdk_class = "identity.Policy"
    ocid_kind = "policy"
    unmodelled: ClassVar[frozenset[str]] = frozenset(
        {"ETag", "inactiveState", "lastUpdateETag", "policyHash", "versionDate"}
    )

    def create(self, call: Call, identity: str, inputs: Values) -> Values:
        """Make it under a free name."""
        _check_name(call, identity, inputs["name"])
        self.check_content(call, inputs)
        return {}

    def check_content(self, call: Call, inputs: Values) -> None:
        """Every statement must parse; what it names must be there."""
        statements: Sequence[str] = inputs["statements"]
        if not 1 <= len(statements) <= MAX_STATEMENTS:
            raise call.refuse(f"A policy has 1 to {MAX_STATEMENTS} statements")
        for statement in statements:
            if not _ALLOW.fullmatch(statement.strip()):
                raise call.refuse(f"Invalid policy statement: {statement}")
            self._check_scope(call, inputs, statement)
            self._check_groups(call, statement)

    def _check_scope(self, call: Call, inputs: Values, statement: str) -> None:
        in_tenancy = re.search(r"\sin\s+tenancy(\s|$)", statement, re.IGNORECASE)
        if in_tenancy and ocid.kind_of(inputs["compartmentId"]) != "tenancy":
            raise call.refuse(
                f"Invalid policy statement: {statement}: a policy outside the root compartment "
                "cannot grant rights in the tenancy"
            )

    def _check_groups(self, call: Call, statement: str) -> None:
        match = re.match(r"allow\s+dynamic-group\s+(\S+)\s", statement.strip(), re.IGNORECASE)
        names = {group.name for group in call.transaction.live(DYNAMIC_GROUP)}
        if match and match[1].rpartition("/")[2].strip("'") not in names:
            raise call.refuse(f"Dynamic group {match[1]} is not found: {statement}")


def _at_home(call: Call) -> None:
    if call.region.name != call.home_region.name:
        raise errors.not_home_region(call.home_region.key, call.type)


def _check_name(call: Call, identity: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise call.refuse(
            f"The name {name!r} must be of 1 to 100 letters, digits, hyphens, periods, underscores"
        )
    for other in call.transaction.live(call.type):
        if other.id != identity and other.name.lower() == name.lower():
            raise errors.service_error(
                409,
                "EntityAlreadyExists",
                f"{call.type.rpartition(':')[2]} '{name}' already exists",
                call.type,
            )
