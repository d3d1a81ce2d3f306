# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Helpers of the selftests of the path: a topology that has every kind of hop,
# and who watches it. To be sourced after lib.sh.

TEST_TYPE=0x88b5	# of the frames that are counted; see py/path.py

# path_start - start the frame tool with the commands of py/path.py
path_start()
{
	coproc FRAMES { exec python3 -S -s "$LIB_DIR/py/path.py"; }
	exec {FRAMES_OUT}<&"${FRAMES[0]}" {FRAMES_IN}>&"${FRAMES[1]}"
	# shellcheck disable=SC2153,SC2154 # set by coproc
	defer frames_stop "$FRAMES_PID"
	frames hello
}

# path_mac N - the address of station N
path_mac()
{
	printf '02:00:00:00:00:%02x' "$1"
}

# kernel_has TEXT COMMAND... - skip() with TEXT unless COMMAND works in a
# namespace of its own
kernel_has()
{
	local ns

	setup_ns -q ns
	in_ns "$ns" "${@:2}" >/dev/null 2>&1 || { skip "$1"; return 1; }
}

# hooks_stay DIR - have each kind of hook on a device that no frame comes to
#
# The first hook of a kind in a machine, and the last one, make the kernel patch
# its own code. Emulators do not always manage that while another CPU is in that
# code ("Oops: int3"). With these, only what is ours to notice changes when a
# test adds a hook. DIR is for a file system of BPF.
hooks_stay()
{
	setup_ns -q keep
	# shellcheck disable=SC2154 # set by setup_ns
	ip -n "$keep" link add d0 up type dummy
	tc -n "$keep" qdisc add dev d0 clsact
	in_ns "$keep" nft -f - <<-END
	table netdev t {
		chain i { type filter hook ingress device d0 priority 0; }
		chain e { type filter hook egress device d0 priority 0; }
	}
	END
	if [[ -e /sys/class/net/lo/queues/rx-0 ]]; then	# the kernel has RPS
		in_ns "$keep" sh -c \
			'echo 1 >/sys/class/net/d0/queues/rx-0/rps_cpus'
	fi
	mkdir -p "$1"
	mount -t bpf bpf "$1"
	frames count "$1/prog" xdp 1
	ip -n "$keep" link set dev d0 xdpgeneric pinned "$1/prog"
	frames uncount
	umount "$1"
}

# two_hosts - the topology of the file that calls it:
#
#	h1 ── p1 ┐                                       ┌ p3 ── h3
#	        br0 ─ vx0 ── u1 ═══ 192.0.2.0/24 ═══ u2 ── vx0 ─ br0
#	h2 ── p2 ┘                                       └ p4 ── h4
#	       $sw                                           $far
#
# The end of a pair in namespace h1 is called eth0, and so on. Nothing has an
# address but the underlay (a veth: somebody else's device), all stations are
# known by static entries, no frame is sent unasked.
two_hosts()
{
	setup_ns -q sw far h1 h2 h3 h4
	# shellcheck disable=SC2154 # set by setup_ns
	ip -n "$sw" link add u1 type veth peer name u2 netns "$far"
	underlay "$sw" u1 192.0.2.1 192.0.2.2 "$(link_get "$far" u2 address)"
	underlay "$far" u2 192.0.2.2 192.0.2.1 "$(link_get "$sw" u1 address)"
	two_hosts_devices
}

# underlay NS DEV ADDRESS REMOTE REMOTE-MAC
underlay()
{
	ip -n "$1" -batch - <<-END
	addr add $3/24 dev $2
	link set $2 up
	neigh add $4 lladdr $5 dev $2
	END
}

# two_hosts_devices - the devices of two_hosts() above the underlay
two_hosts_devices()
{
	local i

	host_of "$sw" 192.0.2.1 192.0.2.2 p1 "$h1" p2 "$h2"
	host_of "$far" 192.0.2.2 192.0.2.1 p3 "$h3" p4 "$h4"
	for i in 1 2; do
		fdb "$sw" add br0 "p$i" "$(path_mac "$i")" static
		remote_station "$far" "$i" 192.0.2.1
	done
	for i in 3 4; do
		fdb "$far" add br0 "p$i" "$(path_mac "$i")" static
		remote_station "$sw" "$i" 192.0.2.2
	done
}

# host_of NS LOCAL REMOTE PORT CONTAINER... - one of the hosts
host_of()
{
	local ns=$1

	kind_bridge "$ns" br0
	kind_vxlan "$ns" vx0 id 100 local "$2" remote "$3" \
		dstport 4789 nolearning
	ip -n "$ns" link set vx0 master br0
	shift 3
	while (($#)); do
		kind_pair "$ns" "$1" "$2" eth0
		ip -n "$ns" link set "$1" master br0
		shift 2
	done
}

# remote_station NS N REMOTE - station N is behind the tunnel vx0, at REMOTE
remote_station()
{
	fdb "$1" add br0 vx0 "$(path_mac "$2")" static
	bridge -n "$1" fdb append "$(path_mac "$2")" dev vx0 dst "$3" self
}

# two_hosts_ends - the containers of two_hosts() are ends
two_hosts_ends()
{
	local i ns

	for i in 1 2 3 4; do
		ns=h$i
		frames_end "$ns" "${!ns}" eth0
	done
}
