#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Send frames from containers, without a pause to speak of, until killed.

    blast.py NS:N [NS:N...]

From the device eth0 of each namespace to station N, to everybody, and to a
station that nobody knows; from addresses that are new each time. A device that
is not there, or not any more, is tried again: that is what the test is about.
"""
import os
import socket
import sys
import time

import vnb


class Source:
    """One device, while it is there."""

    def __init__(self, ns, station):
        with vnb.netns(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.tail = b"\x88\xb6".ljust(1000, b"\0")
        self.to = [vnb.mac(vnb.station(station)), b"\xff" * 6,
                   b"\x02\x03" + os.urandom(4)]
        self.bound = False

    def send(self):
        try:
            if not self.bound:
                self.sock.bind(("eth0", 0))
                self.bound = True
            for to in self.to:
                source = b"\x02\x01" + os.urandom(4)
                self.sock.send(to + source + self.tail)
        except OSError:
            self.bound = False
            return 0
        return 1


def main(argv):
    sources = [Source(ns, int(station)) for ns, station in
               (arg.rsplit(":", 1) for arg in argv[1:])]
    told = False
    while True:
        sent = sum(source.send() for source in sources)
        time.sleep(0.0005)      # the test itself needs the CPU too
        if sent == len(sources) and not told:
            print("going", flush=True)
            told = True


if __name__ == "__main__":
    main(sys.argv)
