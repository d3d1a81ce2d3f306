#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Send frames, say where they arrived.

One process for a whole test, because to start python costs seconds in an
emulated machine. Reads a command per line, answers with one line: "ok" when
there is nothing to say, "error ..." when it did not work. frames_start and
frames of lib_net.sh talk to it.

  end NAME NS DEV [tx] [tap]
        Set a device up and call it an end. Arrivals are counted by the rx_packets of DEV
        (its tx_packets with "tx", for a dummy that is a port), so that nothing
        of DEV or of a bridge works differently because it is watched. With
        "tap", a packet socket sees each frame too, and an arrival counts only
        if the frame has not changed.
  tun NAME NS DEV [WORD...]
        Make a tap device, up; what the kernel sends to it arrives at NAME, and
        a frame from NAME is received by DEV.
  ear NAME NS DEV HEX
        An end that only listens: a packet socket for one protocol, which gets
        what the network stack of DEV gets.
  drop NAME...
        Forget ends.
  watch NS DEV
        Listen to a device with a packet socket and take no notice.
  ns NS...
        Make namespaces for ip-netns, as `ip netns add` does, with lo up.
  nsdel NS...
        Delete them.
  quiet NS...
        No IPv6 in a namespace, so that no frame is sent unasked.
  up NS DEV...
        Set devices up.
  link NS DEV...
        Wait until all these can send: a queue learns some time later that
        there is link.
  forwarding NS DEV...
        The same, and until they are ports that forward.
  reset
        Forget everything.
  reach NAME [count=N] FIELD...
        Send a frame from an end. The answer has the names of the ends that got
        it, sorted; "NAME*K" if not once per frame sent, "NAME!" if changed.
  send NAME [count=N] FIELD...
        Only send.
  seen NAME [FIELD...]
        How many frames a tap saw since the last "seen" or "reach", those only
        that have all FIELDs.
  stream NS NS ADDRESS BYTES
        Send so much by TCP, from the first namespace to an address that the
        second one has.
  last NAME
        The last frame that a tap saw, in hex ("-" for none).
  hello
        Nothing: the tool is ready.

A FIELD of a frame: dst=MAC src=MAC type=HEX vlan=VID proto=HEX (of the tag,
8100) len=BYTES (60, of the whole frame without FCS) data=HEX (the payload
begins with it), or hex=BYTES for everything; mark=N is its mark. For "seen",
also min=BYTES, the least length, and partial=1: the checksum is still to be
computed.

All runs on one CPU, and an answer comes only when the frames are through: a
datagram to ourselves over lo, queued behind them on the same CPU several
times over, is the proof (fence()). No time passes for it to be long enough.
"""
import errno
import fcntl
import os
import socket
import struct
import sys
import time

import vnb

ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 263, 8, 4
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 0x10, 0x40
TP_STATUS_CSUMNOTREADY = 8
SO_RCVBUFFORCE, SO_MARK, SO_RCVMARK = 33, 36, 75
MNT_DETACH = 2
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454ca, 2, 0x1000
BR_STATE_FORWARDING = 3
HOPS = 12
TIMEOUT = int(os.environ.get("BUSYWAIT_TIMEOUT") or 20)    # seconds


class Fence:
    """Knows when all softirq work queued on this CPU has been done.

    A datagram over lo goes to the end of the CPU's list of work and comes back
    in turn; what it overtook can be behind it again with a next step only once
    for each device it passes.
    """

    def __init__(self):
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
        with vnb.netns_new():
            with vnb.Rtnl() as nl:
                nl.setlink("lo", up=True)
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sock.bind(("127.0.0.1", 0))
            self.sock.connect(self.sock.getsockname())

    def wait(self):
        for _ in range(HOPS):
            self.sock.send(b"")
            self.sock.recv(1)


class Frame(bytes):
    """What a packet socket got; mark and partial as in a FIELD."""
    mark = 0
    partial = False


class Tap:
    """A packet socket and the frames that it has not been asked for yet."""

    def __init__(self, ns, dev, proto=ETH_P_ALL):
        with vnb.netns(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        try:
            self.sock.setsockopt(socket.SOL_SOCKET, SO_RCVMARK, 1)
        except OSError:
            pass    # before 5.19
        self.sock.bind((dev, proto))
        self.sock.setblocking(False)
        self.tap = self
        self.last = None

    def frames(self, pkttype=None):
        """Take what was received, or sent if @pkttype is PACKET_OUTGOING."""
        taken = []
        while True:
            try:
                frame, extra, _, sll = self.sock.recvmsg(1 << 17, 128)
            except BlockingIOError:
                break
            except OSError as err:
                if err.errno != errno.ENETDOWN:
                    raise
                continue
            if (sll[2] == PACKET_OUTGOING) == (pkttype == PACKET_OUTGOING):
                taken.append(with_extra(frame, extra))
        if taken:
            self.last = taken[-1]
        return taken

    def mark(self):
        self.frames()

    def arrived(self, frame):
        seen = self.frames()
        return len(seen), all(f == frame for f in seen)

    def close(self):
        self.sock.close()


def with_extra(data, extra):
    """The Frame, with the VLAN tag that the kernel took out of it."""
    mark, status = 0, 0
    for level, _, value in extra:
        if level == socket.SOL_SOCKET:
            mark = struct.unpack("=I", value)[0]
            continue
        status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", value)
        if status & TP_STATUS_VLAN_VALID:
            if not status & TP_STATUS_VLAN_TPID_VALID:
                tpid = 0x8100
            data = data[:12] + struct.pack("!HH", tpid, tci) + data[12:]
    frame = Frame(data)
    frame.mark = mark
    frame.partial = bool(status & TP_STATUS_CSUMNOTREADY)
    return frame


class End:
    """A device whose far side is the thing under test."""

    def __init__(self, ns, dev, *words):
        unknown = set(words) - {"tx", "tap"}
        if unknown:
            raise ValueError(unknown)
        self.counter = 1 if "tx" in words else 0
        self.dev = dev
        self.nl = vnb.Rtnl(ns)
        self.nl.setlink(dev, up=True)
        with vnb.netns(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.sock.bind((dev, 0))
        self.tap = Tap(ns, dev) if "tap" in words else None
        self.pkttype = PACKET_OUTGOING if "tx" in words else None

    def send(self, frame, mark=0):
        self.sock.setsockopt(socket.SOL_SOCKET, SO_MARK, mark)
        # a device that was down meanwhile has left an error to be taken, and
        # what is dropped is none
        for _ in range(2):
            try:
                self.sock.send(frame)
                break
            except OSError as err:
                if err.errno not in (errno.ENETDOWN, errno.ENOBUFS):
                    raise

    def mark(self):
        self.packets = self.nl.link(self.dev).stats()[self.counter]
        if self.tap:
            self.tap.frames()

    def arrived(self, frame):
        """(how many since mark(), all like @frame as far as is known)"""
        count = self.nl.link(self.dev).stats()[self.counter] - self.packets
        if not self.tap:
            return count, True
        seen = self.tap.frames(self.pkttype)
        return count, len(seen) == count and all(f == frame for f in seen)

    def close(self):
        self.nl.sock.close()
        self.sock.close()
        if self.tap:
            self.tap.close()


class Tun:
    """A tap device; what the kernel sends to it can be read here."""

    def __init__(self, ns, dev, flags=0, up=True):
        """@flags: more of IFF_*, as linux/if_tun.h has them"""
        with vnb.netns(ns):
            self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(self.fd, TUNSETIFF, struct.pack(
                "16sH14x", dev.encode(), IFF_TAP | IFF_NO_PI | flags))
            if up:
                with vnb.Rtnl() as nl:
                    nl.setlink(dev, up=True)
        self.tap = self
        self.last = None

    def send(self, frame, _=0):
        os.write(self.fd, frame)

    def frames(self, _=None):
        taken = []
        while True:
            try:
                taken.append(Frame(os.read(self.fd, 1 << 17)))
            except BlockingIOError:
                break
        if taken:
            self.last = taken[-1]
        return taken

    def mark(self):
        self.frames()

    def arrived(self, frame):
        seen = self.frames()
        return len(seen), all(f == frame for f in seen)

    def close(self):
        os.close(self.fd)


def build(fields):
    """A frame out of {"dst": "02:..", ...}."""
    if "hex" in fields:
        return bytes.fromhex(fields["hex"])
    frame = vnb.mac(fields.get("dst", "ff:ff:ff:ff:ff:ff"))
    frame += vnb.mac(fields.get("src", "02:00:00:00:00:01"))
    if "vlan" in fields:
        frame += struct.pack("!HH", int(fields.get("proto", "8100"), 16),
                             int(fields["vlan"]))
    frame += struct.pack("!H", int(fields.get("type", "88b5"), 16))
    frame += bytes.fromhex(fields.get("data", ""))
    return frame.ljust(int(fields.get("len", 60)), b"\xa5")


def matches(frame, fields):
    """Has the frame the values of @fields?"""
    tagged = frame[12:14] in (b"\x81\x00", b"\x88\xa8")
    has = {
        "dst": frame[:6] == vnb.mac(fields.get("dst", "")),
        "src": frame[6:12] == vnb.mac(fields.get("src", "")),
        "len": str(len(frame)) == fields.get("len"),
        "type": frame[12 + 4 * tagged:14 + 4 * tagged].hex() ==
        fields.get("type"),
        "vlan": tagged and str(int.from_bytes(frame[14:16], "big") & 0xfff) ==
        fields.get("vlan"),
        "hex": frame.hex() == fields.get("hex"),
        "mark": str(frame.mark) == fields.get("mark"),
        "min": len(frame) >= int(fields.get("min", 0)),
        "partial": str(int(frame.partial)) == fields.get("partial"),
    }
    return all(has[name] for name in fields)


def pump(sender, receiver, size):
    """Send @size bytes from one socket to the other one."""
    sender.setblocking(False)
    receiver.settimeout(TIMEOUT)
    chunk = bytes(1 << 16)
    sent = 0
    received = 0
    while received < size:
        try:
            while sent < size:
                sent += sender.send(chunk[:size - sent])
        except BlockingIOError:
            pass
        received += len(receiver.recv(1 << 16))


def looks(seconds):
    """Until when to look again, for so long: True each time, then False. They
    come less and less often: whoever waits does not keep others from work."""
    deadline = time.monotonic() + seconds
    pause = 0
    while time.monotonic() <= deadline:
        yield True
        time.sleep(pause)
        pause = min(pause + 0.002, 0.05)
    yield False


def wait_for(condition):
    """Until @condition() is true, or long enough."""
    for more in looks(TIMEOUT):
        if condition():
            return
        if not more:
            raise TimeoutError


class Tool:
    """The commands, one method each; what it returns is the answer."""

    def __init__(self):
        self.fence = Fence()
        self.ends = {}
        self.watched = []

    def do_hello(self):
        return "ok"

    def add(self, name, end):
        if name in self.ends:
            self.do_drop(name)
        self.ends[name] = end
        return "ok"

    def do_end(self, name, *args):
        return self.add(name, End(*args))

    def do_tun(self, name, *args):
        return self.add(name, Tun(*args))

    def do_ear(self, name, ns, dev, proto):
        return self.add(name, Tap(ns, dev, int(proto, 16)))

    def do_drop(self, *names):
        for name in names:
            self.ends.pop(name).close()
        return "ok"

    def do_watch(self, ns, dev):
        self.watched.append(Tap(ns, dev))
        return "ok"

    @staticmethod
    def do_ns(*names):
        os.makedirs("/run/netns", exist_ok=True)
        for name in names:
            with vnb.netns_new(f"/run/netns/{name}"), vnb.Rtnl() as nl:
                nl.setlink("lo", up=True)
        return "ok"

    @staticmethod
    def do_nsdel(*names):
        for name in names:
            path = f"/run/netns/{name}"
            vnb.libc.umount2(path.encode(), MNT_DETACH)
            if os.path.exists(path):
                os.unlink(path)
        return "ok"

    @staticmethod
    def do_up(ns, *devs):
        with vnb.Rtnl(ns) as nl:
            for dev in devs:
                nl.setlink(dev, up=True)
        return "ok"

    @staticmethod
    def do_link(ns, *devs):
        with vnb.Rtnl(ns) as nl:
            wait_for(lambda: all(nl.link(dev).can_send() for dev in devs))
            # it says so before it is true, under the lock that this takes
            nl.setlink("lo", up=True)
        return "ok"

    def do_forwarding(self, ns, *devs):
        self.do_link(ns, *devs)
        with vnb.Rtnl(ns) as nl:
            wait_for(lambda: set(devs) <= {
                link.name for link in nl.ports()
                if link.port_state() == BR_STATE_FORWARDING})
        return "ok"

    @staticmethod
    def do_quiet(*namespaces):
        for ns in namespaces:
            with vnb.netns(ns):
                for name in "all", "default":
                    path = f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6"
                    if os.path.exists(path):
                        with open(path, "w") as knob:
                            knob.write("1")
        return "ok"

    def do_reset(self):
        self.do_drop(*list(self.ends))
        for tap in self.watched:
            tap.close()
        self.watched = []
        return "ok"

    def send(self, name, fields):
        count = int(fields.pop("count", 1))
        mark = int(fields.pop("mark", 0))
        frame = build(fields)
        for _ in range(count):
            self.ends[name].send(frame, mark)
        self.fence.wait()
        return frame, count

    def do_send(self, name, *args):
        self.send(name, dict(arg.split("=", 1) for arg in args))
        return "ok"

    def do_reach(self, name, *args):
        for end in self.ends.values():
            end.mark()
        frame, sent = self.send(name, dict(arg.split("=", 1) for arg in args))
        found = []
        for name, end in sorted(self.ends.items()):
            count, same = end.arrived(frame)
            if count:
                found.append(name + ("" if count == sent else f"*{count}") +
                             ("" if same else "!"))
        return " ".join(found)

    def do_seen(self, name, *args):
        fields = dict(arg.split("=", 1) for arg in args)
        self.fence.wait()
        return str(sum(matches(frame, fields)
                       for frame in self.ends[name].tap.frames()))

    def do_stream(self, from_ns, to_ns, address, size):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with vnb.netns(to_ns):
            server = socket.create_server((address, 0), family=family)
        with vnb.netns(from_ns):
            sender = socket.socket(family, socket.SOCK_STREAM)
        with server, sender:
            sender.settimeout(TIMEOUT)
            sender.connect(server.getsockname())
            receiver = server.accept()[0]
            with receiver:
                pump(sender, receiver, int(size))
        self.fence.wait()
        return "ok"

    def do_last(self, name):
        self.ends[name].tap.frames()
        last = self.ends[name].tap.last
        return last.hex() if last else "-"


def main():
    tool = Tool()
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            break
        try:
            answer = getattr(tool, "do_" + words[0])(*words[1:])
        except Exception as err:    # the test has to hear of it, whatever it is
            answer = f"error {type(err).__name__} {err}"
        print(answer, flush=True)


if __name__ == "__main__":
    main()
