"""Kubernetes quantities, as far as kubelet flags use them."""

from __future__ import annotations

_BYTES = {
    "Ki": 1024,
    "Mi": 1024**2,
    "Gi": 1024**3,
    "Ti": 1024**4,
    "k": 1000,
    "M": 1000**2,
    "G": 1000**3,
    "T": 1000**4,
    "": 1,
}


def cpu_millicores(text: str) -> int:
    """``500m`` or ``1.5`` in millicores. Raises ValueError."""
    return int(text[:-1]) if text.endswith("m") else round(float(text) * 1000)


def memory_mib(text: str) -> int:
    """``1Gi`` or ``1073741824`` in MiB, rounded up. Raises ValueError."""
    unit = text.lstrip("0123456789.")
    if unit not in _BYTES:
        raise ValueError(f"{text!r} is not a quantity of memory")
    return -int(-float(text.removesuffix(unit)) * _BYTES[unit] // _BYTES["Mi"])
