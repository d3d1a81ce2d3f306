#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Send frames out of devices as fast as they go, when told to.

    storm.py KIND CPU SEED NS:N [NS:N...]

From the device eth0 of each namespace, which has the address of station N; a
device that is not there, or not any more, is tried again. All chance comes from
SEED. KIND is what:

  mixed    to the stations 1 to 4, to everybody, to nobody; from its own
           address, from addresses that are new each time, and from a few that
           all senders have, which therefore move with each frame
  flood    64 bytes (with the checksum of Ethernet) to the stations 1 to 4
  bum      broadcast, multicast, unknown unicast
  churn    to the stations, from addresses that are new each time
  group    frames that a bridge drops at once, because they come from a group:
           as many as can be
  witness  to station N + 1
  silent   nothing

Commands are read from standard input: "go", "stop", which is answered by the
number of frames that each device has taken, and "hello": send a few frames
from the own addresses to everybody and each station, also answered. After "go",
"going" tells that all devices have sent.
"""
import ctypes
import os
import random
import select
import socket
import struct
import sys
import time

import vnb

BATCH = 48      # frames of one system call
SHARED = 8      # addresses that all senders have
EVERYBODY = b"\xff" * 6
TALKERS = 1, 2, 3, 4


def station_bytes(number):
    """The address of host N, as bytes."""
    return vnb.mac(vnb.station(number))


def shared():
    return b"\x02\x02\0\0\0" + bytes([random.randrange(SHARED)])


def mixed(source):
    noise = random.randbytes(4 * BATCH)
    for i in range(0, BATCH, 4):
        new = b"\x02\x01" + noise[4 * i:4 * i + 4]
        source.put(i, station_bytes(random.choice(TALKERS)), source.own)
        source.put(i + 1, EVERYBODY, shared())
        source.put(i + 2, station_bytes(random.choice(TALKERS)), new)
        source.put(i + 3, b"\x02\x03" + new[2:], shared())


def bum(source):
    noise = random.randbytes(4 * BATCH)
    for i in range(0, BATCH, 3):
        new = noise[4 * i:4 * i + 4]
        source.put(i, EVERYBODY, source.own)
        source.put(i + 1, b"\x01\x00\x5e" + new[:3], source.own)
        source.put(i + 2, b"\x02\x03" + new, source.own)


def churn(source):
    noise = random.randbytes(4 * BATCH)
    for i in range(BATCH):
        source.put(i, source.others[i % len(source.others)],
                   b"\x02\x01" + noise[4 * i:4 * i + 4])


KINDS = {       # what renews a batch, the length
    "mixed": (mixed, 200),
    "flood": (None, 60),
    "bum": (bum, 60),
    "churn": (churn, 60),
    "group": (None, 60),
    "witness": (None, 60),
    "silent": (None, 60),
}


class Source:
    """One device, while it is there, and a batch of frames for it."""

    def __init__(self, kind, ns, number):
        with vnb.netns(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.renew, self.length = KINDS[kind]
        self.own = station_bytes(number)
        self.others = [station_bytes(n) for n in TALKERS if n != number]
        self.bound = False
        self.sent = 0
        # struct mmsghdr, one struct iovec for each, and the frames
        self.frames = ctypes.create_string_buffer(BATCH * self.length)
        at = ctypes.addressof(self.frames)
        self.vectors = ctypes.create_string_buffer(b"".join(
            struct.pack("=QQ", at + i * self.length, self.length)
            for i in range(BATCH)))
        at = ctypes.addressof(self.vectors)
        self.messages = ctypes.create_string_buffer(b"".join(
            struct.pack("=QIxxxxQQQQIxxxxIxxxx", 0, 0, at + i * 16, 1, 0, 0,
                        0, 0) for i in range(BATCH)))
        if kind == "witness":
            self.others = [station_bytes(number + 1)]
        elif kind == "group":
            self.own = b"\1" * 6
        self.fill()

    def put(self, i, to, source):
        """Addresses of frame @i; nobody waits for its protocol."""
        at = i * self.length
        self.frames[at:at + 14] = to + source + b"\x88\xb5"

    def fill(self):
        """A batch from the own address to each of the others."""
        for i in range(BATCH):
            self.put(i, self.others[i % len(self.others)], self.own)

    def send(self, count=BATCH):
        """Send from a batch; returns whether some of it went."""
        try:
            if not self.bound:
                self.sock.bind(("eth0", 0))
                self.bound = True
        except OSError:
            return False
        sent = vnb.libc.sendmmsg(self.sock.fileno(), self.messages, count,
                                 socket.MSG_DONTWAIT)
        self.sent += max(sent, 0)
        self.bound = sent > 0
        return self.bound

    def hello(self):
        """Who is here?"""
        self.fill()
        self.put(0, EVERYBODY, self.own)
        self.send(4)


def answer(*words):
    print(*words, flush=True)


def storm(sources):
    """Send until there is a command."""
    silent = set(sources)
    if not sources[0].renew:
        for source in sources:
            source.fill()
    while not select.select([0], [], [], 0)[0]:
        for source in sources:
            if source.renew:
                source.renew(source)
            if source.send() and source in silent:
                silent.remove(source)
                if not silent:
                    answer("going")
        if not sources[0].own[0] & 1:
            time.sleep(0.002)   # the test itself needs the CPU too


def main(argv):
    kind = argv[1]
    os.sched_setaffinity(0, {int(argv[2])})
    random.seed(" ".join(argv[3:]))
    sources = [Source(kind, ns, int(number)) for ns, number in
               (arg.rsplit(":", 1) for arg in argv[4:])]
    for line in iter(lambda: os.read(0, 64), b""):
        for command in line.decode().split():
            if command == "stop":
                answer("sent", *(source.sent for source in sources))
            elif command == "hello":
                for source in sources:
                    source.hello()
                answer("hello")
            elif kind == "silent":
                answer("going")
            else:
                storm(sources)


if __name__ == "__main__":
    main(sys.argv)
