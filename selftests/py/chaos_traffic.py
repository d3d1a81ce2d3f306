# SPDX-License-Identifier: GPL-2.0
"""What goes through a World (chaos_world.py) while it is disturbed."""
import atexit
import os
import select
import subprocess
import sys

from vxlan_lab import check, check_eq

HERE = os.path.dirname(os.path.abspath(__file__))
TALKERS = ("h1:1", "h4:4"), ("h2:2", "h3:3")    # of one process each
FLOWS = (1, 3), (3, 2), (4, 1), (2, 4)
DEADLINE = 120


class Sender:
    """A program of this directory that takes commands."""

    def __init__(self, program, *args):
        # what modules of Python are not needed takes long to load here
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-s", os.path.join(HERE, program),
             *map(str, args)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1)
        atexit.register(self.process.kill)

    def tell(self, command):
        check("the sender is alive", self.process.poll() is None)
        self.process.stdin.write(command + "\n")

    def hear(self, word):
        """The numbers behind @word, which is what is said next."""
        check(f"the sender says {word} in time",
              select.select([self.process.stdout], [], [], DEADLINE)[0])
        said, *numbers = self.process.stdout.readline().split() or [""]
        check_eq("the sender says", said, word)
        return list(map(int, numbers))

    def ask(self, command, word):
        self.tell(command)
        return self.hear(word)

    def end(self):
        self.process.kill()
        self.process.wait()


def storm(world, kind, nth_cpu, seed, *ends):
    """A storm.py; each of @ends is a host and a station."""
    cpus = sorted(os.sched_getaffinity(0))
    return Sender("storm.py", kind, cpus[nth_cpu], seed, *(
        f"{world.ns[host]}:{number}" for host, number in
        (end.split(":") for end in ends)))


class Traffic:
    """Of one kind: "tcp", or one of storm.py; and what the witness sends."""

    def __init__(self, world, kind, seed):
        self.kind = kind
        self.storms = [storm(world, "silent" if kind == "tcp" else kind, nth,
                             seed, *ends)
                       for nth, ends in zip((0, -1), TALKERS)]
        self.witness = storm(world, "witness", 0, seed, "h5:5")
        self.senders = [*self.storms, self.witness]
        self.bulk = None
        if kind == "tcp":
            flows = ((world.ns[f"h{a}"], world.ns[f"h{b}"], f"10.0.0.{b}")
                     for a, b in FLOWS)
            self.bulk = Sender("bulk.py", *(word for flow in flows
                                            for word in flow))
            self.senders.append(self.bulk)

    def go(self):
        """Send; returns when everybody does."""
        for sender in self.senders:
            sender.tell("go")
        for sender in self.senders:
            sender.hear("going")

    def stop(self):
        """Send no more; (what has been sent, what the witness has).

        Frames that were sent, or bytes that arrived over TCP, none of which was
        wrong.
        """
        sent = sum(sum(sender.ask("stop", "sent")) for sender in self.storms)
        witness, = self.witness.ask("stop", "sent")
        if self.bulk:
            *received, wrong = self.bulk.ask("stop", "received")
            check_eq("wrong bytes", wrong, 0)
            sent = sum(received)
        return sent, witness

    def hello(self):
        """Have all talkers say who they are; not while they send."""
        for sender in self.storms:
            sender.ask("hello", "hello")

    def unit(self):
        return "bytes" if self.bulk else "frames"

    def end(self):
        for sender in self.senders:
            sender.end()
