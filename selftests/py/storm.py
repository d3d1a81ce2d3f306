#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Send frames out of devices as fast as they go, until killed.

    storm.py CPU NS:N [NS:N...]

From the device eth0 of each namespace, which has the address of station N:
to the stations 1 to 4, to everybody, to nobody; from its own address, from
addresses that are new each time, and from a few that all senders have, which
therefore move with each frame. Says "going" when all devices have sent. A
device that is not there, or not any more, is tried again.

Station 0 only sends frames that a bridge drops at once, because they come from
a group: as many as can be.
"""
import ctypes
import os
import random
import socket
import struct
import sys
import time

import vnb

BATCH = 48      # frames of one system call
LENGTH = 200
SHARED = 8      # addresses that all senders have


def station(number):
    return vnb.mac(f"02:00:00:00:00:{number:02x}")


class Source:
    """One device, while it is there, and a batch of frames for it."""

    def __init__(self, ns, number):
        with vnb.netns(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.number = number
        self.bound = False
        # struct mmsghdr, one struct iovec for each, and the frames
        self.frames = ctypes.create_string_buffer(BATCH * LENGTH)
        at = ctypes.addressof(self.frames)
        self.vectors = ctypes.create_string_buffer(b"".join(
            struct.pack("=QQ", at + i * LENGTH, LENGTH)
            for i in range(BATCH)))
        at = ctypes.addressof(self.vectors)
        self.messages = ctypes.create_string_buffer(b"".join(
            struct.pack("=QIxxxxQQQQIxxxxIxxxx", 0, 0, at + i * 16, 1, 0, 0,
                        0, 0) for i in range(BATCH)))
        for i in range(BATCH):
            self.put(i, b"\xff" * 6,
                     station(number) if number else b"\1" * 6)

    def put(self, i, to, source):
        """Addresses of frame @i; nobody waits for its protocol."""
        at = i * LENGTH
        self.frames[at:at + 14] = to + source + b"\x88\xb5"

    def shuffle(self):
        """Other addresses for the next batch."""
        noise = os.urandom(4 * BATCH)
        for i in range(0, BATCH, 4):
            new = b"\x02\x01" + noise[4 * i:4 * i + 4]
            self.put(i, station(random.randint(1, 4)), station(self.number))
            self.put(i + 1, b"\xff" * 6, b"\x02\x02\0\0\0" +
                     bytes([random.randrange(SHARED)]))
            self.put(i + 2, station(random.randint(1, 4)), new)
            self.put(i + 3, b"\x02\x03" + new[2:], b"\x02\x02\0\0\0" +
                     bytes([random.randrange(SHARED)]))

    def send(self):
        """Send a batch; returns whether some of it went."""
        try:
            if not self.bound:
                self.sock.bind(("eth0", 0))
                self.bound = True
        except OSError:
            return False
        if self.number:
            self.shuffle()
        sent = vnb.libc.sendmmsg(self.sock.fileno(), self.messages, BATCH, 0)
        self.bound = sent > 0
        return self.bound


def main(argv):
    os.sched_setaffinity(0, {int(argv[1])})
    sources = [Source(ns, int(number)) for ns, number in
               (arg.rsplit(":", 1) for arg in argv[2:])]
    silent = set(sources)
    while True:
        for source in sources:
            if source.send() and source in silent:
                silent.remove(source)
                if not silent:
                    print("going", flush=True)
        if any(source.number for source in sources):
            time.sleep(0.002)   # the test itself needs the CPU too


if __name__ == "__main__":
    main(sys.argv)
