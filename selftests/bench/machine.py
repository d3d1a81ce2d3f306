# SPDX-License-Identifier: GPL-2.0
"""The virtual machine that figures come from: one instruction, one nanosecond."""
import json
import os
import pathlib
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BENCH = TOP / "selftests/bench"
BUILD = TOP / "build/bench"
# A guest that waits for its disk sees time fly.
APPEND = "sysctl.kernel.hung_task_timeout_secs=0"
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


def environment():
    """Return what figures depend on beside the suite's kernel."""
    cpu = ""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    return {
        "commit": output("git", "describe", "--always", "--dirty"),
        "qemu": output("qemu-system-x86_64", "-version"),
        "guest": "one vCPU, -icount shift=0,sleep=off, mitigations=off",
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
    """A guest of a suite, started anew for each run."""

    def __init__(self, suite):
        self.suite = suite
        self.disk = BUILD / f"{suite}.tar"
        self.kernel = None

    def prepare(self, contenders):
        """Build what the guest needs for @contenders."""
        BUILD.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([BENCH / "prepare", self.suite, self.disk,
                               *["ovs"] * ("ovs" in contenders)])
        if done.returncode:
            sys.exit(done.returncode)

    def run(self, *args, qemu="", label="", timeout=1500):
        """Run guest/main.py with @args and return the objects it prints."""
        disk = "-drive if=none,id=bench,format=raw,readonly=on," \
            f"file={self.disk} -device virtio-blk-pci,drive=bench {CPU}"
        guest = subprocess.Popen(
            [TOP / "scripts/vm", "--suite", self.suite, "--icount",
             "--append", APPEND,
             "--memory", "3072", "--timeout", str(timeout),
             "--log", BUILD / f"vm-{self.suite}", "--qemu", f"{disk} {qemu}",
             "--", "selftests/bench/guest/init", *args],
            stdout=subprocess.PIPE, text=True, env=os.environ)
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
