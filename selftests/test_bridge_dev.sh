#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The bridge as a network device of its host: addresses, MTU, carrier, VLANs on
# top of it, promiscuous mode, its life and its ports' lives.
#
#	 sw                                  h1
#	+---------------------------+       +------+
#	| br0 --- p1 -------------- | ----- | eth0 | 192.0.2.1, 2001:db8::1
#	|  |  \-- p2 -------------- | ----- |  h2  | 192.0.2.2, 2001:db8::2
#	|  192.0.2.254, 2001:db8::f |       +------+
#	+---------------------------+

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	host_and_containers_talk_by_ip
	the_address_never_follows_the_ports
	the_mtu_is_the_smallest_of_the_ports
	an_mtu_of_the_user_stays
	frames_that_are_too_long_for_a_port
	carrier_follows_the_ports
	a_bridge_that_is_down_forwards_nothing
	promiscuous_mode_sees_everything
	a_vlan_device_on_top
	offloads_as_in_tree
	it_stays_in_its_namespace
	deletion_releases_the_ports
	a_namespace_takes_all_with_it
	counters_of_the_host_interface
	many_ports
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02

# stream_both FROM TO - 100 kB of TCP over IPv4 and IPv6 between two of sw, h1
# and h2
stream_both()
{
	local -A host=([sw]=254 [h1]=1 [h2]=2) host6=([sw]=f [h1]=1 [h2]=2)

	check "IPv4, $1 to $2" frames stream "${!1}" "${!2}" \
		"192.0.2.${host[$2]}" 100000
	[[ -e /proc/sys/net/ipv6 ]] || return 0
	check "IPv6, $1 to $2" frames stream "${!1}" "${!2}" \
		"2001:db8::${host6[$2]}" 100000
}

# add_ip NS DEV HOST HOST6 - an address of each family
add_ip()
{
	ip -n "$1" address add "192.0.2.$3/24" dev "$2"
	[[ ! -e /proc/sys/net/ipv6 ]] ||
		ip -n "$1" address add "2001:db8::$4/64" dev "$2" nodad
}

host_and_containers_talk_by_ip()
{
	setup_ns sw h1 h2
	kind_bridge "$sw" br0
	kind_pair "$sw" p1 "$h1" eth0
	kind_pair "$sw" p2 "$h2" eth0
	ip -n "$sw" link set p1 master br0
	ip -n "$sw" link set p2 master br0
	add_ip "$sw" br0 254 f
	add_ip "$h1" eth0 1 1
	add_ip "$h2" eth0 2 2
	stream_both h1 h2
	stream_both h1 sw
	stream_both sw h2
}

# In-tree, it does, unless it was given.
the_address_never_follows_the_ports()
{
	local mac

	setup_ns -q sw h1
	kind_bridge "$sw" br0
	kind_bridge "$sw" "br1 address $M1"
	mac=$(link_get "$sw" br0 address)
	kind_pair "$sw" "p1 address 02:00:00:00:00:00" "$h1" eth0
	check_eq "as given" "$(link_get "$sw" br1 address)" "$M1"
	ip -n "$sw" link set p1 master br1
	check_eq "a port joins the other one" \
		"$(link_get "$sw" br1 address)" "$M1"
	[[ $KIND == vnetbr ]] || return 0
	ip -n "$sw" link set p1 nomaster
	ip -n "$sw" link set p1 master br0
	check_eq "a port joins" "$(link_get "$sw" br0 address)" "$mac"
	ip -n "$sw" link set p1 address 02:00:00:00:00:03
	check_eq "a port changes" "$(link_get "$sw" br0 address)" "$mac"
	ip -n "$sw" link set p1 nomaster
	check_eq "a port leaves" "$(link_get "$sw" br0 address)" "$mac"
}

# has_mtu MTU - has br0 this one?
has_mtu()
{
	[[ $(link_get "$sw" br0 mtu) == "$1" ]]
}

the_mtu_is_the_smallest_of_the_ports()
{
	setup_switch 0
	check "of its own" has_mtu 1500
	setup_ns -q h1
	kind_pair "$sw" "p1 mtu 9000" "$h1" e1 mtu 9000
	kind_pair "$sw" "p2 mtu 1400" "$h1" e2
	kind_pair "$sw" "p3 mtu 1300" "$h1" e3
	ip -n "$sw" link set p1 master br0
	check "one port" has_mtu 9000
	ip -n "$sw" link set p2 master br0
	ip -n "$sw" link set p3 master br0
	check "three ports" has_mtu 1300
	ip -n "$sw" link set p1 mtu 1200
	check "a port changes" has_mtu 1200
	ip -n "$sw" link set p1 mtu 8000
	check "and back" has_mtu 1300
	ip -n "$sw" link set p3 nomaster
	check "a port leaves" has_mtu 1400
	ip -n "$sw" link del p2
	check "a port is deleted" has_mtu 8000
	ip -n "$sw" link set p1 nomaster
	check "no port" has_mtu 1500
}

an_mtu_of_the_user_stays()
{
	setup_switch 1
	ip -n "$sw" link set br0 mtu 1250
	ip -n "$sw" link set p1 mtu 1400
	check "a port changes" has_mtu 1250
	ip -n "$sw" link set p1 nomaster
	check "it leaves" has_mtu 1250
	ip -n "$sw" link set p1 master br0
	check "it joins" has_mtu 1250
	[[ $KIND == vnetbr ]] || return 0
	setup_ns -q other
	kind_bridge "$other" "br0 mtu 1350"
	kind_pair "$other" p1 "$h1" eth1
	ip -n "$other" link set p1 master br0
	check_eq "given at creation" "$(link_get "$other" br0 mtu)" 1350
}

frames_that_are_too_long_for_a_port()
{
	setup_switch 3
	ip -n "$sw" link set p3 mtu 1000
	check_reach "1000 bytes" h1 "br h2 h3" src="$M1" len=1014
	# a VLAN tag may be on top
	check_reach "1004 bytes" h1 "br h2 h3" src="$M1" len=1018
	check_reach "1005 bytes" h1 "br h2" src="$M1" len=1019
	frames send h3 src=02:00:00:00:00:03
	check_reach "known address" h1 "" src="$M1" dst=02:00:00:00:00:03 \
		len=1019
	if [[ $KIND == vnetbr ]]; then
		check_eq "counter" \
			"$(ethtool_stats_get "$sw" p3 drop_too_big)" 2
	fi
}

# has_carrier VALUE - is the carrier of br0 VALUE?
has_carrier()
{
	[[ $(link_get "$sw" br0 carrier) == "$1" ]]
}

# In-tree, a bridge that never had a port has carrier.
carrier_follows_the_ports()
{
	setup_switch 0
	[[ $KIND == in-tree ]] || check_wait "no port" has_carrier 0
	setup_ns -q h1
	kind_pair "$sw" p1 "$h1" e1
	kind_pair "$sw" p2 "$h1" e2
	ip -n "$sw" link set p1 master br0
	check_wait "one port" has_carrier 1
	ip -n "$h1" link set e1 down
	check_wait "without link" has_carrier 0
	ip -n "$sw" link set p2 master br0
	check_wait "another one, with link" has_carrier 1
	ip -n "$sw" link set p2 down
	check_wait "which goes down" has_carrier 0
	ip -n "$h1" link set e1 up
	check_wait "the first one has link again" has_carrier 1
	bridge -n "$sw" link set dev p1 state 1
	check_wait "but may not forward" has_carrier 0
	bridge -n "$sw" link set dev p1 state 3
	check_wait "and may again" has_carrier 1
	ip -n "$sw" link set p1 nomaster
	check_wait "and leaves" has_carrier 0
}

a_bridge_that_is_down_forwards_nothing()
{
	setup_switch 2
	frames send h2 src="$M2"
	ip -n "$sw" link set br0 down
	check_fail "M2 is forgotten" fdb_has "$sw" br0 "$M2" p2
	check_reach "broadcast" h1 "" src="$M1"
	check_reach "known address" h1 "" dst="$M2" src="$M1"
	ip -n "$sw" link set br0 up
	check_reach "up again" h1 "br h2" src="$M1"
}

promiscuous_mode_sees_everything()
{
	setup_switch 3
	frames send h2 src="$M2"
	ip -n "$sw" link set br0 promisc on
	check_reach "unknown address" h1 "br h2 h3" \
		dst=02:00:00:00:00:99 src="$M1"
	check_reach "known address" h1 "br h2" dst="$M2" src="$M1"
	check_reach "broadcast, once" h1 "br h2 h3" src="$M1"
	check_reach "its own address, once" h1 "br" \
		dst="$(link_get "$sw" br0 address)" src="$M1"
	check_reach "what it sends itself" br "h2" dst="$M2"
	ip -n "$sw" link set br0 promisc off
	check_reach "off again" h1 "h2" dst="$M2" src="$M1"
}

a_vlan_device_on_top()
{
	setup_switch 2
	if ! ip -n "$sw" link add link br0 name v10 type vlan id 10; then
		TEST_FAILED=0
		skip "no VLAN devices"
		return
	fi
	ip -n "$h1" link add link eth0 name v10 type vlan id 10
	frames_end vlan "$sw" v10
	frames_end vlan1 "$h1" v10
	check_reach "tagged, from a host" h1 "br h2 vlan" src="$M1" vlan=10
	check_reach "untagged" h1 "br h2" src="$M1"
	check_reach "another tag" h1 "br h2" src="$M1" vlan=11
	check_reach "from the host's VLAN device" vlan "h1 h2 vlan1" src="$M2"
	check_reach "from a VLAN device" vlan1 "br h2 vlan" src="$M1"
	ip -n "$sw" address add 198.51.100.254/24 dev v10
	ip -n "$h1" address add 198.51.100.1/24 dev v10
	check "IP, to the host" \
		frames stream "$h1" "$sw" 198.51.100.254 100000
	check "IP, from the host" \
		frames stream "$sw" "$h1" 198.51.100.1 100000
}

# features - of br0, those that are on and can be changed
features()
{
	in_ns "$sw" ethtool -k br0 | sed -n 's/: on$//p' | sort
}

offloads_as_in_tree()
{
	local ours theirs KIND=$KIND

	[[ $KIND == vnetbr ]] || { skip "compares vnetbr"; return; }
	need_cmd ethtool || return
	setup_switch 2
	ours=$(features)
	frames reset
	KIND=in-tree
	setup_switch 2
	theirs=$(features)
	check_eq "ours (<), in-tree (>)" \
		"$(diff <(echo "$ours") <(echo "$theirs"))" ""
}

# need_cmd COMMAND - skip the test without it
need_cmd()
{
	command -v "$1" >/dev/null && return
	skip "$1 is not installed"
	return 1
}

it_stays_in_its_namespace()
{
	setup_switch 1
	frames reset
	check_fail "moved" ip -n "$sw" link set br0 netns "$h1"
	check "still there" link_exists "$sw" br0
}

deletion_releases_the_ports()
{
	setup_switch 2
	frames reset
	ip -n "$sw" link del br0
	check "p1 stays" link_exists "$sw" p1
	check_fail "p1 has no master" grep " master " \
		<(ip -n "$sw" -o link show p1)
	check_eq "p1 is not promiscuous" "$(link_get "$sw" p1 flags)" 0x1003
	kind_bridge "$sw" br1
	ip -n "$sw" link set p1 master br1
	check "p1 is a port again" port_of "$sw" p1 br1
}

a_namespace_takes_all_with_it()
{
	setup_switch 2
	frames reset
	cleanup_ns "$sw"
	check_wait "the other ends are gone" gone "$h1"
	check_wait "both" gone "$h2"
}

# gone NS - is there no eth0?
gone()
{
	! link_exists "$1" eth0
}

counters_of_the_host_interface()
{
	local -A want=([rx_packets]=3 [rx_bytes]=3138 [tx_packets]=3
		[tx_bytes]=3180 [multicast]=0 [tx_dropped]=0)
	local name mac

	setup_switch 2
	mac=$(link_get "$sw" br0 address)
	frames send h1 src="$M1" count=2 len=1514 dst="$mac"
	frames send h1 src="$M1" len=152 dst="$mac"
	frames send br count=2 len=1514 dst="$M1"
	frames send br len=152
	for name in "${!want[@]}"; do
		check_eq "$name" "$(link_stats_get "$sw" br0 "$name")" \
			"${want[$name]}"
	done
}

many_ports()
{
	local i

	setup_switch 2
	for ((i = 0; i < 100; i++)); do
		echo "link add d$i up master br0 type dummy"
	done | ip -n "$sw" -batch - || { skip "no dummy devices"; return; }
	check_eq "ports" "$(bridge -n "$sw" link show | grep -c "master br0")" \
		102
	check_reach "broadcast" h1 "br h2" src="$M1" count=3
	check_eq "of the last one" "$(link_stats_get "$sw" d99 tx_packets)" 3
	ip -n "$sw" link del d50
	check_reach "one less" h1 "br h2" src="$M1"
	check_eq "of the last one" "$(link_stats_get "$sw" d99 tx_packets)" 4
}

need_kind
frames_start
tests_run "$@"
