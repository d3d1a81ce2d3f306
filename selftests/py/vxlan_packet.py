# SPDX-License-Identifier: GPL-2.0
"""VXLAN packets as bytes, by the letter of RFC 7348; nothing of the kernel.

	outer Ethernet | IPv4 or IPv6 | UDP | VXLAN | inner frame
"""
import ipaddress
import struct

import vnb

UDP = 17
I_FLAG = 0x08000000


def checksum(data):
    """The Internet checksum (RFC 1071) of bytes, folded and inverted."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def pseudo_header(src, dst, length, protocol):
    if len(src) == 4:
        return src + dst + struct.pack("!BBH", 0, protocol, length)
    return src + dst + struct.pack("!IHBB", length, 0, 0, protocol)


def mac_text(raw):
    return ":".join(f"{byte:02x}" for byte in raw)


class Packet:
    """An outer packet and what is inside.

    Fields of build(): eth_dst eth_src src dst tos ttl df ident label sport
    dport csum (None: right; else the value) flags reserved (of the second
    word) vni inner. What parse() finds beside: length fields, and csum_ok:
    None for a zero checksum, else whether it is right.
    """

    def __init__(self, **fields):
        self.tos, self.ttl, self.df, self.ident, self.label = 0, 64, 0, 0, 0
        self.csum = None
        self.flags, self.reserved = I_FLAG, 0
        self.inner = b""
        self.payload = None
        self.__dict__.update(fields)

    def vxlan(self):
        """The UDP payload: VXLAN header and inner frame."""
        if self.payload is not None:
            return self.payload
        return struct.pack("!II", self.flags, self.vni << 8 | self.reserved) \
            + self.inner

    def build(self):
        src = ipaddress.ip_address(self.src).packed
        dst = ipaddress.ip_address(self.dst).packed
        payload = self.vxlan()
        length = 8 + len(payload)
        udp = struct.pack("!HHHH", self.sport, self.dport, length, 0)
        csum = self.csum
        if csum is None:
            csum = checksum(pseudo_header(src, dst, length, UDP) + udp +
                            payload) or 0xffff
        udp = udp[:6] + struct.pack("!H", csum)
        if len(src) == 4:
            ip = struct.pack("!BBHHHBBH4s4s", 0x45, self.tos, 20 + length,
                             self.ident, 0x4000 if self.df else 0, self.ttl,
                             UDP, 0, src, dst)
            ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
            ethertype = 0x0800
        else:
            ip = struct.pack("!IHBB16s16s",
                             6 << 28 | self.tos << 20 | self.label, length,
                             UDP, self.ttl, src, dst)
            ethertype = 0x86dd
        return vnb.mac(self.eth_dst) + vnb.mac(self.eth_src) + \
            struct.pack("!H", ethertype) + ip + udp + payload

    @classmethod
    def parse(cls, frame):
        """The packet in a frame; None if it is not UDP in IP, unfragmented."""
        pkt = cls(eth_dst=mac_text(frame[:6]), eth_src=mac_text(frame[6:12]))
        pkt.frame = frame
        ethertype = struct.unpack_from("!H", frame, 12)[0]
        ip = frame[14:]
        if ethertype == 0x0800 and ip[9] == UDP:
            pkt.family = 4
            pkt.version, pkt.ihl = ip[0] >> 4, ip[0] & 15
            (pkt.tos, pkt.ip_length, pkt.ident, frag, pkt.ttl, pkt.protocol,
             pkt.ip_csum) = struct.unpack_from("!xBHHHBBH", ip)
            pkt.df, pkt.frag = frag >> 14 & 1, frag & 0xbfff
            pkt.ip_csum_ok = checksum(ip[:20]) == 0
            src, dst = ip[12:16], ip[16:20]
            ip = ip[:pkt.ip_length]
            at = 4 * pkt.ihl
            if pkt.frag:
                return None
        elif ethertype == 0x86dd and ip[6] == UDP:
            pkt.family = 6
            word, pkt.ip_length, pkt.protocol, pkt.ttl = \
                struct.unpack_from("!IHBB", ip)
            pkt.version = word >> 28
            pkt.tos, pkt.label = word >> 20 & 0xff, word & 0xfffff
            src, dst = ip[8:24], ip[24:40]
            ip = ip[:40 + pkt.ip_length]
            at = 40
        else:
            return None
        pkt.src = str(ipaddress.ip_address(src))
        pkt.dst = str(ipaddress.ip_address(dst))
        udp = ip[at:]
        pkt.sport, pkt.dport, pkt.udp_length, pkt.csum = \
            struct.unpack_from("!HHHH", udp)
        pkt.csum_ok = None
        if pkt.csum:
            pkt.csum_ok = checksum(
                pseudo_header(src, dst, len(udp), UDP) + udp) == 0
        if len(udp) >= 16:
            pkt.flags, word = struct.unpack_from("!II", udp, 8)
            pkt.vni, pkt.reserved = word >> 8, word & 0xff
            pkt.inner = udp[16:]
        return pkt


def inner_ipv4(dst, src, tos=0, ttl=64, df=0, sport=1000, dport=2000,
               data=b"", src_ip="203.0.113.1", dst_ip="203.0.113.2"):
    """An inner frame: UDP in IPv4."""
    pkt = Packet(eth_dst=dst, eth_src=src, src=src_ip, dst=dst_ip, tos=tos,
                 ttl=ttl, df=df, sport=sport, dport=dport, payload=data)
    return pkt.build()


def inner_ipv6(dst, src, tos=0, ttl=64, sport=1000, dport=2000, data=b"",
               src_ip="2001:db8:1::1", dst_ip="2001:db8:1::2"):
    """An inner frame: UDP in IPv6."""
    return inner_ipv4(dst, src, tos, ttl, 0, sport, dport, data, src_ip,
                      dst_ip)


def inner_other(dst, src, data=b"\xa5" * 46, ethertype=0x88b5):
    """An inner frame that is not IP."""
    return vnb.mac(dst) + vnb.mac(src) + struct.pack("!H", ethertype) + data


def tagged(frame, vid, tpid=0x8100):
    """The frame with a VLAN tag."""
    return frame[:12] + struct.pack("!HH", tpid, vid) + frame[12:]
