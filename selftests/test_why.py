#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# timeout: 240
"""What would become of a frame, and what does become of it.

Options of bridges and ports that few have are in test_why_options.py, tunnels
and devices without link in test_why_egress.py. For the picture, see
py/why_lab.py.
"""
import ctypes
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "py"))

import frames  # noqa: E402
import vnb  # noqa: E402
import vxlan_lab as lab_  # noqa: E402
import why  # noqa: E402
from switch_lab import BROADCAST  # noqa: E402
from vnb import (BR, BRPORT, IFLA, NDA, attr, be16, mac,  # noqa: E402
                 station, u8, u16, u32)
from vxlan_lab import check, check_eq  # noqa: E402
from why import A  # noqa: E402
from why_lab import (GROUP, UNKNOWN, Lab, build,  # noqa: E402
                     within_a_second)

PAUSE, LLDP = "01:80:c2:00:00:01", "01:80:c2:00:00:0e"
IFF_PROMISC = 0x100
LISTENING, LEARNING, BLOCKING = 1, 2, 4
EPERM, ENODEV, EINVAL, ERANGE = 1, 19, 22, 34
CLONE_NEWUSER = 0x10000000

## verdicts

def where_it_goes():
    """No drop: one port, many, the host."""
    lab = Lab()
    for _ in range(2):
        # new, then known
        answer = lab.verdict("flood", None, "p1", BROADCAST, station(1))
        check_eq("all others", sorted(answer.egress), ["br0", "p1", "p2", "p3"])
        check_eq("back", answer.egress["p1"], ("refused", "same_port", None))
    check_eq("learned", answer.step["learn"]["learn"], "known")
    lab.verdict("flood", None, "p1", GROUP, station(1))
    answer = lab.verdict("flood", None, "p2", UNKNOWN, station(2))
    check_eq("without the host", sorted(answer.egress), ["p1", "p2", "p3"])
    answer = lab.verdict("forward", None, "p1", station(2), station(1))
    check_eq("a port", answer.egress, {"p2": ("sent", None, None)})
    check_eq("found", (answer.step["lookup"]["lookup"],
                       answer.step["lookup"]["dev"]), ("found", "p2"))
    check("its age", answer.step["lookup"]["age"] is not None)
    answer = lab.verdict("local", None, "p1", lab.mac, station(1))
    check_eq("local", answer.step["lookup"]["flags"], {"local", "static"})
    for options in ({"vlan": 10}, {"vlan": 0, "prio": 5}, {"length": 1514},
                    {"vlan": 7, "proto": 0x88a8}, {"ethertype": 0x0800}):
        lab.verdict("forward", None, "p1", station(2), station(1), **options)


def of_the_host():
    """The host asks nobody whether it may."""
    lab = Lab()
    lab.learn(2)
    lab.verdict("forward", None, "br0", station(2), lab.mac)
    answer = lab.verdict("flood", None, "br0", UNKNOWN, lab.mac)
    check_eq("steps", sorted(answer.step), ["ingress", "lookup"])
    for dev in "p1", "p2":
        lab.option(dev, unicast_flood=0, mcast_flood=0, bcast_flood=0)
    lab.verdict("flood", None, "br0", BROADCAST, lab.mac)
    lab.verdict("flood", None, "br0", GROUP, lab.mac)
    answer = lab.verdict("flood", None, "br0", UNKNOWN, lab.mac)
    check_eq("p1", answer.egress["p1"], ("no-flood", None, None))
    lab.drop("same_port", "br0", lab.mac, lab.mac)


def a_host_that_sees_all():
    """Promiscuous: a copy of each frame goes up."""
    lab = Lab()
    lab.learn(2)
    lab.nl.request(vnb.RTM_NEWLINK, vnb.ifinfomsg(
        lab.nl.index("br0"), flags=IFF_PROMISC, change=IFF_PROMISC))
    answer = lab.verdict("forward", None, "p1", station(2), station(1))
    check_eq("both", sorted(answer.egress), ["br0", "p2"])
    answer = lab.verdict("flood", None, "p1", UNKNOWN, station(1))
    check_eq("the host", answer.egress["br0"], ("sent", None, None))
    lab.verdict("local", None, "p1", lab.mac, station(1))
    lab.option("p1", isolated=1)
    lab.option("p2", isolated=1)
    lab.drop("isolated", "p1", station(2), station(1))


## drop reasons

def invalid_source():
    lab = Lab()
    for src in "00:00:00:00:00:00", GROUP, BROADCAST:
        answer = lab.drop("invalid_source", "p1", BROADCAST, src)
        check_eq("the step", answer.step["source"]["reason"], "invalid_source")
        check_eq("no further", sorted(answer.step), ["ingress", "source"])


def reserved_address():
    lab = Lab()
    lab.drop("reserved_address", "p1", PAUSE, station(1))
    answer = lab.verdict("pass", None, "p1", LLDP, station(1))
    check_eq("learned", answer.step["learn"]["learn"], "new")
    lab.verdict("pass", None, "p1", LLDP, "00:00:00:00:00:00")
    lab.bridge(attr(BR.MULTI_BOOLOPT, b"\1\0\0\0\1\0\0\0"))
    answer = lab.verdict("pass", None, "p1", LLDP, UNKNOWN)
    check_eq("no_linklocal_learn", answer.step["learn"]["learn"], "off")
    lab.option16("p1", BRPORT.GROUP_FWD_MASK, 1 << 14)
    answer = lab.verdict("flood", None, "p1", LLDP, station(1))
    check_eq("let through", answer.step["reserved"]["reserved"], "forward")
    lab.verdict("pass", None, "p2", LLDP, station(2))
    lab.bridge(u16(BR.GROUP_FWD_MASK, 1 << 14))
    lab.verdict("flood", None, "p2", LLDP, station(2))


def vlan_device_of_a_port():
    """What is for it never comes to the bridge."""
    lab = Lab()
    lab.nl.newlink("p1.10", u32(IFLA.LINK, lab.nl.index("p1")),
                   vnb.info("vlan", u16(1, 10)), up=True)
    answer = lab.verdict("pass", None, "p1", GROUP, station(1), vlan=10)
    check("no further", "lookup" not in answer.step)
    lab.verdict("flood", None, "p1", GROUP, station(1), vlan=11)


def port_state():
    lab = Lab()
    lab.learn(2)
    for state, learn in ((LEARNING, "new"), (LISTENING, None),
                         (BLOCKING, None)):
        lab.option("p1", state=state)
        answer = lab.drop("port_state", "p1", station(2), station(state + 16))
        check_eq("learned", answer.step.get("learn", {}).get("learn"), learn)
        check_eq("state", answer.step["state"],
                 answer.step["state"] | {"state": state,
                                         "reason": "port_state"})
    lab.option("p1", state=frames.BR_STATE_FORWARDING)
    lab.option("p2", state=LEARNING)
    answer = lab.drop("port_state", "p1", station(2), station(1))
    check_eq("p2", answer.egress, {"p2": ("refused", "port_state", "br0")})
    answer = lab.verdict("flood", None, "p1", BROADCAST, station(1))
    check_eq("p2", answer.egress["p2"], ("refused", "port_state", None))


def same_port():
    lab = Lab()
    lab.learn(1)
    lab.entry(UNKNOWN, "p1")
    lab.drop("same_port", "p1", UNKNOWN, station(1))
    lab.option("p1", mode=1)    # hairpin
    lab.verdict("forward", None, "p1", UNKNOWN, station(1))
    answer = lab.verdict("flood", None, "p1", BROADCAST, station(1))
    check_eq("back", answer.egress["p1"], ("sent", None, None))


def isolated():
    lab = Lab()
    lab.learn(2)
    for dev in "p1", "p2":
        lab.option(dev, isolated=1)
    lab.drop("isolated", "p1", station(2), station(1))
    answer = lab.verdict("flood", None, "p1", BROADCAST, station(1))
    check_eq("p2", answer.egress["p2"], ("refused", "isolated", None))
    lab.verdict("forward", None, "p3", station(2), station(3))


def no_target():
    lab = Lab()
    for dev in "p1", "p2", "p3":
        lab.option(dev, unicast_flood=0)
    answer = lab.drop("no_target", "p1", UNKNOWN, station(1))
    check_eq("all", set(answer.egress.values()), {("no-flood", None, None)})
    lab.verdict("flood", None, "p1", GROUP, station(1))
    lab = Lab(hosts=1)
    lab.drop("no_target", "p1", UNKNOWN, station(1))


def port_down():
    """Nobody counts what a device does not receive that is down."""
    lab = Lab()
    lab.nl.setlink("p1", up=False)
    answer = lab.drop("port_down", "p1", BROADCAST, station(1), on=None)
    check_eq("no further", sorted(answer.step), ["ingress"])
    answer = lab.verdict("flood", None, "p2", BROADCAST, station(2))
    check_eq("p1", answer.egress["p1"], ("refused", "port_state", None))
    lab.entry(UNKNOWN, "p1")
    lab.drop("port_state", "p2", UNKNOWN, station(2))
    # no port forwards when the bridge is down
    lab.nl.setlink("br0", up=False)
    lab.drop("port_state", "p2", lab.mac, station(2))
    lab.drop("port_down", "br0", BROADCAST, lab.mac, on=None)


def too_big():
    lab = Lab()
    lab.learn(2)
    lab.nl.setlink("p2", u32(IFLA.MTU, 1000))
    lab.drop("too_big", "p1", station(2), station(1), on="p2", length=1100)
    lab.verdict("forward", None, "p1", station(2), station(1), length=1014)
    # one tag more than the MTU is let through
    lab.verdict("forward", None, "p1", station(2), station(1), length=1018)
    answer = lab.verdict("flood", None, "p1", BROADCAST, station(1),
                         length=1019)
    check_eq("p2", answer.egress["p2"], ("dropped", "too_big", "p2"))
    # what does not fit into p1 is counted at its other end
    lab.end["p1"].nl.setlink("eth0", u32(IFLA.MTU, 9000))
    before = lab_.ethtool_stats(lab.host_ns[1], "eth0")["drop_too_big"]
    lab.drop("too_big", "p1", BROADCAST, station(1), on=None, length=1600)
    check_eq("the other end", lab_.ethtool_stats(
        lab.host_ns[1], "eth0")["drop_too_big"], before + 1)


def too_big_for_a_foreign_port():
    lab = Lab(hosts=1)
    far = lab_.quiet_namespace("far")
    lab_.veth(lab.nl, "f1", far, "f2", station(8), station(9), mtu=1000)
    lab.port("f1", "br0")
    lab.end["f1"] = frames.End(far, "f2")
    lab.ready()
    lab.entry(station(9), "f1")
    lab.drop("too_big", "p1", station(9), station(1), length=1100)
    lab.verdict("forward", None, "p1", station(9), station(1), length=1000)
    lab.nl.setlink("f1", up=False)
    lab.drop("port_state", "p1", station(9), station(1))


def loop():
    """An address that moves too often, and one of the bridge itself."""
    lab = Lab(fdb_max_moves=2)

    def moves(src):
        for dev in "p1", "p2", "p3":
            lab.end[dev].send(build(GROUP, src))
        lab.fence.wait()
        answer = lab.drop("loop", "p2", GROUP, src)
        check_eq("the step", answer.step["learn"]["reason"], "loop")
        answer = lab.drop("loop", "p2", GROUP, src)
        check("marked", "loop" in answer.step["learn"]["flags"])
        # its home is the port where it was first
        answer = lab.compare("p1", GROUP, src)
        check_eq("at home", answer.verdict, "flood")

    def own(_):
        for _ in range(2):
            lab.end["p1"].send(build(GROUP, lab.mac))
        lab.fence.wait()
        lab.drop("loop", "p1", GROUP, lab.mac)
        lab.drop("loop", "p1", GROUP, lab.mac)

    within_a_second(moves)
    within_a_second(own)


## learning

def what_is_learned():
    """Each thing that learning can come to."""
    lab = Lab(fdb_port_max_learned=2)

    def learn(dev, src, **options):
        answer = lab.compare(dev, GROUP, src, **options)
        return answer.step["learn"]["learn"]

    check_eq("new", learn("p1", station(1)), "new")
    check_eq("known", learn("p1", station(1)), "known")
    check_eq("moved", learn("p2", station(1)), "moved")
    check_eq("own", learn("p2", lab.mac), "own")
    lab.entry(UNKNOWN, "p3")
    check_eq("stays", learn("p2", UNKNOWN), "stays")
    check_eq("new", learn("p2", station(2)), "new")
    check_eq("no room", learn("p2", station(3)), "limit")
    check_eq("new", learn("p1", station(4)), "new")
    check_eq("no room to move", learn("p2", station(4)), "limit")
    lab.option("p3", learning=0)
    check_eq("option", learn("p3", station(5)), "off")
    lab.bridge(u32(BR.AGEING_TIME, 0))
    check_eq("a hub", learn("p1", station(6)), "never")


def a_question_changes_nothing():
    """Neither tables nor counters."""
    lab = Lab()
    lab.learn(1)
    before = lab.counters(), entries(lab)
    for src in station(1), station(2), UNKNOWN, lab.mac:
        for dst in station(1), UNKNOWN, BROADCAST, PAUSE, lab.mac:
            for dev in "p1", "p2", "br0":
                lab.ask(dev, dst, src)
    check_eq("afterwards", (lab.counters(), entries(lab)), before)


def entries(lab):
    """All entries of the bridge, without their age."""
    found = set()
    for _, payload in lab.nl.request(vnb.RTM_GETNEIGH, vnb.ndmsg(
            lab.nl.index("br0")), vnb.NLM_F_DUMP):
        row = vnb.parse(payload[12:])
        row.pop(NDA.CACHEINFO, None)
        found.add((payload[:12], str(sorted(row.items()))))
    return found


## questions

def many_ports():
    """An answer lists so many, and knows of all; one can be picked."""
    lab = Lab(hosts=1)
    index = lab.nl.index("br0")
    count = why.EGRESS_MAX + 10
    for number in range(count):
        lab.nl.newlink(f"d{number}", vnb.u32(IFLA.MASTER, index),
                       vnb.info("dummy"), up=True)
    answer = lab.ask("p1", BROADCAST, station(1))
    check_eq("listed", len(answer.egress), why.EGRESS_MAX)
    check_eq("thought of", answer.total, count + 2)
    last = f"d{count - 1}"
    answer = lab.ask("p1", BROADCAST, station(1), to=last)
    check_eq("one of them", list(answer.egress), [last])
    check_eq("thought of", answer.total, count + 2)
    answer = lab.ask("p1", BROADCAST, station(1), to="br0")
    check_eq("the host", list(answer.egress), ["br0"])


def refused(lab, text, errno, words, *attributes):
    """A question that is not answered, for a reason that is told."""
    try:
        lab.ask.ask(*attributes)
    except vnb.NlError as err:
        check_eq(f"{text}: errno", err.errno, errno)
        check(f"{text}: says {words!r}", words in err.msg, err.msg)
        return err
    raise lab_.Failed(f"{text}: answered")


def refusals():
    lab = Lab(hosts=1)
    index = {link.name: link.index for link in lab.nl.links()}
    good = {A.IFINDEX: u32(A.IFINDEX, index["p1"]),
            A.SRC: attr(A.SRC, mac(station(1))),
            A.DST: attr(A.DST, mac(BROADCAST))}
    for kind in good:
        rest = [value for key, value in good.items() if key != kind]
        err = refused(lab, f"without {kind}", EINVAL, "required", *rest)
        check_eq("missing", err.missing, kind)
    tag = u16(A.VLAN_ID, 5)
    for text, errno, words, bad, *more in (
            ("no device", ENODEV, "no such device", u32(A.IFINDEX, 4242)),
            ("no port", EINVAL, "neither", u32(A.IFINDEX, index["lo"])),
            ("device 0", ERANGE, "", u32(A.IFINDEX, 0)),
            ("a short address", ERANGE, "", attr(A.SRC, bytes(5))),
            ("a long address", ERANGE, "", attr(A.DST, bytes(7))),
            ("VLAN 4095", ERANGE, "", u16(A.VLAN_ID, 4095)),
            ("priority 8", ERANGE, "", u8(A.VLAN_PRIO, 8), tag),
            ("a protocol", EINVAL, "802.1Q", be16(A.VLAN_PROTO, 0x800), tag),
            ("no VLAN", EINVAL, "need a VLAN", be16(A.VLAN_PROTO, 0x8100)),
            ("no VLAN", EINVAL, "need a VLAN", u8(A.VLAN_PRIO, 1)),
            ("a tag", EINVAL, "vlan", be16(A.ETHERTYPE, 0x8100)),
            ("a short frame", EINVAL, "longer", attr(A.PAYLOAD, bytes(20)),
             u32(A.LENGTH, 33)),
            ("a long payload", ERANGE, "", attr(A.PAYLOAD, bytes(513))),
            ("too short", ERANGE, "", u32(A.LENGTH, 13)),
            ("too long", ERANGE, "", u32(A.LENGTH, 65550)),
            ("not a port", EINVAL, "same bridge",
             u32(A.EGRESS_IFINDEX, index["lo"])),
            ("no device", EINVAL, "same bridge",
             u32(A.EGRESS_IFINDEX, 4242)),
            ("an answer", EINVAL, "", u32(A.VERDICT, 1)),
            ("unknown", EINVAL, "", u32(60, 1)),
            ("a step", EINVAL, "", vnb.nest(A.STEP))):
        kind = vnb.NLA_TYPE_MASK & int.from_bytes(bad[2:4], sys.byteorder)
        question = [value for key, value in good.items() if key != kind]
        err = refused(lab, text, errno, words, *question, bad, *more)
        check_eq(f"{text}: blames", err.path, [kind])
    for length in 14, 65549:
        lab.ask.ask(*good.values(), u32(A.LENGTH, length))


def namespaces():
    """Devices are those of the namespace of who asks."""
    lab = Lab(hosts=1)
    with why.Why(lab.host_ns[1]) as ask:
        question = (attr(A.SRC, mac(station(1))), attr(A.DST, mac(BROADCAST)))
        for dev in "p1", "br0":
            try:
                ask.ask(u32(A.IFINDEX, 4000 + lab.nl.index(dev)), *question)
                raise lab_.Failed("answered")
            except vnb.NlError as err:
                check_eq("errno", err.errno, ENODEV)
        # the other end of p1 is no port
        try:
            ask("eth0", BROADCAST, station(1))
            raise lab_.Failed("answered")
        except vnb.NlError as err:
            check_eq("errno", err.errno, EINVAL)


def child(function):
    """What @function returns, in another process."""
    hear, tell = os.pipe()
    pid = os.fork()
    if not pid:
        said = "died"
        try:
            said = function()
        except (OSError, vnb.NlError) as err:
            said = f"{type(err).__name__} {err.errno}"
        finally:
            os.write(tell, str(said).encode())
            os._exit(0)
    os.close(tell)
    said = os.read(hear, 4096).decode()
    os.close(hear)
    os.waitpid(pid, 0)
    return said


def permissions():
    """Who rules the namespace may ask, nobody else."""
    lab = Lab(hosts=1)

    def nobody():
        vnb.setns(vnb.netns_fd(lab.ns))
        os.setgid(65534)
        os.setuid(65534)
        with why.Why() as ask:
            return ask("p1", BROADCAST, station(1)).verdict

    def root_of_a_user_namespace():
        if vnb.libc.unshare(CLONE_NEWUSER | vnb.CLONE_NEWNET):
            return f"OSError {ctypes.get_errno()}"
        with vnb.Rtnl() as nl:
            nl.newlink("br0", vnb.info("vnetbr"), up=True)
        with why.Why() as ask:
            return ask("br0", BROADCAST, station(1)).verdict

    check_eq("nobody", child(nobody), f"NlError {EPERM}")
    said = child(root_of_a_user_namespace)
    if said.startswith("OSError"):
        lab_.diag("no user namespaces")
    else:
        check_eq("root of a user namespace", said, "drop")


def numbers_of_the_spec():
    """{name: number} as the spec of the family has them."""
    try:
        import yaml
    except ImportError:
        return None
    with open(os.path.join(
            HERE, "../Documentation/netlink/specs/vnetbr.yaml")) as found:
        spec = yaml.safe_load(found)

    def c_name(*words):
        return "_".join(words).replace("-", "_").upper()

    numbers = {}
    for row in spec["definitions"]:
        prefix = row.get("name-prefix", f"vnetbr-{row['name']}-")
        numbers |= {c_name(prefix + entry["name"]):
                    1 << at if row["type"] == "flags" else at
                    for at, entry in enumerate(row["entries"])}
    for table in spec["attribute-sets"]:
        numbers |= {c_name("vnetbr", "a", table["name"], attr_["name"]): at
                    for at, attr_ in enumerate(table["attributes"], 1)}
    return numbers | {c_name("vnetbr", "cmd", op["name"]): at
                      for at, op in enumerate(spec["operations"]["list"], 1)}


def spec_and_header_agree():
    """Each name has the same number in both, and none is in one only."""
    wanted = numbers_of_the_spec()
    if wanted is None:
        return "no yaml"
    with open(os.path.join(HERE, "../uapi/linux/vnetbr_genl.h")) as header:
        text = re.sub(r"/\*.*?\*/", "", header.read(), flags=re.S)
    found = {}
    for body in re.findall(r"enum \w*\s*{(.*?)}", text, re.S):
        number = 0
        for name, value in re.findall(r"(\w+)(?:\s*=\s*([^,]+))?,?", body):
            if value:
                number = 1 << int(value[-1]) if "<<" in value else \
                    int(value) if value.isdigit() else number
            if "_MAX" not in name:
                found[name] = number
            number += 1
    check_eq("numbers", found, wanted)
    return None


def main():
    lab_.run_tests([
        where_it_goes, of_the_host, a_host_that_sees_all, invalid_source,
        reserved_address, vlan_device_of_a_port, port_state, same_port,
        isolated, no_target, port_down, too_big, too_big_for_a_foreign_port,
        loop, what_is_learned, a_question_changes_nothing, many_ports, refusals,
        namespaces, permissions, spec_and_header_agree])


if __name__ == "__main__":
    main()
