# SPDX-License-Identifier: GPL-2.0
"""What the kernel complains about."""
import os
import re

# But for what is not ours; as in selftests/run, which knows whose races KCSAN
# finds.
COMPLAINTS = re.compile(
    "WARNING|BUG|Oops|general protection|rcu.*(detected|starved)|lockdep|"
    "refcount|ref_tracker|lockup|possible .* locking|suspicious RCU|"
    "inconsistent lock|waiting for .* to become|KASAN|UBSAN|KFENCE|"
    "unreferenced object|blocked for more|huh, entered")
NO_COMPLAINTS = re.compile("unreliable refcount tracker|[Cc]ommand line")


class KernelLog:
    """What the kernel says from now on; nothing, to those who may not know."""

    def __init__(self):
        self.fd = None
        try:
            self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
            os.lseek(self.fd, 0, os.SEEK_END)
        except OSError:
            pass

    def lines(self):
        """What is new, the first line of each message."""
        while self.fd is not None:
            try:
                record = os.read(self.fd, 1 << 13).decode(errors="replace")
            except BlockingIOError:
                return
            except BrokenPipeError:     # some were overwritten
                continue
            yield record.partition(";")[2].splitlines()[0]

    def complaints(self):
        """What is new, from the first complaint on; "" without one."""
        lines = list(self.lines())
        for i, line in enumerate(lines):
            if COMPLAINTS.search(line) and not NO_COMPLAINTS.search(line):
                return "\n  ".join(lines[i:i + 80])
        return ""
