# SPDX-License-Identifier: GPL-2.0
"""The machines that figures come from."""
import json
import pathlib
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BENCH = TOP / "selftests/bench"
BUILD = TOP / "build/bench"
# A guest that waits for its disk sees time fly.
# As Debian's kernels do, memory is cleared when it is allocated.
APPEND = "sysctl.kernel.hung_task_timeout_secs=0 init_on_alloc=1"
# Without erms: "rep movsb" is an instruction for each byte here, while a real
# CPU copies 16 and more at once.
CPU = "-cpu max,la57=off,erms=off"


def say(text):
    """Tell the user how far we are."""
    print(f"[bench] {text}", file=sys.stderr, flush=True)


def output(*words):
    """Return the first line that a program prints, or nothing."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, cwd=TOP)
    except OSError:
        return ""
    return (done.stdout.splitlines() or [""])[0]


def must(words):
    """Run a program; leave with its status if it fails."""
    status = subprocess.run(words).returncode
    if status:
        sys.exit(status)


def environment(kind):
    """Return what figures of a @kind of machine depend on beside the suite's
    kernel."""
    cpu = ""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    return {
        "commit": output("git", "describe", "--always", "--dirty"),
        "qemu": output("qemu-system-x86_64", "-version"),
        "guest": kind.guest,
        "host_cpu": cpu,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def pictures(results):
    """Draw the figures in a file, beside it; without the library say so."""
    python = "/usr/bin/python3"         # the one that Debian's packages serve
    if subprocess.run([python, "-c", "import matplotlib"],
                      capture_output=True).returncode:
        subprocess.run(["bash", "-c", ". scripts/lib.sh; TAG=bench "
                        "install_packages python3-matplotlib"], cwd=TOP)
    if subprocess.run([python, BENCH / "plot.py", results,
                       results.parent]).returncode:
        say("no pictures: python3-matplotlib is missing?")


class Machine:
    """A guest of a suite, where one instruction takes one nanosecond; started
    anew for each run."""

    unit = "instructions"
    guest = "QEMU, one vCPU, -icount shift=0,sleep=off, mitigations=off"

    def __init__(self, suite):
        self.suite = suite
        self.disk = BUILD / f"{suite}.tar"
        self.kernel = None

    def prepare(self, contenders):
        """Build what the guest needs for @contenders."""
        BUILD.mkdir(parents=True, exist_ok=True)
        must([BENCH / "prepare", self.suite, self.disk,
              *["ovs"] * ("ovs" in contenders)])

    def command(self, args, qemu, timeout):
        """Return the words that run guest/main.py with @args."""
        disk = "-drive if=none,id=bench,format=raw,readonly=on," \
            f"file={self.disk} -device virtio-blk-pci,drive=bench {CPU}"
        return [TOP / "scripts/vm", "--suite", self.suite, "--icount",
                "--append", APPEND, "--memory", "6144",
                "--timeout", str(timeout), "--log", BUILD / f"vm-{self.suite}",
                "--qemu", f"{disk} {qemu}",
                "--", "selftests/bench/guest/init", *args]

    def run(self, *args, qemu="", label="", timeout=3000):
        """Run guest/main.py with @args and return the objects it prints."""
        guest = subprocess.Popen(self.command(args, qemu, timeout),
                                 stdout=subprocess.PIPE, text=True)
        lines, told = [], 0
        for line in guest.stdout:
            if line.startswith("{"):
                lines.append(json.loads(line))
                self.kernel = lines[-1].get("kernel", self.kernel)
            elif line.startswith("# "):
                if time.monotonic() - told > 5:
                    say(f"{self.suite} {label}: {line[2:].strip()}")
                    told = time.monotonic()
            else:
                sys.stderr.write(line)
        if guest.wait():
            say(f"the guest failed (status {guest.returncode})")
            sys.exit(guest.returncode)
        return lines


class Smp(Machine):
    """A guest with several CPUs, which runs as fast as it can."""

    unit = "Mbit/s"
    guest = "QEMU, a thread for each vCPU, mitigations=off"

    def __init__(self, suite, cpus):
        super().__init__(suite)
        self.cpus = cpus

    def command(self, args, qemu, timeout):
        words = super().command(args, qemu, timeout)
        at = words.index("--icount")
        return [*words[:at], "--cpus", str(self.cpus), *words[at + 1:]]


class Uml(Machine):
    """User-mode Linux with the programs of a suite: native code."""

    unit = "ns"
    guest = "User-mode Linux, one CPU"
    script = BENCH / "uml/guest"

    def __init__(self, suite):
        super().__init__(suite)
        self.disk = TOP / f"build/{suite}/bench.tar"

    def prepare(self, contenders):
        super().prepare(contenders)
        must([self.script, "prepare", self.suite])

    def command(self, args, qemu, timeout):
        return ["timeout", str(timeout), self.script, "run", self.suite,
                self.disk.name, *args]
