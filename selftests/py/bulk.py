#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Bulk data over TCP between hosts whose network comes and goes.

    bulk.py FROM-NS TO-NS ADDRESS [FROM-NS TO-NS ADDRESS...]

ADDRESS is one of TO-NS. A connection that is reset or gets nowhere is made
again. What arrives is compared with what was sent: whatever happens below, TCP
must not deliver a byte that is wrong.

Commands are read from standard input: "go"; "stop", which is answered by the
number of bytes that arrived in each flow, and that of bytes that were wrong;
"count", by the same without stopping. "going" tells that all flows flow.
"""
import os
import random
import select
import socket
import struct
import sys
import threading
import time

import vnb

PORT = 7100
ABORT = struct.pack("ii", 1, 0)         # of SO_LINGER: what is closed is silent
CHUNK = 1 << 16
PATIENCE = 500          # ms without an acknowledgement: connect again
POOL = random.Random(1).randbytes(CHUNK)
STREAM = POOL + POOL    # a chunk from any place of the endless repetition


class Flow:
    """Two threads, the sending and the receiving one."""

    def __init__(self, from_ns, to_ns, address, go):
        self.ns, self.address, self.go = from_ns, address, go
        self.received = self.wrong = 0
        with vnb.netns(to_ns):
            self.listener = socket.create_server(("", address[1]))
        for run in self.send, self.receive:
            threading.Thread(target=run, daemon=True).start()

    def connect(self):
        with vnb.netns(self.ns):
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, PATIENCE)
        sock.settimeout(2 * PATIENCE / 1000)
        sock.connect(self.address)
        return sock

    def send(self):
        while True:
            self.go.wait()
            try:
                with self.connect() as sock:
                    at = 0
                    while True:
                        self.go.wait()
                        at = (at + sock.send(STREAM[at:at + CHUNK])) % CHUNK
            except OSError:
                time.sleep(0.05)        # there may be no network at all

    def receive(self):
        buf = bytearray(CHUNK)
        view = memoryview(buf)
        while True:
            sock = self.listener.accept()[0]
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
            # who does not come back is not waited for
            sock.settimeout(4 * PATIENCE / 1000)
            try:
                self.read(sock, view)
            except OSError:
                pass
            sock.close()

    def read(self, sock, view):
        at = 0
        while True:
            try:
                count = sock.recv_into(view)
            except socket.timeout:
                if self.go.is_set():
                    return
                continue
            if not count:
                return
            if bytes(view[:count]) != STREAM[at:at + count]:
                self.wrong += count
            self.received += count
            at = (at + count) % CHUNK


def answer(*words):
    print(*words, flush=True)


def tell(flows):
    answer("received", *(flow.received for flow in flows),
           sum(flow.wrong for flow in flows))


def wait_for_all(flows):
    """Until each flow has received something more, or there is a command."""
    before = [flow.received for flow in flows]
    while not select.select([0], [], [], 0.05)[0]:
        if all(flow.received > old for flow, old in zip(flows, before)):
            answer("going")
            return


def main(argv):
    go = threading.Event()
    flows = [Flow(argv[n], argv[n + 1], (argv[n + 2], PORT + n), go)
             for n in range(1, len(argv), 3)]
    for line in iter(lambda: os.read(0, 64), b""):
        for command in line.decode().split():
            if command == "go":
                go.set()
                wait_for_all(flows)
                continue
            if command == "stop":
                go.clear()
            tell(flows)


if __name__ == "__main__":
    main(sys.argv)
