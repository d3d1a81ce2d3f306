# SPDX-License-Identifier: GPL-2.0
"""Ask family "vnetbr" of generic netlink what would become of a frame.

    with why.Why("sw") as ask:
        answer = ask("p1", dst="02:00:00:00:00:02", src="02:00:00:00:00:01")
        answer.verdict, answer.reason, answer.on    # "drop", "isolated", "br0"
        answer.egress["p2"]                         # ("sent", None, None)
        answer.step["learn"]["learn"]               # "new"
"""
import struct
import sys

import vnb
from vnb import attr, be16, mac, u8, u16, u32

NETLINK_GENERIC, GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2
CMD_WHY, VERSION = 1, 1
EGRESS_MAX = 256    # ports in one answer

A = vnb.Names("UNSPEC IFINDEX SRC DST VLAN_ID VLAN_PROTO VLAN_PRIO LENGTH "
              "ETHERTYPE PAYLOAD EGRESS_IFINDEX BRIDGE_IFINDEX STEP EGRESS "
              "EGRESS_TOTAL SENT VERDICT REASON REASON_IFINDEX")
STEP = vnb.Names("UNSPEC ID REASON IFINDEX STATE RESERVED LEARN LOOKUP "
                 "FDB_FLAGS AGE VLAN FDB_VLAN LIMIT BACKUP_IFINDEX ANSWERED "
                 "MSTI")
EGRESS = vnb.Names("UNSPEC IFINDEX RESULT REASON REASON_IFINDEX")

VERDICTS = "drop", "forward", "flood", "local", "pass", "bpdu"
STEPS = ("ingress", "reserved", "source", "vlan", "locked", "storm", "learn",
         "state", "netfilter", "lookup", "neighbour", "bpdu")
WORDS = {
    STEP.RESERVED: ("pass", "forward", "drop", "bpdu"),
    STEP.LEARN: ("known", "new", "moved", "stays", "own", "limit", "never",
                 "loop", "off"),
    STEP.LOOKUP: ("found", "local", "unknown", "multicast", "broadcast"),
}
RESULTS = "sent", "no-flood", "suppressed", "refused", "dropped"
FDB_FLAGS = ("local", "static", "sticky", "ext-learned", "user", "learned",
             "loop", "locked")


def number(payload):
    """Of any size; None stays None."""
    return payload if payload is None else int.from_bytes(
        payload, sys.byteorder)


def word(payload):
    return payload if payload is None else payload.rstrip(b"\0").decode()


class Answer:
    """verdict, reason and on (which device counts it); step {name: {attribute:
    value}}; egress {device: (result, reason, on)}; total, sent: ports.

    @name: names of devices by index
    """

    def __init__(self, body, name):
        self.name = name
        top = vnb.parse(body)
        self.bridge = name[number(top[A.BRIDGE_IFINDEX])]
        self.verdict = VERDICTS[number(top[A.VERDICT])]
        self.reason = word(top.get(A.REASON))
        self.on = name.get(number(top.get(A.REASON_IFINDEX)))
        self.total = number(top[A.EGRESS_TOTAL])
        self.sent = number(top[A.SENT])
        self.step, self.egress = {}, {}
        for kind, payload, _ in vnb.attrs(body):
            if kind == A.STEP:
                self.add_step(vnb.parse(payload))
            elif kind == A.EGRESS:
                row = vnb.parse(payload)
                self.egress[name[number(row[EGRESS.IFINDEX])]] = (
                    RESULTS[number(row[EGRESS.RESULT])],
                    word(row.get(EGRESS.REASON)),
                    name.get(number(row.get(EGRESS.REASON_IFINDEX))))

    def add_step(self, row):
        found = {"reason": word(row.get(STEP.REASON)),
                 "state": number(row.get(STEP.STATE)),
                 "dev": self.name.get(number(row.get(STEP.IFINDEX))),
                 "age": number(row.get(STEP.AGE)),
                 "vlan": number(row.get(STEP.VLAN)),
                 "fdb_vlan": number(row.get(STEP.FDB_VLAN)),
                 "limit": word(row.get(STEP.LIMIT)),
                 "backup": self.name.get(number(row.get(STEP.BACKUP_IFINDEX))),
                 "answered": number(row.get(STEP.ANSWERED)),
                 "msti": number(row.get(STEP.MSTI))}
        for kind, words in WORDS.items():
            if kind in row:
                for name in "reserved", "learn", "lookup":
                    if getattr(STEP, name.upper()) == kind:
                        found[name] = words[number(row[kind])]
        flags = number(row.get(STEP.FDB_FLAGS)) or 0
        found["flags"] = {name for bit, name in enumerate(FDB_FLAGS)
                          if flags >> bit & 1}
        self.step[STEPS[number(row[STEP.ID])]] = found

    def __str__(self):
        return f"{self.verdict} {self.reason} on {self.on}, {self.egress}"


class Why(vnb.Rtnl):
    """A socket of generic netlink in namespace @ns."""

    PROTOCOL = NETLINK_GENERIC

    def __init__(self, ns=None):
        super().__init__(ns)
        self.ns = ns
        body = vnb.parse(self.request(GENL_ID_CTRL, self.head(
            CTRL_CMD_GETFAMILY) + vnb.text(CTRL_ATTR_FAMILY_NAME, "vnetbr")
            )[0][1][4:])
        self.family = struct.unpack("=H", body[CTRL_ATTR_FAMILY_ID])[0]

    @staticmethod
    def header(kind):
        return 4

    @staticmethod
    def head(cmd):
        """struct genlmsghdr"""
        return struct.pack("=BBH", cmd, VERSION, 0)

    def ask(self, *attributes):
        """The answer to a question made of attributes, as bytes."""
        return self.request(self.family, self.head(CMD_WHY) +
                            b"".join(attributes))[0][1][4:]

    def __call__(self, dev, dst, src, vlan=None, proto=None, prio=None,
                 length=None, ethertype=None, payload=None, to=None):
        with vnb.Rtnl(self.ns) as nl:
            index = {link.name: link.index for link in nl.links()}
        question = [u32(A.IFINDEX, index[dev]), attr(A.SRC, mac(src)),
                    attr(A.DST, mac(dst))]
        for kind, make, value in (
                (A.VLAN_ID, u16, vlan), (A.VLAN_PROTO, be16, proto),
                (A.VLAN_PRIO, u8, prio), (A.LENGTH, u32, length),
                (A.ETHERTYPE, be16, ethertype), (A.PAYLOAD, attr, payload),
                (A.EGRESS_IFINDEX, u32, index.get(to))):
            if value is not None:
                question.append(make(kind, value))
        return Answer(self.ask(*question),
                      {number_: name for name, number_ in index.items()})
