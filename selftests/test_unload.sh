#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 400
# module: own
#
# The module is unloaded while devices of each mode are there and frames go
# through them, loaded again, 12 times (6 on a debug kernel). Nothing is left:
# no device, no socket, no memory. That no reference is left either is what
# unloading waits for.
#
#	h1 ── p1 ┐                                       ┌ p3 ── h3
#	        br0 ─ vx0 ── u1 ═══════ veth ═══════ u2 ── vx0 ─ br0
#	       └─ $sw ─┘                              └── $far ──┘
#	          ours                                   the kernel's own

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_path.sh
. "$LIB_DIR/lib_path.sh"

ALL_TESTS="
	unload_with_frames_on_their_way
	unload_while_namespaces_die
	load_and_unload_leave_no_memory
	aliases_are_found_by_their_kind
"

# a debug kernel takes its time
[[ ! -e /sys/kernel/debug/kmemleak ]] || : "${UNLOAD_TIMES:=6}"
TIMES=${UNLOAD_TIMES:-12}

# A machine that has the module in another place than modprobe looks for it
# says how to load it.
load()
{
	${LOAD_MODULE:-modprobe vnetbr}
}

unload()
{
	rmmod vnetbr
}

loaded()
{
	grep -q '^vnetbr ' /proc/modules
}

# other_host - the namespaces, the underlay and what is behind it: stays
other_host()
{
	setup_ns -q sw far h1 h3
	ip -n "$sw" link add u1 type veth peer name u2 netns "$far"
	underlay "$sw" u1 192.0.2.1 192.0.2.2 "$(link_get "$far" u2 address)"
	underlay "$far" u2 192.0.2.2 192.0.2.1 "$(link_get "$sw" u1 address)"
	KIND=in-tree host_of "$far" 192.0.2.2 192.0.2.1 p3 "$h3"
}

# this_host - our devices, with as few programs as possible: starting them is
# what takes the time here
this_host()
{
	if [[ $PLUGIN ]]; then
		ip -n "$sw" -batch - <<-END
		link add br0 up type vnetbr ageing_time 100 \
			mst_enabled 1 mst 2-9:5
		link add vx0 up master br0 type vnetbr mode vxlan id 100 \
			local 192.0.2.1 remote 192.0.2.2
		link add p1 up master br0 type vnetbr mode pair \
			peer name eth0 netns $h1
		link set p1 type vnetbr_slave neigh_suppress_vlan 1
		link add link br0 name v10 up type vlan id 10 bridge_binding on
		END
		ip -n "$h1" link set eth0 up
	else
		host_of "$sw" 192.0.2.1 192.0.2.2 p1 "$h1"
	fi
}

# traffic - a child that sends both ways until it is killed; sets TRAFFIC_PID
traffic()
{
	python3 -S -s "$LIB_DIR/py/blast.py" "$h1:3" "$h3:1" \
		>"$WORK/blast" 2>&1 &
	TRAFFIC_PID=$!
	check_wait "frames go by" grep -q going "$WORK/blast"
}

# traffic_end
traffic_end()
{
	kill "$TRAFFIC_PID"
	wait "$TRAFFIC_PID" || :
	check_fail "the sender was well" grep -q Traceback "$WORK/blast"
}

# received NS DEV - has it received frames?
received()
{
	(($(link_stats_get "$1" "$2" rx_packets) > 0))
}

unload_with_frames_on_their_way()
{
	local i

	load
	other_host
	this_host
	traffic
	for ((i = 1; i <= TIMES; i++)); do
		check_wait "frames arrive from the tunnel" received "$sw" vx0
		check_wait "frames arrive in the container" received "$h1" eth0
		unload || { fail "unload"; return; }
		check_fail "unloaded" loaded
		check_eq "devices left" "$(ip -n "$sw" -o link show | wc -l)" 2
		load
		((i == TIMES)) || this_host
	done
	traffic_end
	unload
}

# The module goes at the same time as the namespaces that its devices are in.
unload_while_namespaces_die()
{
	local i

	for i in h1 sw; do
		load
		other_host
		this_host
		traffic
		ip netns del "${!i}" &
		unload || fail "unload"
		wait "$!"
		check_fail "unloaded" loaded
		traffic_end
	done
}

# used_kb - memory that the kernel holds and could not give back: slabs and what
# there is for each CPU
used_kb()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(SUnreclaim|Percpu|KernelStack|VmallocUsed):/ { n += $2 }
		END { print n }' /proc/meminfo
}

# crowd - load, make 100 pairs and a tunnel at a bridge with 2000 entries, send
# some, unload: whatever of this leaks is seen after a few times
crowd()
{
	local i

	load
	setup_ns -q crowd
	{
		echo "link add br0 up type vnetbr"
		for ((i = 0; i < 100; i++)); do
			echo "link add p$i up type vnetbr_pair"
			echo "link set p$i master br0"
			echo "link set vnetbr$i up"
		done
	} | ip -n "$crowd" -batch -
	kind_vxlan "$crowd" vx0 id 7 local 127.0.0.1 remote 127.0.0.2
	ip -n "$crowd" link set vx0 master br0
	for ((i = 0; i < 1000; i++)); do
		printf 'fdb add 02:00:00:01:%02x:%02x dev br0 via p%d static\n' \
			$((i / 250)) $((i % 250)) $((i % 100))
		printf 'fdb append 02:00:00:02:%02x:%02x dev vx0 dst %s self\n' \
			$((i / 250)) $((i % 250)) "127.0.1.$((i % 250))"
	done | bridge -n "$crowd" -batch -
	in_ns "$crowd" ping -q -c 3 -i 0.01 -b -I br0 192.0.2.255 \
		>/dev/null 2>&1 || :
	unload
	cleanup_ns "$crowd"
}

# 100 pairs hold some 2 MB, 2000 entries 400 kB. If but a tenth
# of that leaked, four times would be over the bound.
load_and_unload_leave_no_memory()
{
	local i before after

	for i in 1 2; do
		crowd
	done
	before=$(used_kb)
	for i in 3 4 5 6; do
		crowd
	done
	# What waits for RCU or for namespaces to be taken down is not leaked,
	# nor what allocators keep: up to 400 kB each time on 7.2, irregularly.
	# Pairs left behind would be more than 1 MB each time.
	check_wait "memory: $before kB before" no_more_than $((before + 2048))
	after=$(used_kb)
	diag "kB held: $before after 2 times, $after after 6"
}

no_more_than()
{
	local now

	now=$(used_kb)
	echo "$now kB now"
	((now <= $1))
}

aliases_are_found_by_their_kind()
{
	local kind

	if [[ ${LOAD_MODULE:-} ]]; then
		skip "modprobe does not know the module"
		return
	fi
	setup_ns -q probe
	for kind in vnetbr vnetbr_pair vnetbr_vxlan; do
		check "$kind" ip -n "$probe" link add x0 type "$kind"
		check "loaded for $kind" loaded
		unload
	done
}

WORK=$(mktemp -d)
defer rm -rf "$WORK"
! loaded || unload
load || skip_all "cannot load the module"
need_kind
PLUGIN=$(have_plugin && echo 1)
cleanup_ns "$PROBE_NS"
unload || skip_all "cannot unload the module"

tests_run "$@"
