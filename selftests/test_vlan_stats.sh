#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# What is counted of the frames of each VLAN, by a bridge and by each of its
# ports, as `bridge -s vlan show` shows it: known numbers of frames come in and
# go out. The kernel's bridge counts the same; see lib_vlan.sh.
#
#	br0 (10, 20 PVID untagged) --- p1 (10 PVID untagged, 20) ------- h1
#	                           \-- p2 (10, 20, 30) ----------------- h2
#	                            \- p3 (20 PVID untagged, 30) ------- h3

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_vlan.sh
. "$LIB_DIR/lib_vlan.sh"

ALL_TESTS="
	each_port_counts_its_vlans
	all_ports_that_are_watched_count
	a_bridge_counts_its_vlans
	nothing_is_counted_by_default
	who_leaves_a_vlan_forgets
	the_last_one_of_a_vlan_forgets
	a_dump_of_all_vlans
	the_answer_for_one_device
"

M2=02:00:00:00:00:02
M3=02:00:00:00:00:03
need jq

# new_counters [WORD...] - the picture, with words for the bridge
new_counters()
{
	setup_switch 3 vlan_filtering 1 vlan_default_pvid 0 "$@"
	vlan add dev p1 vid 10 pvid untagged
	vlan add dev p1 vid 20
	vlan add dev p2 vid 10
	vlan add dev p2 vid 20
	vlan add dev p2 vid 30
	vlan add dev p3 vid 20 pvid untagged
	vlan add dev p3 vid 30
	vlan add dev br0 vid 10 self
	vlan add dev br0 vid 20 pvid untagged self
}

# send_frames - into all VLANs, each with a number and a length of its own; what
# counts is a frame without its Ethernet header and the tag of its VLAN
send_frames()
{
	frames send h1 count=5 len=100			# VLAN 10: 86 bytes
	frames send h2 count=3 vlan=20 len=118 src="$M2"	# 100
	frames send h3 count=2 len=214 src="$M3"	# VLAN 20: 200
	frames send h3 count=1 vlan=30 len=78 src="$M3"	# 60
	frames send br count=4 len=64			# VLAN 20: 50
	frames send br count=7 vlan=10 len=88		# 70
	frames send h1 count=9 vlan=20 len=98 dst="$M3"	# 80, to p3 only
	frames send h1 count=6 vlan=30			# p1 is not in it
}

# count_lines - PORT VLAN rx FRAMES BYTES tx FRAMES BYTES, from JSON
count_lines()
{
	jq -r '.[] | .ifname as $dev | .vlans[] |
		"\($dev) \(.vid) rx \(.rx_packets) \(.rx_bytes) " +
		"tx \(.tx_packets) \(.tx_bytes)"' | sort -k 1,1 -k 2,2n
}

# counts - what was counted
counts()
{
	bridge -n "$sw" -j -s vlan show | count_lines
}

# said_all - the kernel's bridge has said just the lines that come in
said_all()
{
	check_eq "what is known" "$(<"$WORK/in-tree")" "$(cat)"
}

each_port_counts_its_vlans()
{
	both each_port_counts_its_vlans_scenario
	said_all <<-END
	br0 10 rx 7 490 tx 5 430
	br0 20 rx 4 200 tx 5 700
	p1 10 rx 5 430 tx 7 490
	p1 20 rx 9 720 tx 9 900
	p2 10 rx 0 0 tx 12 920
	p2 20 rx 3 300 tx 6 600
	p2 30 rx 0 0 tx 1 60
	p3 20 rx 2 400 tx 16 1220
	p3 30 rx 1 60 tx 0 0
	END
}

each_port_counts_its_vlans_scenario()
{
	new_counters vlan_stats_enabled 1 vlan_stats_per_port 1
	send_frames
	counts
}

# No frame takes a short cut.
all_ports_that_are_watched_count()
{
	WATCH=1 each_port_counts_its_vlans
}

a_bridge_counts_its_vlans()
{
	both a_bridge_counts_its_vlans_scenario
	said_all <<-END
	br0 10 rx 12 920 tx 24 1840
	br0 20 rx 18 1620 tx 36 3420
	p1 10 rx 12 920 tx 24 1840
	p1 20 rx 18 1620 tx 36 3420
	p2 10 rx 12 920 tx 24 1840
	p2 20 rx 18 1620 tx 36 3420
	p2 30 rx 1 60 tx 1 60
	p3 20 rx 18 1620 tx 36 3420
	p3 30 rx 1 60 tx 1 60
	END
}

a_bridge_counts_its_vlans_scenario()
{
	new_counters vlan_stats_enabled 1
	send_frames
	counts
}

nothing_is_counted_by_default()
{
	both nothing_is_counted_by_default_scenario
	said "p1 20 rx 0 0 tx 0 0"
	said "p1 20 rx 9 720 tx 9 900"
}

# Ports that were in VLANs before count when it is turned on.
nothing_is_counted_by_default_scenario()
{
	new_counters vlan_stats_per_port 1
	send_frames
	counts
	change vlan_stats_enabled 1
	send_frames
	counts
}

who_leaves_a_vlan_forgets()
{
	both who_leaves_a_vlan_forgets_scenario
	said "p2 20 rx 0 0 tx 0 0"
	said "p2 20 rx 1 46 tx 2 92"
}

who_leaves_a_vlan_forgets_scenario()
{
	new_counters vlan_stats_enabled 1 vlan_stats_per_port 1
	send_frames
	vlan del dev p2 vid 20
	frames send h3 count=2 src="$M3"
	counts
	vlan add dev p2 vid 20
	counts
	frames send h3 count=2 src="$M3"
	frames send h2 vlan=20 len=64 src="$M2"
	counts
}

the_last_one_of_a_vlan_forgets()
{
	both the_last_one_of_a_vlan_forgets_scenario
	said "p2 30 rx 1 60 tx 1 60"
	said "p2 30 rx 0 0 tx 0 0"
}

the_last_one_of_a_vlan_forgets_scenario()
{
	new_counters vlan_stats_enabled 1
	send_frames
	vlan del dev p3 vid 30
	counts
	vlan add dev p3 vid 30
	vlan del dev p2 vid 30
	vlan add dev p2 vid 30
	counts
	vlan del dev p2 vid 30
	vlan del dev p3 vid 30
	vlan add dev p2 vid 30
	counts
}

# A message has room for some hundreds of VLANs.
a_dump_of_all_vlans()
{
	both a_dump_of_all_vlans_scenario
	check_eq "each VLAN of p1, br0, p2 and p3" \
		"$(cut -d ' ' -f 1,2 "$WORK/in-tree")" \
		"$(printf 'br0 %d\n' {1..4094}; printf 'p1 %d\n' {1..4094}
		printf 'p2 %d\n' {1000..3000}; echo p3 4094)"
	check_eq "VLANs that p1 heard of" \
		"$(grep -E "^p1 .* rx [^0]" "$WORK/in-tree")" \
		"$(for ((vid = 1; vid < 4095; vid += 61)); do
			echo "p1 $vid rx $((1 + vid % 3))" \
				"$(((1 + vid % 3) * (50 + vid / 8))) tx 0 0"
		done)"
}

a_dump_of_all_vlans_scenario()
{
	local vid

	setup_switch 3 vlan_filtering 1 vlan_default_pvid 0 \
		vlan_stats_enabled 1 vlan_stats_per_port 1
	vlan add dev p1 vid 1-4094
	vlan add dev p2 vid 1000-3000
	vlan add dev p3 vid 4094
	vlan add dev br0 vid 1-4094 self
	for ((vid = 1; vid < 4095; vid += 61)); do
		frames send h1 count=$((1 + vid % 3)) vlan="$vid" \
			len=$((18 + 50 + vid / 8))
	done
	counts
}

the_answer_for_one_device()
{
	ip stats help 2>&1 | grep -q "bridge.*vlan" ||
		{ skip "ip does not show VLANs"; return; }
	both the_answer_for_one_device_scenario
	said_all <<-END
	br0 10 rx 7 490 tx 5 430
	br0 20 rx 4 200 tx 5 700
	br0 30 rx 0 0 tx 1 60
	p3 20 rx 2 400 tx 16 1220
	p3 30 rx 1 60 tx 0 0
	END
}

# Ours shows no VLAN that the bridge itself is not in, as "bridge" shows none.
the_answer_for_one_device_scenario()
{
	new_counters vlan_stats_enabled 1 vlan_stats_per_port 1
	vlan add dev br0 vid 30 self
	send_frames
	ip -n "$sw" -j stats show dev br0 group xstats subgroup bridge \
		suite vlan | count_lines
	ip -n "$sw" -j stats show dev p3 group xstats_slave subgroup bridge \
		suite vlan | count_lines
}

need_vlans
frames_start
tests_run "$@"
