#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# module: own
#
# The kernel's own bridge, veth and vxlan beside us: as ports of each other, and
# loaded and unloaded while devices of ours are in use. The runner looks at the
# kernel's log; what is tested here is that frames go on.
#
#	 h1                sw                              h2
#	+------+   +------------------------------+   +------+
#	| eth0 - veth - old (in-tree) - a~b - br0 - pair - eth0 |
#	+------+   +------------------------------+   +------+

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	bridges_of_both_kinds_in_a_row
	commands_for_all_bridges
	rules_for_all_bridges
	in_tree_modules_come_and_go
	we_come_and_go
"

# chain - the topology above
chain()
{
	setup_ns -q sw h1 h2
	ip -n "$sw" link add old up type bridge mcast_snooping 0
	KIND=vnetbr kind_bridge "$sw" br0
	KIND=in-tree kind_pair "$sw" "v1 master old" "$h1" eth0
	KIND=vnetbr kind_pair "$sw" "left master old" "$sw" right
	ip -n "$sw" link set right master br0
	KIND=vnetbr kind_pair "$sw" "p2 master br0" "$h2" eth0
	wait_forwarding "$sw" v1 left right p2
	frames_end h1 "$h1" eth0
	frames_end h2 "$h2" eth0
	defer frames reset
}

# frames_pass TEXT - in both directions
frames_pass()
{
	check_reach "$1, broadcast" h1 "h2" src=02:00:00:00:00:01
	check_reach "$1, known" h2 "h1" src=02:00:00:00:00:02 \
		dst=02:00:00:00:00:01 len=1514 count=10
	check_reach "$1, and back" h1 "h2" src=02:00:00:00:00:01 \
		dst=02:00:00:00:00:02 count=10
}

bridges_of_both_kinds_in_a_row()
{
	chain
	frames_pass "through both"
	check "known to ours" fdb_has "$sw" br0 02:00:00:00:00:01 right
	check "known to theirs" fdb_has "$sw" old 02:00:00:00:00:02 left
	ip -n "$sw" link del right
	check_reach "broken" h1 "" src=02:00:00:00:00:01
	check_fail "left is gone" link_exists "$sw" left
}

commands_for_all_bridges()
{
	local dump

	chain
	frames_pass "through both"
	for dump in "link" "-d link" "-s link" "fdb" "-s fdb" "mdb" "vlan" \
			"-d vlan" "-s vlan" "vni" "mst"; do
		# what they say differs between versions; they must not crash
		# shellcheck disable=SC2086 # words
		bridge -n "$sw" $dump show >/dev/null 2>&1 || :
	done
	check_eq "ports of both" "$(bridge -n "$sw" link show |
		sed 's/^[^ ]* \([^:@]*\).* master \([^ ]*\) .*/\1 \2/' |
		sort | xargs)" "left old p2 br0 right br0 v1 old"
	bridge -n "$sw" fdb flush dev old brport left 2>/dev/null || :
	bridge -n "$sw" vlan add dev left vid 5
	frames_pass "afterwards"
}

# IP to 198.51.100.2, which br_netfilter gives to the rules of IP
rules_for_all_bridges()
{
	local ip=(type=0800)

	ip+=(data=4500001c0001000040112666c6336401c633640203e807d000080000)
	command -v nft >/dev/null || { skip "no nft"; return; }
	modprobe br_netfilter 2>/dev/null || { skip "no br_netfilter"; return; }
	chain
	setup_ns -q h3
	KIND=vnetbr kind_pair "$sw" "p3 master br0" "$h3" eth0
	wait_forwarding "$sw" p3
	frames_end h3 "$h3" eth0
	ns_sysctl "$sw" net.bridge bridge-nf-call-iptables=1
	in_ns "$sw" nft -f - <<-END
	table ip t {
		chain c {
			type filter hook forward priority 0
			drop
		}
	}
	END
	check_reach "theirs stop it" h1 "" "${ip[@]}"
	check_reach "ours do not" h2 "h3" "${ip[@]}"
	check_reach "nor what comes through both" h1 "h2 h3"
	in_ns "$sw" nft delete table ip t
	check_reach "both forward it" h1 "h2 h3" "${ip[@]}"
}

# unload MODULE... - those that can be
unload()
{
	modprobe -r "$@" 2>/dev/null
}

in_tree_modules_come_and_go()
{
	local i

	unload br_netfilter bridge veth vxlan || {
		skip "the kernel has them built in"
		return
	}
	setup_ns -q sw h1 h2
	KIND=vnetbr kind_bridge "$sw" br0
	KIND=vnetbr kind_pair "$sw" "p1 master br0" "$h1" eth0
	KIND=vnetbr kind_pair "$sw" "p2 master br0" "$h2" eth0
	wait_forwarding "$sw" p1 p2
	frames_end h1 "$h1" eth0
	frames_end h2 "$h2" eth0
	defer frames reset
	for ((i = 0; i < 3; i++)); do
		frames_pass "without them"
		modprobe -a bridge veth vxlan
		frames_pass "with them"
		# which else reports that it listens for snoopers
		ip -n "$sw" link add old up type bridge mcast_snooping 0
		ip -n "$sw" link add v1 up master old type veth peer name v2
		ip -n "$sw" link set v2 up master br0
		check_reach "into both" h1 "h2" src=02:00:00:00:00:01
		ip -n "$sw" link add vx up master br0 type vxlan id 5 \
			dstport 4790 remote 192.0.2.9
		ip -n "$sw" link set p1 down
		ip -n "$sw" link set p1 up
		wait_forwarding "$sw" p1
		ip -n "$sw" link del vx
		ip -n "$sw" link del v1
		ip -n "$sw" link del old
		check "they can go" unload bridge veth vxlan
	done
	frames_pass "at last"
}

we_come_and_go()
{
	local i

	for ((i = 0; i < 2; i++)); do
		chain
		frames_pass "together"
		frames reset
		check "we can go" modprobe -r vnetbr
		check_fail "br0 is gone" link_exists "$sw" br0
		check_fail "left is gone" link_exists "$sw" left
		check "theirs stay" port_of "$sw" v1 old
		modprobe vnetbr
		cleanup_ns "$sw" "$h1" "$h2"
	done
}

modprobe vnetbr 2>/dev/null || skip_all "the module cannot be loaded"
need_kind
frames_start
tests_run "$@"
