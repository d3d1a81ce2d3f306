#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The options of a port, and what each one does to frames. They are set with
# `ip link set ... type bridge_slave` while frames take short cuts, and with
# `bridge link set` while a packet socket on each port keeps them from it.
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

FLAGS="
	learning_off
	flood_off
	mcast_flood_off
	bcast_flood_off
	hairpin
	isolated
	state_of_a_port
"

ALL_TESTS="
	$FLAGS
	options_by_the_bridge_command_on_watched_ports
	group_fwd_mask_of_a_port
	a_new_port_has_the_defaults
	the_state_outlasts_the_link
	a_tunnel_that_is_held_down
	refusals
	monitor_tells_of_changes
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02
M3=02:00:00:00:00:03
NEW=02:00:00:00:00:99		# never a source
GROUP=01:00:5e:00:01:02
HOW=ip

# set_port PORT WORD... - set options, with the command $HOW
set_port()
{
	if [[ $HOW == ip ]]; then
		ip -n "$sw" link set dev "$1" type bridge_slave "${@:2}"
	else
		bridge -n "$sw" link set dev "$@"
	fi
}

# shows PORT WORD... - does `bridge -d link` show all WORDs, "name value"?
shows()
{
	local line word

	line=$(bridge -n "$sw" -d link show dev "$1") || return
	for word in "${@:2}"; do
		[[ " ${line//$'\n'/ } " == *" $word "* ]] || return
	done
}

# counted NAME BY - check that counter NAME of br0 is BY
counted()
{
	[[ $KIND == vnetbr ]] || return 0
	check_eq "counter $1" "$(ethtool_stats_get "$sw" br0 "$1")" "$2"
}

# learn - have M1, M2 and M3 seen on their ports
learn()
{
	frames send h1 src="$M1"
	frames send h2 src="$M2"
	frames send h3 src="$M3"
}

learning_off()
{
	setup_switch 3
	set_port p1 learning off
	check "shown" shows p1 "learning off"
	check_reach "M1 is seen" h1 "br h2 h3" src="$M1"
	check_fail "but not learned" fdb_has "$sw" br0 "$M1" p1
	check_reach "to M1" h2 "h1 h3" dst="$M1" src="$M2"
	set_port p1 learning on
	check "shown" shows p1 "learning on"
	frames send h1 src="$M1"
	check "M1 is learned" fdb_has "$sw" br0 "$M1" p1
}

flood_off()
{
	setup_switch 3
	set_port p3 flood off
	check "shown" shows p3 "flood off" "mcast_flood on" "bcast_flood on"
	check_reach "unknown address" h1 "h2" dst="$NEW" src="$M1"
	check_reach "unknown, from the host" br "h1 h2" dst="$NEW"
	check_reach "broadcast" h1 "br h2 h3" src="$M1"
	check_reach "group" h1 "br h2 h3" dst="$GROUP" src="$M1"
	frames send h3 src="$M3"
	check_reach "known address" h1 "h3" dst="$M3" src="$M1"
	set_port p2 flood off
	check_reach "no port wants it" h1 "" dst="$NEW" src="$M1"
	counted drop_no_target 1
	set_port p3 flood on
	check_reach "on again" h1 "h3" dst="$NEW" src="$M1"
}

# What the host itself sends to a group, or to all, is not kept from a port.
mcast_flood_off()
{
	setup_switch 3
	set_port p3 mcast_flood off
	check "shown" shows p3 "flood on" "mcast_flood off" "bcast_flood on"
	check_reach "group" h1 "br h2" dst="$GROUP" src="$M1"
	check_reach "group, from the host" br "h1 h2 h3" dst="$GROUP"
	check_reach "broadcast" h1 "br h2 h3" src="$M1"
	check_reach "unknown address" h1 "h2 h3" dst="$NEW" src="$M1"
	set_port p3 mcast_flood on
	check_reach "on again" h1 "br h2 h3" dst="$GROUP" src="$M1"
}

bcast_flood_off()
{
	setup_switch 3
	set_port p3 bcast_flood off
	check "shown" shows p3 "flood on" "mcast_flood on" "bcast_flood off"
	check_reach "broadcast" h1 "br h2" src="$M1"
	check_reach "broadcast, from the host" br "h1 h2 h3"
	check_reach "group" h1 "br h2 h3" dst="$GROUP" src="$M1"
	check_reach "unknown address" h1 "h2 h3" dst="$NEW" src="$M1"
	set_port p3 bcast_flood on
	check_reach "on again" h1 "br h2 h3" src="$M1"
}

hairpin()
{
	setup_switch 3
	set_port p1 hairpin on
	check "shown" shows p1 "hairpin on"
	check_reach "broadcast" h1 "br h1 h2 h3" src="$M1"
	check_reach "to its own port" h1 "h1" dst="$M1" src="$M1"
	check_reach "from another port" h2 "h1" dst="$M1" src="$M2"
	check_reach "another port has none" h2 "" dst="$M2" src="$M2"
	set_port p1 hairpin off
	check_reach "off again" h1 "" dst="$M1" src="$M1"
	counted drop_same_port 2
}

isolated()
{
	setup_switch 3
	learn
	set_port p1 isolated on
	set_port p2 isolated on
	check "shown" shows p1 "isolated on"
	check_reach "known address" h1 "" dst="$M2" src="$M1"
	counted drop_isolated 1
	check_reach "broadcast" h1 "br h3" src="$M1"
	check_reach "unknown address" h2 "h3" dst="$NEW" src="$M2"
	check_reach "to a port that is not" h1 "h3" dst="$M3" src="$M1"
	check_reach "from a port that is not" h3 "h1" dst="$M1" src="$M3"
	check_reach "from the host" br "h1" dst="$M1"
	check_reach "broadcast of the host" br "h1 h2 h3"
	set_port p2 isolated off
	check_reach "off again" h1 "h2" dst="$M2" src="$M1"
}

# In-tree, without STP, a blocking port forwards at once, and a disabled one
# comes back when it is next looked at.
state_of_a_port()
{
	local state states="1 4"	# listening, blocking

	[[ $KIND == vnetbr ]] || states=1
	setup_switch 3
	learn
	for state in $states; do
		set_port p1 state "$state"
		check_reach "from p1, state $state" h1 "" src="$NEW"
		check_fail "learned, state $state" \
			fdb_has "$sw" br0 "$NEW" p1
		check_reach "broadcast, state $state" h2 "br h3" src="$M2"
		check_reach "known address, state $state" h2 "" \
			dst="$M1" src="$M2"
		check_reach "from the host, state $state" br "" dst="$M1"
	done
	counted drop_port_state 6
	set_port p1 state 2	# learning
	check "shown" shows p1 "state learning"
	check_reach "from p1, learning" h1 "" src="$NEW"
	check "learned, learning" fdb_has "$sw" br0 "$NEW" p1
	check_reach "broadcast, learning" h2 "br h3" src="$M2"
	check_reach "known address, learning" h2 "" dst="$M1" src="$M2"
	set_port p1 state 3	# forwarding
	check "shown" shows p1 "state forwarding"
	check_reach "from p1, forwarding" h1 "br h2 h3" src="$M1"
	check_reach "to p1, forwarding" h2 "h1" dst="$M1" src="$M2"
	[[ $KIND == vnetbr ]] || return 0
	set_port p1 state 0	# disabled
	check "shown" shows p1 "state disabled"
	check_reach "from p1, disabled" h1 "" src="$M1"
	check_reach "broadcast, disabled" h2 "br h3" src="$M2"
}

options_by_the_bridge_command_on_watched_ports()
{
	local WATCH=1 HOW=bridge flag

	for flag in $FLAGS; do
		subtest "$flag"
	done
}

# 01:80:c2:00:00:0e is LLDP's
group_fwd_mask_of_a_port()
{
	local lldp=01:80:c2:00:00:0e

	setup_switch 3
	check_reach "LLDP" h1 "" dst="$lldp" src="$M1"
	set_port p1 group_fwd_mask 0x4000
	check_reach "LLDP from p1" h1 "br h2 h3" dst="$lldp" src="$M1"
	check_reach "LLDP from p2" h2 "" dst="$lldp" src="$M2"
	set_port p1 group_fwd_mask 0
	check_reach "LLDP from p1 no more" h1 "" dst="$lldp" src="$M1"
	check_fail "pause frames" set_port p1 group_fwd_mask 2
}

a_new_port_has_the_defaults()
{
	setup_switch 1
	check "defaults" shows p1 "state forwarding" "hairpin off" \
		"learning on" "flood on" "mcast_flood on" "bcast_flood on" \
		"isolated off" "guard off" "root_block off" "fastleave off" \
		"neigh_suppress off" "vlan_tunnel off" "mcast_to_unicast off"
	set_port p1 isolated on learning off hairpin on
	ip -n "$sw" link set p1 nomaster
	ip -n "$sw" link set p1 master br0
	check "again, as a new port" shows p1 "state forwarding" \
		"hairpin off" "learning on" "isolated off"
}

# In-tree, a state that was set is forgotten when the link goes.
the_state_outlasts_the_link()
{
	local state=learning

	setup_switch 2
	set_port p1 learning off
	set_port p1 state 2
	ip -n "$sw" link set p1 down
	check "down" shows p1 "state disabled" "learning off"
	ip -n "$sw" link set p1 up
	[[ $KIND == vnetbr ]] || state=forwarding
	check_wait "up" shows p1 "state $state" "learning off"
}

# As a protocol does that wants nothing to go that way (EVPN multihoming).
a_tunnel_that_is_held_down()
{
	setup_switch 1
	ip -n "$sw" link add u0 up type dummy
	ip -n "$sw" addr add 192.0.2.1/24 dev u0
	ip -n "$sw" neigh add 192.0.2.2 lladdr "$M2" nud permanent dev u0
	kind_vxlan "$sw" "vx0 master br0" id 100 local 192.0.2.1 \
		remote 192.0.2.2
	frames_end wire "$sw" u0 tx
	wait_forwarding "$sw" vx0
	check_reach "as it is" h1 "br wire" src="$M1"

	check "hold, for a reason" ip -n "$sw" link set vx0 protodown on \
		protodown_reason 3 on
	check_wait "disabled" shows vx0 "state disabled"
	check_eq "no link" "$(link_get "$sw" vx0 carrier)" 0
	check "shown" grep -q "protodown on" <(ip -n "$sw" -d link show vx0)
	check_reach "held down" h1 "br" src="$M1"
	ip -n "$sw" link set vx0 down
	ip -n "$sw" link set vx0 up
	check_reach "it comes up again" h1 "br" src="$M1"
	check_eq "still no link" "$(link_get "$sw" vx0 carrier)" 0
	check_fail "the reason is still there" ip -n "$sw" link set vx0 \
		protodown off
	check "no reason" ip -n "$sw" link set vx0 protodown_reason 3 off
	check "let go" ip -n "$sw" link set vx0 protodown off
	wait_forwarding "$sw" vx0
	check_reach "let go" h1 "br wire" src="$M1"
}

refusals()
{
	local word

	[[ $KIND == vnetbr ]] || { skip "words of vnetbr"; return; }
	setup_switch 1
	for word in fastleave vlan_tunnel mcast_to_unicast; do
		check "$word off" set_port p1 "$word" off
		check_refused "$word on" "$word: not supported yet" \
			set_port p1 "$word" on
	done
	check_refused "no port" "backup_port: not a port of this bridge" \
		set_port p1 backup_port br0
	check_refused "priority" "priority: not from 0 to 63" \
		set_port p1 priority 64
	check_refused "cost" "cost: not from 1 to 65535" set_port p1 cost 65536
	check_refused "pause frames" "group_fwd_mask: bit 1 (pause)" \
		set_port p1 group_fwd_mask 2
	check_refused "state" "state: not from 0 to 4" set_port p1 state 5
	check_fail "all or nothing" set_port p1 learning off fastleave on
	check "nothing" shows p1 "learning on" "state forwarding"
}

# heard TEXT - has the last line about p1 that the monitor printed TEXT?
heard()
{
	[[ " $(grep " p1[@:]" "$WORK/monitor" | tail -n 1) " == *" $1 "* ]]
}

monitor_tells_of_changes()
{
	local pid HOW=bridge

	WORK=$(mktemp -d)
	defer rm -r "$WORK"
	setup_switch 2
	bridge -n "$sw" monitor link >"$WORK/monitor" 2>&1 &
	pid=$!
	defer wait "$pid"
	defer kill "$pid"
	check_wait "the monitor runs" tickled
	set_port p1 state 2
	check_wait "learning" heard "state learning"
	set_port p1 state 3
	check_wait "forwarding" heard "state forwarding"
	ip -n "$sw" link set p1 nomaster
	check_wait "it leaves" grep -q "^Deleted.* p1[@:].*master br0" \
		"$WORK/monitor"
}

# tickled - change a port, see whether the monitor has noticed
tickled()
{
	set_port p1 state 1
	heard "state listening"
}

need_kind
frames_start
tests_run "$@"
