#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 900
#
# VLAN filtering as users command it and see it: VLANs of ports, options of the
# bridge, what the monitor says, compared with the kernel's bridge; see
# lib_vlan.sh.
#
# Differences that are meant: ours says why it refuses a command, and takes all
# options of a command or none.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_vlan.sh
. "$LIB_DIR/lib_vlan.sh"

ALL_TESTS="
	defaults
	add_and_delete
	bridge_itself
	ranges
	no_vlans
	many_vlans
	default_pvid_of_new_ports
	default_pvid_changes
	options_of_the_bridge
	filtering_on_and_off
	all_options_or_none
	a_port_that_leaves
	reasons
	frames_follow_at_once
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02

## tables

defaults()
{
	[[ $PLUGIN || $KIND == in-tree ]] || { skip "no plugin"; return; }
	both defaults_scenario
	said "vlan_default_pvid 1"
	said "vlan_filtering 0"
	said "vlan_protocol 802.1Q"
}

defaults_scenario()
{
	# not kind_bridge, which has other ones
	setup_ns -q sw h
	if [[ $KIND == in-tree ]]; then
		ip -n "$sw" link add br0 up type bridge mcast_snooping 0
	else
		kind_link add "$sw" br0 bridge
	fi
	new_ports
	options
	tables
}

add_and_delete()
{
	both add_and_delete_scenario
	said "vlan add dev p1 vid 40 pvid : done"
	said "p1                10"
	said "                  40 PVID"
	said "vlan add dev br0 vid 10 : refused"
}

add_and_delete_scenario()
{
	local dev

	new_switch
	try add dev p1 vid 10
	try add dev p1 vid 10
	try add dev p1 vid 20 untagged
	try add dev p1 vid 30 pvid untagged
	try add dev p1 vid 40 pvid
	try add dev p1 vid 30 pvid
	try add dev p1 vid 30 untagged
	try add dev p1 vid 30
	try add dev p1 vid 5 master
	for dev in p2 f1 vx0; do
		try add dev "$dev" vid 10 pvid untagged
		try add dev "$dev" vid 4094
	done
	try add dev br0 vid 10
	try add dev f1 vid 10 self
	tables
	try del dev p1 vid 30
	try del dev p1 vid 30
	try del dev p1 vid 11
	try del dev p2 vid 10 pvid untagged
	try del dev f1 vid 10 untagged
	try del dev vx0 vid 4094
	try del dev p1 vid 40
	try add dev p1 vid 41
	try del dev br0 vid 10
	tables
}

bridge_itself()
{
	both bridge_itself_scenario
	said "vlan add dev br0 vid 10 pvid untagged self : done"
}

bridge_itself_scenario()
{
	new_switch
	try add dev br0 vid 10 pvid untagged self
	try add dev br0 vid 20 self
	try add dev br0 vid 20 pvid self
	try add dev br0 vid 10 self
	try add dev p1 vid 20
	try add dev p1 vid 30
	try del dev br0 vid 20 self
	try del dev br0 vid 20 self
	try del dev br0 vid 30 self
	try add dev br0 vid 30 untagged self
	try del dev p1 vid 20
	try del dev p1 vid 30
	try add dev br0 vid 100-200 self
	tables
	try del dev br0 vid 120-130 self
	try del dev br0 vid 1-4094 self
	tables
}

ranges()
{
	both ranges_scenario
	said "vlan add dev p1 vid 100-110 pvid : refused"
	said "vlan add dev p1 vid 120-110 : refused"
}

ranges_scenario()
{
	new_switch
	run vlan add dev p1 vid 100-110
	tables
	run vlan add dev p1 vid 105 untagged
	tables
	run vlan add dev p1 vid 105-107 untagged
	run vlan add dev p1 vid 109 pvid
	tables
	run vlan add dev p1 vid 90-120
	tables
	run vlan add dev p1 vid 100-110 pvid
	run vlan add dev p1 vid 120-110
	run vlan add dev p1 vid 7-7
	run vlan del dev p1 vid 103-105
	tables
	run vlan del dev p1 vid 80-101
	tables
	run vlan del dev p1 vid 200-300
	run vlan del dev p1 vid 1-4094
	tables
	run vlan add dev f1 vid 2-1000 untagged
	run vlan add dev vx0 vid 1000-2000
	run vlan add dev vx0 vid 3000
	run vlan add dev vx0 vid 3002-3003 untagged
	bridge -n "$sw" -c vlan show
	bridge -n "$sw" -c vlan show dev vx0
	bridge -n "$sw" -c vlan show vid 1000
	bridge -n "$sw" vlan show dev vx0 vid 3002
}

no_vlans()
{
	both no_vlans_scenario
	said "vlan add dev p1 vid 0 : refused"
	said "vlan add dev p1 vid 4095 : refused"
}

no_vlans_scenario()
{
	local vid

	new_switch
	for vid in 0 4095 4096 65535 0-10 4000-4095 10-0 4095-4096; do
		try add dev p1 vid "$vid"
		try del dev p1 vid "$vid"
		try add dev br0 vid "$vid" self
		try del dev br0 vid "$vid" self
	done
	try add dev p1 vid 10 tunnel_info id 10
}

many_vlans()
{
	both many_vlans_scenario
	check "all of them" grep -q "p2.*4094" "$WORK/in-tree"
}

many_vlans_scenario()
{
	local dev

	new_switch
	for dev in p1 f1 p2; do
		run vlan add dev "$dev" vid 1-4094
	done
	run vlan add dev br0 vid 1-4094 untagged self
	bridge -n "$sw" -c vlan show
	# what does not fit in a message is for both of them
	bridge -n "$sw" vlan show dev p1 2>&1 | md5sum
	run vlan del dev p1 vid 2-4094
	for dev in f1 p2; do
		ip -n "$sw" link set "$dev" nomaster
		join "$dev"
	done
	table
	ip -n "$sw" link del br0
}

default_pvid_of_new_ports()
{
	both default_pvid_of_new_ports_scenario
	said "f1                7 PVID Egress Untagged"
}

default_pvid_of_new_ports_scenario()
{
	new_bridge vlan_filtering 1 vlan_default_pvid 7
	table
	new_ports
	tables
	try del dev p1 vid 7
	ip -n "$sw" link set p1 nomaster
	join p1
	table
	try add dev p1 vid 8 pvid
	ip -n "$sw" link set p1 nomaster
	join p1
	table
}

default_pvid_changes()
{
	[[ $PLUGIN || $KIND == in-tree ]] || { skip "no plugin"; return; }
	both default_pvid_changes_scenario
	said "change vlan_default_pvid 4095 : refused"
	said "change vlan_default_pvid 20 : done"
}

default_pvid_changes_scenario()
{
	local pvid

	new_bridge vlan_filtering 0 vlan_default_pvid 1
	new_ports
	try add dev p1 vid 10 pvid untagged
	try add dev p2 vid 20
	try add dev f1 vid 1
	try add dev f1 vid 30
	for pvid in 20 20 10 4095 4094 0 0 1; do
		run change vlan_default_pvid "$pvid"
		options
		table
	done
	try add dev br0 vid 50 pvid untagged self
	run change vlan_default_pvid 2
	tables
	try del dev vx0 vid 2
	run change vlan_default_pvid 0
	tables
	run change vlan_default_pvid 50
	tables
	# of a bridge that filters
	run change vlan_filtering 1
	run change vlan_default_pvid 3
	run change vlan_default_pvid 50
	options
	tables
}

## options

options_of_the_bridge()
{
	[[ $PLUGIN || $KIND == in-tree ]] || { skip "no plugin"; return; }
	both options_of_the_bridge_scenario
	said "change vlan_stats_per_port 0 : refused"
}

options_of_the_bridge_scenario()
{
	local words

	new_bridge vlan_filtering 1 vlan_protocol 802.1ad vlan_default_pvid 9 \
		vlan_stats_enabled 1 vlan_stats_per_port 1
	options
	new_ports
	tables
	for words in "vlan_protocol 802.1Q" "vlan_protocol 802.1q" \
		"vlan_protocol 0x88a8" "vlan_protocol 0x9100" \
		"vlan_protocol 0x0800" "vlan_protocol 802.1ad" \
		"vlan_stats_enabled 0" "vlan_stats_enabled 2" \
		"vlan_stats_enabled 1" "vlan_stats_per_port 0" \
		"vlan_filtering 0" "vlan_filtering 1"; do
		# shellcheck disable=SC2086 # words
		run change $words
		options
	done
	tables
	run vlan del dev p1 vid 9
	ip -n "$sw" link set p2 nomaster
	ip -n "$sw" link set f1 nomaster
	ip -n "$sw" link set vx0 nomaster
	run change vlan_stats_per_port 0
	run change vlan_stats_per_port 1
	options
}

filtering_on_and_off()
{
	both filtering_on_and_off_scenario
}

filtering_on_and_off_scenario()
{
	local value

	new_bridge vlan_filtering 0 vlan_default_pvid 0
	new_ports
	run vlan add dev p1 vid 10 pvid untagged
	run vlan add dev f1 vid 10-20
	run vlan add dev br0 vid 10 self
	for value in 1 1 0 0 1; do
		run change vlan_filtering "$value"
		tables
		entries
	done
}

all_options_or_none()
{
	local before

	[[ $KIND == vnetbr ]] || { skip "in-tree takes some of them"; return; }
	[[ $PLUGIN ]] || { skip "no plugin"; return; }
	new_bridge vlan_filtering 0 vlan_default_pvid 1
	new_ports
	before=$(options; table)
	check_refused "a bad VLAN after a good option" "out of range" change \
		vlan_filtering 1 vlan_stats_enabled 1 vlan_default_pvid 4095
	check_refused "a bad protocol" vlan_protocol change \
		vlan_default_pvid 5 vlan_protocol 0x9100
	check_refused "ports are in VLANs" vlan_stats_per_port change \
		vlan_default_pvid 5 vlan_stats_per_port 1
	check_eq "as before" "$(options; table)" "$before"
	check_fail "a range with a VLAN that is none" \
		vlan add dev p1 vid 4090-4095
	check_eq "as before" "$(options; table)" "$before"
}

a_port_that_leaves()
{
	both a_port_that_leaves_scenario
}

a_port_that_leaves_scenario()
{
	local dev

	new_switch
	for dev in p1 f1 vx0; do
		run vlan add dev "$dev" vid 10-30
		ip -n "$sw" link set "$dev" nomaster
		table
		run vlan add dev "$dev" vid 10
		join "$dev"
		table
	done
	run vlan add dev p1 vid 10-30
	run vlan add dev p2 vid 20
	ip -n "$sw" link del p1
	table
	ip -n "$sw" link del br0
	table
}

# Ours has a text for each of them.
reasons()
{
	local base

	[[ $KIND == vnetbr ]] || { skip "texts of ours"; return; }
	new_switch
	base="vlan add dev p1 vid"
	# shellcheck disable=SC2086 # words
	{
		check_refused "4095" "vlan" $base 4095
		check_refused "0" "vlan" $base 0
		check_refused "a range with pvid" "pvid" $base 10-20 pvid
	}
	check "no such VLAN, as in-tree" vlan del dev p1 vid 77
}

## frames

frames_follow_at_once()
{
	setup_switch 3 vlan_filtering 0 vlan_default_pvid 0
	vlan add dev p1 vid 10 pvid untagged
	vlan add dev p2 vid 10
	vlan add dev p2 vid 20
	check_reach "no filtering" h1 "br h2 h3" src="$M1" vlan=77
	change vlan_filtering 1
	check_reach "no such VLAN" h1 "" src="$M1" vlan=77
	check_reach "untagged is VLAN 10" h1 h2 src="$M1" len=60
	check_reach "tagged 10" h2 h1 src="$M2" vlan=10
	check_reach "not from p3" h3 "" vlan=10
	vlan add dev br0 vid 10 self
	check_reach "to the host too" h1 "br h2" src="$M1"
	vlan del dev p2 vid 10
	check_reach "not to p2" h1 br src="$M1"
	vlan del dev p1 vid 10
	check_reach "no PVID" h1 "" src="$M1"
	change vlan_filtering 0
	check_reach "no filtering again" h1 "br h2 h3" src="$M1"
	frames reset
}

need_vlans
frames_start
tests_run "$@"
