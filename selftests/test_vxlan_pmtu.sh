#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 300
#
# Packets that do not fit the underlay: their senders are told, and what TCP
# sends arrives.
#
#	$c1 eth0 --- br0 --- vx0 $a eth0 -- veth -- eth0 $b vx0 (in-tree)
#	203.0.113.1              192.0.2.1          192.0.2.2   203.0.113.2
#
# Routed, the addresses of $c1 are those of vx0. The route from $a to $b has an
# MTU of 1400, of which vx0 knows nothing.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_vxlan.sh
. "$(dirname -- "$0")/lib_vxlan.sh"

ALL_TESTS="
	routed_over_ipv4
	routed_over_ipv6
	bridged_over_ipv4
	bridged_over_ipv6
	the_mtu_follows_the_device
	the_mtu_follows_the_route
	a_user_has_the_last_word
"

# narrow FAMILY routed|bridged - the topology; sets $sender
narrow()
{
	local f=$1

	vx_hosts a b
	# shellcheck disable=SC2154 # set by setup_ns
	kind_vxlan "$a" vx0 id 100 dstport 4789 \
		local "${UNDERLAY[$f.1]}" remote "${UNDERLAY[$f.2]}"
	of_kind in-tree kind_vxlan "$b" vx0 id 100 dstport 4789 \
		local "${UNDERLAY[$f.2]}" remote "${UNDERLAY[$f.1]}"
	vx_addresses vx0 2 OVERLAY | ip_all "$b"
	sender=$a
	if [[ $2 == routed ]]; then
		vx_addresses vx0 1 OVERLAY | ip_all "$a"
	else
		setup_ns c1
		# shellcheck disable=SC2154 # set by setup_ns
		sender=$c1
		vx_no_dad "$c1"
		kind_bridge "$a" br0
		kind_pair "$a" p1 "$c1" eth0 mtu 1450
		vx_addresses eth0 1 OVERLAY | ip_all "$c1"
	fi
	ip_all "$a" <<-END
	link set vx0 mtu 1450
	$([[ $2 == routed ]] || echo "link set vx0 master br0
		link set p1 mtu 1450 master br0")
	route replace ${UNDERLAY[$f.2]} dev eth0 src ${UNDERLAY[$f.1]} mtu 1400
	END
	ip -n "$b" link set vx0 mtu 1450
}

# learns ADDRESS SIZE MTU - does a ping that is too large teach the sender?
learns()
{
	in_ns "$sender" ping -n -q -c 1 -W 1 -M "do" -s "$2" "$1" || :
	[[ $(ip -n "$sender" route get "$1") == *" mtu $3"* ]]
}

# too_big FAMILY MODE - all of it
too_big()
{
	local f mtu

	narrow "$1" "$2"
	mtu=$((1400 - OVERHEAD[$1]))
	for f in 4 6; do
		check "IPv$f: a small one arrives" in_ns "$sender" \
			ping -n -q -c 1 -W 10 "${OVERLAY[$f.2]}"
		check_wait "IPv$f: the sender learns the MTU $mtu" \
			learns "${OVERLAY[$f.2]}" 1380 "$mtu"
		check_fail "IPv$f: too large by one" in_ns "$sender" \
			ping -n -q -c 1 -W 1 -M "do" \
			-s $((mtu - HEADER[$f] - 7)) "${OVERLAY[$f.2]}"
		check "IPv$f: the largest that fits" in_ns "$sender" \
			ping -n -q -c 1 -W 10 -M "do" \
			-s $((mtu - HEADER[$f] - 8)) "${OVERLAY[$f.2]}"
		# what was learned is forgotten, so that TCP learns by itself
		ip -n "$sender" route flush cache
		ip -n "$sender" -6 route flush cache
		stream "$sender" "$b" "${OVERLAY[$f.2]}" "$BULK"
	done
	# routed, the frames themselves went out, in outer fragments
	[[ $KIND == in-tree || $2 == routed ]] || check "counted as drop_pmtu" \
		test "$(ethtool_stats_get "$a" vx0 drop_pmtu)" -gt 0
}

routed_over_ipv4()
{
	too_big 4 routed
}

routed_over_ipv6()
{
	too_big 6 routed
}

bridged_over_ipv4()
{
	too_big 4 bridged
}

bridged_over_ipv6()
{
	too_big 6 bridged
}

# mtu_of DEV - in $a
mtu_of()
{
	ip -n "$a" -j link show dev "$1" | jq '.[].mtu'
}

the_mtu_follows_the_device()
{
	[[ $KIND != in-tree ]] || { skip "that of the kernel does not"; return; }
	vx_hosts a b
	kind_vxlan "$a" vx4 id 1 local 192.0.2.1 remote 192.0.2.2 dev eth0
	kind_vxlan "$a" vx6 id 1 local 2001:db8::1 remote 2001:db8::2 dev eth0
	check_eq "at first" "$(mtu_of vx4) $(mtu_of vx6)" "1450 1430"
	ip -n "$a" link set eth0 mtu 1400
	check_eq "smaller" "$(mtu_of vx4) $(mtu_of vx6)" "1350 1330"
	ip -n "$a" link set eth0 mtu 9000
	check_eq "larger" "$(mtu_of vx4) $(mtu_of vx6)" "8950 8930"
}

the_mtu_follows_the_route()
{
	[[ $KIND != in-tree ]] || { skip "that of the kernel does not"; return; }
	vx_hosts a b
	kind_vxlan "$a" vx0 id 1 local 192.0.2.1 remote 192.0.2.2
	check_eq "that of its device" "$(mtu_of vx0)" 1450
	ip -n "$a" route add 192.0.2.3 dev eth0 mtu 1300
	kind_vxlan "$a" vx1 id 2 local 192.0.2.1 remote 192.0.2.3
	check_eq "its own" "$(mtu_of vx1)" 1250
	kind_vxlan_set "$a" vx0 remote 192.0.2.3
	check_eq "of another remote" "$(mtu_of vx0)" 1250
}

a_user_has_the_last_word()
{
	[[ $KIND != in-tree ]] || { skip "that of the kernel does not"; return; }
	vx_hosts a b
	kind_vxlan "$a" vx0 id 1 local 192.0.2.1 remote 192.0.2.2 dev eth0
	ip -n "$a" link set vx0 mtu 1000
	ip -n "$a" link set eth0 mtu 1400
	check_eq "stays" "$(mtu_of vx0)" 1000
	check_fail "larger than the underlay" ip -n "$a" link set vx0 mtu 1351
	ip -n "$a" link set vx0 mtu 1350
	check_eq "as large" "$(mtu_of vx0)" 1350
}

need ethtool jq ping socat
need_kind
BULK=$(mktemp)
defer rm -f "$BULK"
head -c 1M /dev/urandom >"$BULK"
# shellcheck disable=SC2119 # arguments are for tests_run
tests_run "$@"
