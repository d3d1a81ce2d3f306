#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The frame tool for tests of the path: frames.py, and what observers need.

All commands of frames.py, and:

  traffic NAME FIELD...
        Send such frames from an end, one after the other, until "stop". Their
        ethertype is 88b6, so that counters of 88b5 do not see them. Answers
        when the first one is through.
  stop
        And wait until all are through. Answers with their number.
  arrive NAME END COUNT [count=N] FIELD...
        As "reach", for frames that wait somewhere: polls until COUNT frames
        have arrived at END. The answer is that of "reach".
  fused NS DEV rx|tx
        How many frames went past the device by the short cut.
  stats NS DEV
        rx_packets rx_bytes tx_packets tx_bytes rx_errors tx_errors rx_dropped
        tx_dropped
  gso NAME size=BYTES mss=BYTES FIELD...
        Send one TCP frame of so many bytes of payload, to be cut into segments
        of mss bytes by whoever has to.
  napi NAME NS DEV
        Make a tap device, up, that receives by a NAPI of its own; as "tun".
  answer NAME
        Take the last frame that came out of a tap device and put it back with
        sender and receiver exchanged, in the frame inside a tunnel as well.
        Answers with the UDP ports and the VNI.
  window NAME FILE FIELD...
        Send one frame and wait until it is through, with 1 in FILE meanwhile
        and 0 afterwards; instead of FIELDs, "answer" as of the command below.
        Answers with how many frames had come out of the other ends that are
        tap devices when the sending returned.
  arrived
        Where the frame of "window" has arrived, as the answer of "reach".
  count PATH xdp|tcx VERDICT
        Load a BPF program that counts the frames of ethertype 88b5, with
        VERDICT for them. An "xdp" is pinned at PATH, a "tcx" is attached to
        what PATH says: NS/DEV/ingress or NS/DEV/egress.
  counted
        What it has counted.
  uncount
        Forget the program, and detach a "tcx".
"""
import array
import ctypes
import fcntl
import os
import socket
import struct
import threading
import time

import frames
import vnb

DEADLINE = 20
SIOCETHTOOL = 0x8946
ETHTOOL_GSTRINGS, ETHTOOL_GSTATS, ETHTOOL_GSSET_INFO = 0x1b, 0x1d, 0x37
ETH_SS_STATS = 1
SOL_PACKET, PACKET_VNET_HDR = 263, 15
IFF_NAPI = 0x10
TEST_TYPE, OTHER_TYPE = "88b5", "88b6"


## counters

class Ethtool:
    """The statistics of `ethtool -S`."""

    def __init__(self, ns, dev):
        with vnb.netns(ns):
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.dev = dev.encode()
        reply = self.ioctl(struct.pack("=IIQI", ETHTOOL_GSSET_INFO, 0,
                                       1 << ETH_SS_STATS, 0))
        self.length = struct.unpack_from("=I", reply, 16)[0]
        reply = self.ioctl(struct.pack(
            f"=III{32 * self.length}x", ETHTOOL_GSTRINGS, ETH_SS_STATS,
            self.length))
        self.names = [reply[12 + 32 * n:44 + 32 * n].rstrip(b"\0").decode()
                      for n in range(self.length)]

    def ioctl(self, request):
        buf = array.array("B", request)
        fcntl.ioctl(self.sock, SIOCETHTOOL, struct.pack(
            "16sP16x", self.dev, buf.buffer_info()[0]))
        return buf.tobytes()

    def read(self):
        reply = self.ioctl(struct.pack(f"=II{8 * self.length}x",
                                       ETHTOOL_GSTATS, self.length))
        return dict(zip(self.names,
                        struct.unpack_from(f"={self.length}Q", reply, 8)))

    def close(self):
        self.sock.close()


## BPF

BPF_MAP_CREATE, BPF_MAP_LOOKUP_ELEM, BPF_PROG_LOAD, BPF_OBJ_PIN = 0, 1, 5, 6
BPF_LINK_CREATE = 28
BPF_MAP_TYPE_ARRAY = 2
BPF_PROG_TYPE = {"xdp": 6, "tcx": 3}
BPF_TCX = {"ingress": 46, "egress": 47}
PASS = {"xdp": 2, "tcx": 0}
NR_BPF = {"x86_64": 321, "aarch64": 280}


def bpf(cmd, attr):
    buf = ctypes.create_string_buffer(attr.ljust(144, b"\0"), 144)
    result = vnb.libc.syscall(NR_BPF[os.uname().machine], cmd, buf, 144)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"bpf {cmd}: {os.strerror(error)}")
    return result


def insn(code, dst=0, src=0, off=0, imm=0):
    return struct.pack("=BBhi", code, src << 4 | dst, off, imm)


def program(kind, map_fd, verdict):
    """Count frames of TEST_TYPE in the first value of a map."""
    proto = socket.htons(int(TEST_TYPE, 16))
    tail = [
        insn(0x62, 10, off=-4),                 # key = 0
        insn(0xbf, 2, 10), insn(0x07, 2, imm=-4),
        insn(0x18, 1, 1, imm=map_fd), insn(0),
        insn(0x85, imm=1),                      # map_lookup_elem
        insn(0x15, 0, off=4),                   # if (!value) goto pass
        insn(0xb7, 1, imm=1),
        insn(0xdb, 0, 1),                       # value += 1, atomic
        insn(0xb7, 0, imm=verdict), insn(0x95),
        insn(0xb7, 0, imm=PASS[kind]), insn(0x95)]
    to_pass = len(tail) - 2
    if kind == "xdp":
        head = [insn(0x61, 6, 1), insn(0x61, 2, 1, 4),
                insn(0xbf, 3, 6), insn(0x07, 3, imm=14),
                insn(0x2d, 3, 2, to_pass + 2),  # if too short
                insn(0x69, 3, 6, 12)]
    else:
        head = [insn(0x61, 3, 1, 16)]           # skb->protocol
    return b"".join(head + [insn(0x55, 3, off=to_pass, imm=proto)] + tail)


def load(kind, code):
    """Load a program, one of BPF_PROG_TYPE; its descriptor."""
    text = ctypes.create_string_buffer(code)
    name = ctypes.create_string_buffer(b"GPL")
    log = ctypes.create_string_buffer(1 << 16)
    return bpf(BPF_PROG_LOAD, struct.pack(
        "=IIQQIIQ", kind, len(code) // 8, ctypes.addressof(text),
        ctypes.addressof(name), 1, len(log), ctypes.addressof(log)))


def array_map(size):
    """An array of one value of so many bytes; its descriptor."""
    return bpf(BPF_MAP_CREATE,
               struct.pack("=IIII", BPF_MAP_TYPE_ARRAY, 4, size, 1))


def array_read(map_fd, size):
    """The value of an array_map()."""
    key = ctypes.create_string_buffer(4)
    value = ctypes.create_string_buffer(size)
    bpf(BPF_MAP_LOOKUP_ELEM, struct.pack(
        "=IxxxxQQ", map_fd, ctypes.addressof(key), ctypes.addressof(value)))
    return value.raw[:size]


class Counter:
    """A BPF program and its count."""

    def __init__(self, path, kind, verdict):
        self.fds = [array_map(8)]
        self.path = None
        self.fds.append(load(BPF_PROG_TYPE[kind],
                             program(kind, self.fds[0], int(verdict))))
        if kind == "xdp":
            text = ctypes.create_string_buffer(path.encode())
            bpf(BPF_OBJ_PIN, struct.pack("=QI", ctypes.addressof(text),
                                         self.fds[1]))
            self.path = path
        else:
            ns, dev, hook = path.split("/")
            with vnb.netns(ns):
                self.fds.append(bpf(BPF_LINK_CREATE, struct.pack(
                    "=III", self.fds[1], socket.if_nametoindex(dev),
                    BPF_TCX[hook])))

    def read(self):
        return struct.unpack("=Q", array_read(self.fds[0], 8))[0]

    def close(self):
        if self.path:
            os.unlink(self.path)
        for fd in reversed(self.fds):
            os.close(fd)


## frames

def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return total + (total >> 16) & 0xffff


def tcp_frame(dst, src, size, mss):
    """virtio_net_hdr and a frame whose TCP checksum is still to be made."""
    ip = struct.pack("!BBHHBBBBH4s4s", 0x45, 0, 40 + size, 1, 0x40, 0, 64, 6,
                     0, socket.inet_aton("198.51.100.1"),
                     socket.inet_aton("198.51.100.2"))
    ip = ip[:10] + struct.pack("!H", 0xffff ^ checksum(ip)) + ip[12:]
    pseudo = checksum(ip[12:] + struct.pack("!HH", 6, 20 + size))
    tcp = struct.pack("!HHIIHHHH", 1024, 9, 1, 1, 0x5010, 512, pseudo, 0)
    return struct.pack("=BBHHHH", 1, 1, 54, mss, 34, 16) + \
        vnb.mac(dst) + vnb.mac(src) + b"\x08\0" + ip + tcp + bytes(size)


def swapped(frame, at, length):
    """Exchange two neighbours of @length bytes."""
    return frame[:at] + frame[at + length:at + 2 * length] + \
        frame[at:at + length] + frame[at + 2 * length:]


def answer_to(frame):
    """The frame as its receiver would send it; (frame, what it is)."""
    frame = swapped(frame, 0, 6)
    if frame[12:14] == b"\x08\0":
        ip, hlen, proto = 14, (frame[14] & 15) * 4, frame[23]
        frame = swapped(frame, ip + 12, 4)
    elif frame[12:14] == b"\x86\xdd":
        ip, hlen, proto = 14, 40, frame[20]
        frame = swapped(frame, ip + 8, 16)
    else:
        return frame, frame[12:14].hex()
    if proto != 17:
        return frame, f"protocol {proto}"
    udp = ip + hlen
    sport, dport = struct.unpack_from("!HH", frame, udp)
    vni = int.from_bytes(frame[udp + 12:udp + 15], "big")
    return swapped(frame, udp + 16, 6), f"{sport} {dport} {vni}"


class Traffic(threading.Thread):
    """Frames, one after the other, on the same CPU as all others."""

    def __init__(self, end, frame):
        super().__init__(daemon=True)
        self.end, self.frame = end, frame
        self.sent, self.going = 0, True

    def run(self):
        while self.going:
            try:
                self.end.send(self.frame)
            except OSError:
                break   # the device has gone
            self.sent += 1
            time.sleep(0.0005)


def words(args):
    return dict(arg.split("=", 1) for arg in args)


class Tool(frames.Tool):
    """The commands, as in frames.py."""

    def __init__(self):
        super().__init__()
        self.running = None
        self.counter = None
        self.ethtool = {}
        self.sockets = {}
        self.found = []

    def do_traffic(self, name, *args):
        self.running = Traffic(self.ends[name], frames.build(
            {**words(args), "type": OTHER_TYPE}))
        self.running.start()
        end = time.monotonic() + DEADLINE
        while not self.running.sent:
            if time.monotonic() > end:
                return "error no frame was sent"
            time.sleep(0.001)
        self.fence.wait()
        return "ok"

    def do_stop(self):
        self.running.going = False
        self.running.join()
        self.fence.wait()
        return str(self.running.sent)

    def do_arrive(self, name, to, wanted, *args):
        for end in self.ends.values():
            end.mark()
        frame, sent = self.send(name, words(args))
        until = time.monotonic() + DEADLINE
        while self.ends[to].arrived(frame)[0] < int(wanted) and \
                time.monotonic() < until:
            time.sleep(0.01)
        self.fence.wait()
        found = []
        for other, end in sorted(self.ends.items()):
            count, _ = end.arrived(frame)
            if count:
                found.append(other + ("" if count == sent else f"*{count}"))
        return " ".join(found)

    def do_fused(self, ns, dev, direction):
        key = ns, dev
        if key not in self.ethtool:
            self.ethtool[key] = Ethtool(ns, dev)
        return str(self.ethtool[key].read()["fused_" + direction])

    def do_stats(self, ns, dev):
        if ns not in self.sockets:
            self.sockets[ns] = vnb.Rtnl(ns)
        self.fence.wait()
        s = self.sockets[ns].link(dev).stats()
        return " ".join(str(s[n]) for n in (0, 2, 1, 3, 4, 5, 6, 7))

    def do_gso(self, name, *args):
        fields = words(args)
        end = self.ends[name]
        end.sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        end.sock.send(tcp_frame(fields["dst"], fields["src"],
                                int(fields["size"]), int(fields["mss"])))
        end.sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 0)
        self.fence.wait()
        return "ok"

    def do_napi(self, name, *args):
        return self.add(name, frames.Tun(*args, flags=IFF_NAPI))

    def do_answer(self, name):
        end = self.ends[name]
        end.frames()
        frame, what = answer_to(end.last)
        end.send(frame)
        self.fence.wait()
        return what

    def do_window(self, name, path, *args):
        taps = {other: end for other, end in self.ends.items()
                if isinstance(end, frames.Tun) and other != name}
        if args == ("answer",):
            self.ends[name].frames()
            frame, _ = answer_to(self.ends[name].last)
        else:
            frame = frames.build(words(args))
        for end in self.ends.values():
            end.mark()
        with open(path, "wb", buffering=0) as switch:
            switch.write(b"1")
            self.ends[name].send(frame)
            # before anything that has been put off can run
            at_once = {other: len(end.frames()) for other, end in taps.items()}
            self.fence.wait()
            switch.write(b"0")
        self.found = [
            other for other, end in sorted(self.ends.items())
            if at_once.get(other, 0) + end.arrived(frame)[0]]
        return str(sum(at_once.values()))

    def do_arrived(self):
        return " ".join(self.found)

    def do_count(self, *args):
        self.counter = Counter(*args)
        return "ok"

    def do_counted(self):
        self.fence.wait()
        return str(self.counter.read())

    def do_uncount(self):
        self.counter.close()
        self.counter = None
        return "ok"


if __name__ == "__main__":
    frames.Tool = Tool
    frames.main()
