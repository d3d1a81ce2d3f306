#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 400
#
# Each command of `ip` and `bridge`, of the version that is installed: what
# works, with the plugin and without, what is refused, and with which words.
# What is printed as JSON is JSON.
#
#	                 ┌ p1 ── eth0 (in $h1)
#	br0 (in $sw) ────┼ f1 ── f2   a foreign port (veth)
#	                 └ vx0        a tunnel

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	create_and_show_with_the_plugin
	change_with_the_plugin
	one_entry_for_all_vlans
	port_options_with_the_plugin
	words_that_the_plugin_refuses
	help_of_the_plugin
	create_without_the_plugin
	show_without_the_plugin
	port_options_without_the_plugin
	alias_kinds
	bridge_link
	bridge_link_refused
	bridge_fdb
	bridge_fdb_refused
	bridge_fdb_of_a_tunnel
	bridge_vlan
	bridge_mdb_and_mst
	bridge_monitor
	ip_link_lists
	ip_statistics
	other_ip_commands
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02
need jq bridge ip

# Where there is no plugin: for a whole test, IP_LIB_DIR=$NOWHERE
NOWHERE=$(mktemp -d)
defer rmdir "$NOWHERE"

# devices - the topology
devices()
{
	setup_ns -q sw h1
	kind_bridge "$sw" br0
	kind_pair "$sw" p1 "$h1" eth0
	ip -n "$sw" link add f1 type veth peer name f2
	kind_vxlan "$sw" vx0 id 100 local 192.0.2.1 remote 192.0.2.2
	ip -n "$sw" -batch - <<-END
	link set f1 up master br0
	link set f2 up
	link set p1 master br0
	link set vx0 master br0
	END
}

# need_plugin - skip() where `ip` does not know our words
need_plugin()
{
	[[ $PLUGIN ]] || { skip "ip has no plugin"; return 1; }
}

# says TEXT WORDS COMMAND... - COMMAND succeeds and prints WORDS
says()
{
	local out

	if ! out=$("${@:3}" 2>&1); then
		fail "$1" "failed: ${*:3}" "$out"
	elif [[ $out != *"$2"* ]]; then
		fail "$1" "does not print \"$2\": ${*:3}" "$out"
	fi
}

# json TEXT FILTER COMMAND... - COMMAND prints JSON for which FILTER is true
json()
{
	local out

	if ! out=$("${@:3}" 2>/dev/null); then
		fail "$1" "failed: ${*:3}"
	elif ! jq -e "$2" >/dev/null 2>&1 <<<"$out"; then
		fail "$1" "not so: $2" "${*:3}" "$out"
	fi
}

## ip link, with the plugin

create_and_show_with_the_plugin()
{
	need_plugin || return 0
	setup_ns -q sw h1
	check "a bridge" ip -n "$sw" link add br0 type vnetbr
	check "a bridge, with its mode" ip -n "$sw" link add br1 type vnetbr \
		mode bridge ageing_time 1000
	check "a pair" ip -n "$sw" link add p1 type vnetbr mode pair \
		peer name eth0 netns "$h1" mtu 9000
	check "a tunnel" ip -n "$sw" link add vx0 type vnetbr mode vxlan \
		id 100 local 192.0.2.1 remote 192.0.2.2 dstport 4790
	check "a tunnel of IPv6" ip -n "$sw" link add vx1 type vnetbr \
		mode vxlan id 101 local 2001:db8::1 remote 2001:db8::2
	check_eq "the peer's MTU" "$(link_get "$h1" eth0 mtu)" 9000
	says "br0" "vnetbr mode bridge " ip -n "$sw" -d link show br0
	says "br1" " ageing_time 1000 " ip -n "$sw" -d link show br1
	says "p1" "vnetbr mode pair " ip -n "$sw" -d link show p1
	says "vx0" "vnetbr mode vxlan " ip -n "$sw" -d link show vx0
	json "br1" '.[0].linkinfo | .info_kind == "vnetbr" and
		.info_data.mode == "bridge" and
		.info_data.ageing_time == 1000' ip -n "$sw" -d -j link show br1
	json "p1" '.[0].linkinfo | .info_kind == "vnetbr" and
		.info_data.mode == "pair"' ip -n "$sw" -d -j link show p1
	json "vx0" '.[0].linkinfo.info_data | .mode == "vxlan" and .id == 100
		and .remote == "192.0.2.2" and .local == "192.0.2.1"
		and .port == 4790' ip -n "$sw" -d -j link show vx0
	json "vx1" '.[0].linkinfo.info_data | .id == 101 and
		.remote6 == "2001:db8::2" and .local6 == "2001:db8::1"
		and .port == 4789' ip -n "$sw" -d -j link show vx1
	json "all" 'map(select(.linkinfo.info_kind == "vnetbr")) | length == 5' \
		ip -n "$sw" -d -j link show
}

change_with_the_plugin()
{
	need_plugin || return 0
	devices
	check "with the mode" ip -n "$sw" link set br0 type vnetbr \
		mode bridge ageing_time 2000
	check "without" ip -n "$sw" link set br0 type vnetbr \
		group_fwd_mask 0x4000
	json "br0" '.[0].linkinfo.info_data | .ageing_time == 2000' \
		ip -n "$sw" -d -j link show br0
	says "br0" "group_fwd_mask 0x4000" ip -n "$sw" -d link show br0
	check "limits" ip -n "$sw" link set br0 type vnetbr \
		fdb_max_learned 70 fdb_port_max_learned 30 \
		fdb_max_moves 9 nf_bridge block \
		neigh_snoop 1 neigh_max_snooped 8
	says "limits" "fdb_max_learned 70 " ip -n "$sw" -d link show br0
	says "limits" "fdb_port_max_learned 30 " ip -n "$sw" -d link show br0
	says "limits" "fdb_max_moves 9 " ip -n "$sw" -d link show br0
	says "nf_bridge" "nf_bridge block " ip -n "$sw" -d link show br0
	says "neighbours" "neigh_snoop 1 neigh_max_snooped 8 neigh_n_snooped " \
		ip -n "$sw" -d link show br0
	bridge -n "$sw" vlan del dev p1 vid 1
	bridge -n "$sw" vlan del dev f1 vid 1
	bridge -n "$sw" vlan del dev vx0 vid 1
	check "spanning trees" ip -n "$sw" link set br0 type vnetbr \
		mst_enabled 1 mst 10-20:5,30:6
	says "mst_enabled" "mst_enabled 1 " ip -n "$sw" -d link show br0
	says "mst" "mst 10-20:5,30:6 " ip -n "$sw" -d link show br0
	json "mst" '.[0].linkinfo.info_data | .mst_enabled == 1 and .mst ==
		[{"vlan": 10, "vlanEnd": 20, "msti": 5},
		 {"vlan": 30, "msti": 6}]' ip -n "$sw" -d -j link show br0
	check_refused "bad VLANs" "mst: VLANs" ip -n "$sw" link set br0 \
		type vnetbr mst 20-10:5
	check_refused "the kernel's" "stp_state 2" ip -n "$sw" link set br0 \
		type vnetbr stp_state 1
	check "a tunnel" ip -n "$sw" link set vx0 type vnetbr ttl 9
	says "ttl" " ttl 9 " ip -n "$sw" -d link show vx0
	check_fail "another mode" ip -n "$sw" link set br0 type vnetbr \
		mode vxlan
}

one_entry_for_all_vlans()
{
	local word=fdb_local_vlan_0

	need_plugin || return 0
	ip link help bridge 2>&1 | grep -q "$word" ||
		{ skip "this ip has no $word"; return; }
	setup_ns -q sw
	check "at creation" ip -n "$sw" link add br0 type vnetbr "$word" 1
	check "again" ip -n "$sw" link set br0 type vnetbr "$word" 1
	says "it is on" " $word 1 " ip -n "$sw" -d link show br0
	check_refused "off" "$word: always on" ip -n "$sw" link set br0 \
		type vnetbr "$word" 0
	check_refused "off at creation" "$word: always on" \
		ip -n "$sw" link add br1 type vnetbr "$word" 0
	says "it is on" " $word 1 " ip -n "$sw" -d link show br0
}

port_options_with_the_plugin()
{
	local port

	need_plugin || return 0
	devices
	for port in p1 f1 vx0; do
		check "$port" ip -n "$sw" link set "$port" type vnetbr_slave \
			learning off isolated on flood off
		says "$port" "vnetbr_slave state " \
			ip -n "$sw" -d link show "$port"
		json "$port" '.[0].linkinfo | .info_slave_kind == "vnetbr"
			and .info_slave_data.learning == false
			and .info_slave_data.isolated == true
			and .info_slave_data.flood == false' \
			ip -n "$sw" -d -j link show "$port"
	done
	check "options of VLANs" ip -n "$sw" link set p1 type vnetbr_slave \
		neigh_suppress_vlan 1 neigh_forward_grat_vlan 1
	says "options of VLANs" \
		"neigh_suppress_vlan 1 neigh_forward_grat_vlan 1 " \
		ip -n "$sw" -d link show p1
	json "options of VLANs" '.[0].linkinfo.info_slave_data |
		.neigh_suppress_vlan == [{"vlan": 1}]' \
		ip -n "$sw" -d -j link show p1
	check_refused "another VLAN" "neigh_suppress_vlan: the port is not" \
		ip -n "$sw" link set p1 type vnetbr_slave \
		neigh_suppress_vlan 1-9
	json "all ports" 'map(select(.ifname)) | length == 3' \
		ip -n "$sw" -j link show type vnetbr_slave
}

words_that_the_plugin_refuses()
{
	need_plugin || return 0
	setup_ns -q sw
	check_refused "a mode that is none" "mode" ip -n "$sw" \
		link add x0 type vnetbr mode foo
	check_refused "a word that is none" "foo" ip -n "$sw" \
		link add x0 type vnetbr mode bridge foo 1
	check_fail "a word of another mode" ip -n "$sw" \
		link add x0 type vnetbr mode bridge id 5
	check_fail "a word of another mode" ip -n "$sw" \
		link add x0 type vnetbr mode vxlan id 5 ageing_time 10
	check_fail "no value" ip -n "$sw" link add x0 type vnetbr mode
	check_refused "an hour" "hello_time: not from" ip -n "$sw" \
		link add x0 type vnetbr mode bridge hello_time 360000
	check_refused "no VNI" "id" ip -n "$sw" \
		link add x0 type vnetbr mode vxlan
	check_fail "a number that is too large" ip -n "$sw" \
		link add x0 type vnetbr mode vxlan id 16777216
	check_fail "nothing was made" link_exists "$sw" x0
}

help_of_the_plugin()
{
	local out

	need_plugin || return 0
	out=$(ip link help vnetbr 2>&1) || :
	check "modes" grep -q "mode vxlan" <<<"$out"
	out=$(ip link help vnetbr_slave 2>&1) || :
	check "ports" grep -q "learning" <<<"$out"
}

## ip link, without the plugin

create_without_the_plugin()
{
	local -x IP_LIB_DIR=$NOWHERE

	setup_ns -q sw
	check "a bridge" ip -n "$sw" link add br0 type vnetbr
	check_eq "its kind" "$(in_ns "$sw" python3 -S -s -c "
import sys
sys.path.insert(0, '$LIB_DIR/py')
import vnb
link = vnb.Rtnl().link('br0')
print(link.kind, link.data[4])")" "vnetbr 0"
	check_refused "words" "Garbage" ip -n "$sw" \
		link add br1 type vnetbr mode bridge
	check_fail "nothing was made" link_exists "$sw" br1
	check "deleted" ip -n "$sw" link del br0
	check_fail "deleted" link_exists "$sw" br0
}

show_without_the_plugin()
{
	devices
	local -x IP_LIB_DIR=$NOWHERE
	says "br0" "vnetbr" ip -n "$sw" -d link show br0
	json "br0" '.[0].linkinfo.info_kind == "vnetbr"' \
		ip -n "$sw" -d -j link show br0
	json "f1" '.[0] | .master == "br0" and
		.linkinfo.info_kind == "veth" and
		.linkinfo.info_slave_kind == "vnetbr"' \
		ip -n "$sw" -d -j link show f1
	json "all" 'length == 6' ip -n "$sw" -d -j link show
}

port_options_without_the_plugin()
{
	local port

	devices
	local -x IP_LIB_DIR=$NOWHERE
	for port in p1 f1 vx0; do
		check "$port" ip -n "$sw" link set "$port" type bridge_slave \
			learning off isolated on
		json "$port" '.[0] | .learning == false and .isolated == true' \
			bridge -n "$sw" -d -j link show dev "$port"
	done
}

alias_kinds()
{
	local -x IP_LIB_DIR=$NOWHERE

	setup_ns -q sw
	check "a pair" ip -n "$sw" link add p1 type vnetbr_pair
	check "both ends" link_exists "$sw" vnetbr0
	says "it says what it is" "vnetbr " ip -n "$sw" -d link show p1
	check_fail "not the alias" grep -q vnetbr_pair \
		<<<"$(ip -n "$sw" -d link show p1)"
	json "the list" 'length == 2' ip -n "$sw" -j link show type vnetbr
	check "a tunnel, whose VNI is said later" \
		ip -n "$sw" link add vx0 type vnetbr_vxlan
	check "deleted" ip -n "$sw" link del vnetbr0
	check_fail "both are gone" link_exists "$sw" p1
	check_fail "no such alias" ip -n "$sw" link add x0 type vnetbr_bridge
}

## bridge

bridge_link()
{
	local port

	devices
	for port in p1 f1 vx0; do
		says "$port" "master br0 state" \
			bridge -n "$sw" link show dev "$port"
		check "set" bridge -n "$sw" link set dev "$port" learning off \
			flood off mcast_flood off bcast_flood off isolated off \
			hairpin on
		json "set" '.[0] | .learning == false and .flood == false
			and .mcast_flood == false and .bcast_flood == false
			and .isolated == false and .hairpin == true
			and .master == "br0"' \
			bridge -n "$sw" -d -j link show dev "$port"
		check "state" bridge -n "$sw" link set dev "$port" state 4
		json "state" '.[0].state == "blocking"' \
			bridge -n "$sw" -j link show dev "$port"
	done
	json "all" 'length == 3' bridge -n "$sw" -d -j link show
	check_eq "a bridge is no port" \
		"$(bridge -n "$sw" link show dev br0)" ""
}

bridge_link_refused()
{
	devices
	check_refused "a bridge" "" bridge -n "$sw" link set dev br0 state 3
	check_refused "self, of a bridge" "" \
		bridge -n "$sw" link set dev br0 learning off self
	check_fail "self, of a foreign port" \
		bridge -n "$sw" link set dev f1 learning off self
	check_refused "hwmode" "hwmode: not supported" \
		bridge -n "$sw" link set dev p1 hwmode vepa master
	check_refused "a cost" "cost: not from 1 to 65535" \
		bridge -n "$sw" link set dev p1 cost 65536
	check_refused "fastleave" "fastleave: not supported" \
		bridge -n "$sw" link set dev p1 fastleave on
	check_fail "a state that is none" \
		bridge -n "$sw" link set dev p1 state 5
	json "unchanged" '.[0] | .learning == true' \
		bridge -n "$sw" -d -j link show dev p1
}

bridge_fdb()
{
	devices
	check "static" bridge -n "$sw" fdb add "$M1" dev br0 via f1 static self
	check "self is the default" \
		bridge -n "$sw" fdb add "$M2" dev br0 via p1 dynamic
	says "get" "$M1 dev f1 master br0 static" \
		bridge -n "$sw" fdb get "$M1" br br0
	check "get self" bridge -n "$sw" fdb get "$M1" dev br0 self
	says "show" "$M1 dev f1 master br0 static" bridge -n "$sw" fdb show
	says "show dev" "$M1 via f1 self static" \
		bridge -n "$sw" fdb show dev br0
	json "show" 'map(select(.mac == "'"$M1"'")) | length == 1 and
		.[0].ifname == "f1" and .[0].master == "br0" and
		.[0].state == "static"' bridge -n "$sw" -j fdb show
	json "statistics" 'length > 0' bridge -n "$sw" -s -j fdb show
	check "replace" bridge -n "$sw" fdb replace "$M1" dev br0 via vx0 static
	says "replaced" "$M1 dev vx0 " bridge -n "$sw" fdb get "$M1" br br0
	check "delete" bridge -n "$sw" fdb del "$M1" dev br0 via vx0
	check_fail "deleted" bridge -n "$sw" fdb get "$M1" br br0
	check "flush" bridge -n "$sw" fdb flush dev br0
	check_fail "flushed" bridge -n "$sw" fdb get "$M2" br br0
	check "of the host" bridge -n "$sw" fdb add "$M2" dev br0 permanent self
	says "of the host" "$M2 self permanent" \
		bridge -n "$sw" fdb show dev br0
}

bridge_fdb_refused()
{
	devices
	check_fail "master, of a foreign port" \
		bridge -n "$sw" fdb add "$M1" dev f1 master static
	bridge -n "$sw" fdb add "$M1" dev br0 via f1 static
	check_refused "twice" "exists" \
		bridge -n "$sw" fdb add "$M1" dev br0 via f1 static
	check_refused "no such entry" "not found" \
		bridge -n "$sw" fdb del "$M2" dev br0 via f1
	check_refused "not a port" "not a port" \
		bridge -n "$sw" fdb add "$M2" dev br0 via f2 static
	check_refused "a group" "group address" \
		bridge -n "$sw" fdb add 01:00:5e:00:00:01 dev br0 via f1 static
	check_refused "a VLAN that it is not in" "vlan: the port is not in" \
		bridge -n "$sw" fdb add "$M2" dev br0 via f1 vlan 7 static
	check_refused "a remote" "dst: does not apply" \
		bridge -n "$sw" fdb add "$M2" dev br0 dst 192.0.2.9 static
	check_eq "by the bridge: needs private flags" \
		"$(bridge -n "$sw" fdb show br br0)" ""
}

bridge_fdb_of_a_tunnel()
{
	devices
	check "an entry" bridge -n "$sw" fdb add "$M1" dev vx0 dst 192.0.2.7 self
	check "a second remote" bridge -n "$sw" fdb append 00:00:00:00:00:00 \
		dev vx0 dst 192.0.2.8 vni 7 port 4790 self
	says "show" "$M1 dst 192.0.2.7 " bridge -n "$sw" fdb show dev vx0
	says "show" "dst 192.0.2.8 port 4790 vni 7 " \
		bridge -n "$sw" fdb show dev vx0
	json "show" 'map(select(.dst == "192.0.2.7")) | length == 1 and
		.[0].mac == "'"$M1"'"' bridge -n "$sw" -j fdb show dev vx0
	check "get" bridge -n "$sw" fdb get "$M1" dev vx0 self
	check "delete" bridge -n "$sw" fdb del "$M1" dev vx0 dst 192.0.2.7 self
	check_fail "deleted" bridge -n "$sw" fdb get "$M1" dev vx0 self
}

# Nothing of what is not supported is accepted and forgotten.
bridge_vlan()
{
	devices
	check "add" bridge -n "$sw" vlan add dev p1 vid 10
	check "add self" bridge -n "$sw" vlan add dev br0 vid 10 self
	check "del" bridge -n "$sw" vlan del dev p1 vid 10
	check_fail "tunnel" bridge -n "$sw" vlan add dev vx0 vid 10 \
		tunnel_info id 1000
	check "show" bridge -n "$sw" vlan show
	json "show" 'true' sh -c "bridge -n $sw -j vlan show | sed 's/^$/[]/'"
	check_fail "set" bridge -n "$sw" vlan set dev p1 vid 10 state 3
}

bridge_mdb_and_mst()
{
	devices
	check_fail "mdb add" bridge -n "$sw" mdb add dev br0 port p1 \
		grp 239.1.1.1 permanent
	if [[ $(bridge mst help 2>&1) != *unknown* ]]; then
		mst
	fi
	check_fail "vni" bridge -n "$sw" vni add dev vx0 vni 7
}

# the commands of the man page
mst()
{
	check_refused "mst is off" "mst_enabled" bridge -n "$sw" mst set \
		dev p1 msti 3 state 4
	check "mst show" bridge -n "$sw" mst show
	kind_bridge "$sw" br9 vlan_default_pvid 0 mst_enabled 1 mst 10-20:5
	ip -n "$sw" link set p1 master br9
	bridge -n "$sw" vlan add dev p1 vid 10
	bridge -n "$sw" vlan add dev p1 vid 30
	json "mst show" '.[0] | .ifname == "p1" and
		(.mst | map({(.msti | tostring): .state}) | add) ==
		{"5": "disabled", "0": "forwarding"}' \
		bridge -n "$sw" -j mst show
	check "mst set" bridge -n "$sw" mst set dev p1 msti 5 state blocking
	json "mst show" '.[0].mst | map({(.msti | tostring): .state}) | add ==
		{"5": "blocking", "0": "forwarding"}' \
		bridge -n "$sw" -j mst show dev p1
}

bridge_monitor()
{
	local out what

	devices
	out=$(mktemp)
	defer rm -f "$out"
	stdbuf -oL bridge -n "$sw" monitor link fdb >"$out" 2>&1 &
	defer kill $!
	# what it does not hear yet is said again
	check_wait "it listens" monitor_hears "$out"
	check "set" bridge -n "$sw" link set dev f1 isolated on
	check "add" bridge -n "$sw" fdb add "$M1" dev br0 via f1 static
	check "del" bridge -n "$sw" fdb del "$M1" dev br0 via f1
	for what in ": f1.* master br0" "^$M1 dev f1 .*static" \
		"[Dd]eleted.* $M1 dev f1 "; do
		check_wait "$what" grep -q "$what" "$out"
	done
}

# monitor_hears FILE - change something; is it in FILE?
monitor_hears()
{
	bridge -n "$sw" fdb replace "$M2" dev br0 via f1 static
	bridge -n "$sw" fdb del "$M2" dev br0 via f1
	grep -q "$M2" "$1"
}

## ip, others

ip_link_lists()
{
	devices
	json "ports" '[.[].ifname] | sort == ["f1", "p1", "vx0"]' \
		ip -n "$sw" -j link show master br0
	json "by kind" '[.[].ifname] | sort == ["br0", "p1", "vx0"]' \
		ip -n "$sw" -j link show type vnetbr
	check "nomaster" ip -n "$sw" link set p1 nomaster
	json "ports" '[.[].ifname] | sort == ["f1", "vx0"]' \
		ip -n "$sw" -j link show master br0
	check_refused "another kind" "not supported" \
		ip -n "$sw" link set br0 type bridge ageing_time 100
	check_refused "another kind" "not supported" \
		ip -n "$sw" link set vx0 type vxlan ttl 5
	check_fail "a bridge in a bridge" ip -n "$sw" link set br0 master br0
	check "master at creation" ip -n "$sw" link add v7 master br0 \
		type veth peer name v8
	check "a port" port_of "$sw" v7 br0
}

ip_statistics()
{
	devices
	json "statistics" '.[0].stats64.rx.packets == 0' \
		ip -n "$sw" -s -j link show p1
	check "details" ip -n "$sw" -s -d link show br0
	check "xstats" ip -n "$sw" link xstats type bridge dev br0
	check "stats" ip -n "$sw" stats show dev br0
}

other_ip_commands()
{
	devices
	check "an address" ip -n "$sw" addr add 198.51.100.1/24 dev br0
	check "a neighbour" ip -n "$sw" neigh add 198.51.100.2 lladdr "$M1" \
		dev br0
	json "neighbours" 'map(select(.dst == "198.51.100.2")) | length == 1' \
		ip -n "$sw" -j neigh show dev br0
	json "addresses" '.[0].addr_info | length == 1' \
		ip -n "$sw" -j addr show dev br0
	ip -n "$sw" link set vx0 down	# required before 6.2
	check "rename" ip -n "$sw" link set vx0 name vx1
	check "still a port" port_of "$sw" vx1 br0
	check "an alternative name" ip -n "$sw" link property add dev br0 \
		altname switch0
	check "by it" ip -n "$sw" link show dev switch0
	json "brief" 'length == 6' ip -n "$sw" -br -j link
	check "family bridge" ip -n "$sw" -B link
	check "a batch" sh -c "printf 'link add x0 type vnetbr\nlink del x0\n' |
		ip -n $sw -batch -"
}

need_kind

tests_run "$@"
