# SPDX-License-Identifier: GPL-2.0
"""What a frame carries along beside its bytes, read and written by BPF.

stain() attaches a program to the egress of a device, which writes a number into
each field of IPv4 frames that a program may write; Probe one to the ingress of
another device, which notes the fields of the last one that came.
"""
import socket
import struct

import path
import vnb

RTM_NEWQDISC, RTM_NEWTFILTER = 36, 44
TCA_KIND, TCA_OPTIONS = 1, 2
TCA_BPF_FD, TCA_BPF_NAME, TCA_BPF_FLAGS = 6, 7, 8
CLSACT = 0xfffffff1
HOOK = {"ingress": 0xfffffff2, "egress": 0xfffffff3}
SCHED_CLS = 3
ETH_P_ALL = 3

# of struct __sk_buff: what is a u32
FIELDS = {"pkt_type": 4, "mark": 8, "queue_mapping": 12, "vlan_present": 20,
          "priority": 32, "tc_index": 44, "tc_classid": 72}
PROTOCOL, CB, TSTAMP, SK = 16, 48, 152, 168
# what a sender writes; a time that no clock shows
STAIN = {"mark": 0x517a, "queue_mapping": 3, "priority": 5, "tc_index": 9,
         "tc_classid": 0x10001}
STAIN_TIME = 0x5174153174153170
# of what Probe notes: how many there were, then FIELDS, and these
SLOTS = ["count", *FIELDS, "tstamp", "sk"]


def ldx(size, dst, src, off):
    return path.insn({4: 0x61, 8: 0x79}[size], dst, src, off)


def stx(size, dst, src, off):
    return path.insn({4: 0x63, 8: 0x7b}[size], dst, src, off)


def only_ipv4(body):
    """@body for frames of IPv4, with the context in r6; all may pass."""
    code = b"".join(body)
    return path.insn(0xbf, 6, 1) + ldx(4, 2, 6, PROTOCOL) + \
        path.insn(0x55, 2, off=len(code) // 8, imm=socket.htons(0x0800)) + \
        code + path.insn(0xb7, 0) + path.insn(0x95)


def stain_program():
    body = []
    for name, value in STAIN.items():
        body += [path.insn(0xb7, 2, imm=value), stx(4, 6, 2, FIELDS[name])]
    body += [path.insn(0x18, 2, imm=STAIN_TIME & 0xffffffff),
             path.insn(0, imm=STAIN_TIME >> 32), stx(8, 6, 2, TSTAMP)]
    return only_ipv4(body)


def probe_program(map_fd):
    note = [path.insn(0xbf, 7, 0), ldx(8, 1, 7, 0),
            path.insn(0x07, 1, imm=1), stx(8, 7, 1, 0)]
    for name, off in FIELDS.items():
        note += [ldx(4, 1, 6, off), stx(8, 7, 1, 8 * SLOTS.index(name))]
    note += [ldx(8, 1, 6, TSTAMP), stx(8, 7, 1, 8 * SLOTS.index("tstamp")),
             ldx(8, 1, 6, SK), path.insn(0xb7, 2),
             path.insn(0x15, 1, off=1), path.insn(0xb7, 2, imm=1),
             stx(8, 7, 2, 8 * SLOTS.index("sk"))]
    return only_ipv4([
        path.insn(0x62, 10, off=-4), path.insn(0xbf, 2, 10),
        path.insn(0x07, 2, imm=-4), path.insn(0x18, 1, 1, imm=map_fd),
        path.insn(0), path.insn(0x85, imm=1),
        path.insn(0x15, 0, off=len(b"".join(note)) // 8), *note])


def attach(ns, dev, hook, code):
    """Have a program run at a hook of a device, for as long as that lives."""
    prog = path.load(SCHED_CLS, code)
    with vnb.Rtnl(ns) as nl:
        index = nl.index(dev)
        nl.request(RTM_NEWQDISC, struct.pack(
            "=BxxxiIII", 0, index, 0xffff0000, CLSACT, 0) +
            vnb.text(TCA_KIND, "clsact"), vnb.NLM_F_CREATE)
        nl.request(RTM_NEWTFILTER, struct.pack(
            "=BxxxiIII", 0, index, 1, HOOK[hook],
            1 << 16 | socket.htons(ETH_P_ALL)) + vnb.text(TCA_KIND, "bpf") +
            vnb.nest(TCA_OPTIONS, vnb.u32(TCA_BPF_FD, prog),
                     vnb.text(TCA_BPF_NAME, "probe"),
                     vnb.u32(TCA_BPF_FLAGS, 1)),
            vnb.NLM_F_CREATE | vnb.NLM_F_EXCL)
    path.os.close(prog)


def stain(ns, dev):
    """Write STAIN and STAIN_TIME into all IPv4 frames that leave a device."""
    attach(ns, dev, "egress", stain_program())


def stain_cb(ns, dev, values):
    """Write u16 @values, by their place, into the control block of all frames
    that leave a device, and zeros into the rest of what a program may write:
    the 20 bytes from 8 on."""
    raw = bytearray(20)
    for at, value in values.items():
        struct.pack_into("=H", raw, at - 8, value)
    code = b"".join(path.insn(0xb7, 2, imm=word) + stx(4, 1, 2, CB + 4 * i)
                    for i, word in enumerate(struct.unpack("=5i", raw)))
    attach(ns, dev, "egress", code + path.insn(0xb7, 0) + path.insn(0x95))


class Probe:
    """What IPv4 frames that a device receives carry along."""

    def __init__(self, ns, dev):
        self.map = path.array_map(8 * len(SLOTS))
        attach(ns, dev, "ingress", probe_program(self.map))

    def read(self):
        """{field: value} of the last one; how many in "count"."""
        raw = path.array_read(self.map, 8 * len(SLOTS))
        return dict(zip(SLOTS, struct.unpack(f"={len(SLOTS)}Q", raw)))

    def close(self):
        path.os.close(self.map)
