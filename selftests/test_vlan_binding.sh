#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# VLAN devices on top of a bridge that are bound to the ports which are in their
# VLAN (bridge_binding): they have carrier while one of those has link. The same
# with KIND=in-tree, but for changed bindings before Linux 6.14, and for devices
# that stay up without their bridge.
#
#	 sw
#	+--------------------------+
#	| v10 v20 v30		   |	of VLANs 10, 20, 30; bound
#	|   \  |  /		   |
#	|     br0 --- p1, p2, p3   |
#	+--------------|---|---|---+
#	          h   e1  e2  e3
#
# p1 is in 10, p2 in 10 and 20, p3 in 30.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	link_of_ports_in_the_vlan
	other_ports_do_not_count
	ports_enter_and_leave_vlans
	default_pvid
	ports_join_and_leave_the_bridge
	states_of_ports
	filtering_on_and_off
	bridge_down_and_up
	not_bound
	bound_later
	released
	changed_while_down
	tags_of_another_protocol
	another_namespace
	a_bridge_goes
"

sw_link()
{
	ip -n "$sw" link "$@"
}

vlan()
{
	bridge -n "$sw" vlan "$@"
}

# vlan_dev VID... - v10 for VLAN 10 and so on, each up and bound
vlan_dev()
{
	local vid

	for vid; do
		sw_link add link br0 name "v$vid" up type vlan id "$vid" \
			bridge_binding on
	done
}

# new_bridge [VID...] - the picture, with devices for these VLANs
new_bridge()
{
	local i

	setup_ns -q sw h
	kind_bridge "$sw" br0 vlan_filtering 1 vlan_default_pvid 0
	for i in 1 2 3; do
		kind_pair "$sw" "p$i" "$h" "e$i"
		sw_link set "p$i" master br0
	done
	vlan add dev p1 vid 10
	vlan add dev p2 vid 10
	vlan add dev p2 vid 20
	vlan add dev p3 vid 30
	vlan_dev "$@"
}

# link_is up|down I... - of ports p1 and so on, by their other ends
link_is()
{
	local i

	for i in "${@:2}"; do
		ip -n "$h" link set "e$i" "$1"
	done
}

# carriers_are "DEV..." - those VLAN devices have carrier, no other has
carriers_are()
{
	local got

	got=$(sw_link show type vlan |
		sed -n 's/^[0-9]*: \([^@]*\)@.*[,<]LOWER_UP[,>].*/\1/p')
	echo "${got//$'\n'/ }"
	[[ ${got//$'\n'/ } == "$1" ]]
}

# check_carriers TEXT "DEV..."
check_carriers()
{
	local got

	got=$(busywait carriers_are "$2") ||
		fail "$1" "carrier:  $got" "expected: $2"
}

# old_in_tree - does the kernel's bridge not notice that bindings change?
old_in_tree()
{
	[[ $KIND == in-tree && $(uname -r) =~ ^6\.(1|12)\. ]]
}

link_of_ports_in_the_vlan()
{
	new_bridge 10 20 30
	check_carriers "all ports have link" "v10 v20 v30"
	link_is down 2
	check_carriers "p1 is in VLAN 10 too" "v10 v30"
	link_is down 1
	check_carriers "no port in VLAN 10" "v30"
	link_is up 2
	check_carriers "p2 again" "v10 v20 v30"
	sw_link set p2 down
	check_carriers "p2 is down" "v30"
	link_is up 1
	check_carriers "p1 again" "v10 v30"
	sw_link set p2 up
	check_carriers "p2 is up" "v10 v20 v30"
	link_is down 1 2 3
	check_carriers "none" ""
	vlan_dev 40
	vlan add dev p1 vid 40
	link_is up 1
	check_carriers "a new one, and p1" "v10 v40"
}

other_ports_do_not_count()
{
	new_bridge
	vlan add dev br0 vid 40 self
	vlan_dev 10 20 30 40
	check_carriers "only the bridge is in VLAN 40" "v10 v20 v30"
	link_is down 1 2
	check_carriers "p3 has link" "v30"
	vlan_dev 50
	check_carriers "nobody is in VLAN 50" "v30"
}

ports_enter_and_leave_vlans()
{
	new_bridge 10 20 30 40 4000
	vlan del dev p3 vid 30
	check_carriers "p3 has left" "v10 v20"
	vlan add dev p1 vid 2-4094
	check_carriers "all VLANs" "v10 v20 v30 v40 v4000"
	vlan del dev p1 vid 20-3999
	check_carriers "p1 has left some" "v10 v20 v4000"
	vlan del dev p2 vid 10
	check_carriers "p1 is in VLAN 10" "v10 v20 v4000"
	vlan del dev p1 vid 10
	check_carriers "nobody is" "v20 v4000"
	link_is down 3
	vlan add dev p3 vid 10
	vlan del dev p2 vid 20
	check_carriers "a port without link has come" "v4000"
}

default_pvid()
{
	new_bridge 10 40
	sw_link set p1 nomaster
	check_carriers "only p2" "v10"
	kind_bridge_set "$sw" br0 vlan_default_pvid 40
	check_carriers "all are in VLAN 40" "v10 v40"
	kind_bridge_set "$sw" br0 vlan_default_pvid 50
	check_carriers "not any more" "v10"
	kind_bridge_set "$sw" br0 vlan_default_pvid 40
	check_carriers "again" "v10 v40"
	kind_bridge_set "$sw" br0 vlan_default_pvid 0
	check_carriers "none" "v10"
}

ports_join_and_leave_the_bridge()
{
	new_bridge 10 20 30
	sw_link set p2 nomaster
	check_carriers "p2 has left" "v10 v30"
	sw_link set p2 master br0
	vlan add dev p2 vid 20
	check_carriers "p2 is back" "v10 v20 v30"
	sw_link del p1
	check_carriers "p1 is gone" "v20 v30"
	sw_link set p3 nomaster
	check_carriers "p3 has left" "v20"
	sw_link set p2 nomaster
	check_carriers "no port" ""
	sw_link set p2 master br0
	kind_bridge_set "$sw" br0 vlan_default_pvid 30
	vlan del dev p2 vid 30
	check_carriers "p2 is in no VLAN" ""
	sw_link set p3 master br0
	check_carriers "p3 is back, by default" "v30"
}

# As in-tree: the ports of the VLAN need link, one port of the bridge a state.
states_of_ports()
{
	new_bridge 10 30
	bridge -n "$sw" link set dev p1 state 0
	bridge -n "$sw" link set dev p2 state 0
	check_carriers "p1 and p2 are disabled" "v10 v30"
	bridge -n "$sw" link set dev p3 state 0
	check_carriers "no port of the bridge forwards" ""
	bridge -n "$sw" link set dev p3 state 3
	check_carriers "p3 forwards" "v10 v30"
}

filtering_on_and_off()
{
	new_bridge 10 20 30
	link_is down 2
	kind_bridge_set "$sw" br0 vlan_filtering 0
	check_carriers "p1 and p3, still" "v10 v30"
	vlan del dev p3 vid 30
	check_carriers "the tables count" "v10"
	link_is up 2
	check_carriers "and links" "v10 v20"
	kind_bridge_set "$sw" br0 vlan_filtering 1
	check_carriers "the same" "v10 v20"
	link_is down 1
	link_is down 2
	check_carriers "none" ""
}

bridge_down_and_up()
{
	new_bridge 10
	sw_link set br0 down
	check_carriers "down with the bridge" ""
	link_is down 1 2
	sw_link set br0 up
	check_wait "up with the bridge" is_up v10
	check_carriers "no link" ""
	link_is up 1
	check_carriers "link" "v10"

	[[ $KIND == vnetbr ]] || return 0	# keeps its carrier
	sw_link set v10 type vlan loose_binding on
	sw_link set br0 down
	check_carriers "up without the bridge" ""
	sw_link set br0 up
	check_carriers "bridge is up" "v10"
}

# is_up DEV
is_up()
{
	[[ $(sw_link show dev "$1") == *[,\<]UP[,\>]* ]]
}

not_bound()
{
	new_bridge 10
	sw_link add link br0 name w20 up type vlan id 20
	sw_link add link br0 name w40 up type vlan id 40
	check_carriers "as the bridge" "v10 w20 w40"
	link_is down 1 2
	check_carriers "as the bridge, still" "w20 w40"
	link_is down 3
	check_carriers "no port has link" ""
	link_is up 3
	check_carriers "one has" "w20 w40"
	vlan add dev p3 vid 10
	check_carriers "and is in VLAN 10" "v10 w20 w40"
}

bound_later()
{
	! old_in_tree || { skip "not noticed before Linux 6.14"; return; }
	new_bridge
	sw_link add link br0 name w10 up type vlan id 10
	sw_link add link br0 name w20 up type vlan id 20
	link_is down 2
	check_carriers "not bound" "w10 w20"
	sw_link set w10 type vlan bridge_binding on
	sw_link set w20 type vlan bridge_binding on
	check_carriers "bound" "w10"
	link_is up 2
	check_carriers "link" "w10 w20"
	link_is down 1 2
	check_carriers "no link" ""
}

released()
{
	! old_in_tree || { skip "not noticed before Linux 6.14"; return; }
	new_bridge 10 20
	link_is down 1 2
	check_carriers "bound" ""
	sw_link set v10 type vlan bridge_binding off
	check_carriers "not bound" "v10"
	sw_link set v20 type vlan bridge_binding off
	check_carriers "nor this" "v10 v20"
	link_is down 3
	check_carriers "no link" ""
}

changed_while_down()
{
	! old_in_tree || { skip "not noticed before Linux 6.14"; return; }
	new_bridge
	sw_link add link br0 name w10 up type vlan id 10
	sw_link add link br0 name w20 up type vlan id 20
	check_carriers "not bound" "w10 w20"
	sw_link set w10 down
	# that w10 was closed is told with this, and not when it is up again
	link_is down 1 2 3
	check_carriers "no link" ""
	link_is up 1
	check_carriers "link" "w20"
	sw_link set w10 type vlan bridge_binding on
	sw_link set w10 up
	check_carriers "bound" "w10 w20"
	link_is up 3
	link_is down 1
	check_carriers "link, elsewhere" "w20"
	sw_link set w10 down
	sw_link set w10 type vlan bridge_binding off
	sw_link set w10 up
	check_carriers "not bound any more" "w10 w20"
}

tags_of_another_protocol()
{
	new_bridge
	sw_link add link br0 name v10 up type vlan id 10 protocol 802.1ad \
		bridge_binding on
	check_carriers "link" "v10"
	link_is down 1 2
	check_carriers "no link" ""
}

another_namespace()
{
	local inside

	new_bridge 10 30
	inside=$sw
	sw_link set v10 netns "$h"
	ip -n "$h" link set v10 up
	sw=$h
	check_carriers "it has come" "v10"
	ip -n "$inside" link set p1 down
	ip -n "$inside" link set p2 down
	check_carriers "no link" ""
	ip -n "$inside" link set p1 up
	check_carriers "link" "v10"
	sw=$inside
	check_carriers "the other one" "v30"
}

a_bridge_goes()
{
	new_bridge 10 20 30
	sw_link del v20
	check_carriers "a device goes" "v10 v30"
	link_is down 3
	check_carriers "the others follow" "v10"
	sw_link del br0
	check_eq "nothing is left" "$(sw_link show type vlan)" ""
	link_is down 1
}

# need_binding - skip_all() where no VLAN device can be bound
need_binding()
{
	setup_ns -q sw
	kind_bridge "$sw" br0
	sw_link add link br0 name v10 type vlan id 10 bridge_binding on \
		2>/dev/null || skip_all "no bridge_binding"
}

need_kind
need_binding
tests_run "$@"
