#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ports that are devices of others: what frames do there, what happens when
# they come, go and change, and what cannot be a port.
#
#	 sw                              h1
#	+-----------------------+       +------+
#	| br0 --- p1 ---------- | ----- | eth0 |	a pair, for comparison
#	|     \-- p2 ---------- | ----- |  h2  |	a pair too
#	|      \- port ........ | ..... |  f   |	the foreign one, end "f"
#	+-----------------------+       +------+

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	veth
	tap
	dummy
	bond
	vlan_device
	vlan_device_that_keeps_the_tag
	tags_by_tc
	macvlan
	vxlan_in_tree
	what_has_no_ethernet_header
	tcp_with_a_tag_in_the_payload
	a_foreign_port_hears_everything
	a_foreign_port_shows_its_master
	a_port_that_is_deleted
	a_port_that_moves_to_another_namespace
	a_port_that_changes_its_name
	coming_and_going_with_traffic
	what_cannot_be_a_port
	a_device_that_is_busy
	our_bridge_cannot_be_a_port
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02
MF=02:00:00:00:00:0f		# behind the foreign port

# add WORD... - `ip link add WORD...` in $sw; skips the test if the kernel has
# no such device
add()
{
	ip -n "$sw" link add "$@" 2>/dev/null && return
	skip "no device: $*"
	return 1
}

# both_ways [FIELD...] - frames between the hosts and f behind the new port
both_ways()
{
	check_reach "broadcast, $*" h1 "br f h2" src="$M1" "$@"
	check_reach "broadcast from f, $*" f "br h1 h2" src="$MF" "$@"
	check "f is known" fdb_has "$sw" br0 "$MF" port
	check_reach "to f, $*" h1 "f" dst="$MF" src="$M1" "$@"
	check_reach "from f, $*" f "h1" dst="$M1" src="$MF" "$@"
	check_reach "from the host, $*" br "f" dst="$MF" "$@"
	check_reach "to the host, $*" f "br" src="$MF" \
		dst="$(link_get "$sw" br0 address)" "$@"
	frames send h2 src="$MF" "$@"
	check "f is at h2" fdb_has "$sw" br0 "$MF" p2
}

# every_frame - both_ways() for all sorts of frames
every_frame()
{
	both_ways
	both_ways len=1514 count=10
	both_ways vlan=5 len=64
	both_ways vlan=5 len=1518
	both_ways vlan=5 proto=88a8 len=1514
}

# new_switch - the topology above, without the foreign port
new_switch()
{
	setup_switch 2
	setup_ns far
	frames quiet "$far"
}

veth()
{
	new_switch
	ip -n "$sw" link add port up master br0 type veth \
		peer name eth0 netns "$far"
	frames_end f "$far" eth0 tap
	wait_forwarding "$sw" port
	every_frame
}

tap()
{
	new_switch
	[[ -e /dev/net/tun ]] || { skip "no tap devices"; return; }
	frames tun f "$sw" port
	ip -n "$sw" link set port master br0
	wait_forwarding "$sw" port
	every_frame
}

# tapped COMMAND DEV - have mirred make DEV send or receive (COMMAND) all netlink
# messages of $sw, which have no header, and no room for one
tapped()
{
	modprobe -q -a nlmon sch_ingress cls_matchall act_mirred || :
	add nlmon0 up type nlmon || return
	ip netns exec "$sw" tc qdisc add dev nlmon0 clsact
	check "tapped" ip netns exec "$sw" tc filter add dev nlmon0 egress \
		matchall action mirred "$1" redirect dev "$2"
}

what_has_no_ethernet_header()
{
	local before

	# bridge.ko writes where there is no room, which is a BUG
	[[ $KIND == vnetbr ]] || { skip "the kernel dies of it"; return; }
	new_switch
	ip -n "$sw" link add port up master br0 type veth \
		peer name eth0 netns "$far"
	frames_end f "$far" eth0 tap
	wait_forwarding "$sw" port
	frames send h1 src="$M1"
	tapped ingress port || return 0
	before=$(ethtool_stats_get "$sw" br0 drop_truncated)
	ip -n "$sw" link show >/dev/null
	check "dropped" test "$before" -lt \
		"$(ethtool_stats_get "$sw" br0 drop_truncated)"
	check_reach "what has one" f "br h1 h2" src="$MF"
	ip -n "$sw" link del nlmon0
	before=$(ethtool_stats_get "$sw" br0 drop_truncated)
	tapped ingress p1
	ip -n "$sw" link show >/dev/null
	check "dropped at a pair" test "$before" -lt \
		"$(ethtool_stats_get "$sw" br0 drop_truncated)"
	check_reach "what has one" h1 "br f h2" src="$M1"
}

# Taps of such a device see frames as they were on the wire.
vlan_device_that_keeps_the_tag()
{
	vlan_device_with reorder_hdr off || return 0
}

# tc adds a tag to what has one: which is in the frame then, and not of its header
tags_by_tc()
{
	new_switch
	ip -n "$sw" link add port up master br0 type veth \
		peer name eth0 netns "$far"
	frames_end f "$far" eth0 tap
	wait_forwarding "$sw" port
	modprobe -q -a sch_ingress cls_matchall act_vlan || :
	ip netns exec "$sw" tc qdisc add dev port clsact
	ip netns exec "$sw" tc filter add dev port ingress matchall \
		action vlan push id 20 2>/dev/null ||
		{ skip "tc adds no tags"; return; }
	frames ear ear "$h1" eth0 3
	check_reach "two tags" f "br h1 h2 ear!" src="$MF" vlan=5
	check_eq "tags" "$(frames last ear | cut -c 25-44)" 810000148100000588b5
}

# A dummy sends into the void, which its counter sees, and receives nothing.
dummy()
{
	new_switch
	add port up master br0 type dummy || return 0
	frames_end f "$sw" port tx tap
	wait_forwarding "$sw" port
	check_reach "broadcast" h1 "br f h2" src="$M1" len=1514
	check_reach "unknown address" h1 "f h2" dst="$MF" src="$M1"
	fdb "$sw" add br0 port "$MF" static
	check_reach "known address" h1 "f" dst="$MF" src="$M1"
	check_reach "from the host" br "f" dst="$MF"
}

bond()
{
	new_switch
	add port type bond mode active-backup || return 0
	ip -n "$sw" link add leg type veth peer name eth0 netns "$far"
	ip -n "$sw" link set leg master port
	ip -n "$sw" link set leg up
	ip -n "$sw" link set port up
	frames_end f "$far" eth0 tap
	check_wait "the bond has link" has_carrier port 1
	ip -n "$sw" link set port master br0
	wait_forwarding "$sw" port
	every_frame
}

# has_carrier DEV VALUE - is the carrier of DEV VALUE?
has_carrier()
{
	[[ $(link_get "$sw" "$1" carrier) == "$2" ]]
}

# vlan_device_with WORD... - the foreign port is a VLAN device
vlan_device_with()
{
	new_switch
	ip -n "$sw" link add trunk up type veth peer name eth0 netns "$far"
	ip -n "$far" link set eth0 up
	add link trunk name port up type vlan id 10 "$@" || return
	ip -n "$far" link add link eth0 name v10 type vlan id 10
	ip -n "$sw" link set port master br0
	frames_end f "$far" v10 tap
	wait_forwarding "$sw" port
	both_ways
	both_ways len=1514 count=10
}

vlan_device()
{
	vlan_device_with || return 0
	both_ways vlan=5 len=64
	frames ear trunk "$far" eth0 3
	check_reach "tagged on the wire" h1 "br f h2 trunk!" src="$M1"
	check_eq "tag" "$(frames last trunk | cut -c 25-36)" 8100000a88b5
}

# A macvlan receives group addresses by a worker, some time later.
macvlan()
{
	new_switch
	ip -n "$sw" link add lower up type veth peer name eth0 netns "$far"
	ip -n "$far" link set eth0 up
	add link lower name port up type macvlan mode passthru || return 0
	frames_end f "$far" eth0 tap
	ip -n "$sw" link set port master br0
	wait_forwarding "$sw" port
	check_reach "broadcast" h1 "br f h2" src="$M1" len=1514
	frames send f src="$MF"
	check_wait "broadcast from f" received 1
	check "f is known" fdb_has "$sw" br0 "$MF" port
	check_reach "to f" h1 "f" dst="$MF" src="$M1"
	check_reach "from f" f "h1" dst="$M1" src="$MF"
	check_reach "from f, tagged" f "h1" dst="$M1" src="$MF" vlan=5
	check_reach "from the host" br "f" dst="$MF"
}

# received N - has h2 received N broadcasts from f?
received()
{
	[[ $(link_stats_get "$h2" eth0 rx_packets) == "$((1 + $1))" ]]
}

# The in-tree tunnel as our port: what it sends arrives at the other end's.
vxlan_in_tree()
{
	new_switch
	ip -n "$sw" link add under up type veth peer name under netns "$far"
	ip -n "$sw" address add 192.0.2.1/24 dev under
	ip -n "$far" address add 192.0.2.2/24 dev under
	ip -n "$far" link set under up
	add port up type vxlan id 7 dstport 4789 local 192.0.2.1 \
		remote 192.0.2.2 || return 0
	ip -n "$far" link add vx up type vxlan id 7 dstport 4789 \
		local 192.0.2.2 remote 192.0.2.1
	ip -n "$sw" link set port master br0
	frames_end f "$far" vx tap
	wait_forwarding "$sw" port
	both_ways
	both_ways len=1400 count=10
}

# Of two tags, one is in the frame itself. Checksums and segments are left to
# the device, which leaves them to the kernel.
tcp_with_a_tag_in_the_payload()
{
	local ns i=0 net

	command -v ethtool >/dev/null || { skip "no ethtool"; return; }
	new_switch
	ip -n "$sw" link add port up master br0 type veth \
		peer name eth0 netns "$far"
	in_ns "$sw" ethtool -K port tso off >/dev/null
	for ns in "$h1" "$far"; do
		i=$((i + 1))
		ip -n "$ns" link set eth0 up
		ip -n "$ns" link add link eth0 name v10 type vlan id 10 ||
			{ skip "no VLAN devices"; return; }
		ip -n "$ns" link set v10 up
		ip -n "$ns" link add link v10 name v20 type vlan id 20
		ns_sysctl "$ns" net.ipv6.conf v20/disable_ipv6=0
		ip -n "$ns" link set v20 up
		ip -n "$ns" addr add "198.51.100.$i/24" dev v20
		ip -n "$ns" addr add "2001:db8::$i/64" dev v20 nodad
	done
	wait_forwarding "$sw" port
	for net in 198.51.100. 2001:db8::; do
		check "TCP to ${net}2" \
			frames stream "$h1" "$far" "${net}2" 300000
		check "TCP to ${net}1" \
			frames stream "$far" "$h1" "${net}1" 300000
	done
}

a_foreign_port_hears_everything()
{
	new_switch
	ip -n "$sw" link add port up type veth peer name eth0 netns "$far"
	# IFF_PROMISC is for users; what counts is in ip -d
	check "before" promiscuity 0
	ip -n "$sw" link set port master br0
	check "as a port" promiscuity 1
	ip -n "$sw" link set port nomaster
	check "after" promiscuity 0
}

# promiscuity N - is that of the foreign port N?
promiscuity()
{
	[[ $(ip -n "$sw" -d link show port) == *" promiscuity $1 "* ]]
}

a_foreign_port_shows_its_master()
{
	local kind=bridge

	new_switch
	[[ $KIND == in-tree ]] || kind=vnetbr
	ip -n "$sw" link add port up master br0 type veth peer name eth0 \
		netns "$far"
	ip -n "$far" link set eth0 up
	check "master" port_of "$sw" port br0
	check "kind of the port" grep -q "\"info_slave_kind\": *\"$kind\"" \
		<(ip -n "$sw" -d -j link show port)
	check_eq "ports of the bridge" "$(ip -n "$sw" -br link show master br0 |
		sed 's/@.*//' | sort | xargs)" "p1 p2 port"
	check_eq "bridge link" "$(bridge -n "$sw" link show |
		sed 's/^[^ ]* \([^:@]*\).* master br0 .*/\1/' | sort | xargs)" \
		"p1 p2 port"
}

a_port_that_is_deleted()
{
	new_switch
	ip -n "$sw" link add port up master br0 type veth \
		peer name eth0 netns "$far"
	frames_end f "$far" eth0
	wait_forwarding "$sw" port
	frames send f src="$MF"
	check "f is known" fdb_has "$sw" br0 "$MF" port
	frames drop f
	ip -n "$sw" link del port
	check_fail "f is forgotten" fdb_has "$sw" br0 "$MF" port
	check_reach "to f" h1 "h2" dst="$MF" src="$M1"
	check_fail "not listed" grep "port" <(bridge -n "$sw" link show)
}

a_port_that_moves_to_another_namespace()
{
	new_switch
	ip -n "$sw" link add port up master br0 type veth \
		peer name eth0 netns "$far"
	frames_end f "$far" eth0
	wait_forwarding "$sw" port
	check_reach "before" h1 "br f h2" src="$M1"
	ip -n "$sw" link set port netns "$far"
	check_fail "no port any more" grep " master " \
		<(ip -n "$far" -o link show port)
	check_reach "after" h1 "br h2" src="$M1"
	ip -n "$far" link set port up
	check_reach "into nothing" f "" src="$MF"
}

a_port_that_changes_its_name()
{
	new_switch
	ip -n "$sw" link add other up master br0 type veth \
		peer name eth0 netns "$far"
	frames_end f "$far" eth0
	ip -n "$sw" link set other down
	ip -n "$sw" link set other name port
	ip -n "$sw" link set port up
	wait_forwarding "$sw" port
	both_ways
}

coming_and_going_with_traffic()
{
	local i

	new_switch
	ip -n "$sw" link add port up type veth peer name eth0 netns "$far"
	frames_end f "$far" eth0
	for ((i = 0; i < 10; i++)); do
		ip -n "$sw" link set port master br0
		wait_forwarding "$sw" port
		check_reach "joined" f "br h1 h2" src="$MF" count=20
		ip -n "$sw" link set port nomaster
		check_reach "left" f "" src="$MF" count=20
		check_reach "left" h1 "br h2" src="$M1" count=20
	done
}

# port_refused TEXT WORDS DEV [BRIDGE] - DEV cannot join BRIDGE (br0), the
# kernel says WORDS
port_refused()
{
	check_refused "$1" "$2" \
		ip -n "$sw" link set "$3" master "${4:-br0}"
	check_fail "$1 has a master" port_of "$sw" "$3" "${4:-br0}"
}

what_cannot_be_a_port()
{
	local ethernet="Only an Ethernet device"

	[[ $KIND == vnetbr ]] || { skip "texts of vnetbr"; return; }
	new_switch
	port_refused "lo" "$ethernet" lo
	port_refused "itself" "" br0
	kind_bridge "$sw" br1
	port_refused "a bridge of ours" "A bridge cannot be a port" br1
	ip -n "$sw" link add other type bridge
	port_refused "an in-tree bridge" "A bridge cannot be a port" other
	if ip -n "$sw" tuntap add dev tun0 mode tun; then
		port_refused "a tun device" "$ethernet" tun0
	fi
	if ip -n "$sw" link add v10 link br0 type vlan id 10 2>/dev/null; then
		port_refused "a VLAN device on top" "" v10
	fi
}

a_device_that_is_busy()
{
	[[ $KIND == vnetbr ]] || { skip "texts of vnetbr"; return; }
	new_switch
	kind_bridge "$sw" br1
	ip -n "$sw" link add port up type veth peer name eth0 netns "$far"
	ip -n "$sw" link set port master br1
	ip -n "$sw" link set port master br0
	check "a port of another bridge moves, as with any master" port_of "$sw" port br0
	ip -n "$sw" link set port nomaster
	add link port name mv type macvlan mode bridge || return 0
	port_refused "lower device of a macvlan" "Another subsystem" port
	ip -n "$sw" link del mv
	ip -n "$sw" link set port master br0
	check "free again" port_of "$sw" port br0
	check_fail "the port cannot have a macvlan" \
		ip -n "$sw" link add link port name mv type macvlan mode bridge
}

our_bridge_cannot_be_a_port()
{
	[[ $KIND == vnetbr ]] || { skip "about vnetbr"; return; }
	new_switch
	ip -n "$sw" link add other type bridge
	check_fail "of an in-tree bridge" ip -n "$sw" link set br0 master other
	check_fail "it is none" port_of "$sw" br0 other
	ip -n "$sw" link set p1 nomaster
	ip -n "$sw" link set p1 master other
	check "but a pair end can be" port_of "$sw" p1 other
	ip -n "$sw" link set p1 master br0
	check "and come back" port_of "$sw" p1 br0
	ip -n "$sw" link set other up
	check_reach "frames" h1 "br h2" src="$M1"
}

[[ -e /dev/net/tun ]] || modprobe tun 2>/dev/null
need_kind
frames_start
tests_run "$@"
