"""How long the cloud takes, seconds: the middle of what was observed or is remembered.

Network 1-3 s, OKE cluster 6-10 min, node pool 4-8 min, capacity reservation 1-2 min. Where nothing
was measured (vault, key, logs, identity, add-on) the figure is an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Durations:
    """Seconds for each kind of operation on one type."""

    create: float
    update: float
    delete: float


NETWORK = Durations(create=2, update=2, delete=2)
CLUSTER = Durations(create=480, update=300, delete=240)
NODE_POOL = Durations(create=360, update=360, delete=240)
ADDON = Durations(create=90, update=90, delete=60)
RESERVATION = Durations(create=90, update=90, delete=60)
VAULT = Durations(create=60, update=5, delete=5)
KEY = Durations(create=20, update=10, delete=5)
LOGGING = Durations(create=20, update=20, delete=15)
IDENTITY = Durations(create=2, update=2, delete=2)

#: A launch that finds no host is given up after 1-4 minutes.
FAILED_LAUNCH_SECONDS = 150.0

#: What a refused request takes.
REFUSAL_SECONDS = 1.0
