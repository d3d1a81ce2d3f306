# SPDX-License-Identifier: GPL-2.0
"""What all scenarios have in common, and what frames cost with nothing between
the generator and the sink."""
from contenders import LOCAL, dummy, namespace
from injector import Drop, Nowhere, Wire, measure

STATION = "02:00:00:00:00:02"      # in a container
FAR = "02:00:00:00:00:03"          # behind a remote
REMOTE = "192.0.2.2"
ROUTER = "02:00:00:00:01:02"       # the neighbour that all remotes are
UP_TO = 9200                       # MTU of everything where frames are long


def remote_address(number):
    """Return the address of remote @number, of 0 and more."""
    return f"192.0.2.{2 + number}"


def underlay(host, remotes=1):
    """Give a host a device for its tunnels, and neighbours behind it."""
    dummy(host, "u0", f"addr add {LOCAL}/24 dev u0", *[
        f"neigh add {remote_address(n)} lladdr {ROUTER} dev u0 nud permanent"
        for n in range(remotes)])


class Scenario:
    """One way of a frame. @options are those of the injector.

    What cost() and limit() return is a number, for a frame, or a number for
    each of several names.
    """

    rounds = 100            # at most; what takes long has fewer

    def __init__(self, copies=1, **options):
        self.copies, self.options = copies, options
        self.mtu = 1500 if options.get("len", 64) <= 1450 else UP_TO

    def build(self, kind, prefix):
        """Make the topology in namespaces whose names begin with @prefix;
        return what measure() wants."""
        raise NotImplementedError

    def cost(self, kind, prefix):
        """Return nanoseconds per frame of a contender."""
        return self.measure(*self.build(kind, prefix))

    def measure(self, *where):
        """Return nanoseconds per frame of what was built."""
        return measure(*where, copies=self.copies, **self.options)

    def limit(self, prefix):
        """Return nanoseconds per frame of generator and sink alone."""
        raise NotImplementedError


def limit_drop(prefix, **options):
    """Frames that are received and dropped at once."""
    ns = prefix + "l"
    namespace(ns)
    dummy(ns, "d0")
    return measure(ns, "d0", "receive", Drop(ns, "d0"), **options)


def limit_wire(prefix, **options):
    """Frames that are sent to a dummy at once."""
    ns = prefix + "l"
    namespace(ns)
    dummy(ns, "d0")
    return measure(ns, "d0", "xmit", Wire(ns, "d0"), **options)


def limit_free(prefix, **options):
    """Frames that are made and freed."""
    ns = prefix + "l"
    namespace(ns)
    dummy(ns, "d0")
    return measure(ns, "d0", "free", Nowhere(), **options)


def limit_netif_rx(prefix, **options):
    """As limit_drop(), with one netif_rx()."""
    ns = prefix + "l"
    namespace(ns)
    dummy(ns, "d0")
    return measure(ns, "d0", "netif_rx", Drop(ns, "d0"), **options)
