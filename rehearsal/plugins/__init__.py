"""The executables that the engine starts: ``python -m rehearsal.plugins.<package>``.

Each is a process of its own, and most of a preview's plugins live for less than two seconds. What
they import stays until they end, so the garbage collector is paused while they load it;
:func:`rehearsal.standin.server.serve` lets it run again.
"""

import gc

gc.disable()
