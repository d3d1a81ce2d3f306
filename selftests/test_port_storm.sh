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
	each_port_counts_what_it_sent_too_much
	other_drops_are_counted_by_port
	the_trace_names_the_port
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

# port_get NS PORT WORD - what `ip` shows of an option or counter; "" if nothing
port_get()
{
	ip -n "$1" -d -j link show "$2" | jq -r ".[0].linkinfo.info_slave_data |
		if has(\"$3\") then .$3 else \"\" end"
}

# counted PORT DROPS UNKNOWN MCAST BCAST - it shows exactly these counters
counted()
{
	check_eq "$1: drops" "$(port_get "$sw" "$1" drops)" "$2"
	check_eq "$1: unknown" "$(port_get "$sw" "$1" storm_unknown_drops)" "$3"
	check_eq "$1: mcast" "$(port_get "$sw" "$1" storm_mcast_drops)" "$4"
	check_eq "$1: bcast" "$(port_get "$sw" "$1" storm_bcast_drops)" "$5"
}

# lost HOST KIND N MAC - send N frames; those that h3 does not get
lost()
{
	local before

	before=$(link_stats_get "$h3" eth0 rx_packets)
	frames send "$1" count="$3" src="$4" dst="${DEST[$2]}"
	echo $((before + $3 - $(link_stats_get "$h3" eth0 rx_packets)))
}

each_port_counts_what_it_sent_too_much()
{
	local bcast unknown mcast

	[[ $PLUGIN ]] || { skip "needs the plugin"; return; }
	setup_switch 3
	counted p1 0 "" "" ""
	kind_port_set "$sw" p1 storm_bcast_bps 1
	kind_port_set "$sw" p2 storm_unknown_bps 1 storm_mcast_pps 3
	counted p1 0 "" "" 0
	counted p2 0 0 0 ""
	bcast=$(lost h1 bcast 5 "$M1")
	check_eq "lost broadcasts" "$bcast" 4
	unknown=$(lost h2 unknown 8 "$M2")
	check_eq "lost unknown ones" "$unknown" 7
	mcast=$(lost h2 mcast 40 "$M2")
	check "lost groups: $mcast" test "$mcast" -gt 0
	check_eq "not limited" "$(lost h1 unknown 3 "$M1")" 0
	check_eq "not limited" "$(lost h2 bcast 3 "$M2")" 0
	counted p1 "$bcast" "" "" "$bcast"
	counted p2 $((unknown + mcast)) "$unknown" "$mcast" ""
	counted p3 0 "" "" ""
	check_eq "the bridge" "$(dropped unknown) $(dropped mcast) $(dropped bcast)" \
		"$unknown $mcast $bcast"

	# what was counted stays, other limits or none
	kind_port_set "$sw" p1 storm_bcast_bps 0 storm_mcast_pps 1
	counted p1 "$bcast" "" 0 "$bcast"
	kind_port_set "$sw" p1 storm_mcast_pps 0
	counted p1 "$bcast" "" "" "$bcast"
	ip -n "$sw" link set p1 nomaster
	ip -n "$sw" link set p1 master br0
	counted p1 0 "" "" ""
}

other_drops_are_counted_by_port()
{
	[[ $PLUGIN ]] || { skip "needs the plugin"; return; }
	setup_switch 3
	frames send h1 count=3 src=00:00:00:00:00:00
	kind_port_set "$sw" p2 locked on
	frames send h2 count=2 src="$M2"
	counted p1 3 "" "" ""
	counted p2 2 "" "" ""
	# a copy that cannot leave is none
	ip -n "$sw" link set p3 mtu 1000
	frames send h1 src="$M1" len=1400
	counted p1 3 "" "" ""
}

# The reason, and where the frame came in: of many ports, which one?
the_trace_names_the_port()
{
	local trace=/sys/kernel/tracing/instances/storm.$$.$RANDOM
	local row port reason n

	mkdir "$trace" 2>/dev/null || { skip "no tracefs"; return; }
	defer rmdir "$trace"
	setup_switch 3
	kind_port_set "$sw" p1 storm_bcast_bps 1
	kind_port_set "$sw" p2 storm_bcast_bps 1
	echo 1 >"$trace/events/vnetbr/vnb_drop/enable"
	frames send h1 count=4 src="$M1"
	frames send h2 count=6 src="$M2"
	frames send br count=2 src="$(link_get "$sw" br0 address)" \
		dst="$(link_get "$sw" br0 address)"
	echo 0 >"$trace/events/vnetbr/vnb_drop/enable"
	for row in "p1 storm_bcast 3" "p2 storm_bcast 5" "br0 same_port 2"; do
		read -r port reason n <<<"$row"
		check_eq "$port" "$(grep -c "ifindex=$(link_get "$sw" br0 ifindex) \
port=$(link_get "$sw" "$port" ifindex) .* reason=$reason$" "$trace/trace")" "$n"
	done
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
