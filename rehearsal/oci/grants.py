"""Whether the tenancy's policies let OKE's principals do what a request makes them do.

The policy language is matched, not evaluated: a live statement must give the right on the resource
type to ``any-user`` under the condition of the principal's type, or to a dynamic group whose rule
names that type; and name the key where it names any. OCI answers a missing right with 404, as if
the thing were not there.
"""

from __future__ import annotations

import re

from rehearsal.oci import errors
from rehearsal.oci.model import Call
from rehearsal.oci.tokens import DYNAMIC_GROUP, POLICY

_VERBS = "use|manage"


def need_grant(call: Call, principal: str, resource_type: str, target: str | None) -> None:
    """Refuse unless ``principal`` (``cluster``, ``nodepool``) may use the resource type.

    Raises:
        CloudError: 404 NotAuthorizedOrNotFound.
    """
    right = re.compile(
        rf"allow\s+any-(user|group)\s+to\s+({_VERBS})\s+{re.escape(resource_type)}\s+in\s.+"
        rf"request\.principal\.type\s*=\s*'{principal}'",
        re.IGNORECASE | re.DOTALL,
    )
    by_group = re.compile(
        rf"allow\s+dynamic-group\s+(\S+)\s+to\s+({_VERBS})\s+{re.escape(resource_type)}\s+in\s",
        re.IGNORECASE,
    )
    groups = {
        group.name.lower()
        for group in call.transaction.live(DYNAMIC_GROUP)
        if re.search(
            rf"resource\.type\s*=\s*'{principal}'", group.properties["matchingRule"], re.IGNORECASE
        )
    }
    for policy in call.transaction.live(POLICY):
        for statement in policy.properties["statements"]:
            named = re.findall(r"target\.key\.id\s*=\s*'([^']+)'", statement)
            if named and target not in named:
                continue
            member = by_group.match(statement.strip())
            if right.match(statement.strip()) or (member and member[1].lower() in groups):
                return
    raise errors.not_found(call.type)
