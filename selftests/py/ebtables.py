#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What `ebtables-legacy -t TABLE -P CHAIN DROP` does for all chains of a table.

    ebtables.py TABLE

For kernels that have the table where Debian's package of that command is not
installed. Like any look at a table, it gives the namespace its hooks.
"""
import ctypes
import socket
import sys

SET_ENTRIES = 128       # EBT_SO_SET_ENTRIES
DROP = -2               # EBT_DROP
HOOKS = 6               # NF_BR_NUMHOOKS

# NF_BR_* that a table has, and their names
TABLES = {"filter": {1: b"INPUT", 2: b"FORWARD", 3: b"OUTPUT"},
          "broute": {5: b"BROUTING"}}


class Chain(ctypes.Structure):
    """struct ebt_entries, without rules"""

    _fields_ = [("distinguisher", ctypes.c_uint), ("name", ctypes.c_char * 32),
                ("counter_offset", ctypes.c_uint), ("policy", ctypes.c_int),
                ("nentries", ctypes.c_uint)]


class Table(ctypes.Structure):
    """struct ebt_replace"""

    _fields_ = [("name", ctypes.c_char * 32), ("valid_hooks", ctypes.c_uint),
                ("nentries", ctypes.c_uint), ("entries_size", ctypes.c_uint),
                ("hook_entry", ctypes.c_void_p * HOOKS),
                ("num_counters", ctypes.c_uint),
                ("counters", ctypes.c_void_p), ("entries", ctypes.c_void_p)]


def main():
    hooks = TABLES[sys.argv[1]]
    chains = (Chain * len(hooks))(*(Chain(name=name, policy=DROP)
                                    for name in hooks.values()))
    table = Table(name=sys.argv[1].encode(), entries_size=ctypes.sizeof(chains),
                  entries=ctypes.addressof(chains))
    for nth, hook in enumerate(hooks):
        table.valid_hooks |= 1 << hook
        table.hook_entry[hook] = ctypes.addressof(chains[nth])
    with socket.socket(socket.AF_INET, socket.SOCK_RAW,
                       socket.IPPROTO_RAW) as sock:
        # the length is that of both, the pointer says where the rest is
        sock.setsockopt(socket.IPPROTO_IP, SET_ENTRIES,
                        bytes(table) + bytes(chains))


if __name__ == "__main__":
    main()
