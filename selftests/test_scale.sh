#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Many ports: $PORTS pairs (default 2000; 500 on a debug kernel) are made,
# attached to one bridge, put into all VLANs and deleted. How long that takes is
# printed and decides nothing, except that an attach at the end must not cost many
# times one at the beginning; a machine that has other things to do is given
# $TRIES tries to show that. What does decide is that all ports are in all VLANs,
# and that these take no memory to speak of.
#
#	 br0 --- p0 --- q0
#	     \-- p1 --- q1
#	      \  ...
#
# timeout: 900
# netns: init

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	pairs_are_made_and_attached
	the_last_attach_costs_about_the_first
	a_broadcast_reaches_every_port
	every_port_in_every_vlan
	the_bridge_goes_with_all_its_ports
	a_namespace_goes_with_its_ends
"

# where the kernel looks after each of them, fewer
[[ ! -e /sys/kernel/debug/kmemleak ]] || : "${PORTS:=500}"
PORTS=${PORTS:-2000}
SAMPLE=100
TRIES=10
BUSYWAIT_TIMEOUT=$((3 * BUSYWAIT_TIMEOUT))

# batch NS FORMAT FIRST COUNT - an ip command for each number, in one process;
# prints the microseconds that it took
batch()
{
	local start=${EPOCHREALTIME/.}

	# shellcheck disable=SC2059 # FORMAT is one
	seq -f "$2" "$3" $(($3 + $4 - 1)) | ip -n "$1" -batch - || return
	echo $((${EPOCHREALTIME/.} - start))
}

# count NS WORD... - how many links there are
count()
{
	ip -n "$1" -o link show "${@:2}" | wc -l
}

pairs_are_made_and_attached()
{
	local us

	us=$(batch "$sw" "link add p%.0f up type vnetbr_pair" 0 "$PORTS")
	diag "$PORTS pairs made: $((us / 1000)) ms"
	check_eq "devices" "$(count "$sw" type vnetbr)" $((2 * PORTS + 1))

	FIRST=$(batch "$sw" "link set p%.0f master br0" 0 "$SAMPLE")
	us=$(batch "$sw" "link set p%.0f master br0" "$SAMPLE" \
		$((PORTS - 2 * SAMPLE)))
	diag "$((PORTS - 2 * SAMPLE)) attached: $((us / 1000)) ms"
	LAST=$(batch "$sw" "link set p%.0f master br0" $((PORTS - SAMPLE)) \
		"$SAMPLE")
	check_eq "ports" "$(count "$sw" master br0)" "$PORTS"
}

# attach_again - the same once more for the last, which are detached first
attach_again()
{
	batch "$sw" "link set p%.0f nomaster" $((PORTS - SAMPLE)) "$SAMPLE" \
		>/dev/null
	LAST=$(batch "$sw" "link set p%.0f master br0" $((PORTS - SAMPLE)) \
		"$SAMPLE")
}

the_last_attach_costs_about_the_first()
{
	local tries=1

	while ((LAST >= 8 * FIRST && tries++ < TRIES)); do
		attach_again
	done
	diag "attach: $((FIRST / SAMPLE)) us at 100 ports, $((LAST / SAMPLE)) us at $PORTS"
	((LAST < 8 * FIRST)) || fail "an attach at the end costs too much" \
		"$FIRST us for the first $SAMPLE, $LAST us for the last"
	check_eq "ports" "$(count "$sw" master br0)" "$PORTS"
}

# broadcast_is_everywhere - did the last port get it?
broadcast_is_everywhere()
{
	(($(link_stats_get "$sw" "p$((PORTS - 1))" tx_packets) > 0))
}

a_broadcast_reaches_every_port()
{
	local old

	# The other ends are what ip called them: vnetbr0 and so on.
	ip -n "$sw" -o link show type vnetbr | grep -o "vnetbr[0-9]*" |
		sort -u | sed 's/.*/link set & up/' | ip -n "$sw" -batch -
	ip -n "$sw" addr add 192.0.2.1/24 dev br0
	busywait port_forwards "$sw" "p$((PORTS - 1))" >/dev/null
	# The host's own frame is queued for each of them.
	old=$(sysctl -n net.core.netdev_max_backlog)
	defer sysctl -qw net.core.netdev_max_backlog="$old"
	sysctl -qw net.core.netdev_max_backlog=$((2 * PORTS))
	in_ns "$sw" arping -q -c 1 -w 1 -I br0 192.0.2.2 || :
	check_wait "the last port" broadcast_is_everywhere
}

# port_forwards NS DEV
port_forwards()
{
	[[ $(bridge -n "$1" link show dev "$2") == *"state forwarding"* ]]
}

# held_kb - memory that the kernel holds
held_kb()
{
	awk '/^(Slab|Percpu|VmallocUsed):/ { n += $2 } END { print n }' \
		/proc/meminfo
}

# in_vlans DEV - the VLANs that the bridge command shows
in_vlans()
{
	bridge -n "$sw" -compressvlans vlan show dev "$1" | awk 'NR > 1' |
		grep -oE '[0-9]+(-[0-9]+)?' | tail -n 2 | paste -sd ' '
}

every_port_in_every_vlan()
{
	local start kb us

	kind_bridge_set "$sw" br0 vlan_filtering 1
	kb=$(held_kb)
	start=${EPOCHREALTIME/.}
	seq -f "vlan add dev p%.0f vid 2-4094" 0 $((PORTS - 1)) |
		bridge -n "$sw" -batch - || fail "bridge vlan add"
	us=$((${EPOCHREALTIME/.} - start))
	kb=$(($(held_kb) - kb))
	diag "$PORTS ports in 4094 VLANs: $((us / 1000)) ms, $kb KiB more"
	# there is a bit for each already; one list entry each would be 128 KiB
	((kb < 16 * PORTS)) || fail "VLANs take too much memory" \
		"$kb KiB for $PORTS ports"
	check_eq "the last one" "$(in_vlans "p$((PORTS - 1))")" "1 2-4094"
	start=${EPOCHREALTIME/.}
	check_eq "all" \
		"$(bridge -n "$sw" -compressvlans vlan show | grep -c 2-4094)" \
		"$PORTS"
	diag "shown: $(((${EPOCHREALTIME/.} - start) / 1000)) ms"
}

the_bridge_goes_with_all_its_ports()
{
	local start=${EPOCHREALTIME/.}

	ip -n "$sw" link del br0
	diag "bridge with $PORTS ports deleted: $(((${EPOCHREALTIME/.} - start) / 1000)) ms"
	check_eq "ports" "$(ip -n "$sw" -o link show | grep master)" ""
	check_eq "devices" "$(count "$sw" type vnetbr)" $((2 * PORTS))
}

a_namespace_goes_with_its_ends()
{
	local start=${EPOCHREALTIME/.}

	# A second one looks on: the namespace is gone when its ends are.
	setup_ns -q other
	kind_pair "$other" last "$sw" end
	ip netns delete "$sw"
	busywait link_is_gone "$other" last >/dev/null ||
		fail "ends are left behind"
	diag "namespace with $((2 * PORTS)) ends deleted: $(((${EPOCHREALTIME/.} - start) / 1000)) ms"
}

# link_is_gone NS DEV
link_is_gone()
{
	! link_exists "$@"
}

need_kind
frames_start
setup_ns -q sw
ip -n "$sw" link add br0 up type vnetbr
tests_run "$@"
