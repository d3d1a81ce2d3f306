#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Print the samples of tc's action sample, as sFlow agents read them.

usage: psample.py

A line for each: its group, the length of the frame, and what was sampled of
the frame, in hex. The first line is "ready".
"""
import socket
import struct

from vnb import NLM_F_REQUEST, SOL_NETLINK, attrs, parse, text

NETLINK_GENERIC = 16
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_MCAST_GROUPS = 2, 7
CTRL_ATTR_MCAST_GRP_NAME, CTRL_ATTR_MCAST_GRP_ID = 1, 2
NETLINK_ADD_MEMBERSHIP = 1
PSAMPLE_CMD_SAMPLE = 0
PSAMPLE_ATTR_ORIGSIZE, PSAMPLE_ATTR_SAMPLE_GROUP, PSAMPLE_ATTR_DATA = 2, 3, 6
HEADERS = 20    # struct nlmsghdr, struct genlmsghdr


def multicast_group(sock, family, name):
    """The number of a group of a generic netlink family."""
    body = struct.pack("=BBxx", CTRL_CMD_GETFAMILY, 1) + \
        text(CTRL_ATTR_FAMILY_NAME, family)
    sock.send(struct.pack("=IHHII", 16 + len(body), GENL_ID_CTRL,
                          NLM_F_REQUEST, 1, 0) + body)
    answer = parse(sock.recv(1 << 16)[HEADERS:])
    for _, payload, _ in attrs(answer[CTRL_ATTR_MCAST_GROUPS]):
        group = parse(payload)
        if group[CTRL_ATTR_MCAST_GRP_NAME].rstrip(b"\0") == name.encode():
            return struct.unpack("=I", group[CTRL_ATTR_MCAST_GRP_ID])[0]
    raise KeyError(name)


def main():
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
    sock.bind((0, 0))
    sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
                    multicast_group(sock, "psample", "packets"))
    print("ready", flush=True)
    while True:
        message = sock.recv(1 << 17)
        if message[16] != PSAMPLE_CMD_SAMPLE:
            continue
        sample = parse(message[HEADERS:])
        group, size = (struct.unpack("=I", sample[kind])[0] for kind in (
            PSAMPLE_ATTR_SAMPLE_GROUP, PSAMPLE_ATTR_ORIGSIZE))
        print(group, size, sample[PSAMPLE_ATTR_DATA].hex(), flush=True)


if __name__ == "__main__":
    main()
