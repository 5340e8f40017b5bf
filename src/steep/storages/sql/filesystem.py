"""Whether a file lies on a disk of this machine."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["is_local"]

# Unknown file systems count as shared: that is slower, and never wrong.
_LOCAL = frozenset(
    "apfs bcachefs btrfs exfat ext2 ext3 ext4 f2fs fuseblk hfsplus jfs msdos nilfs2 ntfs ntfs3 "
    "overlay ramfs reiserfs rootfs tmpfs ubifs ufs vfat xfs zfs".split()
)


def is_local(path: str, mounts: str = "/proc/self/mountinfo") -> bool:
    """Tell whether only processes of this machine can have a file open.

    Args:
        path: The file, which need not exist.
        mounts: Where Linux lists what is mounted.

    Returns:
        False for network file systems and for unknown ones. True on systems that do not say.
    """
    if not sys.platform.startswith("linux"):
        return True
    try:
        lines = Path(mounts).read_text(errors="surrogateescape").splitlines()
    except OSError:
        return True
    target = Path(path).resolve()
    found = "", "unknown"
    for line in lines:
        point, kind = _mount_of(line)
        if len(point) >= len(found[0]) and target.is_relative_to(point):
            found = point, kind
    return found[1] in _LOCAL


def _mount_of(line: str) -> tuple[str, str]:
    """Give the mount point and the kind of a line of mountinfo(5)."""
    before, _, after = line.partition(" - ")
    point = before.split(" ")[4]
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, character)
    return point, after.split(" ")[0]
