"""The environment of the engine and of every plugin and program that it starts.

It is built from nothing: what is not named here is not in it. So no credentials of the user's are
in reach, under whatever name they go, and ``HOME`` holds no configuration files of a cloud.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rehearsal.paths import STACK_DIR_VARIABLE, StackPaths

#: Protects the state of a rehearsal, whose secrets open nothing: they are generated for a
#: simulated cloud. A constant lets every later command read the state without asking.
PASSPHRASE = "rehearsal"  # noqa: S105 - a constant on purpose, see above

#: How the machine is set up: language, certificates, and the way to chart repositories.
_FROM_OUTSIDE = (
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "LC_ALL",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TERM",
    "TMPDIR",
    "TZ",
    "https_proxy",
    "http_proxy",
)

#: gRPC would otherwise reach the engine and its plugins through the proxy.
_LOOPBACK = "127.0.0.1,localhost,::1"


def engine_environment(
    stack: StackPaths,
    *,
    tools: Sequence[Path] = (),
    outside: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """The whole environment of the engine.

    ``PATH`` has the shims of the cloud's command lines first, then ``tools`` (directories), then
    the executables beside this Python, ``kubectl`` among them, then the ``PATH`` outside.
    """
    environment = {name: outside[name] for name in _FROM_OUTSIDE if name in outside}
    environment |= _no_proxy(environment, outside)
    path = [stack.bin, *tools, Path(sys.executable).parent]
    return environment | {
        "PATH": os.pathsep.join([*map(str, path), outside.get("PATH", os.defpath)]),
        "HOME": str(stack.home),
        STACK_DIR_VARIABLE: str(stack.directory),
        "PULUMI_HOME": str(stack.pulumi_home),
        "PULUMI_BACKEND_URL": stack.state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        # A provider plugin on the user's PATH must not be taken for a stand-in.
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
    }


def _no_proxy(environment: Mapping[str, str], outside: Mapping[str, str]) -> dict[str, str]:
    if not any(name.lower().endswith("_proxy") for name in environment):
        return {}
    given = outside.get("NO_PROXY") or outside.get("no_proxy")
    value = f"{given},{_LOOPBACK}" if given else _LOOPBACK
    return {"NO_PROXY": value, "no_proxy": value}
