#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A pair by itself: what is put into one end comes out of the other one.
#
#	 h1                    h2
#	+------+              +------+
#	| e1 - | ------------ | - e2 |
#	+------+              +------+
#	 192.0.2.1             192.0.2.2

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	one_command_makes_both_ends
	the_peer_may_be_left_out
	nothing_is_left_of_a_refused_pair
	each_end_shows_the_other_one
	carrier
	an_end_that_is_down
	an_end_that_is_held_down
	a_port_that_is_held_down
	frames_of_all_sizes
	frames_that_the_peer_cannot_take
	jumbo_frames
	counters_agree
	vlan_tags_pass
	deleting_one_end_deletes_both
	deleting_a_namespace_deletes_both
	ends_move_between_namespaces
	offloads_as_veth
	tcp_is_not_segmented
	tcp_without_offloads
	the_mark_stays_in_its_namespace
	ethtool_basics
	queues
	changes_that_are_refused
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02

# new_pair [E1-WORDS [E2-WORD...]] - the topology above; the ends of frames are
# a and b
new_pair()
{
	setup_ns h1 h2
	frames quiet "$h1" "$h2"
	kind_pair "$h1" "e1${1:+ $1}" "$h2" e2 "${@:2}"
	ip -n "$h1" address add 192.0.2.1/24 dev e1
	ip -n "$h2" address add 192.0.2.2/24 dev e2
	frames_end a "$h1" e1 tap
	frames_end b "$h2" e2 tap
	defer frames reset
}

one_command_makes_both_ends()
{
	new_pair "address $M1 mtu 2000 numtxqueues 2 numrxqueues 3" \
		address "$M2" mtu 3000 numtxqueues 3 numrxqueues 1
	check_eq "address of a" "$(link_get "$h1" e1 address)" "$M1"
	check_eq "address of b" "$(link_get "$h2" e2 address)" "$M2"
	check_eq "MTU of a" "$(link_get "$h1" e1 mtu)" 2000
	check_eq "MTU of b" "$(link_get "$h2" e2 mtu)" 3000
	check_eq "queues of a" "$(number_of_queues "$h1" e1)" "2 tx$(rx 3)"
	check_eq "queues of b" "$(number_of_queues "$h2" e2)" "3 tx$(rx 1)"
	check_fail "b is not here" link_exists "$h1" e2
	check_reach "a to b" a "b" count=10
	check_reach "b to a" b "a" count=10
}

# number_of_queues NS DEV
number_of_queues()
{
	[[ $(ip -n "$1" -d -o link show "$2") =~ \
		numtxqueues\ ([0-9]+)(\ numrxqueues\ ([0-9]+))? ]]
	echo "${BASH_REMATCH[1]} tx${BASH_REMATCH[3]:+ ${BASH_REMATCH[3]} rx}"
}

# rx N - how N receive queues are told of: a kernel without RPS does not
rx()
{
	[[ ! -e /sys/class/net/lo/queues/rx-0 ]] || echo " $1 rx"
}

the_peer_may_be_left_out()
{
	local a b

	[[ $KIND == vnetbr ]] || { skip "words of vnetbr"; return; }
	setup_ns -q h1
	kind_link add "$h1" e1 pair
	b=$(ip -n "$h1" -br link show type vnetbr |
		sed -n 's/^\([^ ]*\)@e1 .*/\1/p')
	check "it is there" test -n "$b"
	a=$(link_get "$h1" e1 address)
	check_fail "both addresses are the same" \
		test "$a" = "$(link_get "$h1" "$b" address)"
}

nothing_is_left_of_a_refused_pair()
{
	setup_ns -q h1 h2
	kind_pair "$h1" e1 "$h2" e2
	check_fail "name of the peer is in use" kind_pair "$h1" e3 "$h2" e2
	check_fail "nothing" link_exists "$h1" e3
	check_fail "own name is in use" kind_pair "$h1" e1 "$h2" e4
	check_fail "nothing" link_exists "$h2" e4
	check_fail "bad MTU of the peer" kind_pair "$h1" e3 "$h2" e4 mtu 1
	check_fail "nothing" link_exists "$h2" e4
	check_fail "bad address of the peer" kind_pair "$h1" e3 "$h2" e4 \
		address 01:00:5e:00:00:01
	check_fail "nothing" link_exists "$h1" e3
	check_fail "nothing" link_exists "$h2" e4
	check_fail "bad own MTU" kind_pair "$h1" "e3 mtu 1" "$h2" e4
	check_fail "nothing" link_exists "$h2" e4
	if [[ $KIND == vnetbr ]]; then
		# ip refuses such a name itself, and the core when the peer is
		# there already
		check_fail "own name is none" in_ns "$h1" "${VNB[@]}" \
			add e/3 pair peer name e4 netns "$h2"
	fi
	check_eq "only a" "$(ip -n "$h1" -br link | grep -cv "^lo ")" 1
	check_eq "only b" "$(ip -n "$h2" -br link | grep -cv "^lo ")" 1
}

each_end_shows_the_other_one()
{
	local a b

	new_pair
	a=$(link_get "$h1" e1 ifindex)
	b=$(link_get "$h2" e2 ifindex)
	check_eq "a's peer" "$(link_get "$h1" e1 iflink)" "$b"
	check_eq "b's peer" "$(link_get "$h2" e2 iflink)" "$a"
	check "a's peer, by ip" grep " e1@if$b: .* link-netns" \
		<(ip -n "$h1" -o link show e1)
	ip -n "$h2" link set e2 netns "$h1"
	check "in the same namespace" grep " e1@e2: " \
		<(ip -n "$h1" -o link show e1)
	check "in the same namespace" grep " e2@e1: " \
		<(ip -n "$h1" -o link show e2)
}

# has_carrier VALUE - is that of both ends VALUE?
has_carrier()
{
	[[ $(link_get "$h1" e1 carrier) == "$1" &&
	   $(link_get "$h2" e2 carrier) == "$1" ]]
}

# is_down - is the state of e1 one without link?
is_down()
{
	[[ $(ip -n "$h1" -o link show e1) == *" state "*"DOWN "* ]]
}

carrier()
{
	setup_ns -q h1 h2
	if [[ $KIND == in-tree ]]; then
		ip -n "$h1" link add e1 up type veth peer name e2 netns "$h2"
	else
		kind_link add "$h1" e1 pair peer name e2 netns "$h2"
	fi
	check "b was never up" has_carrier 0
	new_pair
	check "both up" has_carrier 1
	ip -n "$h2" link set e2 down
	check_eq "b down" "$(link_get "$h1" e1 carrier)" 0
	check_wait "state of a" is_down
	ip -n "$h2" link set e2 up
	check "both up again" has_carrier 1
	ip -n "$h1" link set e1 down
	check_eq "a down" "$(link_get "$h2" e2 carrier)" 0
	ip -n "$h2" link set e2 down
	ip -n "$h1" link set e1 up
	check_eq "b down first" "$(link_get "$h1" e1 carrier)" 0
	ip -n "$h2" link set e2 up
	check "and both up" has_carrier 1
}

an_end_that_is_down()
{
	new_pair
	ip -n "$h2" link set e2 down
	check_reach "a to nowhere" a ""
	ip -n "$h2" link set e2 up
	check_reach "a to b" a "b"
}

frames_of_all_sizes()
{
	local len

	new_pair
	for len in 14 15 60 64 128 1500 1513 1514; do
		check_reach "$len bytes" a "b" len="$len"
	done
	check_reach "1518 bytes with a tag" b "a" len=1518 vlan=1
}

frames_that_the_peer_cannot_take()
{
	new_pair "mtu 1600" mtu 1500
	check_reach "what b can take" a "b" len=1514
	# a VLAN tag may be on top
	check_reach "what b can just take" a "b" len=1518
	check_reach "more" a "" len=1519 count=3
	check_reach "what a can take" b "a" len=1514
	[[ $KIND == vnetbr ]] || return 0
	check_eq "counter" "$(ethtool_stats_get "$h1" e1 drop_too_big)" 3
	check_eq "dropped" "$(link_stats_get "$h1" e1 tx_dropped)" 3
	check_eq "sent" "$(link_stats_get "$h1" e1 tx_packets)" 2
	check_eq "received" "$(link_stats_get "$h2" e2 rx_packets)" 2
}

jumbo_frames()
{
	new_pair "mtu 65535" mtu 65535
	check_reach "65535 bytes" a "b" len=65549
	check_reach "9000 bytes" b "a" len=9014
	check "TCP" frames stream "$h1" "$h2" 192.0.2.2 1000000
	check_fail "more is no MTU" ip -n "$h1" link set e1 mtu 65536
	check_fail "less than 68 is none" ip -n "$h1" link set e1 mtu 67
	ip -n "$h1" link set e1 mtu 68
	check_eq "68 is" "$(link_get "$h1" e1 mtu)" 68
}

# all_stats NS DEV WHAT - "packets bytes errors dropped" of rx or tx
all_stats()
{
	local name

	for name in packets bytes errors dropped; do
		link_stats_get "$1" "$2" "$3_$name"
	done | xargs
}

counters_agree()
{
	new_pair
	# IPv4 with nothing in it is of a type that every host knows
	frames send a type=0800 len=60 count=10
	frames send a type=0800 len=1514 count=5
	frames send b type=0800 len=100 count=3
	check_eq "a tx" "$(all_stats "$h1" e1 tx)" "15 8170 0 0"
	check_eq "b rx" "$(all_stats "$h2" e2 rx)" "15 8170 0 0"
	check_eq "b tx" "$(all_stats "$h2" e2 tx)" "3 300 0 0"
	check_eq "a rx" "$(all_stats "$h1" e1 rx)" "3 300 0 0"
}

vlan_tags_pass()
{
	new_pair
	check_reach "802.1Q" a "b" vlan=5
	check_reach "802.1ad" a "b" vlan=5 proto=88a8
	check_reach "two" a "b" vlan=5 proto=88a8 type=8100 data=000588b5
	check_reach "priority" a "b" type=8100 data=e00088b5
	ip -n "$h1" link add link e1 name v1 up type vlan id 10 2>/dev/null ||
		{ skip "no VLAN devices"; return; }
	ip -n "$h2" link add link e2 name v2 up type vlan id 10
	frames_end v1 "$h1" v1
	frames_end v2 "$h2" v2
	# a tag that is beside the frame, as devices leave it
	check_reach "from a VLAN device to another" v1 "b! v2"
}

# absent NS DEV - is the device gone?
absent()
{
	! link_exists "$1" "$2"
}

deleting_one_end_deletes_both()
{
	new_pair
	frames reset
	ip -n "$h1" link del e1
	check "a is gone" absent "$h1" e1
	check "b is gone" absent "$h2" e2
	kind_pair "$h1" e1 "$h2" e2
	ip -n "$h2" link del e2
	check "a is gone" absent "$h1" e1
	check "b is gone" absent "$h2" e2
}

deleting_a_namespace_deletes_both()
{
	new_pair
	frames reset
	kind_pair "$h1" e3 "$h1" e4
	kind_pair "$h1" e5 "$h2" e6
	cleanup_ns "$h1"
	check_wait "b is gone" absent "$h2" e2
	check_wait "f is gone" absent "$h2" e6
}

ends_move_between_namespaces()
{
	new_pair "" address "$M2"
	setup_ns h3
	frames quiet "$h3"
	frames drop b
	ip -n "$h2" link set e2 netns "$h3"
	ip -n "$h3" link set e2 up
	check_eq "its address" "$(link_get "$h3" e2 address)" "$M2"
	frames_end c "$h3" e2 tap
	check_reach "a to b in h3" a "c" count=10
	frames drop a
	ip -n "$h1" link set e1 netns "$h3" name e7
	ip -n "$h3" link set e7 up
	frames_end d "$h3" e7 tap
	check_reach "both in h3" d "c" count=10
	frames reset
	ip -n "$h3" link del e2
	check "both are gone" absent "$h3" e7
}

# features NS DEV - as `ethtool -k`
features()
{
	in_ns "$1" ethtool -k "$2" | sed '1d; /^generic-receive-offload/d'
}

# GRO is left out: for veth it is the switch of its NAPI, and off at first.
offloads_as_veth()
{
	local KIND=$KIND

	[[ $KIND == vnetbr ]] || { skip "compares vnetbr"; return; }
	command -v ethtool >/dev/null || { skip "no ethtool"; return; }
	setup_ns -q h1 h2
	kind_pair "$h1" e1 "$h2" e2
	KIND=in-tree
	kind_pair "$h1" e3 "$h2" e4
	check_eq "ours (<), veth's (>)" \
		"$(diff <(features "$h1" e1) <(features "$h1" e3))" ""
}

# Frames longer than the MTU on their way, with checksums yet to be computed.
tcp_is_not_segmented()
{
	new_pair
	check "TCP" frames stream "$h1" "$h2" 192.0.2.2 1000000
	check "long frames arrive" test "$(frames seen b min=3000)" -gt 10
	check "TCP, the other way" frames stream "$h2" "$h1" 192.0.2.1 1000000
	frames seen b >/dev/null
	check "TCP again" frames stream "$h1" "$h2" 192.0.2.2 1000000
	check_eq "all checksums are left to whoever needs them" \
		"$(frames seen b type=0800 partial=0)" 0
}

tcp_without_offloads()
{
	command -v ethtool >/dev/null || { skip "no ethtool"; return; }
	new_pair
	in_ns "$h1" ethtool -K e1 tso off gso off tx off sg off >/dev/null
	check "TCP" frames stream "$h1" "$h2" 192.0.2.2 200000
	check_eq "long frames" "$(frames seen b min=1515)" 0
	check "TCP, the other way" frames stream "$h2" "$h1" 192.0.2.1 200000
	in_ns "$h1" ethtool -K e1 tso on gso on tx on sg on >/dev/null
	check_wait "long frames again" long_frames
}

# long_frames - does TCP send some? On a slow machine not each connection does.
long_frames()
{
	frames stream "$h1" "$h2" 192.0.2.2 1000000 &&
		(($(frames seen b min=3000) > 0))
}

the_mark_stays_in_its_namespace()
{
	local with without

	new_pair
	frames send a mark=7 len=101
	with=$(frames seen b mark=7 len=101)
	frames send a mark=7 len=102
	without=$(frames seen b mark=0 len=102)
	if [[ $with$without == 00 ]]; then
		skip "the kernel does not tell marks"
		return
	fi
	check_eq "with mark, in another namespace" "$with" 0
	check_eq "without" "$without" 1
	frames drop b
	ip -n "$h2" link set e2 netns "$h1"
	frames_end b "$h1" e2 tap
	frames send a mark=7 len=103
	check_eq "with mark, in the same namespace" \
		"$(frames seen b mark=7 len=103)" 1
}

ethtool_basics()
{
	local driver=vnetbr

	command -v ethtool >/dev/null || { skip "no ethtool"; return; }
	[[ $KIND == vnetbr ]] || driver=veth
	new_pair
	check "driver" grep -x "driver: $driver" \
		<(in_ns "$h1" ethtool -i e1)
	check "speed" grep "Speed: 10000Mb/s" <(in_ns "$h1" ethtool e1)
	check "link" grep "Link detected: yes" <(in_ns "$h1" ethtool e1)
	check_eq "peer" "$(ethtool_stats_get "$h1" e1 peer_ifindex)" \
		"$(link_get "$h2" e2 ifindex)"
	check "time stamps" grep -i "software-transmit" \
		<(in_ns "$h1" ethtool -T e1)
	ip -n "$h2" link set e2 down
	check "no link" grep "Link detected: no" <(in_ns "$h1" ethtool e1)
	ip -n "$h2" link set e2 up
	[[ $KIND == vnetbr ]] || return 0
	frames send a
	check "every counter" grep -c -e "drop_no_peer: 0" -e "moved: 0" \
		<(in_ns "$h1" ethtool -S e1)
}

queues()
{
	new_pair "numtxqueues 4 numrxqueues 4" numtxqueues 4 numrxqueues 4
	check "TCP" frames stream "$h1" "$h2" 192.0.2.2 200000
	check_fail "too many" kind_pair "$h1" "e3 numtxqueues 4097" "$h2" e4
	check_fail "none" kind_pair "$h1" "e3 numtxqueues 0" "$h2" e4
	check_fail "nothing is left" link_exists "$h2" e4
}

changes_that_are_refused()
{
	[[ $KIND == vnetbr ]] || { skip "words of vnetbr"; return; }
	new_pair
	# ip takes the name of the peer for one that e1 is to get
	check_refused "another peer" "peer" \
		in_ns "$h1" "${VNB[@]}" set e1 pair peer name e3
	check_refused "another mode" "mode" kind_link set "$h1" e1 bridge
	check_refused "ends of others" "" \
		kind_link set "$h1" e1 vxlan id 5
	check_reach "still a pair" a "b"
}

# has NS DEV - is there link?
has()
{
	[[ $(link_get "$1" "$2" carrier) == 1 ]]
}

# has_not NS DEV - is there none?
has_not()
{
	! has "$@"
}

# disabled NS PORT - is it in this state?
disabled()
{
	[[ $(bridge -n "$1" -d link show dev "$2") == *"state disabled"* ]]
}

# protodown NS DEV on|off
protodown()
{
	ip -n "$1" link set "$2" protodown "$3"
}

an_end_that_is_held_down()
{
	[[ $KIND == vnetbr ]] || { skip "veth has no protodown"; return; }
	new_pair
	check "hold" protodown "$h1" e1 on
	check_wait "no link" has_not "$h1" e1
	check_wait "nor has the other end" has_not "$h2" e2
	check "shown" grep -q "protodown on" <(ip -n "$h1" -d link show e1)
	ip -n "$h2" link set e2 down
	ip -n "$h2" link set e2 up
	check "the other end comes up again" has_not "$h2" e2
	ip -n "$h1" link set e1 down
	ip -n "$h1" link set e1 up
	check "it comes up itself" has_not "$h1" e1
	check "hold the other end" protodown "$h2" e2 on
	check "let go" protodown "$h1" e1 off
	check_wait "one is held" has_not "$h1" e1
	check "let the other end go" protodown "$h2" e2 off
	check_wait "link" has "$h1" e1
	check_wait "link at the other end" has "$h2" e2
	wait_link "$h1" e1
	wait_link "$h2" e2
	check_reach "frames pass" a "b" dst="$(link_get "$h2" e2 address)"

	check "hold" protodown "$h1" e1 on
	ip -n "$h2" link set e2 down
	check "let go" protodown "$h1" e1 off
	check_wait "the other end is down" has_not "$h1" e1
}

a_port_that_is_held_down()
{
	[[ $KIND == vnetbr ]] || { skip "veth has no protodown"; return; }
	setup_switch 2
	check "hold, for a reason" ip -n "$sw" link set p1 protodown on \
		protodown_reason 3 on
	check_wait "no link" has_not "$h1" eth0
	check_wait "disabled" disabled "$sw" p1
	check_reach "to the port" h2 "br" src="$M2"
	check_fail "the reason is still there" protodown "$sw" p1 off
	check "let go" ip -n "$sw" link set p1 protodown_reason 3 off
	protodown "$sw" p1 off
	wait_forwarding "$sw" p1
	check_reach "to the port" h2 "br h1" src="$M2"
}

need_kind
frames_start
tests_run "$@"
