#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How often a frame is put into a queue for a later softirq on its way, by a
# trace of a single frame: once from container to container, never from
# container to wire or from wire to container. The same trace of devices of the
# kernel finds their queues, so that it would find ours.
#
#	h1 ── p1 ┐     ┌ wire      a port; what the wire is to a plain bridge
#	        br0 ───┤
#	h2 ── p2 ┘     └ vx0 ~~ under     192.0.2.1/24, the wire of the overlay
#	                $sw
#
# wire and under are tap devices with a NAPI of their own, as NICs have. Polling
# that NAPI is the NIC's own softirq, and all there has to be for a frame from
# the wire. What counts as a hop:
#
#	net:netif_rx	the frame goes to the queue of this CPU
#	napi:napi_poll	of another device than the NIC: the queue of a tunnel

# shellcheck disable=SC2046,SC2086 # the fields of a frame are words

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_path.sh
. "$LIB_DIR/lib_path.sh"

ALL_TESTS="
	container_to_container_is_one_hop
	container_to_wire_is_none
	wire_to_container_is_none
	container_to_overlay_is_none
	overlay_to_container_is_none
	container_to_host_is_one_hop
	host_to_container_is_one_hop
	a_flooded_frame_is_as_many_hops_as_its_copies
	a_pair_alone_is_one_hop
	the_trace_finds_the_hops_of_in_tree_devices
"

M1=$(path_mac 1) M2=$(path_mac 2) MW=$(path_mac 9) MR=$(path_mac 8)
TRACE=/sys/kernel/tracing/instances/hops.$$.$RANDOM

# trace_start - a buffer of our own, that has the events of other devices than lo
trace_start()
{
	mkdir "$TRACE" 2>/dev/null || skip_all "no tracefs"
	defer rmdir "$TRACE"
	echo 0 >"$TRACE/tracing_on"
	echo 'name != "lo"' >"$TRACE/events/net/netif_rx/filter"
	echo 'work > 0' >"$TRACE/events/napi/napi_poll/filter"
	echo 1 >"$TRACE/events/net/netif_rx/enable"
	echo 1 >"$TRACE/events/napi/napi_poll/enable"
}

# hosts - the topology, of devices of $KIND; sets $sw, $h1, $h2, $BR
hosts()
{
	local i ns

	setup_ns -q sw h1 h2
	kind_bridge "$sw" br0
	for i in 1 2; do
		ns=h$i
		kind_pair "$sw" "p$i" "${!ns}" eth0
		ip -n "$sw" link set "p$i" master br0
		fdb "$sw" add br0 "p$i" "$(path_mac $i)" static
		frames_end "h$i" "${!ns}" eth0
	done
	frames napi wire "$sw" wire
	ip -n "$sw" link set wire master br0
	fdb "$sw" add br0 wire $MW static
	frames napi under "$sw" under
	ip -n "$sw" addr add 192.0.2.1/24 dev under
	ip -n "$sw" neigh add 192.0.2.2 lladdr $MR dev under
	kind_vxlan "$sw" vx0 id 100 local 192.0.2.1 remote 192.0.2.2 \
		dstport 4789 nolearning
	ip -n "$sw" link set vx0 master br0
	fdb "$sw" add br0 vx0 $MR static
	frames_end br "$sw" br0
	BR=$(link_get "$sw" br0 address)
}

# hops FROM TO FIELD... - send a frame, prints how many hops it makes; TO has
# to get it. The trace is in $TRACE/trace then.
hops()
{
	local out

	echo >"$TRACE/trace"
	frames window "$1" "$TRACE/tracing_on" "${@:3}" >/dev/null
	out=$(frames arrived)
	[[ " $out " == *" $2 "* ]] ||
		fail "$1 to $2" "arrived at: $out"
	count_hops
}

# count_hops - how many hops are in the trace
count_hops()
{
	awk '/ netif_rx: / || (/ napi_poll: / && !/ device \(no_device\)/ &&
		!/ device (wire|under) /) { n++ } END { print n + 0 }' \
		"$TRACE/trace"
}

# nic_polls - how many times a NIC has been polled, in the trace
nic_polls()
{
	grep -Ec ' napi_poll: .* device (wire|under) ' "$TRACE/trace" || :
}

# check_hops TEXT WANTED FROM TO FIELD... - and the NIC is polled if it is FROM
check_hops()
{
	local polls=0 hops

	hops=$(hops "${@:3}")
	if [[ $hops != "$2" ]]; then
		fail "$1" "hops: $hops" "expected: $2" \
			"$(grep -v '^#' "$TRACE/trace")"
	fi
	[[ $3 != wire && $3 != under ]] || polls=1
	check_eq "$1, polls of the NIC" "$(nic_polls)" $polls
}

container_to_container_is_one_hop()
{
	check_hops "unicast" 1 h1 h2 dst=$M2 src=$M1 len=60
	check_hops "of full size" 1 h2 h1 dst=$M1 src=$M2 len=1514
}

# It is on the wire before the sender goes on.
container_to_wire_is_none()
{
	check_hops "unicast" 0 h1 wire dst=$MW src=$M1 len=60
	check_eq "at once" "$(frames window h1 "$TRACE/tracing_on" \
		dst=$MW src=$M1)" 1
}

wire_to_container_is_none()
{
	check_hops "unicast" 0 wire h1 dst=$M1 src=$MW len=60
}

container_to_overlay_is_none()
{
	check_hops "unicast" 0 h1 under dst=$MR src=$M1 len=60
	check_eq "at once" "$(frames window h1 "$TRACE/tracing_on" \
		dst=$MR src=$M1)" 1
}

# The answer to a frame is what came out of under, turned around.
overlay_to_container_is_none()
{
	frames send h1 dst=$MR src=$M1 len=60
	check_hops "unicast" 0 under h1 answer
}

container_to_host_is_one_hop()
{
	check_hops "unicast" 1 h1 br dst=$BR src=$M1
}

host_to_container_is_one_hop()
{
	check_hops "unicast" 1 br h1 dst=$M1 src=$BR
}

a_flooded_frame_is_as_many_hops_as_its_copies()
{
	# to h2, to the host, to the wire and into the tunnel
	check_hops "from a container" 2 h1 h2 src=$M1
	# to h1, to h2, to the host and into the tunnel
	check_hops "from the wire" 0 wire h2 src=$MW
}

a_pair_alone_is_one_hop()
{
	setup_ns -q a b
	kind_pair "$a" eth0 "$b" eth0
	frames_end a "$a" eth0
	frames_end b "$b" eth0
	check_hops "alone" 1 a b
	frames drop a b
}

# In its own namespaces; what it counts is known from the code of the kernel.
the_trace_finds_the_hops_of_in_tree_devices()
{
	local KIND=in-tree keep=("$sw" "$h1" "$h2") name

	hosts
	check_hops "container to container" 2 h1 h2 dst=$M2 src=$M1 len=60
	check_hops "container to wire" 1 h1 wire dst=$MW src=$M1 len=60
	check_hops "wire to container" 1 wire h1 dst=$M1 src=$MW len=60
	check_hops "container to overlay" 1 h1 under dst=$MR src=$M1 len=60
	check_hops "overlay to container" 2 under h1 answer
	for name in sw h1 h2; do
		declare -g "$name=${keep[0]}"
		keep=("${keep[@]:1}")
	done
}

need_kind
trace_start
path_start
modprobe -q tun || :
hosts

tests_run "$@"
