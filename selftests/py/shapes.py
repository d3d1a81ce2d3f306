# SPDX-License-Identifier: GPL-2.0
"""Frames as drivers and guests make them: in pieces, or to be cut by us."""
import errno
import mmap
import os
import socket
import struct

import frames
import vnb

PACKET_TX_RING = 13
TP_STATUS_SEND_REQUEST, TP_STATUS_WRONG_FORMAT = 1, 4
TPACKET_HDR = struct.Struct("@LIIHHII")     # struct tpacket_hdr
IFF_VNET_HDR = 0x4000
VIRTIO_NET_HDR = struct.Struct("=BBHHHH")
NEEDS_CSUM, GSO_TCPV4, GSO_UDP_L4 = 1, 1, 5


class Ring:
    """Sends frames of which only the Ethernet header is linear: the rest is in
    pages, as with drivers that do not copy."""

    SIZE = 4096

    def __init__(self, ns, dev):
        with vnb.netns(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.setsockopt(frames.SOL_PACKET, PACKET_TX_RING, struct.pack(
            "=IIII", self.SIZE, 1, self.SIZE, 1))
        self.ring = mmap.mmap(self.sock.fileno(), self.SIZE)
        self.sock.bind((dev, 0))

    def send(self, frame):
        # the data is where the address is on receipt
        at = (TPACKET_HDR.size + 15) & ~15
        self.ring[at:at + len(frame)] = frame
        TPACKET_HDR.pack_into(self.ring, 0, TP_STATUS_SEND_REQUEST, len(frame),
                              0, 0, 0, 0, 0)
        self.sock.send(b"")
        status = TPACKET_HDR.unpack_from(self.ring)[0]
        if status & TP_STATUS_WRONG_FORMAT:
            raise ValueError("the ring has another format")


class Guest(frames.Tun):
    """A tap device for a virtual machine, which leaves TCP to be cut."""

    def __init__(self, ns, dev):
        super().__init__(ns, dev, IFF_VNET_HDR, up=False)

    def send_tcp(self, frame, size):
        """An Ethernet frame with TCP over IPv4, in segments of @size bytes."""
        tcp = 14 + (frame[14] & 15) * 4
        head = tcp + (frame[tcp + 12] >> 4) * 4
        os.write(self.fd, VIRTIO_NET_HDR.pack(
            NEEDS_CSUM, GSO_TCPV4, head, size, tcp, 16) + frame)

    def send_udp(self, frame, size):
        """Several datagrams over IPv4 of @size bytes each, as one frame; False
        if the kernel does not know this yet (before 6.2)."""
        udp = 14 + (frame[14] & 15) * 4
        try:
            os.write(self.fd, VIRTIO_NET_HDR.pack(
                NEEDS_CSUM, GSO_UDP_L4, udp + 8, size, udp, 6) + frame)
        except OSError as err:
            if err.errno != errno.EINVAL:
                raise
            return False
        return True

    def send_partial(self, frame, start, offset):
        """A frame whose checksum is to be computed from @start on and written
        @offset bytes behind that."""
        os.write(self.fd, VIRTIO_NET_HDR.pack(
            NEEDS_CSUM, 0, 0, 0, start, offset) + frame)

    def received(self):
        """The frames that the guest got since the last time."""
        return [frame[VIRTIO_NET_HDR.size:] for frame in self.frames()]
