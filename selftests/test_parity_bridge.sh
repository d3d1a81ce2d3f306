#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The same frames through a bridge of ours with pairs and through the kernel's
# own bridge with veths: table, options of ports and counters have to come out
# the same, as users see them.
#
#	 sw                              h1
#	+-----------------------+       +------+
#	| br0 --- p1 ---------- | ----- | eth0 |	frames to and from M1
#	|     \-- p2 ---------- | ----- |  h2  |	... M2
#	|      \- p3 ---------- | ----- |  h3  |	... M3
#	+-----------------------+       +------+
#
# Differences that are meant, and taken out before comparing:
# - indexes of devices, and addresses that the kernel chose;
# - `bridge -d link` of in-tree ports has options that ours lack: what is
#   compared are those of ours;
# - mcast of `ip -s link` for br0: in-tree counts group frames that it gives to
#   the host there, ours leaves the counter to devices that filter groups.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	forwarding_table
	counters_of_all_devices
	options_of_ports
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02
M3=02:00:00:00:00:03

# scenario - a new switch, and the frames; leaves it for looking at
scenario()
{
	local len

	setup_switch 3
	ip -n "$sw" link set br0 address 02:00:00:00:00:b0
	for len in 60 1514; do
		frames send h1 src="$M1" len="$len"
		frames send h1 src="$M1" dst=01:00:5e:00:00:05 len="$len"
		frames send h2 src="$M2" dst=02:00:00:00:00:99 len="$len"
		frames send h2 src="$M2" dst="$M1" len="$len" count=3
		frames send h1 src="$M1" dst="$M2" len="$len" vlan=7
		frames send h3 src="$M3" dst=02:00:00:00:00:b0 len="$len"
		frames send br dst="$M3" len="$len" count=2
		frames send br dst=02:00:00:00:00:99 len="$len"
		frames send br len="$len"
	done
	frames send h1 src="$M1" dst="$M1"
	frames send h2 src="$M1" dst="$M3"
	frames send h3 src=01:00:00:00:00:01
	fdb "$sw" add br0 p3 02:00:00:00:00:31 static
	fdb "$sw" add br0 p3 02:00:00:00:00:32 dynamic extern_learn
	fdb "$sw" add br0 p3 02:00:00:00:00:33 static sticky
	fdb "$sw" add br0 br0 02:00:00:00:00:34 local
}

# compare TEXT COMMAND... - what COMMAND prints after the scenario, for both
compare()
{
	local ours theirs kind=$KIND KIND

	for KIND in vnetbr in-tree; do
		scenario
		case $KIND in
		vnetbr) ours=$("${@:2}") ;;
		in-tree) theirs=$("${@:2}") ;;
		esac
		frames reset
	done
	KIND=$kind
	check "$1: something" test -n "$ours"
	[[ $ours == "$theirs" ]] || fail "$1: ours (-), in-tree (+)" \
		"$(diff -U0 <(echo "$ours") <(echo "$theirs") | sed 1,2d)"
}

# table - the entries that do not have an address that the kernel chose
table()
{
	fdb_show "$sw" br0 | grep "^02:00:00:00:00:"
}

forwarding_table()
{
	compare "table" table
}

# counters - "device direction: bytes packets errors dropped" of all devices
counters()
{
	local dev host

	for dev in br0 p1 p2 p3; do
		ip -n "$sw" -s link show "$dev" | counters_of "$dev"
	done
	for host in h1 h2 h3; do
		ip -n "${!host}" -s link show eth0 | counters_of "$host"
	done
}

# counters_of NAME - pick them out of stdin
counters_of()
{
	sed -n "/^ *[RT]X:/ { s/^ *\(..\):.*/\1/; N
		s/\n */ /; s/^\(.. [0-9]* *[0-9]* *[0-9]* *[0-9]*\).*/$1 \1/
		s/  */ /g; p }"
}

counters_of_all_devices()
{
	compare "counters" counters
}

# options - of all ports, those that ours have
options()
{
	local port word line

	for port in p1 p2 p3; do
		line=$(bridge -n "$sw" -d link show dev "$port")
		for word in hairpin guard root_block fastleave learning flood \
				mcast_flood bcast_flood mcast_to_unicast \
				neigh_suppress neigh_vlan_suppress \
				vlan_tunnel isolated locked \
				state; do
			echo "$port $(grep -o " $word [a-z]*" <<<"$line")"
		done
	done
}

options_of_ports()
{
	compare "options" options
}

KIND=vnetbr
need_kind
KIND=in-tree
need_kind
frames_start
tests_run "$@"
