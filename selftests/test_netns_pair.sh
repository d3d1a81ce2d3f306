#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Pairs across namespaces, and what may not cross them, while frames go by:
#
#	$h1                $sw                $h2
#	 eth0 ── p1 ┐
#	           br0
#	 eth0 ── p2 ┘ ────────────────── eth0
#
# An end that moves stops being a port. A namespace that dies takes its ends
# with it, and their peers wherever they are.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_path.sh
. "$LIB_DIR/lib_path.sh"

ALL_TESTS="
	a_container_end_moves
	a_host_end_moves_and_is_no_port_any_more
	an_end_comes_back_and_is_a_port_again
	a_name_that_is_taken_stops_a_move
	the_namespace_of_a_container_is_deleted
	the_namespace_of_the_bridge_is_deleted
	both_namespaces_are_deleted_at_once
	all_namespaces_are_deleted_at_once
	a_bridge_does_not_move
	the_index_of_a_peer_in_another_namespace
	the_owner_of_a_user_namespace
"

M1=$(path_mac 1) M2=$(path_mac 2) M3=$(path_mac 3)

# hosts - the topology, with frames going by from h1 to h2 and back
hosts()
{
	local i ns

	setup_ns -q sw h1 h2 h3
	kind_bridge "$sw" br0
	for i in 1 2; do
		ns=h$i
		kind_pair "$sw" "p$i" "${!ns}" eth0
		ip -n "$sw" link set "p$i" master br0
		frames_end "h$i" "${!ns}" eth0
	done
	wait_forwarding "$sw" p1 p2
	check_reach "before" h1 h2 src="$M1" dst="$M2"
	check_reach "before" h2 h1 src="$M2" dst="$M1"
	frames traffic h1 src="$M1" dst="$M2"
	defer frames reset
}

# gone NS DEV
gone()
{
	! link_exists "$@"
}

a_container_end_moves()
{
	hosts
	ip -n "$h2" link set eth0 netns "$h3"
	check_fail "it left" link_exists "$h2" eth0
	frames stop >/dev/null
	check "its peer is still a port" port_of "$sw" p2 br0
	frames_end h2 "$h3" eth0
	wait_forwarding "$sw" p2
	check_reach "to its new place" h1 h2 src="$M1" dst="$M2"
	check_reach "from its new place" h2 h1 src="$M2" dst="$M1"
}

a_host_end_moves_and_is_no_port_any_more()
{
	hosts
	ip -n "$sw" link set p2 netns "$h3"
	frames stop >/dev/null
	check_fail "no master" port_of "$h3" p2 br0
	check_fail "gone" link_exists "$sw" p2
	check_eq "no address is behind it any more" \
		"$(bridge -n "$sw" fdb show dev br0 | grep -c "^$M2" || :)" 0
	ip -n "$h3" link set p2 up
	frames_end h3 "$h3" p2
	check_reach "not through the bridge" h1 "" src="$M1" dst="$M2"
	check_reach "but from its peer" h2 h3 src="$M2" dst="$M1"
}

an_end_comes_back_and_is_a_port_again()
{
	hosts
	ip -n "$sw" link set p2 netns "$h3"
	ip -n "$h3" link set p2 netns "$sw"
	ip -n "$sw" link set p2 up master br0
	frames stop >/dev/null
	wait_forwarding "$sw" p2
	check_reach "to it" h1 h2 src="$M1" dst="$M2"
	check_reach "from it" h2 h1 src="$M2" dst="$M1"
	# both ends in one namespace
	ip -n "$h2" link set eth0 netns "$sw"
	frames_end h2 "$sw" eth0
	check_reach "in one namespace" h1 h2 src="$M1" dst="$M2"
	check_reach "in one namespace" h2 h1 src="$M2" dst="$M1"
}

a_name_that_is_taken_stops_a_move()
{
	hosts
	ip -n "$h3" link add eth0 type veth peer name x
	check_fail "the name is taken" ip -n "$h2" link set eth0 netns "$h3"
	frames stop >/dev/null
	check_reach "all is as before" h1 h2 src="$M1" dst="$M2"
}

the_namespace_of_a_container_is_deleted()
{
	hosts
	frames drop h2
	ip netns del "$h2"
	check_wait "the host end goes" gone "$sw" p2
	frames stop >/dev/null
	check_reach "nowhere" h1 "" src="$M1" dst="$M2"
	kind_pair "$sw" p2 "$h3" eth0
	ip -n "$sw" link set p2 master br0
	frames_end h3 "$h3" eth0
	wait_forwarding "$sw" p2
	check_reach "its successor" h1 h3 src="$M1" dst="$M3"
}

the_namespace_of_the_bridge_is_deleted()
{
	hosts
	frames stop >/dev/null
	frames traffic h2 src="$M2" dst="$M1"
	ip netns del "$sw"
	check_wait "the container end goes" gone "$h2" eth0
	check_wait "the container end goes" gone "$h1" eth0
	frames stop >/dev/null
}

both_namespaces_are_deleted_at_once()
{
	hosts
	frames drop h2
	ip netns del "$h2" & ip netns del "$sw"
	wait "$!"
	check_wait "the other container end goes" gone "$h1" eth0
	frames stop >/dev/null
}

# What is left is for the kernel to say: a leaked reference is a complaint.
all_namespaces_are_deleted_at_once()
{
	hosts
	frames drop h1 h2
	frames stop >/dev/null
	printf '%s\n' "$h1" "$h2" "$h3" "$sw" | xargs -n 1 ip netns del
	# namespaces are taken down one batch after the other: this one comes
	# after all those above
	setup_ns -q after
	kind_pair "$after" e0 "$after" e1
	ip netns del "$after"
}

a_bridge_does_not_move()
{
	hosts
	check_fail "with ports" ip -n "$sw" link set br0 netns "$h3"
	frames stop >/dev/null
	check "it is still here" port_of "$sw" p1 br0
	check_reach "all is as before" h1 h2 src="$M1" dst="$M2"
	kind_bridge "$sw" br1
	check_fail "without ports" ip -n "$sw" link set br1 netns "$h3"
	check "it is still here" link_exists "$sw" br1
}

the_index_of_a_peer_in_another_namespace()
{
	local iflink

	hosts
	frames stop >/dev/null
	iflink=$(link_get "$sw" p2 iflink)
	check_eq "it is the one of the peer" "$iflink" \
		"$(link_get "$h2" eth0 ifindex)"
	ip -n "$h2" link set eth0 netns "$h3"
	check_eq "after a move" "$(link_get "$sw" p2 iflink)" \
		"$(link_get "$h3" eth0 ifindex)"
}

# Root of a user namespace owns the network namespaces that it has made, and no
# others.
the_owner_of_a_user_namespace()
{
	local out other

	setup_ns -q sw
	if ! unshare --user --map-root-user --net true 2>/dev/null; then
		skip "no user namespaces"
		return
	fi
	other="ip link add e1 type vnetbr mode pair peer name e1 netns $sw"
	[[ $PLUGIN ]] || other="${VNB[*]} add e1 pair peer name e1 netns $sw"
	out=$(unshare --user --map-root-user --net sh -c "
		ip link add e0 type vnetbr_pair || echo own: \$?
		ip link add br0 type vnetbr || echo bridge: \$?
		ip link set e0 master br0 || echo port: \$?
		$other || echo other: \$?
		ip -o link show | sed 's/@.*//; s/^[0-9]*: //; s/:.*//' |
			sort | xargs" 2>"/tmp/err.$$")
	check "why" grep -qi "no permission\|not permitted" "/tmp/err.$$"
	check_eq "its own are made, the other one is not" \
		"${out/other: [12]/other: refused}" "other: refused
br0 e0 lo vnetbr0"
	check_eq "nothing new over there" \
		"$(ip -n "$sw" -o link show | wc -l)" 1
}

need_kind
path_start

tests_run "$@"
