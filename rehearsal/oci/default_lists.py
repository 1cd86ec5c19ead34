"""The rules that OCI puts into a new VCN's default security list.

https://docs.oracle.com/iaas/Content/Network/Concepts/securitylists.htm#Default
"""

from __future__ import annotations

from typing import Any

DEFAULT_INGRESS: tuple[dict[str, Any], ...] = (
    {
        "protocol": "6",
        "source": "0.0.0.0/0",
        "sourceType": "CIDR_BLOCK",
        "stateless": False,
        "tcpOptions": {"min": 22, "max": 22},
    },
    {
        "protocol": "1",
        "source": "0.0.0.0/0",
        "sourceType": "CIDR_BLOCK",
        "stateless": False,
        "icmpOptions": {"type": 3, "code": 4},
    },
)
DEFAULT_EGRESS: tuple[dict[str, Any], ...] = (
    {
        "protocol": "all",
        "destination": "0.0.0.0/0",
        "destinationType": "CIDR_BLOCK",
        "stateless": False,
    },
)
