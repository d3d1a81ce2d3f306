#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The backup of a port: as of the kernel's own bridge. Frames take short cuts,
# and then, with a packet socket on each port, do not.
#
#	 sw                              h1
#	+-----------------------+       +------+
#	| br0 --- p1 ---------- | ----- | eth0 |	frames to and from M1
#	|     \-- p2 (backup) - | ----- |  h2  |	... M2
#	|      \- p3 ---------- | ----- |  h3  |	... M3
#	+-----------------------+       +------+

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

PATH_TESTS="
	a_port_without_link_has_its_frames_redirected
	floods_are_not_redirected
	one_step_only
"

ALL_TESTS="
	$PATH_TESTS
	the_same_while_the_ports_are_watched
	without_a_backup_addresses_are_forgotten
	a_port_that_comes_up_knows_what_it_knew
	a_port_that_is_closed_has_none
	a_backup_leaves
	a_port_with_a_backup_leaves
	refusals
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02
M3=02:00:00:00:00:03

# port NAME WORD... - options of a port
port()
{
	bridge -n "$sw" link set dev "$@"
}

# shows PORT BACKUP - is it shown as the backup?
shows()
{
	local line

	line=$(bridge -n "$sw" -d link show dev "$1") &&
		[[ "$line " == *" backup_port $2 "* ]]
}

# setup - the switch above, all addresses known
setup()
{
	setup_switch 3
	port p1 backup_port p2
	frames send h1 src="$M1"
	frames send h2 src="$M2"
	frames send h3 src="$M3"
}

# unplug HOST... - its port has no link any more
unplug()
{
	local host

	for host; do
		ip -n "${!host}" link set eth0 down
		check_wait "$host: no link" no_link "p${host#h}"
	done
}

# no_link PORT - has it, and does the bridge know?
no_link()
{
	bridge -n "$sw" -d link show dev "$1" | grep -q "state disabled"
}

# plug HOST
plug()
{
	ip -n "${!1}" link set eth0 up
	wait_forwarding "$sw" "p${1#h}"
}

a_port_without_link_has_its_frames_redirected()
{
	setup
	check "shown" shows p1 p2
	check_reach "to M1" h3 "h1" src="$M3" dst="$M1"
	unplug h1
	check "M1 is known" fdb_has "$sw" br0 "$M1" p1
	check_reach "to M1, by the backup" h3 "h2" src="$M3" dst="$M1"
	check_reach "from the host" br "h2" dst="$M1"
	check_reach "from the backup" h2 "" src="$M2" dst="$M1"
	check_reach "to the others" h3 "h2" src="$M3" dst="$M2"
	plug h1
	check_reach "to M1, again" h3 "h1" src="$M3" dst="$M1"
	unplug h1
	port p1 nobackup_port
	check_fail "not shown" shows p1 p2
}

floods_are_not_redirected()
{
	setup
	unplug h1
	port p2 flood off bcast_flood off
	check_reach "broadcast" h3 "br" src="$M3"
	check_reach "unknown" h3 "" src="$M3" dst=02:00:00:00:00:99
	check_reach "to M1" h3 "h2" src="$M3" dst="$M1"
}

one_step_only()
{
	setup
	port p2 backup_port p3
	unplug h1 h2
	check_reach "to M1" br "" dst="$M1"
	check_reach "to M2" br "h3" dst="$M2"
	port p2 backup_port p1
	check_reach "each other's" br "" dst="$M1"
}

the_same_while_the_ports_are_watched()
{
	local WATCH=1 test

	for test in $PATH_TESTS; do
		subtest "$test"
	done
}

# In-tree, addresses whose port lost its backup are known until they age.
without_a_backup_addresses_are_forgotten()
{
	setup
	port p1 nobackup_port
	unplug h1
	check_fail "no backup" fdb_has "$sw" br0 "$M1" p1
	check_reach "to M1: unknown" h3 "h2" src="$M3" dst="$M1"
	[[ $KIND == vnetbr ]] || return 0
	plug h1
	port p1 backup_port p2
	frames send h1 src="$M1"
	unplug h1
	check "M1 is known" fdb_has "$sw" br0 "$M1" p1
	port p1 nobackup_port
	check_fail "and forgotten" fdb_has "$sw" br0 "$M1" p1
}

a_port_that_comes_up_knows_what_it_knew()
{
	setup
	ip -n "$sw" link set p1 down
	check_wait "down" operstate p1 down
	check_reach "to M1, by the backup" h3 "h2" src="$M3" dst="$M1"
	ip -n "$sw" link set p1 up
	wait_forwarding "$sw" p1
	check "M1 is known" fdb_has "$sw" br0 "$M1" p1
	check_reach "to M1" h3 "h1" src="$M3" dst="$M1"
}

# operstate PORT STATE
operstate()
{
	[[ $(link_get "$sw" "$1" operstate) == "$2" ]]
}

# A backup is for a port without link. In-tree, what is behind one that is closed
# cannot be reached until it ages.
a_port_that_is_closed_has_none()
{
	[[ $KIND == vnetbr ]] || { skip "not in-tree"; return; }
	setup
	port p1 state 0
	check_wait "closed" no_link p1
	check_fail "M1 is forgotten" fdb_has "$sw" br0 "$M1" p1
	check_reach "and flooded to" h3 "h2" src="$M3" dst="$M1"
	port p1 state 3
	frames send h1 src="$M1"
	unplug h1
	check "without link, it is known" fdb_has "$sw" br0 "$M1" p1
	port p1 state 0
	check "even if it would be closed" fdb_has "$sw" br0 "$M1" p1
	ip -n "$h1" link set eth0 up
	check_wait "with link, it is not" not_known "$M1" p1
}

# not_known MAC PORT
not_known()
{
	! fdb_has "$sw" br0 "$@"
}

a_backup_leaves()
{
	setup
	port p3 backup_port p2
	ip -n "$sw" link set p2 nomaster
	check_fail "p1 has none" shows p1 p2
	check_fail "p3 has none" shows p3 p2
	unplug h1
	check_reach "to M1" h3 "" src="$M3" dst="$M1"
	ip -n "$sw" link set p2 master br0
	wait_forwarding "$sw" p2
	check_fail "back, but not as a backup" shows p1 p2
	port p1 backup_port p2
	ip -n "$sw" link del p2
	check_fail "deleted" shows p1 p2
}

a_port_with_a_backup_leaves()
{
	setup
	port p2 backup_port p1
	ip -n "$sw" link set p1 nomaster
	check_fail "p2 has none" shows p2 p1
	ip -n "$sw" link set p2 nomaster
	ip -n "$sw" link set p1 master br0
	check_fail "p1 has none" shows p1 p2
	ip -n "$sw" link set p2 master br0
	port p1 backup_port p2
	port p2 backup_port p1
	ip -n "$sw" link del br0
}

refusals()
{
	setup
	kind_bridge "$sw" br1
	ip -n "$sw" link add d0 type dummy
	ip -n "$sw" link set p3 master br1
	check_fail "itself" port p1 backup_port p1
	check_fail "of another bridge" port p1 backup_port p3
	check_fail "no port" port p1 backup_port d0
	check_fail "a bridge" port p1 backup_port br0
	check "the old one stays" shows p1 p2
	[[ $KIND == vnetbr ]] || return 0
	check_refused "itself" "backup_port: the port itself" \
		port p1 backup_port p1
	check_refused "of another bridge" \
		"backup_port: not a port of this bridge" port p1 backup_port p3
}

need_kind
frames_start
tests_run "$@"
