#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Rules of netfilter family bridge never see the ports of a bridge of ours.
# Whoever has such rules is told so when a port is attached; nobody else is. A
# bridge with nf_bridge block forwards nothing while they exist.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	no_rules_no_warning
	rules_warn_the_one_who_attaches
	rules_warn_in_the_log_at_a_limited_rate
	rules_that_are_gone_do_not_warn
	rules_of_another_namespace_do_not_warn
	other_families_do_not_warn
	rules_stop_a_bridge_that_blocks
	ebtables_of_nft_stops_it_too
	ebtables_of_old_stops_it_too
	hooks_of_br_netfilter_stop_it_too
"

TEXT="netfilter family bridge"
need nft

# switch - a bridge br0 and two devices to be attached to it, in $sw
switch()
{
	setup_ns -q sw other
	kind_bridge "$sw" br0
	ip -n "$sw" link add d1 type veth peer name d2
}

# rules NS FAMILY - add a rule
rules()
{
	local hook=forward

	[[ $2 != netdev ]] || hook="ingress device d1"
	in_ns "$1" nft -f - <<-END
	table $2 t {
		chain c {
			type filter hook $hook priority 0
			counter
		}
	}
	END
}

# need_rules - skip() where there is no family bridge
need_rules()
{
	rules "$sw" bridge 2>/dev/null || { skip "no nft family bridge"; return 1; }
}

# attach DEV - prints what ip says; detaches DEV again
attach()
{
	ip -n "$sw" link set "$1" master br0 2>&1 || echo "status $?"
	ip -n "$sw" link set "$1" nomaster
}

# log_lines - how many times the kernel has said so
log_lines()
{
	dmesg | grep -c "vnetbr: .*$TEXT\|br0: .*$TEXT" || :
}

no_rules_no_warning()
{
	local before

	switch
	before=$(log_lines)
	check_eq "ip says" "$(attach d1)" ""
	check_eq "the log says" "$(log_lines)" "$before"
}

rules_warn_the_one_who_attaches()
{
	local said

	switch
	need_rules || return 0
	said=$(attach d1)
	check "ip says it is a warning" grep -q "^Warning: " <<<"$said"
	check "of what" grep -q "$TEXT" <<<"$said"
	check "and what to use" grep -q "netdev" <<<"$said"
	check_fail "it was attached all the same" grep -q status <<<"$said"
}

# The limit is the network's own: 10 messages, then one each 5 s.
rules_warn_in_the_log_at_a_limited_rate()
{
	local before i

	switch
	need_rules || return 0
	before=$(log_lines)
	attach d1 >/dev/null
	check_wait "in the log" more_lines_than "$before"
	for ((i = 0; i < 40; i++)); do
		printf 'link set d1 master br0\nlink set d1 nomaster\n'
	done | ip -n "$sw" -batch - >/dev/null 2>&1
	check "not 40 more times" test $(($(log_lines) - before)) -lt 40
}

more_lines_than()
{
	(($(log_lines) > $1))
}

rules_that_are_gone_do_not_warn()
{
	switch
	need_rules || return 0
	in_ns "$sw" nft delete table bridge t
	check_eq "ip says" "$(attach d1)" ""
}

rules_of_another_namespace_do_not_warn()
{
	switch
	rules "$other" bridge 2>/dev/null || { skip "no nft family bridge"; return; }
	check_eq "ip says" "$(attach d1)" ""
}

other_families_do_not_warn()
{
	switch
	rules "$sw" inet
	rules "$sw" netdev
	check_eq "ip says" "$(attach d1)" ""
}

# passes TEXT, stops TEXT - known, unknown, broadcast, from and to the host
passes()
{
	check_reach "$1: broadcast" h1 "br h2" src=02:00:00:00:00:01
	check_reach "$1: known" h2 "h1" src=02:00:00:00:00:02 \
		dst=02:00:00:00:00:01
	check_reach "$1: unknown" h1 "h2" dst=02:00:00:00:00:99
	check_reach "$1: of the host" br "h1 h2"
}

stops()
{
	local before

	before=$(ethtool_stats_get "$sw" br0 drop_nf_bridge)
	check_reach "$1: broadcast" h1 "" src=02:00:00:00:00:01
	check_reach "$1: known" h2 "" src=02:00:00:00:00:02 \
		dst=02:00:00:00:00:01
	check_reach "$1: unknown" h1 "" dst=02:00:00:00:00:99
	check_reach "$1: of the host" br ""
	check_eq "$1: counted" \
		"$(ethtool_stats_get "$sw" br0 drop_nf_bridge)" $((before + 4))
}

rules_stop_a_bridge_that_blocks()
{
	frames_start
	setup_switch 2 nf_bridge block
	need_rules || return 0
	stops "rules, block"
	kind_bridge_set "$sw" br0 nf_bridge off
	passes "rules, off"
	kind_bridge_set "$sw" br0 nf_bridge block
	stops "rules, block again"
	in_ns "$sw" nft delete table bridge t
	passes "no rules, block"
	rules "$sw" inet
	passes "rules of another family, block"
}

# `ebtables` of Debian: rules of nftables
ebtables_of_nft_stops_it_too()
{
	local chain

	command -v ebtables-nft >/dev/null || { skip "no ebtables-nft"; return; }
	frames_start
	setup_switch 2
	for chain in INPUT FORWARD OUTPUT; do
		in_ns "$sw" ebtables-nft -A "$chain" -j DROP 2>/dev/null ||
			{ skip "no rules of ebtables"; return; }
	done
	passes "ebtables, off"
	check_eq "what rules have seen" "$(in_ns "$sw" ebtables-nft -L --Lc |
		grep -o 'pcnt = [0-9]*' | sort | uniq -c | xargs)" "3 pcnt = 0"
	kind_bridge_set "$sw" br0 nf_bridge block
	stops "ebtables, block"
	in_ns "$sw" nft delete table bridge filter
	passes "no ebtables, block"
}

# `ebtables-legacy`: tables of their own, here with nothing but policies
ebtables_of_old_stops_it_too()
{
	local table

	frames_start
	for table in filter broute; do
		modprobe "ebtable_$table" 2>/dev/null ||
			{ skip "no ebtable_$table"; return; }
		setup_switch 2
		check "$table: all is dropped" in_ns "$sw" python3 -S -s \
			"$LIB_DIR/py/ebtables.py" "$table"
		passes "$table, off"
		kind_bridge_set "$sw" br0 nf_bridge block
		stops "$table, block"
		check "$table goes" modprobe -r "ebtable_$table"
		passes "no $table, block"
		frames reset
	done
}

# Rules of family ip, that br_netfilter calls for bridges of the kernel's own
hooks_of_br_netfilter_stop_it_too()
{
	local ip=(type=0800)

	ip+=(data=4500001c0001000040112666c6336401c633640203e807d000080000)
	modprobe br_netfilter 2>/dev/null || { skip "no br_netfilter"; return; }
	frames_start
	setup_switch 2 nf_bridge block
	passes "no bridge of the kernel's own"
	ip -n "$sw" link add old type bridge
	ns_sysctl "$sw" net.bridge bridge-nf-call-iptables=1
	in_ns "$sw" nft -f - <<-END
	table ip t {
		chain c {
			type filter hook forward priority 0
			counter drop
		}
	}
	END
	stops "one of them"
	check_reach "IP, block" h1 "" "${ip[@]}"
	kind_bridge_set "$sw" br0 nf_bridge off
	passes "one of them, off"
	check_reach "IP, off" h1 "br h2" "${ip[@]}"
	check "seen by no rule" grep -q "packets 0 " \
		<<<"$(in_ns "$sw" nft list table ip t)"
	kind_bridge_set "$sw" br0 nf_bridge block
	check "br_netfilter goes" modprobe -r br_netfilter
	passes "none, block"
}

need_kind

tests_run "$@"
