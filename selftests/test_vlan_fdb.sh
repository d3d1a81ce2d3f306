#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# Forwarding entries and counters in VLANs, compared with the kernel's bridge;
# see lib_vlan.sh.
#
# Differences that are meant: entries are written "dev br0 via PORT self", and an
# entry for all VLANs is one entry.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_vlan.sh
. "$LIB_DIR/lib_vlan.sh"

ALL_TESTS="
	entries_in_vlans
	entries_of_all_vlans
	addresses_of_ports
	flush_a_vlan
	learning_in_vlans
	statistics
	statistics_of_ports
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02

## forwarding entries

# found ADDRESS [WORD...] - is there an entry?
found()
{
	bridge -n "$sw" fdb get "$1" br br0 "${@:2}"
}

# entry add|replace|del PORT ADDRESS [WORD...]
entry()
{
	fdb "$sw" "$1" br0 "${@:2}"
}

entries_in_vlans()
{
	both entries_in_vlans_scenario
	said "entry add p1 $M1 static vlan 20 : refused"
	said "entry add p1 $M1 static vlan 10 : done"
}

entries_in_vlans_scenario()
{
	new_switch
	run vlan add dev p1 vid 10
	run vlan add dev f1 vid 10-20 untagged
	run vlan add dev vx0 vid 20
	run entry add p1 "$M1" static vlan 10
	run entry add p1 "$M1" static vlan 10
	run entry add p1 "$M1" static vlan 20
	run entry add f1 "$M1" static vlan 20
	run entry replace f1 "$M1" static vlan 10
	run entry add vx0 "$M2" dynamic vlan 20
	run entry add p2 "$M2" static vlan 10
	run entry add p1 "$M1" static vlan 0
	run entry add p1 "$M1" static vlan 4095
	run entry add br0 "$M2" local vlan 10
	run vlan add dev br0 vid 10 self
	run entry add br0 "$M2" local vlan 10
	entries
	run found "$M1" vlan 10
	run found "$M1" vlan 20
	run found "$M1"
	run entry del f1 "$M1" vlan 10
	run entry del p1 "$M1" vlan 10
	run entry del f1 "$M1" vlan 11
	entries
	run vlan del dev f1 vid 20
	entries
	run vlan del dev vx0 vid 20
	run vlan del dev br0 vid 10 self
	entries
}

entries_of_all_vlans()
{
	both entries_of_all_vlans_scenario
}

entries_of_all_vlans_scenario()
{
	new_switch
	run vlan add dev p1 vid 10-12
	run vlan add dev br0 vid 11-12 self
	run entry add p1 "$M1" static
	entries
	run entry add br0 "$M2" local
	entries
	run entry add p2 "$M2" static
	entries
	run entry del p1 "$M1"
	run entry del br0 "$M2"
	entries
	run entry del p1 "$M1"
}

addresses_of_ports()
{
	both addresses_of_ports_scenario
	said "02:00:00:00:01:01 dev p1 permanent"
}

addresses_of_ports_scenario()
{
	new_switch
	entries
	run vlan add dev p1 vid 10-12
	run vlan add dev f1 vid 10
	run vlan add dev vx0 vid 10
	entries
	run vlan add dev br0 vid 10 self
	entries
	ip -n "$sw" link set p1 address 02:00:00:00:01:99
	ip -n "$sw" link set br0 address 02:00:00:00:00:99
	ip -n "$sw" link set f1 address 02:00:00:00:00:99
	entries
	run vlan del dev p1 vid 11
	run vlan del dev br0 vid 10 self
	entries
	run change vlan_filtering 0
	entries
	ip -n "$sw" link set p1 nomaster
	entries
}

flush_a_vlan()
{
	bridge fdb help 2>&1 | grep -q flush || { skip "no fdb flush"; return; }
	both flush_a_vlan_scenario
}

# flush WORD... - all of br0 that have them
flush()
{
	bridge -n "$sw" fdb flush dev br0 "$@"
}

flush_a_vlan_scenario()
{
	local dev mac vid

	new_switch
	run vlan add dev br0 vid 10 self
	for dev in p1 f1; do
		mac=$([[ $dev == p1 ]] && echo 01 || echo 03)
		run vlan add dev "$dev" vid 10-12
		for vid in 10 11 12; do
			run entry add "$dev" "02:00:00:0a:$mac:$vid" \
				static vlan "$vid"
			run entry add "$dev" "02:00:00:0b:$mac:$vid" \
				dynamic vlan "$vid"
		done
	done
	entries
	run flush vlan 11
	entries
	run flush vlan 10 brport p1 nopermanent
	entries
	run flush vlan 4095
	run flush vlan 0 nopermanent
	run flush vlan 99
	entries
}

learning_in_vlans()
{
	both learning_in_vlans_scenario
	said "$M1 dev p2 vlan 20"
}

learning_in_vlans_scenario()
{
	setup_switch 3 vlan_filtering 1 vlan_default_pvid 0
	run vlan add dev p1 vid 10-20
	run vlan add dev p2 vid 10-20
	run vlan add dev p3 vid 20 pvid untagged
	frames send h1 src="$M1" vlan=10
	frames send h2 src="$M1" vlan=20
	frames send h1 src="$M2" vlan=30
	frames send h3 src="$M2"
	frames send h2 src="$M2"
	fdb_show "$sw" br0 | grep "^02:00:00:00:00:0" | sed 's/ used .*//'
	echo "to M1 in 10: $(frames reach h2 dst="$M1" vlan=10)"
	echo "to M1 in 20: $(frames reach h1 dst="$M1" vlan=20)"
	echo "to M2 in 10: $(frames reach h1 dst="$M2" vlan=10)"
	echo "to M2 in 20: $(frames reach h1 dst="$M2" vlan=20)"
	run vlan del dev p2 vid 20
	fdb_show "$sw" br0 | grep "^02:00:00:00:00:0" || echo "nothing"
	frames reset
}

## counters

# counted - `bridge -s vlan show`
counted()
{
	bridge -n "$sw" -s vlan show 2>&1 | sed 's/[[:space:]]*$//'
	bridge -n "$sw" -s -j vlan show 2>&1
	echo
}

# traffic - some of it, with and without tags
traffic()
{
	local h

	run vlan add dev p1 vid 10 pvid untagged
	run vlan add dev p1 vid 20
	run vlan add dev p2 vid 10
	run vlan add dev p2 vid 20 pvid untagged
	run vlan add dev br0 vid 10 self
	run vlan add dev br0 vid 30 pvid self
	run vlan add dev p3 vid 30
	for h in h1 h2 h3; do
		frames send "$h" src=02:00:00:00:02:0"${h#h}" count=3
		frames send "$h" src=02:00:00:00:02:0"${h#h}" vlan=10 len=100
		frames send "$h" src=02:00:00:00:02:0"${h#h}" vlan=20 count=2
		frames send "$h" src=02:00:00:00:02:0"${h#h}" vlan=77
	done
	frames send br count=2
	frames send br vlan=10 len=200
	frames send h2 src="$M2" dst=02:00:00:00:02:01 vlan=10 len=1518
}

statistics()
{
	both statistics_scenario
}

statistics_scenario()
{
	setup_switch 3 vlan_filtering 1 vlan_default_pvid 0 vlan_stats_enabled 1
	traffic
	counted
	run vlan del dev p1 vid 10
	run vlan add dev p1 vid 10
	counted
	frames reset
}

statistics_of_ports()
{
	both statistics_of_ports_scenario
}

statistics_of_ports_scenario()
{
	setup_switch 3 vlan_filtering 1 vlan_default_pvid 0 \
		vlan_stats_enabled 1 vlan_stats_per_port 1
	traffic
	counted
	run change vlan_stats_enabled 0
	frames send h1
	counted
	frames reset
}

need_vlans
frames_start
tests_run "$@"
