# SPDX-License-Identifier: GPL-2.0
"""Lets the messages of netlink_grammar.py in, and looks at what they do.

A world is the devices of refusal.World and two tables long enough that a dump
has several parts. There is a new one after ROUND messages, or when a device has
gone, so that this is all that has to be repeated.
"""
import collections
import itertools
import os
import socket
import struct

import netlink_grammar as grammar
import netlink_tables as tables
import vnb
import vxlan_lab as lab
import why
from netlink_grammar import BATCH
from refusal import (CREATE, EXCL, NOARP, PERMANENT, PORT_EXT_COUNTERS,
                     RTEXT_FILTER_SKIP_STATS, World)
from vnb import BR, BRPORT, IFLA, INFO, NDA, VNETBR, VNETBR_BR

ROUND = 2000        # messages that one world lasts
STATIC = 200        # entries of each table that nobody knows
DEADLINE = 120      # seconds in which a message is answered
LONGEST = 4096      # bytes of one message
ANSWER = 32768      # bytes: more than any but a part of a dump
PART = 4096         # bytes: the least that the kernel fills for a dump
RTEXT_FILTER_BRVLAN_COMPRESSED = 4
RTM_NEWNSID = 88
NLM_F_DUMP_INTR = 0x10
NETNSA_NSID, NETNSA_FD = 1, 3
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x20000
IFF_LOWER_UP, IFF_DORMANT = 0x10000, 0x20000
LINKS, NEIGHBOURS = 1, 4    # groups of listeners
BRVLAN = 33                 # as one that has no bit
NETLINK_ADD_MEMBERSHIP = 1
CACHEINFO = struct.pack("=HH", 20, NDA.CACHEINFO)
PERMANENT_STATES = 0xc0     # NUD_NOARP, NUD_PERMANENT


class Wrong(Exception):
    """What the kernel must not do."""


def enter_user_namespace():
    """Be root of a new user namespace, which owns what namespaces come."""
    uid, gid = os.getuid(), os.getgid()
    lab.libc("unshare", CLONE_NEWUSER | CLONE_NEWNS | vnb.CLONE_NEWNET)
    for name, what in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"),
                       ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as knob:
            knob.write(what)
    lab.libc("mount", b"none", b"/run/netns", b"tmpfs", 0, None)


class FuzzWorld(World):
    """A World with longer tables, and a second namespace."""

    def make(self):
        super().make()
        self.other()
        for dev in "br0", "vx0":
            self.fill(dev)

    def fill(self, dev):
        """Have all STATIC entries in the table of a device."""
        attr = self.via("p0") if dev == "br0" else self.dst("192.0.2.7")
        state = NOARP if dev == "br0" else PERMANENT
        for at in range(0, STATIC, BATCH):
            send(self.nl.sock, [
                (n, vnb.RTM_NEWNEIGH, CREATE | EXCL, self.fdb(
                    dev, f"02:fe:00:00:00:{n:02x}", attr, state=state))
                for n in range(at, min(at + BATCH, STATIC))])

    def other(self):
        """The namespace that messages name by a descriptor and by a number."""
        fd = vnb.netns_fd(lab.namespace("b"))
        os.dup2(fd, tables.OTHER_NS_FD)
        os.close(fd)
        self.nl.request(RTM_NEWNSID, bytes(4) + vnb.u32(
            NETNSA_NSID, tables.OTHER_NS_ID) + vnb.u32(
            NETNSA_FD, tables.OTHER_NS_FD))

    def is_whole(self):
        """Are all devices still there?"""
        return {struct.unpack_from("=4xi", payload)[0] for _, payload in
                self.nl.request(vnb.RTM_GETLINK, vnb.ifinfomsg() + vnb.u32(
                    IFLA.EXT_MASK, RTEXT_FILTER_SKIP_STATS),
                    vnb.NLM_F_DUMP)} >= set(self.index.values())

    def dump(self):
        """As World has it, in larger pieces, because it is done often."""
        head = vnb.u32(IFLA.EXT_MASK, RTEXT_FILTER_SKIP_STATS |
                       RTEXT_FILTER_BRVLAN_COMPRESSED)
        found = {(family, payload[4:8]): payload
                 for family in (0, vnb.AF_BRIDGE)
                 for _, payload in self.nl.request(
                     vnb.RTM_GETLINK, vnb.ifinfomsg(family=family) + head,
                     vnb.NLM_F_DUMP)}
        for _, payload in self.nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(0),
                                          vnb.NLM_F_DUMP):
            # without NDA_CACHEINFO, which counts
            at = payload.find(CACHEINFO, 12)
            found["entry", payload[:at] + payload[at + 20:]] = payload[8:10]
        return found

    def close(self):
        """Let all devices go."""
        self.nl.sock.close()
        os.close(tables.OTHER_NS_FD)
        lab.cleanup()


def send(sock, batch):
    """Send [(number, type, flags, body)...] at once: {number: errno}."""
    sock.send(b"".join(struct.pack(
        "=IHHII", 16 + len(body), kind,
        flags | vnb.NLM_F_REQUEST | vnb.NLM_F_ACK, nr + 1, 0) + body +
        bytes(-len(body) % 4) for nr, kind, flags, body in batch))
    wanted = {nr for nr, *_ in batch}
    answers = {}
    while len(answers) < len(wanted):
        for kind, _, seq, payload in messages_of(
                sock, ANSWER, f"messages {wanted - set(answers)}"):
            if kind == vnb.NLMSG_ERROR and seq - 1 in wanted:
                answers[seq - 1] = -struct.unpack_from("=i", payload)[0]
    return answers


## what a refused message must leave as it is

# What follows later, when a link, an age or the tree has changed: {key: paths}
LATER_BRIDGE = (BR.FDB_N_LEARNED, BR.AGEING_TIME, BR.TOPOLOGY_CHANGE,
                BR.TOPOLOGY_CHANGE_DETECTED, BR.HELLO_TIMER, BR.TCN_TIMER,
                BR.TOPOLOGY_CHANGE_TIMER, BR.ROOT_ID, BR.ROOT_PORT,
                BR.ROOT_PATH_COST, BR.HELLO_TIME, BR.MAX_AGE,
                BR.FORWARD_DELAY)
LATER_PORT = (*((kind,) for kind in (
    BRPORT.STATE, BRPORT.COST, BRPORT.ROOT_ID, BRPORT.BRIDGE_ID,
    BRPORT.DESIGNATED_PORT, BRPORT.DESIGNATED_COST, BRPORT.TOPOLOGY_CHANGE_ACK,
    BRPORT.CONFIG_PENDING, BRPORT.MESSAGE_AGE_TIMER, BRPORT.FORWARD_DELAY_TIMER,
    BRPORT.HOLD_TIMER)), *((tables.PORT_NEST, kind)
                           for kind in PORT_EXT_COUNTERS))
LATER = {
    IFLA.LINKINFO: (*((INFO.DATA, VNETBR.BRIDGE, kind)
                      for kind in LATER_BRIDGE),
                    *((INFO.DATA, VNETBR.BRIDGE_EXT, kind) for kind in (
                        VNETBR_BR.FDB_N_LEARNED, VNETBR_BR.NEIGH_N_SNOOPED)),
                    *((INFO.SLAVE_DATA, *path) for path in LATER_PORT)),
    IFLA.PROTINFO: LATER_PORT,
}


def steady(payload):
    """{path: value} of a link, without what changes by itself."""
    head = list(struct.unpack_from("=BxHiII", payload))
    head[3] &= ~(vnb.IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT)
    found = {"header": head}
    for kind, value, _ in vnb.attrs(payload[16:]):
        if kind in LATER:
            found[kind] = flat(value, LATER[kind])
        elif kind not in vnb.UNSTABLE or (kind == IFLA.AF_SPEC and
                                          head[0] == vnb.AF_BRIDGE):
            found[kind] = value
    return found


def flat(body, drop, path=()):
    """{path: value} of attributes, without the paths in @drop."""
    nests = {whole[:n] for whole in drop for n in range(1, len(whole))}
    found = []
    for kind, value, _ in vnb.attrs(body):
        here = path + (kind,)
        if here in nests:
            found += flat(value, drop, here)
        elif here not in drop:
            found.append((here, value))
    return found


def differences(before, after):
    """What differs between two dumps of a FuzzWorld, and not by itself."""
    found = []
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if key[0] == "entry":
            if old != new and (old or new)[0] & PERMANENT_STATES:
                found.append(f"entry {key[1].hex()} {'gone' if old else 'new'}")
        elif old is None or new is None:
            found.append(f"link {key} {'gone' if old else 'new'}")
        elif old != new:
            old, new = steady(old), steady(new)
            found += [f"link {key} attribute {kind}: {old.get(kind)} to "
                      f"{new.get(kind)}" for kind in old.keys() | new.keys()
                      if old.get(kind) != new.get(kind)]
    return found


def is_atomic(message):
    """Is all of a message refused, if it is?

    The core changes a device by one attribute after the other, our options
    first, and asks the master of a port before itself.
    """
    if message.flags & EXCL or message.kind in (
            vnb.RTM_NEWNEIGH, vnb.RTM_DELNEIGH, grammar.WHY):
        return True
    kinds = {attr.kind for attr in message.attrs}
    if message.head[:1] == bytes([vnb.AF_BRIDGE]):
        return not any(spec.kind == 0 and spec.body[:1] == b"\3"
                       for attr in message.attrs if attr.kind == IFLA.AF_SPEC
                       and isinstance(attr.body, list) for spec in attr.body)
    infos = [part.kind for attr in message.attrs if attr.kind == IFLA.LINKINFO
             and isinstance(attr.body, list) for part in attr.body]
    return kinds <= {IFLA.IFNAME, IFLA.LINKINFO} and \
        not message.head[8:16].strip(b"\0") and \
        not {INFO.DATA, INFO.SLAVE_DATA} <= set(infos)


## dumps

class Dump:
    """A dump that is taken a part at a time."""

    def __init__(self, nl, kind, body):
        self.nl, self.kind, self.done, self.parts = nl, kind, False, 0
        self.interrupted = False
        self.rows, self.where = [], f"dump {kind} {body.hex()}"
        self.of = struct.unpack_from("=i", body, 4)[0]
        nl.seq += 1
        nl.sock.send(struct.pack("=IHHII", 16 + len(body), kind,
                                 vnb.NLM_F_REQUEST | vnb.NLM_F_DUMP, nl.seq,
                                 0) + body)

    def part(self):
        """Take the next one."""
        self.parts += 1
        if self.parts > 5000:
            raise Wrong(f"{self.where} does not end")
        for kind, flags, seq, payload in messages_of(self.nl.sock, PART,
                                                     self.where):
            if seq != self.nl.seq:
                continue
            if flags & NLM_F_DUMP_INTR:
                self.interrupted = True
            if kind in (vnb.NLMSG_DONE, vnb.NLMSG_ERROR):
                self.done = True
            elif kind == vnb.RTM_NEWNEIGH:
                self.rows.append(entry_of(payload))

    def check(self):
        """How many entries are there that nobody has changed? None twice."""
        seen = set()
        for row in self.rows:
            if row[1][:2] == b"\2\xfe":
                if row in seen:
                    raise Wrong(f"{self.where} has twice {row}")
                seen.add(row)
        return len(seen)


def entry_of(payload):
    """What makes an entry another one."""
    rest = vnb.parse(payload[12:])
    return payload[:12], rest.get(NDA.LLADDR), rest.get(NDA.DST), \
        rest.get(NDA.IFINDEX)


def messages_of(sock, size, what):
    """(type, flags, seq, payload) of one datagram."""
    try:
        buf = sock.recv(size)
    except (BlockingIOError, socket.timeout):
        raise Wrong(f"no answer in {DEADLINE} s: {what}") from None
    at = 0
    while at + 16 <= len(buf):
        length, kind, flags, seq, _ = struct.unpack_from("=IHHII", buf, at)
        yield kind, flags, seq, buf[at + 16:at + length]
        at += (length + 3) & ~3


## running

class Fuzz:
    """Messages @seed; every @every-th batch is watched closely.

    sent, accepted, watched, worlds, dumps, parts: how many there were
    errors: {errno: how many}
    first, next: the messages that the present world has had
    """

    def __init__(self, seed, log, every=16):
        self.seed, self.log, self.every = seed, log, every
        self.sent = self.accepted = self.watched = self.worlds = 0
        self.dumps = self.parts = 0
        self.errors = collections.Counter()
        self.world = None
        self.first = self.next = 0

    def start(self, number):
        """A new world, for messages from @number."""
        self.first, self.whole = number, True
        self.close()
        self.world = FuzzWorld()
        self.worlds += 1
        self.make = grammar.Maker(self.seed, self.world.index)
        self.nl, self.dumper = self.world.nl, vnb.Rtnl(self.world.ns)
        self.ask = why.Why(self.world.ns)
        # never read: what matters is that each change is told
        self.listener = vnb.Rtnl(self.world.ns, groups=LINKS | NEIGHBOURS)
        self.listener.sock.setsockopt(vnb.SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
                                      BRVLAN)
        for nl in self.nl, self.dumper, self.ask:
            nl.sock.settimeout(DEADLINE)

    def close(self):
        """Let all devices go."""
        if self.world:
            self.dumper.sock.close()
            self.listener.sock.close()
            self.ask.sock.close()
            self.world.close()
            self.world = None

    def run(self, first, count, told=lambda: None):
        """Messages from number @first; @told() is called after each batch."""
        self.start(first)
        for at in range(first, first + count, BATCH):
            if not self.whole or at >= self.first + ROUND:
                self.start(at)
            self.next = min(at + BATCH, first + count)
            numbers = range(at, self.next)
            batch = at // BATCH
            if batch % self.every == 0:
                self.watch(numbers)
            elif batch % 4 == 3:
                self.send_in_dump(numbers)
            else:
                self.send(numbers)
            if batch % 32 == 0:
                self.check_log()
            told()
        self.close()
        self.check_log()

    def check_log(self):
        """Raise Wrong if the kernel complained."""
        complaints = self.log.complaints()
        if complaints:
            raise Wrong("the kernel complained:\n  " + complaints)

    def send(self, numbers):
        """Send messages at once and wait for the answers; were all refused?"""
        batch = {nr: self.make.message(nr) for nr in numbers}
        answers = {}
        for asks, part in itertools.groupby(
                batch.items(), lambda item: item[1].kind == grammar.WHY):
            nl = self.ask if asks else self.nl
            answers |= send(nl.sock, [
                (nr, nl.family if asks else message.kind, message.flags,
                 message.body()[:LONGEST]) for nr, message in part])
        self.sent += len(batch)
        accepted = [nr for nr, error in answers.items() if not error]
        self.accepted += len(accepted)
        self.errors.update(filter(None, answers.values()))
        if any(may_remove(batch[nr]) for nr in accepted):
            self.whole = self.world.is_whole()
        return not accepted

    def watch(self, numbers):
        """One at a time: does one that is refused change anything?"""
        before = self.world.dump()
        for nr in numbers:
            refused = self.send([nr])
            after = self.world.dump()
            self.watched += 1
            message = self.make.message(nr)
            if refused and is_atomic(message) or message.kind == grammar.WHY:
                changed = differences(before, after)
                if changed:
                    raise Wrong("\n  ".join([
                        f"message {nr} {'was refused' if refused else 'asked'}"
                        " and changed:", *changed,
                        str(message)]))
            before = after

    def send_in_dump(self, numbers):
        """While a dump is under way."""
        self.make.rng.seed(f"{self.seed} dump {numbers[0]}")
        watched = grammar.tables_only(numbers[0])
        choose = grammar.table_dump if watched else grammar.any_dump
        dump = Dump(self.dumper, *choose(self.make))
        for at in numbers[::2]:
            if not dump.done:
                dump.part()
            self.send(range(at, min(at + 2, numbers[-1] + 1)))
        while not dump.done:
            dump.part()
        self.dumps += 1
        self.parts += dump.parts
        if watched and dump.check() < STATIC // 2:
            # a flush has left too little to dump in parts
            self.world.fill("br0" if dump.of == self.world.index["br0"] else
                            "vx0")


def may_remove(message):
    """May a message that was accepted have taken a device away?"""
    return message.kind in (vnb.RTM_DELLINK, vnb.RTM_NEWLINK,
                            vnb.RTM_SETLINK) and \
        message.head[:1] == b"\0" and (message.kind == vnb.RTM_DELLINK or any(
            attr.kind in (IFLA.NET_NS_FD, IFLA.NET_NS_PID, IFLA.TARGET_NETNSID)
            for attr in message.attrs))
