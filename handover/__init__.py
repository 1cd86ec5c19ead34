"""The hand-over: a stack's outputs become a directory that Tutor works in.

:func:`handover.environment.write` does it; ``python -m handover STACK --out DIR`` is its command
line.
"""

from handover.environment import Written, write
from handover.errors import HandoverError

__all__ = ["HandoverError", "Written", "write"]
