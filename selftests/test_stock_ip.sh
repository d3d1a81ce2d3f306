#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The overlay without our plugin: an ip that knows nothing of kind vnetbr makes
# the devices by their alias kinds, and bridge says the rest.
#
#	 $c1               $sw                           $far
#	eth0 ─── p1 ─ br0 ─ vx0 ─ u1 ═══════ veth ═══════ u2 ── vx0
#	                  our devices                     the kernel's own

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	an_overlay_by_alias_kinds
	the_id_of_a_tunnel
	learning_of_a_tunnel
	two_tunnels
	what_else_is_refused
"

# A place that has no plugins, and the one that has.
PLUGINS=${IP_LIB_DIR:-}
export IP_LIB_DIR=/nonexistent

underlay_of_two()
{
	setup_ns sw far
	ip -n "$sw" link add u1 up type veth peer name u2 netns "$far"
	ip -n "$far" link set u2 up
	ip -n "$sw" addr add 192.0.2.1/24 dev u1
	ip -n "$far" addr add 192.0.2.2/24 dev u2
}

# tunnel NAME ID - by its alias kind
tunnel()
{
	ip -n "$sw" link add link u1 name "$1" up type vnetbr_vxlan &&
		bridge -n "$sw" vlan add dev "$1" vid 0 tunnel_info id "$2" self
}

# words NAME - its options as `ip -d link` shows them with the plugin
words()
(
	unset IP_LIB_DIR
	[[ ! $PLUGINS ]] || export IP_LIB_DIR=$PLUGINS
	ip -n "$sw" -d link show dev "$1"
)

# has NAME WORD...
has()
{
	[[ $(words "$1") == *" ${*:2} "* ]]
}

an_overlay_by_alias_kinds()
{
	underlay_of_two
	setup_ns c1
	ip -n "$sw" link add br0 up type vnetbr
	ip -n "$sw" link add p1 up master br0 type vnetbr_pair
	ip -n "$sw" link set vnetbr0 netns "$c1" name eth0
	ip -n "$c1" addr add 198.51.100.1/24 dev eth0
	ip -n "$c1" link set eth0 up
	check "tunnel" tunnel vx0 100
	ip -n "$sw" link set vx0 master br0
	bridge -n "$sw" fdb append 00:00:00:00:00:00 dev vx0 \
		dst 192.0.2.2 self

	ip -n "$far" link add vx0 up type vxlan id 100 local 192.0.2.2 \
		remote 192.0.2.1 dstport 4789
	ip -n "$far" addr add 198.51.100.2/24 dev vx0
	check_wait "ping through the tunnel" in_ns "$c1" \
		ping -q -c 1 -W 1 198.51.100.2
}

the_id_of_a_tunnel()
{
	underlay_of_two
	check "made" ip -n "$sw" link add link u1 name vx0 type vnetbr_vxlan
	check "starts with id 0" has vx0 id 0
	check "its device is the one named by link" has vx0 dev u1
	check "set" bridge -n "$sw" vlan add dev vx0 vid 0 tunnel_info id 77 self
	check "has it" has vx0 id 77
	check "changed" \
		bridge -n "$sw" vlan add dev vx0 vid 0 tunnel_info id 78 self
	check "has that" has vx0 id 78
}

learning_of_a_tunnel()
{
	underlay_of_two
	check "tunnel" tunnel vx0 1
	check_fail "learns" has vx0 nolearning
	check "off" bridge -n "$sw" link set dev vx0 learning off self
	check "does not learn" has vx0 nolearning
	check "on" bridge -n "$sw" link set dev vx0 learning on self
	check_fail "learns again" has vx0 nolearning
}

# One id belongs to one tunnel: also the 0 of a tunnel that has none yet.
two_tunnels()
{
	underlay_of_two
	check "first" tunnel vx0 1
	check "second" tunnel vx1 2
	check "third" ip -n "$sw" link add vx2 type vnetbr_vxlan
	check_refused "id of another" "id 2 is in use" \
		bridge -n "$sw" vlan add dev vx0 vid 0 tunnel_info id 2 self
	check_refused "a fourth while the third has no id" "id 0 is in use" \
		ip -n "$sw" link add vx3 type vnetbr_vxlan
	check "its own is kept" has vx0 id 1
}

what_else_is_refused()
{
	local before

	underlay_of_two
	check "tunnel" tunnel vx0 1
	before=$(words vx0)
	check_refused "a VLAN that is not 0" "vid has to be 0" \
		bridge -n "$sw" vlan add dev vx0 vid 5 tunnel_info id 2 self
	check_refused "a VLAN without an id" "tunnel_info only" \
		bridge -n "$sw" vlan add dev vx0 vid 5 self
	check_refused "an option of ports" "learning only" \
		bridge -n "$sw" link set dev vx0 learning off flood off self
	check_eq "as before" "$(words vx0)" "$before"
}

need_kind
[[ $PLUGIN ]] || skip_all "shows options with the plugin"
tests_run "$@"
