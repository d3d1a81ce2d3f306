#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Storm control: how much of what is flooded may come in through a port. At one
# bit in a second, only the first frame may, for minutes; with frames in a
# second, no more than the time allows that has really passed.
#
#	 sw                              h1
#	+-----------------------+       +------+
#	| br0 --- p1 (limited)  | ----- | eth0 |	frames from M1
#	|     \-- p2 ---------- | ----- |  h2  |	... M2
#	|      \- p3 ---------- | ----- |  h3  |	... M3
#	+-----------------------+       +------+

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	bits_of_each_kind
	frames_of_each_kind
	the_same_while_the_ports_are_watched
	a_frame_too_many_is_not_learned_from
	known_addresses_are_not_limited
	other_options_do_not_reset
	a_limit_that_changes_measures_anew
	the_host_is_not_limited
	limits_are_shown
	ports_come_and_go
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02
OTHER=02:00:00:00:00:98
NEW=02:00:00:00:00:99		# never a source
declare -A DEST=(
	[unknown]=$NEW [mcast]=01:00:5e:00:01:02 [bcast]=ff:ff:ff:ff:ff:ff)
declare -A REACHES=([unknown]="h2 h3" [mcast]="br h2 h3" [bcast]="br h2 h3")
KINDS="unknown mcast bcast"

# flood KIND TEXT TO... - a frame of that kind, from p1, reaches exactly these
flood()
{
	check_reach "$1: $2" h1 "${*:3}" src="$M1" dst="${DEST[$1]}"
}

# dropped KIND - how many frames exceeded a limit
dropped()
{
	ethtool_stats_get "$sw" br0 "drop_storm_$1"
}

bits_of_each_kind()
{
	local kind other

	for kind in $KINDS; do
		setup_switch 3
		kind_port_set "$sw" p1 "storm_${kind}_bps" 1
		flood "$kind" "the first" "${REACHES[$kind]}"
		flood "$kind" "the second"
		flood "$kind" "the third"
		check_eq "$kind: counter" "$(dropped "$kind")" 2
		for other in $KINDS; do
			[[ $other != "$kind" ]] || continue
			flood "$other" "not limited" "${REACHES[$other]}"
			check_eq "$other: counter" "$(dropped "$other")" 0
		done
		check_reach "$kind: another port" h2 \
			"h1 h3$([[ $kind == unknown ]] || echo " br")" \
			src="$M2" dst="${DEST[$kind]}"
		kind_port_set "$sw" p1 "storm_${kind}_bps" 0
		flood "$kind" "no limit" "${REACHES[$kind]}"
		frames reset
	done
}

frames_of_each_kind()
{
	local kind before passed start n=40 rate=2

	for kind in $KINDS; do
		setup_switch 3
		kind_port_set "$sw" p1 "storm_${kind}_pps" "$rate"
		before=$(link_stats_get "$h2" eth0 rx_packets)
		start=$SECONDS
		frames send h1 count="$n" src="$M1" dst="${DEST[$kind]}"
		passed=$(($(link_stats_get "$h2" eth0 rx_packets) - before))
		check "$kind: $passed, a burst" test "$passed" -ge "$rate"
		check "$kind: $passed, and no more than the time allows" test \
			"$passed" -le $((rate * (SECONDS - start + 2)))
		check_eq "$kind: counter" "$(dropped "$kind")" \
			$((n - passed))
		frames reset
	done
}

the_same_while_the_ports_are_watched()
{
	local WATCH=1

	subtest bits_of_each_kind
	subtest frames_of_each_kind
}

a_frame_too_many_is_not_learned_from()
{
	setup_switch 3
	kind_port_set "$sw" p1 storm_bcast_bps 1
	flood bcast "the first" "br h2 h3"
	check "it is learned from" fdb_has "$sw" br0 "$M1" p1
	check_reach "one too many" h1 "" src="$OTHER"
	check_fail "it is not" fdb_has "$sw" br0 "$OTHER" p1
}

known_addresses_are_not_limited()
{
	setup_switch 3
	kind_port_set "$sw" p1 storm_unknown_bps 1 storm_unknown_pps 1
	flood unknown "the first" "h2 h3"
	flood unknown "the second"
	frames send h2 src="$M2"
	check_reach "known" h1 "h2" src="$M1" dst="$M2" count=20
	check_reach "the host" h1 "br" src="$M1" count=20 \
		dst="$(link_get "$sw" br0 address)"
	check_eq "counter" "$(dropped unknown)" 1
}

other_options_do_not_reset()
{
	setup_switch 3
	kind_port_set "$sw" p1 storm_bcast_bps 1
	flood bcast "the first" "br h2 h3"
	kind_port_set "$sw" p1 isolated on
	kind_port_set "$sw" p1 storm_bcast_bps 1 isolated off
	flood bcast "the second"
}

a_limit_that_changes_measures_anew()
{
	setup_switch 3
	kind_port_set "$sw" p1 storm_bcast_bps 1
	flood bcast "the first" "br h2 h3"
	flood bcast "the second"
	kind_port_set "$sw" p1 storm_bcast_bps 18446744073709551615
	flood bcast "with the largest limit" "br h2 h3"
	flood bcast "with the largest limit, again" "br h2 h3"
	kind_port_set "$sw" p1 storm_bcast_bps 2 storm_bcast_pps 4294967295
	flood bcast "a smaller one" "br h2 h3"
	flood bcast "again"
}

the_host_is_not_limited()
{
	setup_switch 3
	kind_port_set "$sw" p1 storm_bcast_bps 1
	check_reach "the host" br "h1 h2 h3" count=20
}

limits_are_shown()
{
	local line

	[[ $PLUGIN ]] || { skip "needs the plugin"; return; }
	setup_switch 1
	kind_port_set "$sw" p1 storm_unknown_pps 1 storm_mcast_pps 2 \
		storm_bcast_pps 4294967295 storm_unknown_bps 3 \
		storm_mcast_bps 4 storm_bcast_bps 18446744073709551615
	line=$(ip -n "$sw" -d -o link show p1)
	check "$line" test -z "${line##* storm_unknown_pps 1 storm_mcast_pps 2 \
storm_bcast_pps 4294967295 storm_unknown_bps 3 storm_mcast_bps 4 \
storm_bcast_bps 18446744073709551615 *}"
	check_fail "too large" kind_port_set "$sw" p1 storm_bcast_pps 4294967296
}

ports_come_and_go()
{
	setup_switch 3
	kind_port_set "$sw" p1 storm_bcast_bps 1
	flood bcast "the first" "br h2 h3"
	flood bcast "the second"
	ip -n "$sw" link set p1 nomaster
	ip -n "$sw" link set p1 master br0
	wait_forwarding "$sw" p1
	flood bcast "no limit" "br h2 h3"
	flood bcast "no limit" "br h2 h3"
	kind_port_set "$sw" p1 storm_bcast_bps 1
	ip -n "$sw" link del br0
}

[[ $KIND == vnetbr ]] || skip_all "words of vnetbr"
need_kind
frames_start
tests_run "$@"
