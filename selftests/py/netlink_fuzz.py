# SPDX-License-Identifier: GPL-2.0
"""Random messages to the devices of refusal.World."""
import random
import struct

import vnb
from refusal import (APPEND, CREATE, DEVICE, EXCL, GOOD, GROUP, M1, M3, NESTS,
                     NEW, NLM_F_BULK, REPLACE, ZERO)
from vnb import IFLA, MODE, VNETBR, NlError, attr, nest
from vxlan_lab import check


class Fuzz:
    """Messages like those above, made by chance."""

    def __init__(self, world, seed):
        self.world, self.rng = world, random.Random(seed)
        self.choice = self.rng.choice

    def payload(self):
        length = self.choice((0, 1, 1, 2, 4, 4, 4, 6, 8, 16, 33))
        if length == 4 and self.rng.random() < .4:
            return struct.pack("=I", self.choice(list(
                self.world.index.values())))
        return bytes(self.choice((0, 0, 1, 1, 2, 4, 8, 255, self.rng.randrange(
            256))) for _ in range(length))

    def attr(self, numbers, depth=0):
        number = self.rng.randrange(numbers)
        if self.rng.random() < .2:
            number |= vnb.NLA_F_NESTED
        body = self.attrs(numbers, depth - 1) if depth and \
            self.rng.random() < .3 else self.payload()
        length = None
        if self.rng.random() < .03:
            length = self.rng.randrange(2 * len(body) + 8)
        return attr(number, body, length)

    def attrs(self, numbers, depth=0):
        return b"".join(self.attr(numbers, depth)
                        for _ in range(self.rng.randrange(4)))

    def link_data(self):
        mode = self.choice(list(MODE))
        data = b"".join(self.choice(GOOD[mode] or [b""])
                        for _ in range(self.rng.randrange(3)))
        numbers = {"bridge": 54, "pair": 60, "vxlan": 38}[mode]
        number = self.choice(NESTS[mode])
        inner = self.attrs(numbers, 1)
        if number == VNETBR.PEER:
            # without namespaces and what else only the core knows
            data += vnb.peer(vnb.text(IFLA.IFNAME, "new1"), *(
                attr(n, self.payload()) for n in
                self.rng.sample((IFLA.ADDRESS, IFLA.MTU, 1000), 1)))
        else:
            data += nest(number, inner)
        if self.rng.random() < .1:
            data += self.attr(10, 1)
        return mode, data

    def link_message(self):
        mode, data = self.link_data()
        info = vnb.info("vnetbr", vnb.mode(mode), data)
        if self.rng.random() < .3:
            return vnb.RTM_NEWLINK, vnb.ifinfomsg() + vnb.text(
                IFLA.IFNAME, "new0") + info, CREATE | EXCL
        return vnb.RTM_NEWLINK, vnb.ifinfomsg(
            self.world.index[DEVICE[mode]]) + info, 0

    def port_message(self):
        head = self.choice(("p0", "vx0"))
        index = self.world.index[head]
        attrs = self.attrs(48, 1) or self.attr(48, 1)
        if self.rng.random() < .5:
            return vnb.RTM_NEWLINK, vnb.ifinfomsg(index) + vnb.slave_info(
                attrs, kind="vnetbr"), 0
        kind = self.choice((vnb.RTM_SETLINK, vnb.RTM_SETLINK, vnb.RTM_DELLINK))
        body = nest(self.choice((IFLA.PROTINFO, IFLA.AF_SPEC)), attrs)
        return kind, vnb.ifinfomsg(index, family=vnb.AF_BRIDGE) + body, 0

    def entry_message(self):
        dev = self.choice(("br0", "vx0", "vx6"))
        kind = self.choice((vnb.RTM_NEWNEIGH, vnb.RTM_DELNEIGH,
                            vnb.RTM_DELNEIGH, vnb.RTM_GETNEIGH))
        bulk = kind == vnb.RTM_DELNEIGH and self.rng.random() < .6
        attrs = b"".join(self.choice((
            self.world.via("p0"), self.world.dst("192.0.2.5"),
            self.world.dst("2001:db8::5"), self.attr(18)))
            for _ in range(self.rng.randrange(4)))
        return kind, self.world.fdb(
            dev, None if bulk else self.choice((M1, M3, NEW, ZERO, GROUP)),
            attrs, state=self.choice((0, 2, 0x40, 0x42, 0x80, 0xc0, 0x82,
                                      self.rng.randrange(1 << 16))),
            flags=self.choice((0, 0, self.rng.randrange(256)))), \
            NLM_F_BULK if bulk else self.choice((0, CREATE, CREATE | EXCL,
                                                 CREATE | APPEND, REPLACE))

    def send(self):
        """One message; the error, if it was refused."""
        make = self.choice((self.link_message, self.port_message,
                            self.entry_message))
        kind, body, flags = make()
        try:
            self.world.nl.request(kind, body, flags)
        except NlError as error:
            # see silent() for these
            check(f"a text for {kind} {body.hex()} flags {flags:#x}",
                  error.msg or kind in (vnb.RTM_SETLINK, vnb.RTM_DELLINK),
                  error)
            return error
        if flags == CREATE | EXCL and kind == vnb.RTM_NEWLINK:
            self.world.nl.dellink("new0")
        return None
