# SPDX-License-Identifier: GPL-2.0
"""Where the instructions of a frame go."""
import pathlib
import re
import subprocess

import functions
import machine


def build_plugin():
    """Compile the plugin for the QEMU of this machine; return its path."""
    version = machine.output("qemu-system-x86_64", "-version")
    major = int(re.search(r"version (\d+)", version).group(1))
    plugin = machine.BUILD / "count.so"
    subprocess.run(
        ["cc", "-O2", "-Wall", "-shared", "-fPIC",
         f"-DPLUGIN_VERSION={1 if major < 9 else 2}", "-o", plugin,
         machine.BENCH / "plugin/count.c"], check=True)
    return plugin


def profile(suite, scenario, contender, top):
    """Print the functions that run for a frame, and keep all of them in
    build/bench/; return whether there was a figure."""
    guest = machine.Machine(suite)
    guest.prepare(contender)
    plugin = build_plugin()
    blocks, symbols = (machine.BUILD / name for name in ("blocks", "symbols"))
    lines = guest.run(
        contender, scenario, "1", "symbols", label="profile",
        qemu=f"-plugin {plugin},out={blocks} "
        f"-chardev file,id=symbols,path={symbols} "
        "-device virtserialport,chardev=symbols,name=symbols")
    measured = [line for line in lines if "scenario" in line]
    frames = lines[-1]["frames"]
    total = functions.by_function(blocks, symbols)
    name = f"profile-{suite}-{scenario}-{contender}"
    for line in measured:
        print(f"{suite}, {guest.kernel}, scenario {line['scenario']}, "
              f"{contender}: " + (line.get("absent") or
                                  f"{line['value']:.0f} instructions"))
    print("\n".join(functions.table(total, frames, top)))
    path = pathlib.Path(machine.BUILD / f"{name}.txt")
    path.write_text("\n".join(functions.table(total, frames, None)) + "\n")
    print(f"all of them: {path}")
    return all("value" in line for line in measured)
