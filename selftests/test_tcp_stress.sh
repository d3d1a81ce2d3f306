#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 400
#
# Many TCP connections at once, on one bridge and across the overlay, in both
# directions, for a while. Whoever delivers a frame into a protocol stack out of
# a sender's context locks up here, within seconds but not at once: the timer of
# a delayed acknowledgement holds the lock of a socket while the answer to its
# frame comes in for the same socket.
#
#	h1 ── p1 ┐                                       ┌ p3 ── h3
#	  .1    br0 ─ vx0 ── u1 ═══════ veth ═══════ u2 ── vx0 ─ br0  .3
#	h2 ── p2 ┘                                       └ p4 ── h4
#	  .2   $sw              198.51.100.0/24             $far  .4
#
# STRESS_SECONDS is for how long, in all (48).

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_path.sh
. "$LIB_DIR/lib_path.sh"

ALL_TESTS="
	connections_with_segmentation_offload
	connections_without_segmentation_offload
	nothing_was_dropped_for_recursion
"

SECONDS_EACH=$((${STRESS_SECONDS:-48} / 2))
NET=198.51.100
need iperf3 ethtool jq

WORK=$(mktemp -d)
defer rm -rf "$WORK"

# containers - give the containers addresses
containers()
{
	local i ns

	for i in 1 2 3 4; do
		ns=h$i
		ip -n "${!ns}" -batch - <<-END
		link set eth0 mtu 1450 address $(path_mac "$i")
		addr add $NET.$i/24 dev eth0
		END
	done
}

# offload on|off - segmentation by the containers' devices
offload()
{
	local ns

	for ns in "$h1" "$h2" "$h3" "$h4"; do
		in_ns "$ns" ethtool -K eth0 tso "$1" gso "$1" gro "$1" \
			>/dev/null
	done
}

# iperf NAME NS SERVER-NS ADDRESS - bulk data both ways, in the background
iperf()
{
	ip netns exec "$3" iperf3 -s -1 -p 5201 >"$WORK/server.$1" 2>&1 &
	check_wait "iperf3 -s" listens "$3"
	ip netns exec "$2" iperf3 -c "$4" -p 5201 --bidir -P 4 \
		-t "$SECONDS_EACH" -J >"$WORK/$1" 2>&1 &
}

# listens NS - is there an iperf3 server?
listens()
{
	[[ $(in_ns "$1" ss -Hltn 'sport = :5201') ]]
}

# stress - all of it at once
#
# iperf3 asks its sockets now and then how they are, and waits for whoever sends
# by them. With a single CPU nobody lets go, and it ends minutes late.
stress()
{
	local pids=() names=() pid out name rc

	if (($(nproc) > 1)); then
		names=(bridge overlay)
		iperf bridge "$h1" "$h2" "$NET.2"
		pids+=($!)
		iperf overlay "$h3" "$h1" "$NET.1"
		pids+=($!)
	fi
	out=$(python3 -S -s "$LIB_DIR/py/flows.py" "$SECONDS_EACH" \
		"$h1" "$h2" "$NET.2" "$h1" "$h3" "$NET.3" "$h4" "$h2" "$NET.2" \
		2>&1) && rc=0 || rc=$?
	diag "$out"
	check_eq "connections whose bytes were checked" "$rc" 0
	# iperf3 is the load: it may quarrel at its end on a slow machine. What
	# decides is that data flowed both ways in all its streams.
	for pid in "${pids[@]}"; do
		wait "$pid" || diag "iperf3 ended with status $?"
	done
	for name in "${names[@]}"; do
		check "iperf3 of the $name" jq -e '[.intervals[].streams[]] |
			group_by(.socket) | map(map(.bytes) | add) |
			length == 8 and all(. > 0)' "$WORK/$name"
		diag "$name: $(jq -r '[.intervals[].streams[].bytes] | add |
			. / 1048576 | floor' "$WORK/$name") MB by iperf3"
	done
}

connections_with_segmentation_offload()
{
	offload on
	stress
}

connections_without_segmentation_offload()
{
	offload off
	stress
}

nothing_was_dropped_for_recursion()
{
	local place ns dev

	for place in "sw p1" "sw p2" "sw vx0" "sw br0" "far p3" "far p4" \
		"far vx0" "far br0"; do
		read -r ns dev <<<"$place"
		check_eq "$place" "$(ethtool_stats_get "${!ns}" "$dev" \
			drop_recursion)" 0
	done
	check "frames took the short cut" \
		test "$(ethtool_stats_get "$sw" p1 fused_rx)" -gt 1000
}

need_kind
two_hosts
containers

tests_run "$@"
