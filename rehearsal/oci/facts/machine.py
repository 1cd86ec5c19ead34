"""What an instance's operating system sees of the machine: memory and root file system.

Memory: a shape's "GB" are GiB. Linux keeps a 64-byte ``struct page`` for each 4 KiB page (1/64),
Oracle Linux 8 reserves memory for a crash kernel by size (``crashkernel=auto``: 160 MiB to 4 GiB,
192 MiB to 64 GiB, 256 MiB to 1 TiB, 512 MiB above), and firmware and kernel image take the rest.
Disk: the images' root file system has 35.5 GiB, whatever the size of the boot volume, until
``oci-growfs`` gives it what is left beside ``/boot`` and the 10 GiB of ``/var/oled``.
"""

from __future__ import annotations

MIB_PER_GIB = 1024
PAGE_STRUCTURES = 64
FIRMWARE_AND_KERNEL_MIB = 100

#: Memory up to so many GiB, and the crash kernel's share, MiB.
_CRASH_KERNEL_MIB = ((4, 160), (64, 192), (1024, 256))
_CRASH_KERNEL_ABOVE_MIB = 512

ROOT_FILE_SYSTEM_MIB = 36352
BESIDE_ROOT_MIB = 11 * MIB_PER_GIB + 512


def visible_memory_mib(memory_gb: float) -> int:
    """``MemTotal`` of an instance with this much memory, MiB."""
    nominal = int(memory_gb * MIB_PER_GIB)
    crash = next(
        (mib for up_to, mib in _CRASH_KERNEL_MIB if memory_gb <= up_to), _CRASH_KERNEL_ABOVE_MIB
    )
    return nominal - nominal // PAGE_STRUCTURES - crash - FIRMWARE_AND_KERNEL_MIB


def root_file_system_mib(boot_volume_gb: int, *, grown: bool) -> int:
    """Size of the root file system, MiB."""
    if not grown:
        return ROOT_FILE_SYSTEM_MIB
    return max(ROOT_FILE_SYSTEM_MIB, boot_volume_gb * MIB_PER_GIB - BESIDE_ROOT_MIB)
