"""The driver's side of Tests/CrashShim/shim.c: one control page and one journal a data directory."""

import errno
import mmap
import struct

FIELDS = ("count", "kill_at", "kill_how", "fail_from", "fail_until", "fail_errno", "fail_short", "fault")
FAULTS = {None: 0, "no-fsync": 1, "late-fsync": 2}
ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO}
FOREVER = 1 << 62


class Shim:
    """Arms and disarms what all processes of one data directory are loaded with."""

    def __init__(self, library, root, folder):
        self.journal = folder / "journal"
        path = folder / "control"
        path.write_bytes(bytes(8 * len(FIELDS)))
        with open(path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 8 * len(FIELDS))
        self.environment = {
            "LD_PRELOAD": str(library), "CARREL_SHIM_ROOT": str(root), "CARREL_SHIM_CONTROL": str(path),
            "CARREL_SHIM_JOURNAL": str(self.journal)}

    def get(self, name):
        return struct.unpack_from("<Q", self.page, 8 * FIELDS.index(name))[0]

    def set(self, name, value):
        struct.pack_into("<Q", self.page, 8 * FIELDS.index(name), value)

    def kill_after(self, operations, how):
        """The process that makes so many operations more dies: before the last (0), amid it (1) or behind it (2)."""
        self.set("kill_how", how)
        self.set("kill_at", self.get("count") + operations)

    def fail_after(self, operations, count, error, short):
        self.set("fail_errno", ERRORS[error])
        self.set("fail_short", int(short))
        start = self.get("count") + operations
        self.set("fail_until", start + count)
        self.set("fail_from", start)

    def break_syncs(self, fault):
        """From now on, what was to be shown as caught."""
        self.set("fault", FAULTS[fault])

    def disarm(self):
        self.set("kill_at", 0)
        self.set("fail_from", 0)

    def close(self):
        self.page.close()
