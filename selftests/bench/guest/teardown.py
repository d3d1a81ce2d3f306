# SPDX-License-Identifier: GPL-2.0
"""What it takes to remove pairs that are ports, and namespaces of containers."""
import os
import resource
import struct
import time

import vnb
from contenders import NETNS, InTree, ip, namespace
from injector import Refused, put
from scenario import Scenario

PAIRS = 1000,
NAMESPACES = 10, 1000, 10000
GROUP = 7               # any: of the pairs that are removed together
IFLA_GROUP = 27


class Loose(InTree):
    """Pairs that are ports of nothing: what the core takes by itself."""

    most_ports = None

    def port(self, port):
        return [f"link set {port} up"]


def exists(nl, name):
    """Return whether there is a device with that name. (An ioctl would look
    for a module of that name.)"""
    try:
        return nl.index(name) > 0
    except vnb.NlError:
        return False


def one_by_one(names):
    """Return the requests that remove devices, one for each."""
    return [vnb.ifinfomsg() + vnb.text(vnb.IFLA.IFNAME, name)
            for name in names]


def in_one_go(_):
    """Return the request that removes a group of devices."""
    return [vnb.ifinfomsg() + vnb.u32(IFLA_GROUP, GROUP)]


class Pairs(Scenario):
    """Pairs are removed, one end of each a port."""

    rounds = 1

    def __init__(self, count):
        super().__init__()
        self.count = count

    def cost(self, kind, prefix):
        return {"a pair, " + requests.__name__.replace("_", " "):
                self.remove(kind, f"{prefix}{number}", requests)
                for number, requests in enumerate((one_by_one, in_one_go))}

    def remove(self, kind, prefix, requests):
        """Return the time a pair takes if all are removed by @requests; they
        are sent at once and have been done when that returns."""
        host, rest = prefix + "h", prefix + "r"
        kind.host(host)
        namespace(rest)
        kind.ports_more(host, rest, self.count)
        names = [f"q{n}" for n in range(self.count)]
        ip(host, *[f"link set {name} group {GROUP}" for name in names])
        sent = b"".join(struct.pack("=IHHII", 16 + len(body), vnb.RTM_DELLINK,
                                    vnb.NLM_F_REQUEST, 0, 0) +
                        body + b"\0" * (-len(body) % 4)
                        for body in requests(names))
        with vnb.Rtnl(host) as nl:
            start = time.monotonic_ns()
            nl.sock.send(sent)
            spent = time.monotonic_ns() - start
            if any(exists(nl, name) for name in names):
                raise Refused("some were not removed")
        return spent / self.count

    def limit(self, prefix):
        return self.cost(Loose(), prefix)


class Containers:
    """Namespaces for `ip`, kept by us instead of by a mount for each."""

    def __init__(self, names):
        self.files = {}
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE,
                           (max(len(names) + 100, 1024), max(most, 1 << 16)))
        for name in names:
            path = f"{NETNS}/{name}"
            with vnb.netns_new():
                fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
            self.files[path] = fd
            os.symlink(f"/proc/{os.getpid()}/fd/{fd}", path)

    def forget(self):
        """Let go of them."""
        for path, fd in self.files.items():
            os.unlink(path)
            os.close(fd)


class Namespaces(Scenario):
    """Containers are removed, all at once, while their host stays."""

    rounds = 1

    def __init__(self, count):
        super().__init__()
        self.count = count

    def cost(self, kind, prefix):
        kind.check_ports(self.count)
        host = prefix + "h"
        kind.host(host)
        names = [f"{prefix}c{n}" for n in range(self.count)]
        containers = Containers(names)
        kind.ports_in(host, names)
        ends = [f"q{n}" for n in range(self.count)]
        start = time.monotonic_ns()
        containers.forget()
        with vnb.Rtnl(host) as nl:
            while ends:
                if exists(nl, ends[-1]):
                    time.sleep(0.001)
                else:
                    ends.pop()
        put("settle", 1)
        return {"a deletion": (time.monotonic_ns() - start) / self.count}

    def limit(self, prefix):
        return self.cost(Loose(), prefix)


def scenarios():
    """Return the scenarios by name, a function that makes each."""
    return {f"s-{name}-{count}": lambda kind=kind, count=count: kind(count)
            for name, kind, counts in (("teardown", Pairs, PAIRS),
                                       ("namespaces", Namespaces, NAMESPACES))
            for count in counts}
