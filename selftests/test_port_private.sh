#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Private VLANs: who may talk to whom, with frames that take short cuts and,
# with a packet socket on each port, frames that do not.
#
#	 sw                              h1
#	+-----------------------+       +------+
#	| br0 --- p1, p2 ------ | ----- | eth0 |	community 10
#	|     \-- p3 ---------- | ----- |  h3  |	community 20
#	|      \- p4 ---------- | ----- |  h4  |	isolated
#	|       \ p5 ---------- | ----- |  h5  |	promiscuous
#	+-----------------------+       +------+

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	who_talks_to_whom
	the_same_while_the_ports_are_watched
	isolated_is_stronger_than_a_community
	a_community_is_shown
	a_port_that_comes_back_is_in_none
	all_or_nothing
"

# mac N - the address of host N
mac()
{
	printf '02:00:00:00:00:%02x' "$1"
}

# setup - the switch above, all addresses known
setup()
{
	local i

	setup_switch 5
	kind_port_set "$sw" p1 community 10
	kind_port_set "$sw" p2 community 10
	kind_port_set "$sw" p3 community 20
	kind_port_set "$sw" p4 isolated on
	for i in 1 2 3 4 5; do
		frames send "h$i" src="$(mac "$i")"
	done
}

who_talks_to_whom()
{
	local -A may=([1]="2 5" [2]="1 5" [3]="5" [4]="5" [5]="1 2 3 4")
	local from to got n=0

	setup
	for from in 1 2 3 4 5; do
		got=${may[$from]}
		check_reach "broadcast of h$from" "h$from" "br h${got// / h}" \
			src="$(mac "$from")"
		check_reach "unknown address, h$from" "h$from" \
			"h${got// / h}" src="$(mac "$from")" dst="$(mac 99)"
		for to in 1 2 3 4 5; do
			((from != to)) || continue
			if [[ " $got " == *" $to "* ]]; then
				check_reach "h$from to h$to" "h$from" "h$to" \
					src="$(mac "$from")" dst="$(mac "$to")"
			else
				n=$((n + 1))
				check_reach "h$from to h$to" "h$from" "" \
					src="$(mac "$from")" dst="$(mac "$to")"
			fi
		done
	done
	check_eq "counter" "$(ethtool_stats_get "$sw" br0 drop_isolated)" "$n"
	check_reach "the host to all" br "h1 h2 h3 h4 h5"
	check_reach "the host to h4" br "h4" dst="$(mac 4)"
}

the_same_while_the_ports_are_watched()
{
	local WATCH=1

	subtest who_talks_to_whom
}

isolated_is_stronger_than_a_community()
{
	setup
	kind_port_set "$sw" p1 isolated on
	check_reach "isolated" h1 "br h5" src="$(mac 1)"
	check_reach "to isolated" h2 "br h5" src="$(mac 2)"
	kind_port_set "$sw" p1 isolated off
	check_reach "in its community again" h1 "br h2 h5" src="$(mac 1)"
	kind_port_set "$sw" p1 community 20
	check_reach "in another one" h1 "br h3 h5" src="$(mac 1)"
	kind_port_set "$sw" p1 community 0
	check_reach "in none" h1 "br h2 h3 h4 h5" src="$(mac 1)"
}

# shown PORT TEXT - does `ip -d link` show it?
shown()
{
	local line

	line=$(ip -n "$sw" -d -o link show "$1")
	[[ "$line " == *" $2 "* ]]
}

a_community_is_shown()
{
	[[ $PLUGIN ]] || { skip "needs the plugin"; return; }
	setup
	check "a number" shown p1 "community 10"
	check "none" shown p5 "community 0"
	kind_port_set "$sw" p5 community 4294967295
	check "the largest" shown p5 "community 4294967295"
	check_fail "more" kind_port_set "$sw" p5 community 4294967296
}

a_port_that_comes_back_is_in_none()
{
	setup
	ip -n "$sw" link set p1 nomaster
	ip -n "$sw" link set p1 master br0
	wait_forwarding "$sw" p1
	check_reach "all" h1 "br h2 h3 h4 h5" src="$(mac 1)"
}

all_or_nothing()
{
	setup
	check_refused "fastleave" "fastleave: not supported yet" \
		kind_port_set "$sw" p1 community 0 fastleave on
	check_reach "nothing has changed" h1 "br h2 h5" src="$(mac 1)"
}

[[ $KIND == vnetbr ]] || skip_all "words of vnetbr"
need_kind
frames_start
tests_run "$@"
