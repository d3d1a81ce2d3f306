#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Many TCP connections between namespaces for some time, every byte checked.

    flows.py SECONDS FROM-NS TO-NS ADDRESS [FROM-NS TO-NS ADDRESS...]

ADDRESS is one of TO-NS. Between each two namespaces there are, at the same
time, each on connections of its own:

  rr     requests and answers of random lengths, in one write
  small  the same in two small writes, so that Nagle's algorithm waits for an
         acknowledgement, which waits for the timer that delays it
  bulk   data in both directions at once, a fixed amount again and again

Client and server are processes of their own, with a thread for each end of a
connection. All end in time: nothing is killed, the last answer is waited for.
Status 0 if all bytes were right; prints what was done.
"""
import os
import random
import socket
import struct
import sys
import threading
import time
import zlib

import vnb

KINDS = {"rr": 6, "small": 6, "bulk": 3}
PORT = 7007
TIMEOUT = 120           # for one step of a connection: it is stuck
BULK = 1 << 20
HEAD = struct.Struct("!BIII")   # 1: go on, length, length of answer, CRC
POOL = random.Random(1).randbytes(1 << 17)


def payload(length):
    at = random.randrange(len(POOL) - length)
    return POOL[at:at + length]


def receive(sock, length):
    buf = bytearray(length)
    view, at = memoryview(buf), 0
    while at < length:
        count = sock.recv_into(view[at:])
        if not count:
            raise EOFError(f"{at} bytes of {length}")
        at += count
    return buf


def send_message(sock, more, data, answer, split):
    head = HEAD.pack(more, len(data), answer, zlib.crc32(data))
    if split:
        sock.sendall(head)
        sock.sendall(data)
    else:
        sock.sendall(head + data)


def receive_message(sock):
    more, length, answer, crc = HEAD.unpack(receive(sock, HEAD.size))
    data = receive(sock, length)
    if zlib.crc32(data) != crc:
        raise ValueError(f"wrong bytes in a message of {length}")
    return more, data, answer


def sizes(kind):
    if kind == "small":
        return random.randrange(1, 200), random.randrange(1, 200)
    return random.choice((1, 60, 1000, 9000)), random.choice((1, 200, 30000))


def both_ways(sock):
    """Send BULK bytes and receive as many."""
    def send():
        try:
            for at in range(0, BULK, len(POOL)):
                sock.sendall(POOL[:BULK - at])
        except OSError as err:
            failed.append(err)

    failed = []
    sender = threading.Thread(target=send)
    sender.start()
    crc = 0
    for at in range(0, BULK, len(POOL)):
        crc = zlib.crc32(receive(sock, min(len(POOL), BULK - at)), crc)
    sender.join()
    if failed:
        raise failed[0]
    if crc != BULK_CRC:
        raise ValueError("wrong bytes in bulk data")


BULK_CRC = 0
for _ in range(0, BULK, len(POOL)):
    BULK_CRC = zlib.crc32(POOL, BULK_CRC)


def client(sock, kind, until):
    count = 0
    sock.sendall(kind.encode().ljust(8))
    more = 1
    while more:
        more = int(time.monotonic() < until)
        if kind == "bulk":
            sock.sendall(bytes((more,)))
            both_ways(sock)
        else:
            length, answer = sizes(kind)
            send_message(sock, more, payload(length), answer,
                         kind == "small")
            _, data, _ = receive_message(sock)
            if len(data) != answer:
                raise ValueError(f"{len(data)} bytes, not {answer}")
        count += 1
    return count


def serve(sock):
    kind = receive(sock, 8).decode().strip()
    more = 1
    while more:
        if kind == "bulk":
            more = receive(sock, 1)[0]
            both_ways(sock)
        else:
            more, _, answer = receive_message(sock)
            send_message(sock, 0, payload(answer), 0, kind == "small")


class Worker(threading.Thread):
    """A thread whose failure is not forgotten."""

    def __init__(self, function, *args):
        super().__init__()
        self.function, self.args = function, args
        self.result, self.error = 0, None
        self.start()

    def run(self):
        try:
            self.result = self.function(*self.args)
        except (OSError, ValueError, EOFError) as err:
            self.error = f"{type(err).__name__} {err}"


def finish(workers):
    for worker in workers:
        worker.join()
    errors = [worker.error for worker in workers if worker.error]
    for error in errors:
        print(error, flush=True)
    return int(bool(errors))


def run_server(listener):
    workers = []
    for _ in range(sum(KINDS.values())):
        sock = listener.accept()[0]
        sock.settimeout(TIMEOUT)
        workers.append(Worker(serve, sock))
    return finish(workers)


def run_client(ns, to, address, until):
    workers = []
    for kind, number in KINDS.items():
        for _ in range(number):
            with vnb.netns(ns):
                sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.settimeout(TIMEOUT)
            sock.connect(address)
            workers.append(Worker(client, sock, kind, until))
            workers[-1].kind = kind
    status = finish(workers)
    counts = {kind: sum(w.result for w in workers if w.kind == kind)
              for kind in KINDS}
    print(f"{ns.split('-')[0]} to {to.split('-')[0]}:",
          *(f"{n} {kind}" for kind, n in counts.items()), flush=True)
    return status


def main(argv):
    until = time.monotonic() + float(argv[1])
    flows = [argv[n:n + 3] for n in range(2, len(argv), 3)]
    children = []
    for number, (from_ns, to_ns, address) in enumerate(flows):
        address = (address, PORT + number)
        with vnb.netns(to_ns):
            listener = socket.create_server(address, backlog=64)
        listener.settimeout(TIMEOUT)
        for run, args in ((run_server, (listener,)),
                          (run_client, (from_ns, to_ns, address, until))):
            child = os.fork()
            if not child:
                status = 1
                try:
                    status = run(*args)
                except (OSError, ValueError, EOFError) as err:
                    print(f"{run.__name__}: {type(err).__name__} {err}",
                          flush=True)
                finally:
                    sys.stdout.flush()
                    os._exit(status)
            children.append(child)
        listener.close()
    return int(any([os.waitpid(child, 0)[1] for child in children]))


if __name__ == "__main__":
    sys.exit(main(sys.argv))
