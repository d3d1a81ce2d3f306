#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a bridge answers for its neighbours, and what it therefore does not
# flood: ARP and IPv6 neighbour discovery, as of the kernel's own bridge.
# Frames take short cuts, and then, with a packet socket on each port, do not.
#
#	 sw                              h1
#	+-----------------------+       +------+
#	| br0 --- p1 ---------- | ----- | eth0 |	192.0.2.1 at M1, ...
#	|     \-- p2 ---------- | ----- |  h2  |
#	|      \- p3 (suppress) | ----- |  h3  |
#	+-----------------------+       +------+
#
# The tests of VLANs have all ports in VLANs 10 and 20, tagged, and a device for
# each of these on top of br0, which has the neighbours: v10, v20.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_neigh.sh
. "$LIB_DIR/lib_neigh.sh"

PATH_TESTS="
	suppressed_arp
	suppressed_nd
	proxy_arp
	proxy_arp_wifi
	arp_in_vlans
	nd_in_vlans
"

ALL_TESTS="
	$PATH_TESTS
	the_same_while_the_ports_are_watched
	gratuitous_arp_and_nd
	what_an_arp_answer_says
	what_an_nd_answer_says
	an_address_of_the_host
	what_is_no_question
	frames_with_a_tag
	vlan_without_a_device
	ports_come_and_go
	gratuitous_arp_in_vlans
	gratuitous_nd_in_vlans
	options_of_vlans_in_no_vlan
	options_go_with_their_vlan
	options_of_vlans_that_are_refused
	options_of_vlans_are_shown
	as_many_vlans_as_there_can_be
"

# setup [WORD...] - the switch above: all stations seen, all but 1 neighbours;
# WORDs are for p3
setup()
{
	local i

	setup_switch 3
	for i in 2 3 98; do
		ip -n "$sw" neigh add "192.0.2.$i" lladdr "$(mac "$i")" \
			dev br0 nud permanent
	done
	for i in 1 2 3; do
		frames send "h$i" src="$(mac "$i")"
	done
	(($# == 0)) || port p3 "$@"
}

# have_option WORD - skip the test where the kernel's bridge has no such option
# of a VLAN
have_option()
{
	[[ $KIND != in-tree || $(bridge vlan help 2>&1) == *" $1 "* ]] ||
		{ skip "bridge has no $1 of a VLAN"; return 1; }
}

# setup_vlans - the switch, with VLANs 10 and 20, and p3 with
# neigh_vlan_suppress
setup_vlans()
{
	local i vid

	setup_switch 3 vlan_filtering 1 vlan_default_pvid 0
	for vid in 10 20; do
		bridge -n "$sw" vlan add dev br0 vid "$vid" self
		ip -n "$sw" link add link br0 name "v$vid" up type vlan id "$vid"
		for i in 2 3 98; do
			ip -n "$sw" neigh add "192.0.2.$i" \
				lladdr "$(mac "$i")" dev "v$vid" nud permanent
		done
		for i in 1 2 3; do
			bridge -n "$sw" vlan add dev "p$i" vid "$vid"
			frames send "h$i" src="$(mac "$i")" vlan="$vid"
		done
	done
	neigh_vlan_suppress p3 on
}

suppressed_arp()
{
	setup
	ask "no port suppresses" h1 3 "br h2 h3"
	port p3 neigh_suppress on
	ask "known, behind p3" h1 3 "br h1 h2"
	ask "known, elsewhere" h1 2 "br h2"
	ask "not known" h1 99 "br h2 h3"
	ask "not in the forwarding table" h1 98 "br h2 h3"
	ask "from p3" h3 2 "br h1 h2"
	check_reach "of the host" br "br h1 h2" type=0806 \
		data="$(arp 1 254 3)"
	answered 2
	port p3 neigh_suppress off
	ask "off again" h1 3 "br h2 h3"
	answered 2
}

# neigh6 DEV N... - stations are neighbours of a device, which says nothing itself
neigh6()
{
	local i

	ns_sysctl "$sw" net.ipv6.conf "$1/addr_gen_mode=1" "$1/disable_ipv6=0"
	for i in "${@:2}"; do
		ip -n "$sw" neigh add "2001:db8::$i" lladdr "$(mac "$i")" \
			dev "$1" nud permanent
	done
}

suppressed_nd()
{
	have_ipv6 || return 0
	setup
	neigh6 br0 2 3
	ask6 "no port suppresses" h1 3 "br h2 h3"
	port p3 neigh_suppress on
	ask6 "known, behind p3" h1 3 "br h1 h2"
	ask6 "known, elsewhere" h1 2 "br h2"
	ask6 "not known" h1 99 "br h2 h3"
	ask6 "from p3" h3 2 "br h1 h2"
	ask6 "is the address in use" h1 3 "br h1 h2" "$(printf '%032d' 0)"
	answered 2
}

gratuitous_arp_and_nd()
{
	local na

	have_ipv6 || return 0
	setup neigh_suppress on
	na="type=86dd len=86 dst=33:33:00:00:00:01
		data=$(icmp6 136 20000000 "$(addr6 1)" \
			ff020000000000000000000000000001 1)"
	ask "ARP" h1 1 "br h2"
	# shellcheck disable=SC2086 # words
	check_reach "advertisement" h1 "br h2" src="$(mac 1)" $na
	[[ $KIND == vnetbr ]] || return 0
	check "forward them" in_ns "$sw" "${VNB[@]}" set p3 port \
		neigh_forward_grat on
	ask "ARP" h1 1 "br h2 h3"
	# shellcheck disable=SC2086 # words
	check_reach "advertisement" h1 "br h2 h3" src="$(mac 1)" $na
	ask "a question" h1 3 "br h1 h2"
	check "not any more" in_ns "$sw" "${VNB[@]}" set p3 port \
		neigh_forward_grat off
	ask "ARP" h1 1 "br h2"
}

# A port with proxy_arp gets no floods at all.
proxy_arp()
{
	setup
	port p1 proxy_arp on
	ask "known" h1 2 "br h1 h2 h3"
	ask "not known" h1 99 "br h2 h3"
	ask "from elsewhere" h2 3 "br h3"
	check_reach "a broadcast" h2 "br h3" src="$(mac 2)"
	check_reach "known address" h2 "h1" src="$(mac 2)" dst="$(mac 1)"
	answered 1
	port p1 proxy_arp off
	ask "off again" h2 3 "br h1 h3"
}

proxy_arp_wifi()
{
	setup
	port p2 proxy_arp_wifi on
	ask "known, behind p2" h1 2 "br h1 h3"
	ask "known, elsewhere" h1 3 "br h2 h3"
	check_reach "a broadcast" h1 "br h2 h3" src="$(mac 1)"
	answered 1
}

arp_in_vlans()
{
	have_option neigh_suppress || return 0
	setup_vlans
	ask "no VLAN suppresses" h1 3 "br h2 h3" vlan=10
	vlan_option p3 10 neigh_suppress on
	ask "known, behind p3" h1 3 "br h1 h2" vlan=10
	ask "known, elsewhere" h1 2 "br h2" vlan=10
	ask "not known" h1 99 "br h2 h3" vlan=10
	ask "not in the forwarding table" h1 98 "br h2 h3" vlan=10
	ask "from p3" h3 2 "br h1 h2" vlan=10
	ask "another VLAN" h1 3 "br h2 h3" vlan=20
	port p3 neigh_suppress on
	ask "whatever the port has" h1 3 "br h2 h3" vlan=20
	port p3 neigh_suppress off
	ask "whatever the port has" h1 3 "br h1 h2" vlan=10
	answered 2
	vlan_option p3 10 neigh_suppress off
	ask "off again" h1 3 "br h2 h3" vlan=10
	vlan_option p3 10 neigh_suppress on
	neigh_vlan_suppress p3 off
	ask "not by VLANs" h1 3 "br h2 h3" vlan=10
	port p3 neigh_suppress on
	ask "but by the port" h1 3 "br h1 h2" vlan=20
	answered 3
}

nd_in_vlans()
{
	have_ipv6 || return 0
	have_option neigh_suppress || return 0
	setup_vlans
	neigh6 v10 2 3
	neigh6 v20 2 3
	ask6 "no VLAN suppresses" h1 3 "br h2 h3" "" vlan=10
	vlan_option p3 10 neigh_suppress on
	ask6 "known, behind p3" h1 3 "br h1 h2" "" vlan=10
	ask6 "known, elsewhere" h1 2 "br h2" "" vlan=10
	ask6 "not known" h1 99 "br h2 h3" "" vlan=10
	ask6 "from p3" h3 2 "br h1 h2" "" vlan=10
	ask6 "another VLAN" h1 3 "br h2 h3" "" vlan=20
	port p3 neigh_suppress on
	ask6 "whatever the port has" h1 3 "br h2 h3" "" vlan=20
	answered 1
}

the_same_while_the_ports_are_watched()
{
	local WATCH=1 test

	for test in $PATH_TESTS; do
		subtest "$test"
	done
}

what_an_arp_answer_says()
{
	setup neigh_suppress on
	frames_end w1 "$h1" eth0 tap
	frames send h1 src="$(mac 1)" type=0806 data="$(arp 1 1 3)"
	check_eq "answer" "$(frames last w1)" "020000000001$(:
		)0200000000030806$(:
		)0001080006040002020000000003$(addr 3)020000000001$(addr 1)"
}

# sums_up HEX - is the checksum of this ICMPv6 packet, of 32 bytes, right?
sums_up()
{
	local packet=$1 pseudo sum=0 i

	pseudo=${packet:16:64}000000200000003a${packet:80}
	for ((i = 0; i < ${#pseudo}; i += 4)); do
		sum=$((sum + 0x${pseudo:i:4}))
	done
	((sum % 0xffff == 0))
}

what_an_nd_answer_says()
{
	local answer dad

	have_ipv6 || return 0
	setup neigh_suppress on
	neigh6 br0 3
	dad=$(printf '%032d' 0)
	frames_end w1 "$h1" eth0 tap
	ask6 "question" h1 3 "br h1 h2 w1!"
	answer=$(frames last w1)
	check_eq "header" "${answer:0:28}" 02000000000102000000000386dd
	check_eq "IPv6 header" "${answer:28:80}" \
		"6000000000203aff$(addr6 3)$(addr6 1)"
	check_eq "advertisement, but its checksum" \
		"${answer:108:4}${answer:116}" \
		"880060000000$(addr6 3)0201020000000003"
	check "its checksum" sums_up "${answer:28}"

	ask6 "is it in use" h1 3 "br h1 h2 w1!" "$dad"
	answer=$(frames last w1)
	check_eq "to all" "${answer:0:28}" 33330000000102000000000386dd
	check_eq "advertisement, but its checksum" \
		"${answer:108:4}${answer:116}" \
		"880020000000$(addr6 3)0201020000000003"
	check "its checksum" sums_up "${answer:28}"
}

# The host answers itself, to p1: for each of its devices that has got the
# question, at once for br0, in its own time for a macvlan, which is told not to.
an_address_of_the_host()
{
	setup neigh_suppress on
	ip -n "$sw" addr add 192.0.2.254/24 dev br0
	ask "of the bridge" h1 254 "br h1 h2"
	ip -n "$sw" link add link br0 name up0 up arp off type macvlan ||
		{ skip "no macvlan"; return; }
	ip -n "$sw" addr add 198.51.100.1/24 dev up0
	check_reach "of a device on top of it" h1 "br h1 h2" src="$(mac 1)" \
		type=0806 data="$(arp 1 1 3 | sed 's/........$/c6336401/')"
	answered 0
}

what_is_no_question()
{
	setup neigh_suppress on
	check_reach "an answer" h1 "br h2 h3" src="$(mac 1)" type=0806 \
		data="$(arp 2 1 3)"
	check_reach "cut short" h1 "br h2 h3" src="$(mac 1)" type=0806 \
		len=30 data=00010800060400010200
	check_reach "not for IPv4" h1 "br h2 h3" src="$(mac 1)" type=0806 \
		data="$(arp 1 1 3 | sed s/0800/86dd/)"
	check_reach "a group" h1 "br h2 h3" src="$(mac 1)" type=0806 \
		data="$(arp 1 1 3 | sed 's/........$/e0000001/')"
	check_reach "IPv6, cut short" h1 "br h2 h3" src="$(mac 1)" type=86dd \
		data=6000000000203aff dst=33:33:ff:00:00:03 len=70
	answered 0
	[[ $KIND == vnetbr ]] || return 0
	ask "of one station" h1 3 h3 dst="$(mac 3)"
	answered 0
}

# In-tree, without VLAN filtering, it is answered without a tag.
frames_with_a_tag()
{
	[[ $KIND == vnetbr ]] || { skip "in-tree differs"; return; }
	setup neigh_suppress on
	ask "tagged" h1 3 "br h2 h3" vlan=7
}

# In the VLAN of a port the host has no device, and so no neighbours.
vlan_without_a_device()
{
	setup neigh_suppress on
	kind_bridge_set "$sw" br0 vlan_filtering 1
	ask "a question" h1 3 "br h2 h3"
	ask "said without a question" h1 1 "br h2"
	answered 0
}

ports_come_and_go()
{
	setup neigh_suppress on
	ip -n "$sw" link set p3 nomaster
	ask "no port suppresses" h1 2 "br h2"
	ip -n "$sw" link set p3 master br0
	wait_forwarding "$sw" p3
	frames send h3 src="$(mac 3)"
	ask "nor does it now" h1 3 "br h2 h3"
	port p3 neigh_suppress on
	port p3 neigh_suppress on proxy_arp_wifi on
	port p3 neigh_suppress off
	ask "one of two is left" h1 3 "br h1 h2"
	port p3 proxy_arp_wifi off
	ask "none is left" h1 3 "br h2 h3"
}

# say_arp TEXT TO VLAN, say_na TEXT TO VLAN - h1 says to all where it is
say_arp()
{
	ask "$1" h1 1 "$2" vlan="$3"
}

say_na()
{
	check_reach "$1" h1 "$2" src="$(mac 1)" type=86dd \
		dst=33:33:00:00:00:01 vlan="$3" \
		data="$(icmp6 136 20000000 "$(addr6 1)" \
			ff020000000000000000000000000001 1)"
}

# said_in_vlans SAY - what is said without a question, by one of these
said_in_vlans()
{
	have_option neigh_suppress || return 0
	setup_vlans
	vlan_option p3 10 neigh_suppress on
	"$1" "suppressed" "br h2" 10
	"$1" "another VLAN" "br h2 h3" 20
	[[ $KIND != in-tree ||
		$(bridge vlan help 2>&1) == *" neigh_forward_grat "* ]] ||
		return 0
	vlan_option p3 10 neigh_forward_grat on
	"$1" "forward them" "br h2 h3" 10
	ask "a question" h1 3 "br h1 h2" vlan=10
	vlan_option p3 10 neigh_forward_grat off
	"$1" "not any more" "br h2" 10
	[[ $KIND == vnetbr ]] || return 0
	in_ns "$sw" "${VNB[@]}" set p3 port neigh_forward_grat on
	"$1" "whatever the port has" "br h2" 10
}

gratuitous_arp_in_vlans()
{
	said_in_vlans say_arp
}

gratuitous_nd_in_vlans()
{
	have_ipv6 || return 0
	said_in_vlans say_na
}

# Without VLAN filtering, a frame is in none.
options_of_vlans_in_no_vlan()
{
	have_option neigh_suppress || return 0
	setup neigh_suppress on
	neigh_vlan_suppress p3 on
	ask "by the port" h1 3 "br h1 h2"
	ask "said without a question" h1 1 "br h2"
	port p3 neigh_suppress off
	ask "not by the port" h1 3 "br h2 h3"
	bridge -n "$sw" vlan add dev p3 vid 1 pvid untagged
	vlan_option p3 1 neigh_suppress on
	ask "nor by the VLAN" h1 3 "br h2 h3"
	bridge -n "$sw" vlan add dev br0 vid 1 pvid untagged self
	bridge -n "$sw" vlan add dev p1 vid 1 pvid untagged
	bridge -n "$sw" vlan add dev p2 vid 1 pvid untagged
	kind_bridge_set "$sw" br0 vlan_filtering 1
	ask "in the VLAN" h1 1 "br h2"
}

options_go_with_their_vlan()
{
	have_option neigh_suppress || return 0
	setup_vlans
	vlan_option p3 10,20 neigh_suppress on
	bridge -n "$sw" vlan add dev p3 vid 20 untagged
	bridge -n "$sw" vlan del dev p3 vid 10
	bridge -n "$sw" vlan add dev p3 vid 10
	frames send h3 src="$(mac 3)" vlan=10
	ask "a new VLAN" h1 3 "br h2 h3" vlan=10
	ask "one that was changed" h1 3 "br h1 h2" vlan=20
	ip -n "$sw" link set p3 nomaster
	ip -n "$sw" link set p3 master br0
	wait_forwarding "$sw" p3
	bridge -n "$sw" vlan add dev p3 vid 20
	neigh_vlan_suppress p3 on
	frames send h3 src="$(mac 3)" vlan=20
	ask "a new port" h1 3 "br h2 h3" vlan=20
}

# refused TEXT REASON WORD... - options of p3 of ours
refused()
{
	check_refused "$1" "$2" kind_port_set "$sw" p3 "${@:3}"
}

options_of_vlans_that_are_refused()
{
	have_option neigh_suppress || return 0
	setup_vlans
	bridge -n "$sw" vlan add dev p3 vid 11-13
	check_fail "not in the VLAN" vlan_option p3 30 neigh_suppress on
	check_fail "nor its end" vlan_option p3 13-14 neigh_suppress on
	check_fail "not from 1 to 4094" vlan_option p3 4095 neigh_suppress on
	check_fail "of the bridge" vlan_option br0 10 neigh_suppress on
	[[ $KIND == vnetbr ]] || return 0
	refused "not in one" "neigh_suppress_vlan: the port is not in" \
		neigh_suppress_vlan 10,30
	refused "not in one" "neigh_forward_grat_vlan: the port is not in" \
		neigh_forward_grat_vlan 19-21
	refused "0" "neigh_suppress_vlan: VLANs are not from 1 to 4094" \
		neigh_suppress_vlan 10,0-10
	refused "4095" "VLANs are not from 1 to 4094" neigh_suppress_vlan 4095
	refused "with good ones" "neigh_forward_grat_vlan" \
		neigh_suppress_vlan 10 isolated on community 5 \
		neigh_forward_grat_vlan 10,30
	ask "nothing was done" h1 3 "br h2 h3" vlan=10
	vlan_option p3 10-13 neigh_suppress on
	ask "now it is" h1 3 "br h1 h2" vlan=10
}

# shown WORDS - what `ip -d link` says of options of p3's VLANs
shown()
{
	check_eq "shown" "$(ip -n "$sw" -d link show p3 | tr -s ' ' '\n' |
		sed -n '/^neigh_.*_vlan$/{N; p}' | paste -sd' ')" "$1"
}

options_of_vlans_are_shown()
{
	local command commands=(bridge)

	[[ $KIND == vnetbr ]] || { skip "in-tree: bridge -d vlan"; return; }
	setup_vlans
	[[ ! $PLUGIN ]] || commands+=(ip)
	for command in "${commands[@]}"; do
		[[ $($command link help bridge_slave 2>&1) == \
			*neigh_vlan_suppress* ]] || continue
		check "$command" grep -qw "neigh_vlan_suppress on" \
			<("$command" -n "$sw" -d link show dev p3)
	done
	[[ $PLUGIN ]] || return 0
	shown ""
	bridge -n "$sw" vlan add dev p3 vid 1-4094
	kind_port_set "$sw" p3 neigh_suppress_vlan 31-64,10-14,16-20,30 \
		neigh_forward_grat_vlan 4094
	shown "neigh_suppress_vlan 10-14,16-20,30-64 \
neigh_forward_grat_vlan 4094"
	bridge -n "$sw" vlan del dev p3 vid 4094
	kind_port_set "$sw" p3 neigh_suppress_vlan 10-30
	shown "neigh_suppress_vlan 10-30"
	bridge -n "$sw" vlan del dev p3 vid 20
	bridge -n "$sw" vlan add dev p3 vid 20
	shown "neigh_suppress_vlan 10-19,21-30"
	kind_port_set "$sw" p3 neigh_suppress_vlan none
	shown ""
}

# They fit into every message, and come back as they were sent.
as_many_vlans_as_there_can_be()
{
	local all

	[[ $KIND == vnetbr ]] || { skip "in-tree: bridge -d vlan"; return; }
	setup_vlans
	all=$(seq -s, 1 2 4093)
	bridge -n "$sw" vlan add dev p3 vid 1-4094
	check "set" in_ns "$sw" "${VNB[@]}" set p3 port \
		neigh_suppress_vlan "$all" neigh_forward_grat_vlan "$all"
	ask "known" h1 3 "br h2 h3" vlan=10
	in_ns "$sw" "${VNB[@]}" set p3 port neigh_suppress_vlan 1-4094
	ask "known" h1 3 "br h1 h2" vlan=10
	check "bridge" in_ns "$sw" sh -c "bridge link show | grep -q ' p3'"
	check "bridge vlan" in_ns "$sw" sh -c "bridge vlan show | grep -q 4093"
	# what reads with a buffer of 4 KiB, as getifaddrs() does
	check "all links" in_ns "$sw" python3 -c \
		'import socket; assert "p3" in dict(map(reversed, socket.if_nameindex()))'
	[[ $PLUGIN ]] || return 0
	shown "neigh_suppress_vlan 1-4094 neigh_forward_grat_vlan $all"
}

need_kind
frames_start
tests_run "$@"
