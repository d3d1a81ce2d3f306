#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Reserved group addresses, 01:80:c2:00:00:00 to 0f (802.1Q-2022 table 8-1):
# frames to them are for the stack of the port that receives them, where LLDP,
# LACP or spanning tree daemons listen, and no bridge forwards them unless told
# to. Pause frames (01) go nowhere.
#
#	 sw                              h1
#	+-----------------------+       +------+
#	| br0 --- p1 ---------- | ----- | eth0 |	frames from M1
#	|     \-- p2 ---------- | ----- |  h2  |	... M2
#	|      \- p3 ---------- | ----- |  h3  |
#	+-----------------------+       +------+
#
# The stacks of p1, p2 and p3 are ends too: packet sockets for one protocol.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	reserved_addresses_reach_the_port_only
	the_same_while_the_ports_are_watched
	whatever_the_state_of_the_port
	the_next_addresses_are_ordinary_groups
	group_fwd_mask_of_the_bridge
	group_fwd_mask_of_a_port
	masks_that_are_refused
	bpdus_are_forwarded_when_asked_for
	addresses_are_learned_from_them
	a_daemon_on_a_port_sends_to_that_port
"

RESERVED=01:80:c2:00:00:0
M1=02:00:00:00:00:01
M2=02:00:00:00:00:02

# new_switch [WORD...] - the topology above
new_switch()
{
	local port

	setup_switch 3 "$@"
	for port in p1 p2 p3; do
		frames ear "$port" "$sw" "$port" 88b5
	done
}

# In-tree, BPDUs (00) are forwarded while the bridge runs no STP.
bpdu_reaches()
{
	[[ $KIND == in-tree ]] && echo "br h2 h3" || echo p1
}

reserved_addresses_reach_the_port_only()
{
	local i

	new_switch
	for i in 2 3 4 5 6 7 8 9 a b c d e f; do
		check_reach "to $i" h1 "p1" dst="$RESERVED$i" src="$M1"
	done
	check_reach "to 0, BPDUs" h1 "$(bpdu_reaches)" \
		dst="${RESERVED}0" src="$M1"
	check_reach "to 1, pause frames" h1 "" dst="${RESERVED}1" src="$M1"
	if [[ $KIND == vnetbr ]]; then
		check_eq "counter" \
			"$(ethtool_stats_get "$sw" br0 drop_reserved_address)" 1
	fi
}

the_same_while_the_ports_are_watched()
{
	local WATCH=1

	subtest reserved_addresses_reach_the_port_only
}

whatever_the_state_of_the_port()
{
	new_switch
	bridge -n "$sw" link set dev p1 state 1
	check_reach "LLDP, listening" h1 "p1" dst="${RESERVED}e" src="$M1"
	check_reach "another frame" h1 "" src="$M1"
	check_fail "not learned" fdb_has "$sw" br0 "$M1" p1
}

the_next_addresses_are_ordinary_groups()
{
	local mac

	new_switch
	for mac in 01:80:c2:00:00:10 01:80:c2:00:00:20 01:80:c2:00:01:00; do
		check_reach "to $mac" h1 "br h2 h3" dst="$mac" src="$M1"
	done
}

group_fwd_mask_of_the_bridge()
{
	local i

	new_switch group_fwd_mask 0xfff8
	for i in 3 4 5 6 7 8 9 a b c d e f; do
		check_reach "to $i" h1 "br h2 h3" dst="$RESERVED$i" src="$M1"
	done
	check_reach "to 2" h1 "p1" dst="${RESERVED}2" src="$M1"
	check_reach "to 0" h1 "$(bpdu_reaches)" dst="${RESERVED}0" src="$M1"
	kind_bridge_set "$sw" br0 group_fwd_mask 0x4000
	check_reach "to e" h1 "br h2 h3" dst="${RESERVED}e" src="$M1"
	check_reach "to 3" h1 "p1" dst="${RESERVED}3" src="$M1"
	kind_bridge_set "$sw" br0 group_fwd_mask 0
	check_reach "to e no more" h1 "p1" dst="${RESERVED}e" src="$M1"
}

group_fwd_mask_of_a_port()
{
	local i

	new_switch group_fwd_mask 0x4000
	ip -n "$sw" link set p1 type bridge_slave group_fwd_mask 0xc
	for i in 2 3 e; do
		check_reach "to $i from p1" h1 "br h2 h3" \
			dst="$RESERVED$i" src="$M1"
	done
	check_reach "to 4 from p1" h1 "p1" dst="${RESERVED}4" src="$M1"
	check_reach "to 2 from p2" h2 "p2" dst="${RESERVED}2" src="$M2"
	check_reach "to e from p2" h2 "br h1 h3" dst="${RESERVED}e" src="$M2"
}

masks_that_are_refused()
{
	new_switch group_fwd_mask 0x4000
	check_fail "pause frames" kind_bridge_set "$sw" br0 group_fwd_mask 2
	check_fail "LACP" kind_bridge_set "$sw" br0 group_fwd_mask 4
	check_fail "among others" kind_bridge_set "$sw" br0 group_fwd_mask 0x4c
	check_fail "pause frames of a port" \
		ip -n "$sw" link set p1 type bridge_slave group_fwd_mask 2
	check_reach "as before" h1 "br h2 h3" dst="${RESERVED}e" src="$M1"
	check_reach "as before" h1 "p1" dst="${RESERVED}3" src="$M1"
}

bpdus_are_forwarded_when_asked_for()
{
	[[ $KIND == vnetbr ]] || { skip "in-tree always does"; return; }
	new_switch group_fwd_mask 1
	check_reach "BPDU" h1 "br h2 h3" dst="${RESERVED}0" src="$M1"
	kind_bridge_set "$sw" br0 group_fwd_mask 0
	check_reach "no more" h1 "p1" dst="${RESERVED}0" src="$M1"
}

addresses_are_learned_from_them()
{
	new_switch
	frames send h1 dst="${RESERVED}e" src="$M1"
	check "M1 is on p1" fdb_has "$sw" br0 "$M1" p1
	kind_bridge_set "$sw" br0 no_linklocal_learn 1
	frames send h2 dst="${RESERVED}e" src="$M2"
	check_fail "M2 is not learned" fdb_has "$sw" br0 "$M2" p2
	frames send h2 src="$M2"
	check "but from other frames" fdb_has "$sw" br0 "$M2" p2
}

a_daemon_on_a_port_sends_to_that_port()
{
	new_switch
	frames_end daemon "$sw" p1
	check_reach "LLDP from p1" daemon "h1" dst="${RESERVED}e" src="$M1"
	check_reach "from the host" br "h1 h2 h3" dst="${RESERVED}e"
}

need_kind
frames_start
tests_run "$@"
