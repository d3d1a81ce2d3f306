#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The forwarding table of a bridge: what it learns, what it forgets, what it is
# told, and where frames go by it.
#
#	 sw                              h1
#	+-----------------------+       +------+
#	| br0 --- p1 ---------- | ----- | eth0 |	frames to and from M1
#	|     \-- p2 ---------- | ----- |  h2  |	... M2
#	|      \- p3 ---------- | ----- |  h3  |	... M3
#	+-----------------------+       +------+

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	what_has_no_entry_is_flooded
	a_learned_address_is_reached_on_its_port_only
	an_address_moves_to_where_it_was_seen_last
	the_same_while_the_ports_are_watched
	an_address_that_is_not_seen_ages
	an_address_that_is_seen_does_not_age
	entries_of_a_port_go_with_it
	a_port_without_link_forgets_what_it_learned
	frames_to_the_bridge_reach_the_host
	frames_to_a_port_reach_the_host
	an_invalid_source_is_dropped
	a_static_entry_never_moves
	a_sticky_entry_never_moves
	a_permanent_entry_is_for_the_host
	an_external_entry_moves_and_does_not_age
	an_entry_made_by_use_ages
	no_limit_counts_for_use
	use_is_for_all_vlans
	add_replace_append_and_delete
	refusals
	get_one_entry
	flush_by_filter
	flush_of_bridge_and_port
	monitor_tells_of_every_change
	the_monitor_is_tapped_by_the_bridge
	limit_of_the_bridge
	limit_of_a_port
	limit_of_a_vlan
	a_limit_of_its_own
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02
M3=02:00:00:00:00:03
OTHER=02:00:00:00:00:98
NEW=02:00:00:00:00:99		# never a source
GROUP=01:00:5e:00:01:02
BROADCAST=ff:ff:ff:ff:ff:ff

# learn MAC... - have them seen: M1 on p1, M2 on p2, M3 on p3
learn()
{
	local mac

	for mac; do
		frames send "h${mac##*0}" dst="$BROADCAST" src="$mac"
	done
}

# entries - number of entries in the table that are not permanent
entries()
{
	fdb_show "$sw" br0 | grep -cv permanent || :
}

# counted NAME [BY] - check that counter NAME of br0 has grown by BY (1) since
# the last time, or since it was 0
declare -A COUNTED=()
counted()
{
	[[ $KIND == vnetbr ]] || return 0
	COUNTED[$1]=$((${COUNTED[$1]:-0} + ${2:-1}))
	check_eq "counter $1" "$(ethtool_stats_get "$sw" br0 "$1")" \
		"${COUNTED[$1]}"
}

# new_switch [WORD...] - the topology above
new_switch()
{
	COUNTED=()
	setup_switch 3 "$@"
}

what_has_no_entry_is_flooded()
{
	new_switch
	check_reach "unknown address" h1 "h2 h3" dst="$NEW" src="$M1"
	counted flooded 2
	check_reach "broadcast" h1 "br h2 h3" dst="$BROADCAST" src="$M1"
	counted flooded 2
	check_reach "group" h1 "br h2 h3" dst="$GROUP" src="$M1"
	counted flooded 2
	check_reach "unknown, from the host" br "h1 h2 h3" dst="$NEW"
	check_reach "broadcast, from the host" br "h1 h2 h3" dst="$BROADCAST"
	check_reach "group, from the host" br "h1 h2 h3" dst="$GROUP"
	counted flooded 9
}

a_learned_address_is_reached_on_its_port_only()
{
	new_switch
	learn "$M1"
	counted learned
	check "M1 is on p1" fdb_has "$sw" br0 "$M1" p1
	check_reach "to M1" h2 "h1" dst="$M1" src="$M2"
	counted learned
	check "M2 is on p2" fdb_has "$sw" br0 "$M2" p2
	check_reach "to M2" h1 "h2" dst="$M2" src="$M1" count=20 len=1514
	check_reach "to M2, from the host" br "h2" dst="$M2"
	counted learned 0
	counted flooded 2	# by learn
	check_reach "to M1, on its own port" h1 "" dst="$M1" src="$M1"
	counted drop_same_port
	check_fail "not learned as a destination" fdb_has "$sw" br0 "$NEW" ""
}

an_address_moves_to_where_it_was_seen_last()
{
	new_switch
	learn "$M1" "$M2" "$M3"
	counted moved 0
	check_reach "M1 from another port" h2 "h3" dst="$M3" src="$M1"
	check "M1 is on p2" fdb_has "$sw" br0 "$M1" p2
	counted moved
	counted learned 3
	check_reach "to M1" h3 "h2" dst="$M1" src="$M3"
	check_reach "M1 again on p1, to itself" h1 "" dst="$M1" src="$M1"
	check "M1 is on p1" fdb_has "$sw" br0 "$M1" p1
	counted moved
}

the_same_while_the_ports_are_watched()
{
	local WATCH=1

	subtest what_has_no_entry_is_flooded
	subtest a_learned_address_is_reached_on_its_port_only
	subtest an_address_moves_to_where_it_was_seen_last
}

an_address_that_is_not_seen_ages()
{
	new_switch ageing_time 30
	fdb "$sw" add br0 p2 "$M2" static
	learn "$M1"
	check_wait "M1 goes" gone "$M1"
	check_reach "to M1" h2 "h1 h3" dst="$M1" src="$M2"
	check "the static entry stays" fdb_has "$sw" br0 "$M2" p2 static
}

# gone MAC - no entry has it
gone()
{
	! fdb_show "$sw" br0 | grep -q "^$1 "
}

an_address_that_is_seen_does_not_age()
{
	local tries seen slow lost

	# in the time that M2 takes to go, M1 is never longer than 1 s unseen,
	# unless the machine stands still: then once more
	for ((tries = 0; tries < 5; tries++)); do
		slow='' lost=''
		new_switch ageing_time 200
		learn "$M1" "$M2"
		seen=$SECONDS
		while ! gone "$M2"; do
			fdb_has "$sw" br0 "$M1" p1 || lost=yes
			((SECONDS - seen <= 1)) || slow=yes
			seen=$SECONDS
			learn "$M1"
		done
		fdb_has "$sw" br0 "$M1" p1 || lost=yes
		((SECONDS - seen <= 1)) || slow=yes
		[[ $slow ]] || break
	done
	check_eq "M1 was away" "$lost" ""
}

entries_of_a_port_go_with_it()
{
	new_switch
	learn "$M1" "$M2"
	fdb "$sw" add br0 p1 "$M3" static
	ip -n "$sw" link set p1 nomaster
	check_fail "entries of p1" grep "dev p1" <(fdb_show "$sw" br0)
	check "M2 is on p2" fdb_has "$sw" br0 "$M2" p2
	check_reach "to M1" h2 "h3" dst="$M1" src="$M2"
}

a_port_without_link_forgets_what_it_learned()
{
	new_switch
	learn "$M1" "$M2"
	fdb "$sw" add br0 p1 "$M3" static
	ip -n "$sw" link set p1 down
	check "M1 is gone" gone "$M1"
	check "the static entry stays" fdb_has "$sw" br0 "$M3" p1 static
	check "M2 stays" fdb_has "$sw" br0 "$M2" p2
}

frames_to_the_bridge_reach_the_host()
{
	new_switch
	ip -n "$sw" link set br0 address "$OTHER"
	check "an entry" fdb_has "$sw" br0 "$OTHER" br0 permanent
	check_reach "to br0" h1 "br" dst="$OTHER" src="$M1"
	ip -n "$sw" link set br0 address "$NEW"
	check "the new address" fdb_has "$sw" br0 "$NEW" br0 permanent
	check_reach "to its new address" h1 "br" dst="$NEW" src="$M1"
	check "the old address" gone "$OTHER"
	check_reach "to its old address" h1 "h2 h3" dst="$OTHER" src="$M1"
}

frames_to_a_port_reach_the_host()
{
	local mac

	new_switch
	mac=$(link_get "$sw" p1 address)
	check "an entry" fdb_has "$sw" br0 "$mac" p1 permanent
	check_reach "to p1, on p1" h1 "br" dst="$mac" src="$M1"
	check_reach "to p1, on p2" h2 "br" dst="$mac" src="$M2"
	ip -n "$sw" link set p1 address "$NEW"
	check "the new address" fdb_has "$sw" br0 "$NEW" p1 permanent
	check "the old address" gone "$mac"
	check_reach "to its new address" h2 "br" dst="$NEW" src="$M2"
	frames send h2 src="$NEW"
	check "a host cannot take it" fdb_has "$sw" br0 "$NEW" p1 permanent
	counted own_address
}

an_invalid_source_is_dropped()
{
	new_switch
	check_reach "from a group" h1 "" dst="$BROADCAST" src="$GROUP"
	check_reach "from zero" h1 "" dst="$BROADCAST" src=00:00:00:00:00:00
	counted drop_invalid_source 2
	check_eq "entries" "$(entries)" 0
}

# In-tree, an entry that is only static follows the address to another port.
a_static_entry_never_moves()
{
	local port=1

	new_switch
	fdb "$sw" add br0 p1 "$M1" static
	check "M1 is on p1" fdb_has "$sw" br0 "$M1" p1 static
	[[ $KIND == vnetbr ]] || port=2
	check_reach "M1 from another port" h2 "h1 h3" dst="$NEW" src="$M1"
	check "M1 stays" fdb_has "$sw" br0 "$M1" "p$port" static
	check_reach "to M1" h3 "h$port" dst="$M1" src="$M3"
	counted moved 0
}

a_sticky_entry_never_moves()
{
	new_switch
	fdb "$sw" add br0 p1 "$M1" static sticky
	fdb "$sw" add br0 p1 "$M3" dynamic sticky
	check "M1" fdb_has "$sw" br0 "$M1" p1 sticky static
	check "M3" fdb_has "$sw" br0 "$M3" p1 sticky
	frames send h2 src="$M1"
	frames send h2 src="$M3"
	check "M1 stays" fdb_has "$sw" br0 "$M1" p1 sticky
	check "M3 stays" fdb_has "$sw" br0 "$M3" p1 sticky
	check_reach "to M3" h2 "h1" dst="$M3" src="$M2"
	check_fail "sticky and permanent" \
		fdb "$sw" add br0 p1 "$NEW" local sticky
}

a_permanent_entry_is_for_the_host()
{
	new_switch
	fdb "$sw" add br0 p1 "$M1" local
	fdb "$sw" add br0 br0 "$M2" local
	check "M1" fdb_has "$sw" br0 "$M1" p1 permanent
	check "M2" fdb_has "$sw" br0 "$M2" br0 permanent
	check_reach "to M1" h3 "br" dst="$M1" src="$M3"
	check_reach "to M2" h3 "br" dst="$M2" src="$M3"
	check_reach "M1 from a port" h2 "h3" dst="$M3" src="$M1"
	check "M1 stays" fdb_has "$sw" br0 "$M1" p1 permanent
	fdb "$sw" add br0 p1 "$NEW"
	check "permanent is the default" fdb_has "$sw" br0 "$NEW" p1 permanent
}

an_external_entry_moves_and_does_not_age()
{
	new_switch
	fdb "$sw" add br0 p1 "$M1" dynamic extern_learn
	fdb "$sw" add br0 p1 "$M2" dynamic extern_learn
	check "M1" fdb_has "$sw" br0 "$M1" p1 extern_learn
	check_reach "to M1" h3 "h1" dst="$M1" src="$M3"
	learn "$M2"
	check "M2 is on p2" fdb_has "$sw" br0 "$M2" p2
	kind_bridge_set "$sw" br0 ageing_time 100
	check_wait "M3 ages" gone "$M3"
	check_wait "M2 is learned now and ages" gone "$M2"
	check "M1 does not" fdb_has "$sw" br0 "$M1" p1 extern_learn
}

an_entry_made_by_use_ages()
{
	new_switch
	fdb "$sw" add br0 p1 "$M1" use dynamic
	check "M1" fdb_has "$sw" br0 "$M1" p1
	kind_bridge_set "$sw" br0 ageing_time 100
	check_wait "M1 ages" gone "$M1"
}

# have_limit - does this kind know fdb_max_learned? Skips the test if not.
have_limit()
{
	[[ $KIND == in-tree ]] || return 0
	setup_ns sw
	ip -n "$sw" link add br0 type bridge fdb_max_learned 4 2>/dev/null ||
		{ skip "kernel or ip too old"; return 1; }
}

no_limit_counts_for_use()
{
	have_limit || return 0
	new_switch fdb_max_learned 1
	learn "$M2"
	fdb "$sw" add br0 p1 "$M1" use dynamic
	check "M1 is entered" fdb_has "$sw" br0 "$M1" p1
	learn "$M3"
	check_fail "there is no room for M3" fdb_has "$sw" br0 "$M3" p3
	fdb "$sw" add br0 p2 "$M2" use dynamic
	learn "$M3"
	check "M2 counts no more" fdb_has "$sw" br0 "$M3" p3
	fdb "$sw" add br0 p2 "$M3" use dynamic
	check "M3 moves" fdb_has "$sw" br0 "$M3" p2
	fdb "$sw" replace br0 p1 "$M1" sticky dynamic
	fdb "$sw" add br0 p3 "$M1" use dynamic
	check "M1 does not" fdb_has "$sw" br0 "$M1" p1 sticky
	frames send h3 src="$OTHER"
	check "nor does it count" fdb_has "$sw" br0 "$OTHER" p3
}

use_is_for_all_vlans()
{
	new_switch vlan_filtering 1 vlan_default_pvid 1
	learn "$M1"
	fdb "$sw" add br0 p2 "$M1" use dynamic
	check_reach "M1 is behind p2 now" h3 "h2" dst="$M1" src="$M3"
	learn "$M1"
	check_reach "it comes back" h3 "h1" dst="$M1" src="$M3"
	fdb "$sw" add br0 p2 "$M1" use dynamic vlan 1
	check_reach "in its VLAN" h3 "h2" dst="$M1" src="$M3"
}

add_replace_append_and_delete()
{
	new_switch
	fdb "$sw" add br0 p1 "$M1" static
	check_fail "add again" fdb "$sw" add br0 p1 "$M1" static
	check_fail "add elsewhere" fdb "$sw" add br0 p2 "$M1" static
	check "M1 stays" fdb_has "$sw" br0 "$M1" p1 static
	fdb "$sw" replace br0 p2 "$M1" dynamic
	check "replaced" fdb_has "$sw" br0 "$M1" p2
	check_fail "no more static" fdb_has "$sw" br0 "$M1" p2 static
	fdb "$sw" append br0 p3 "$M1" static
	check "appended" fdb_has "$sw" br0 "$M1" p3 static
	check_eq "one entry" "$(entries)" 1
	fdb "$sw" replace br0 p3 "$M2" static
	check "a new one" fdb_has "$sw" br0 "$M2" p3 static
	check_fail "delete elsewhere" fdb "$sw" del br0 p2 "$M1"
	fdb "$sw" del br0 p3 "$M1"
	check "deleted" gone "$M1"
	check_fail "delete again" fdb "$sw" del br0 p3 "$M1"
	check_eq "one entry" "$(entries)" 1
}

refusals()
{
	[[ $KIND == vnetbr ]] || { skip "words of vnetbr"; return; }
	new_switch
	ip -n "$sw" link add other type dummy
	fdb "$sw" add br0 p1 "$M1" static
	check_refused "exists" "FDB entry exists" \
		fdb "$sw" add br0 p1 "$M1" static
	check_refused "not there" "FDB entry not found" \
		fdb "$sw" del br0 p1 "$M2"
	check_refused "not a port" "via: not a port of this bridge" \
		fdb "$sw" add br0 other "$M2" static
	check_refused "a group" "address: zero or a group address" \
		fdb "$sw" add br0 p1 "$GROUP" static
	check_refused "zero" "address: zero or a group address" \
		fdb "$sw" add br0 p1 00:00:00:00:00:00 static
	check_refused "a VLAN that it is not in" "vlan: " \
		fdb "$sw" add br0 p1 "$M2" static vlan 5
	check_refused "a tunnel's word" "dst: " \
		fdb "$sw" add br0 p1 "$M2" static dst 192.0.2.1
	check_refused "sticky" "sticky: " \
		fdb "$sw" add br0 p1 "$M2" local sticky
	ip -n "$sw" link set p2 down
	check_refused "a port without link" "dynamic: the port is not in state" \
		fdb "$sw" add br0 p2 "$M2" dynamic
	check_eq "one entry" "$(entries)" 1
}

get_one_entry()
{
	new_switch
	learn "$M1"
	fdb "$sw" add br0 p2 "$M2" static
	check_eq "M1" "$(bridge -n "$sw" fdb get "$M1" br br0 | xargs)" \
		"$M1 dev p1 master br0"
	check_eq "M2" "$(bridge -n "$sw" fdb get "$M2" br br0 | xargs)" \
		"$M2 dev p2 master br0 static"
	check_fail "one that is not there" \
		bridge -n "$sw" fdb get "$NEW" br br0
}

# flush WORD... - on a table with all sorts of entries; prints what remains
flush()
{
	bridge -n "$sw" fdb flush dev br0 "$@" self || return
	fdb_show "$sw" br0 |
		sed -n 's/^02:00:00:00:00:\([12].\) dev.*/\1/p' | xargs
}

# fill - a table with all sorts of entries; 1x on p1, 2x on p2
fill()
{
	bridge -n "$sw" fdb flush dev br0 self
	frames send h1 src=02:00:00:00:00:10
	frames send h2 src=02:00:00:00:00:20
	fdb "$sw" add br0 p1 02:00:00:00:00:11 dynamic
	fdb "$sw" add br0 p1 02:00:00:00:00:12 static
	fdb "$sw" add br0 p2 02:00:00:00:00:22 static
	fdb "$sw" add br0 p1 02:00:00:00:00:13 local
	fdb "$sw" add br0 p1 02:00:00:00:00:14 static sticky
	fdb "$sw" add br0 p1 02:00:00:00:00:15 dynamic extern_learn
}

flush_by_filter()
{
	new_switch
	fill
	check_eq "everything" "$(flush)" ""
	if [[ $KIND == vnetbr ]]; then
		check_reach "but not what is the kernel's" h1 "br" \
			dst="$(link_get "$sw" br0 address)" src="$M1"
	fi
	fill
	check_eq "what is static" "$(flush static)" "10 11 13 15 20"
	check_eq "what is permanent" "$(flush permanent)" "10 11 15 20"
	fill
	check_eq "what is not static" "$(flush nostatic)" "12 13 14 22"
	fill
	check_eq "what is on p1" "$(flush brport p1)" "20 22"
	fill
	check_eq "what is static on p1" "$(flush brport p1 static)" \
		"10 11 13 15 20 22"
	check_eq "what is external" "$(flush extern_learn)" "10 11 13 20 22"
	fill
	check_eq "what is sticky" "$(flush sticky)" "10 11 12 13 15 20 22"
	check_eq "what a user made" "$(flush added_by_user)" "10 20"
	fill
	check_eq "what no user made" "$(flush noadded_by_user)" \
		"11 12 13 14 15 22"
	check_fail "a device that is no port" flush brport lo
}

flush_of_bridge_and_port()
{
	new_switch
	fill
	ip -n "$sw" link set p1 type bridge_slave fdb_flush
	check_fail "p1" grep "dev p1$" <(fdb_show "$sw" br0)
	check "p2" fdb_has "$sw" br0 02:00:00:00:00:20 p2
	check "static" fdb_has "$sw" br0 02:00:00:00:00:12 p1 static
	fill
	kind_bridge_set "$sw" br0 fdb_flush
	check_fail "p1" fdb_has "$sw" br0 02:00:00:00:00:10 p1
	check_fail "p2" fdb_has "$sw" br0 02:00:00:00:00:20 p2
	check "static" fdb_has "$sw" br0 02:00:00:00:00:12 p1 static
	check "sticky" fdb_has "$sw" br0 02:00:00:00:00:14 p1 sticky
	check "permanent" fdb_has "$sw" br0 02:00:00:00:00:13 p1 permanent
}

# heard TEXT - does the monitor's output have this line?
heard()
{
	grep -q "^$1 *$" "$WORK/monitor"
}

monitor_tells_of_every_change()
{
	local pid

	WORK=$(mktemp -d)
	defer rm -r "$WORK"
	new_switch ageing_time 30
	bridge -n "$sw" monitor fdb >"$WORK/monitor" 2>&1 &
	pid=$!
	defer wait "$pid"
	defer kill "$pid"
	check_wait "the monitor runs" tickled
	learn "$M1"
	check_wait "learned" heard "$M1 dev p1 master br0"
	frames send h2 src="$M1"
	check_wait "moved" heard "$M1 dev p2 master br0"
	check_wait "aged" heard "Deleted $M1 dev p2 master br0 stale"
	kind_bridge_set "$sw" br0 ageing_time 30000
	fdb "$sw" add br0 p3 "$M3" static
	check_wait "added" heard "$M3 dev p3 master br0 static"
	fdb "$sw" replace br0 p2 "$M3" static
	check_wait "replaced" heard "$M3 dev p2 master br0 static"
	fdb "$sw" del br0 p2 "$M3"
	check_wait "deleted" heard "Deleted $M3 dev p2 master br0 static"
	learn "$M2"
	ip -n "$sw" link set p2 nomaster
	check_wait "gone with its port" heard "Deleted $M2 dev p2 master br0"
}

# came_by N - did more than N frames come from the tap?
came_by()
{
	(($(link_stats_get "$sw" t2 rx_packets) > $1))
}

# What is told comes back as frames, and may have something to tell of.
the_monitor_is_tapped_by_the_bridge()
{
	[[ $KIND == vnetbr ]] || { skip "not in-tree"; return; }
	new_switch
	modprobe -q -a nlmon sch_ingress cls_matchall act_mirred || :
	ip -n "$sw" link add nlmon0 up type nlmon 2>/dev/null ||
		{ skip "no nlmon"; return; }
	kind_pair "$sw" "t1" "$sw" t2
	ip -n "$sw" link set t2 master br0
	wait_forwarding "$sw" t2
	ip netns exec "$sw" tc qdisc add dev nlmon0 clsact
	ip netns exec "$sw" tc filter add dev nlmon0 egress matchall \
		action mirred egress redirect dev t1
	WORK=$(mktemp -d)
	defer rm -r "$WORK"
	bridge -n "$sw" monitor fdb >"$WORK/monitor" 2>&1 &
	defer wait $!
	defer kill $!
	check_wait "the monitor runs" tickled
	see 100 1
	check "all are learned" fdb_has "$sw" br0 02:00:00:00:01:64 p1
	check_wait "what was told came by" came_by 10
	bridge -n "$sw" fdb flush dev br0
	ip -n "$sw" link del nlmon0
	check_reach "frames still go" h1 "br h2 h3" src="$M1"
}

# tickled - change the table, see whether the monitor has noticed
tickled()
{
	fdb "$sw" replace br0 p1 "$NEW" static
	fdb "$sw" del br0 p1 "$NEW"
	heard "Deleted $NEW dev p1 master br0 static"
}

# see N FROM - N new addresses are seen on port FROM
see()
{
	local i

	for ((i = 1; i <= $1; i++)); do
		frames send "h$2" src="02:00:00:00:0$2:$(printf %02x "$i")"
	done
}

limit_of_the_bridge()
{
	have_limit || return 0
	new_switch fdb_max_learned 4
	fdb "$sw" add br0 p1 "$M1" static
	see 3 1
	see 3 2
	check_eq "learned and static entries" "$(entries)" 5
	counted learned 4
	counted learn_limit 2
	check_reach "not learned, but forwarded" h2 "h1" \
		src=02:00:00:00:02:03 dst="$M1"
	check_reach "not known" h1 "h2 h3" dst=02:00:00:00:02:03 src="$M1"
	counted learn_limit
	fdb "$sw" add br0 p3 "$M3" dynamic
	check "a user may" fdb_has "$sw" br0 "$M3" p3
	fdb "$sw" del br0 p1 02:00:00:00:01:01
	see 3 2
	check_eq "one more fits" "$(entries)" 6
	check "the first one" fdb_has "$sw" br0 02:00:00:00:02:02 p2
	counted learned
	kind_bridge_set "$sw" br0 fdb_max_learned 2
	check_eq "a lower limit takes none away" "$(entries)" 6
	frames send h3 src=02:00:00:00:02:02
	check "an address still moves" fdb_has "$sw" br0 02:00:00:00:02:02 p3
	kind_bridge_set "$sw" br0 fdb_max_learned 0
	see 9 1
	check_eq "no limit" "$(entries)" 13
}

limit_of_a_vlan()
{
	[[ $KIND == vnetbr ]] || { skip "not in-tree"; return; }
	new_switch vlan_filtering 1 fdb_vlan_max_learned 2
	bridge -n "$sw" vlan add dev p2 vid 20 pvid untagged
	bridge -n "$sw" vlan add dev p3 vid 20 pvid untagged
	see 3 1
	see 3 2
	check_eq "two in each" "$(entries)" 4
	counted learned 4
	counted learn_limit 2
	frames send h3 src=02:00:00:00:02:01
	check "one moves inside of its VLAN" \
		fdb_has "$sw" br0 02:00:00:00:02:01 p3
	frames send h1 src=02:00:00:00:02:01
	check_eq "none comes from another" "$(entries)" 4
	counted learn_limit
	bridge -n "$sw" vlan del dev p3 vid 20
	frames send h2 src=02:00:00:00:02:03
	check "its place is taken" fdb_has "$sw" br0 02:00:00:00:02:03 p2
	kind_bridge_set "$sw" br0 fdb_vlan_max_learned 0
	see 5 1
	check_eq "no limit" "$(entries)" 7
	kind_bridge_set "$sw" br0 vlan_filtering 0 fdb_vlan_max_learned 1
	see 5 1
	check_eq "no VLANs" "$(entries)" 5
	kind_bridge_set "$sw" br0 vlan_filtering 1
	see 5 1
	check_eq "what was learned before does not count" "$(entries)" 1
}

limit_of_a_port()
{
	[[ $KIND == vnetbr ]] || { skip "not in-tree"; return; }
	new_switch fdb_port_max_learned 2
	see 3 1
	see 3 2
	check_eq "two for each" "$(entries)" 4
	counted learned 4
	counted learn_limit 2
	frames send h2 src=02:00:00:00:01:01
	check "none moves to a full port" \
		fdb_has "$sw" br0 02:00:00:00:01:01 p1
	counted learn_limit
	frames send h2 src=02:00:00:00:01:01 count=300
	counted learn_limit 300
	counted drop_loop 0
	frames send h3 src=02:00:00:00:01:01
	check "one moves to another" fdb_has "$sw" br0 02:00:00:00:01:01 p3
	frames send h1 src=02:00:00:00:01:03
	check_eq "its place is taken" "$(entries)" 5
	kind_bridge_set "$sw" br0 fdb_port_max_learned 0
	see 5 1
	check_eq "no limit" "$(entries)" 7
}

a_limit_of_its_own()
{
	local i

	[[ $KIND == vnetbr ]] || { skip "in-tree has no such limit"; return; }
	setup_switch 2 fdb_port_max_learned 1
	kind_port_set "$sw" p1 fdb_max_learned 3
	for i in 1 2 3 4 5; do
		frames send h1 src="02:00:00:00:01:0$i"
		frames send h2 src="02:00:00:00:02:0$i"
	done
	check_eq "on p1" "$(fdb_show "$sw" br0 | grep -c "^02:00:00:00:01")" 3
	check_eq "on p2" "$(fdb_show "$sw" br0 | grep -c "^02:00:00:00:02")" 1
	kind_port_set "$sw" p1 fdb_max_learned 4294967295	# default
	kind_bridge_set "$sw" br0 fdb_port_max_learned 4
	frames send h1 src=02:00:00:00:01:06
	frames send h1 src=02:00:00:00:01:07
	check_eq "by default" "$(fdb_show "$sw" br0 |
		grep -c "^02:00:00:00:01")" 4
	kind_port_set "$sw" p1 fdb_max_learned 0
	frames send h1 src=02:00:00:00:01:08
	frames send h1 src=02:00:00:00:01:09
	check_eq "no limit" "$(fdb_show "$sw" br0 |
		grep -c "^02:00:00:00:01")" 6
	[[ $PLUGIN ]] || return 0
	ip -n "$sw" link set p1 type vnetbr_slave fdb_max_learned default
	check "shown" grep -q " fdb_n_learned 6 fdb_max_learned default" \
		<(ip -n "$sw" -d link show p1)
}

need_kind
frames_start
tests_run "$@"
