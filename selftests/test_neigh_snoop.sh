#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Neighbours that a bridge knows from what they say, in ARP and IPv6 neighbour
# discovery. Frames take short cuts, and then, with a packet socket on each
# port, do not. The switch has no neighbours of the host and no VLAN devices.
#
#	 sw                              h1
#	+-----------------------+       +------+
#	| br0 --- p1 ---------- | ----- | eth0 |	192.0.2.1 at M1, ...
#	|     \-- p2 ---------- | ----- |  h2  |
#	|      \- p3 (suppress) | ----- |  h3  |
#	+-----------------------+       +------+

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_neigh.sh
. "$LIB_DIR/lib_neigh.sh"

PATH_TESTS="
	an_answer_is_noted
	an_announcement_is_noted
	an_advertisement_is_noted
	each_vlan_has_its_own
"

ALL_TESTS="
	$PATH_TESTS
	the_same_while_the_ports_are_watched
	off_by_default
	who_is_not_in_the_forwarding_table
	what_arp_does_not_say
	what_nd_does_not_say
	a_question_says_where_its_sender_is
	a_router_stays_one
	an_address_that_moves
	who_may_not_override
	who_is_not_listened_to
	the_host_goes_first
	nobody_is_answered_about_itself
	there_is_a_limit
	the_silent_are_forgotten
	off_forgets
	other_vlans_forget
"

# setup [WORD...] - the switch above: all stations seen, nothing said; WORDs are
# for the bridge
setup()
{
	local i

	setup_switch 3 neigh_snoop 1 "$@"
	for i in 1 2 3; do
		frames send "h$i" src="$(mac "$i")"
	done
	port p3 neigh_suppress on
}

# say END [FIELD...] - h3 answers h1 by ARP; END sends it
say()
{
	frames send "$1" src="$(mac 3)" dst="$(mac 1)" type=0806 \
		data="$(arp 2 3 1)" "${@:2}"
}

# known TEXT [FIELD...], unknown TEXT [FIELD...] - does the bridge know h3?
known()
{
	ask "$1" h1 3 "br h1 h2" "${@:2}"
}

unknown()
{
	ask "$1" h1 3 "br h2 h3" "${@:2}"
}

# checksum HEX - of words in hex
checksum()
{
	local sum=0 i

	for ((i = 0; i < ${#1}; i += 4)); do
		sum=$((sum + 0x${1:i:4}))
	done
	printf '%04x' $((0xffff - (sum % 0xffff)))
}

# packet6 TYPE FLAGS FROM TO TARGET OPTIONS - of ICMPv6; addresses and options in
# hex. $HOP is its hop limit, $CODE its code
packet6()
{
	local len head tail

	len=$(printf '%04x' $((24 + ${#6} / 2)))
	head=$(printf '%02x%s' "$1" "${CODE:-00}")
	tail=$2$5$6
	printf '60000000%s3a%s%s%s%s%s%s' "$len" "${HOP:-ff}" "$3" "$4" \
		"$head" "$(checksum "$3$4${len}003a$head$tail")" "$tail"
}

ALL_NODES=ff020000000000000000000000000001
TARGET_M3=0201020000000003
SOURCE_M3=0101020000000003

# say6 END DATA [FIELD...] - a packet of h3; END sends it
say6()
{
	frames send "$1" src="$(mac 3)" dst="$(mac 1)" type=86dd \
		data="$2" "${@:3}"
}

# advert [FLAGS [TARGET [OPTIONS [TO]]]] - of h3 to h1
advert()
{
	packet6 136 "${1:-60000000}" "$(addr6 3)" "${4:-$(addr6 1)}" \
		"${2:-$(addr6 3)}" "${3-$TARGET_M3}"
}

# known6 TEXT [FIELD...], unknown6 TEXT [FIELD...]
known6()
{
	ask6 "$1" h1 3 "br h1 h2" "" "${@:2}"
}

unknown6()
{
	ask6 "$1" h1 3 "br h2 h3" "" "${@:2}"
}

# snooped N - is that what the bridge has noted?
snooped()
{
	[[ $(ip -n "$sw" -d link show br0) == *" neigh_n_snooped $1 "* ]]
}

# count N - check it
count()
{
	[[ $PLUGIN ]] || return 0
	check "noted: $1" snooped "$1"
}

# limited BY - how often was there no room?
limited()
{
	check_eq "counter" "$(ethtool_stats_get "$sw" br0 neigh_limit)" "$1"
}

an_answer_is_noted()
{
	setup
	unknown "nothing was said"
	say h3
	known "it has answered"
	ask "another does not know it" h2 3 "br h1 h2"
	ask "it asks itself" h3 1 "br h1 h2"
	answered 2
	count 3
	port p3 neigh_suppress off
	unknown "no port suppresses"
}

an_announcement_is_noted()
{
	setup
	ask "announced" h3 3 "br h1 h2"
	known "by a request"
	answered 1
}

an_advertisement_is_noted()
{
	have_ipv6 || return 0
	setup
	unknown6 "nothing was said"
	say6 h3 "$(advert)"
	known6 "it has answered"
	answered 1
	count 1
	frames send h2 src="$(mac 2)" type=86dd dst=33:33:00:00:00:01 \
		data="$(packet6 136 20000000 "$(addr6 2)" "$ALL_NODES" \
			"$(addr6 2)" 0201020000000002)"
	ask6 "to all, known, elsewhere" h1 2 "br h2"
	count 2
}

# setup_vlans - the switch, with all ports in VLANs 10 and 20, tagged
setup_vlans()
{
	local i vid

	setup_switch 3 vlan_filtering 1 vlan_default_pvid 0 neigh_snoop 1
	for vid in 10 20; do
		bridge -n "$sw" vlan add dev br0 vid "$vid" self
		for i in 1 2 3; do
			bridge -n "$sw" vlan add dev "p$i" vid "$vid"
			frames send "h$i" src="$(mac "$i")" vlan="$vid"
		done
	done
	port p3 neigh_suppress on
}

each_vlan_has_its_own()
{
	setup_vlans
	say h3 vlan=10
	known "the VLAN" vlan=10
	unknown "another one" vlan=20
	say h3 vlan=20
	known "which has heard it, too" vlan=20
	neigh_vlan_suppress p3 on
	vlan_option p3 20 neigh_suppress on
	unknown "not suppressed" vlan=10
	known "suppressed" vlan=20
	[[ -e /proc/sys/net/ipv6 ]] || return 0
	say6 h3 "$(advert)" vlan=20
	known6 "by an advertisement" vlan=20
	vlan_option p3 10,20 neigh_suppress on
	unknown6 "another one" vlan=10
}

the_same_while_the_ports_are_watched()
{
	local WATCH=1 test

	for test in $PATH_TESTS; do
		subtest "$test"
	done
}

off_by_default()
{
	setup_switch 3
	port p3 neigh_suppress on
	say h3
	unknown "off"
	count 0
	answered 0
}

who_is_not_in_the_forwarding_table()
{
	setup
	say h3
	kind_bridge_set "$sw" br0 fdb_flush
	unknown "not there"
	frames send h3 src="$(mac 3)"
	known "there again"
}

# wrong TEXT SED [FIELD...] - what h3 says, changed; the frame goes to all
wrong()
{
	frames send h3 src="$(mac 3)" type=0806 \
		data="$(arp 2 3 1 | sed "$2")" "${@:3}"
	unknown "$1"
}

what_arp_does_not_say()
{
	local ip

	setup
	wrong "of no hardware that we know" 's/^0001/0006/'
	wrong "not IPv4" 's/^00010800/000186dd/'
	wrong "other lengths" 's/0604/0606/'
	wrong "neither question nor answer" 's/06040002/06040003/'
	wrong "reversed" 's/^/&/' type=8035
	wrong "cut short" 's/.\{16\}$//' len=34
	wrong "of another link address" 's/020000000003/020000000002/'
	wrong "a probe" 's/c0000203/00000000/'
	wrong "tagged, in no VLAN" 's/^/&/' vlan=7
	count 1
	for ip in 7f000001 e0000001 ffffffff; do
		say h3 data="$(arp 2 3 1 | sed "s/c0000203/$ip/")"
	done
	count 1
	say h3
	known "as it should be"
	count 2
}

# wrong6 TEXT DATA [FIELD...] - what h3 says in a way that it should not
wrong6()
{
	say6 h3 "$2" "${@:3}"
	unknown6 "$1"
}

what_nd_does_not_say()
{
	local good

	have_ipv6 || return 0
	setup
	good=$(advert)
	wrong6 "from a router on" "$(HOP=fe advert)"
	wrong6 "another code" "$(CODE=01 advert)"
	wrong6 "not ICMPv6" "${good:0:12}11${good:14}"
	wrong6 "not IPv6" "4${good:1}"
	wrong6 "wrong checksum" "${good:0:84}$(:
		)$(printf '%04x' $((0x${good:84:4} ^ 1)))${good:88}"
	wrong6 "no link address" "$(advert "" "" "")"
	wrong6 "of another type" "$(advert "" "" "$SOURCE_M3")"
	wrong6 "another one" "$(advert "" "" 0201020000000002)"
	wrong6 "of another length" "$(advert "" "" \
		"02020200000000030000000000000000")"
	wrong6 "option of no length" "$(advert "" "" \
		"${TARGET_M3}0500000000000000")"
	wrong6 "option that is cut short" "$(advert "" "" \
		"${TARGET_M3}0502000000000000")"
	wrong6 "frame that is cut short" "${good:0:128}" len=78
	wrong6 "asked for by all" "$(advert "" "" "$TARGET_M3" \
		"$ALL_NODES")"
	wrong6 "neither question nor answer" "$(packet6 137 60000000 \
		"$(addr6 3)" "$(addr6 1)" "$(addr6 3)" "$TARGET_M3")"
	count 0
	say6 h3 "$(advert "" "$(printf '%032x' 0)")"
	say6 h3 "$(advert "" "$(printf '%032x' 1)")"
	say6 h3 "$(advert "" "$(solicited 3)")"
	count 0
	say6 h3 "$(advert "" "" "0501000000000000$TARGET_M3")"
	known6 "as it should be"
	count 1
}

# solicit [FROM [OPTIONS]] - h3 asks for h2
solicit()
{
	packet6 135 00000000 "${1:-$(addr6 3)}" "$(solicited 2)" "$(addr6 2)" \
		"${2-$SOURCE_M3}"
}

# It does not say whether that is a router, so only who is known is noted.
a_question_says_where_its_sender_is()
{
	have_ipv6 || return 0
	setup
	say6 h3 "$(solicit)"
	unknown6 "nothing else was said"
	count 0
	say6 h3 "$(advert)"
	frames send h2 src="$(mac 2)" type=86dd dst="$(mac 1)" \
		data="$(solicit "" 0101020000000002)"
	ask6 "known, elsewhere" h1 3 "br h2"
	say6 h3 "$(solicit "" "")"
	say6 h3 "$(solicit "$(printf '%032x' 0)")"
	ask6 "what says nothing" h1 3 "br h2"
	say6 h3 "$(solicit)"
	known6 "back again"
	count 1
}

# check_flags HEX - of the advertisement that the bridge answers h1 with
check_flags()
{
	ask6 "question" h1 3 "br h1 h2 w1!"
	check_eq "flags" "$(frames last w1 | cut -c117-118)" "$1"
}

# Who is told that a router is none takes its default route away.
a_router_stays_one()
{
	have_ipv6 || return 0
	setup
	frames_end w1 "$h1" eth0 tap
	say6 h3 "$(advert e0000000)"
	check_flags e0
	say6 h3 "$(solicit)"
	check_flags e0
	say6 h3 "$(advert 60000000)"
	check_flags 60
}

an_address_that_moves()
{
	setup
	say h3
	known "behind p3"
	# the address of h3, at the link address of h2
	say h2 src="$(mac 2)" \
		data="$(arp 2 3 1 | sed s/020000000003/020000000002/)"
	ask "behind p2" h1 3 "br h2"
	count 2
	frames send h2 src="$(mac 3)"
	ask "the old link address does not matter" h1 3 "br h2"
	frames_end w1 "$h1" eth0 tap
	frames send h3 src="$(mac 2)"
	ask "the new one does" h1 3 "br h1 h2 w1!"
	check_eq "is said" "$(frames last w1 | cut -c45-56)" 020000000002
}

# RFC 4861 7.2.5: without the override flag, a known address stays.
who_may_not_override()
{
	have_ipv6 || return 0
	setup
	say6 h3 "$(advert)"
	frames send h2 src="$(mac 2)" dst="$(mac 1)" type=86dd \
		data="$(advert 40000000 "" 0201020000000002)"
	known6 "it stays"
	frames send h2 src="$(mac 2)" dst="$(mac 1)" type=86dd \
		data="$(advert 60000000 "" 0201020000000002)"
	ask6 "it goes" h1 3 "br h2"
}

who_is_not_listened_to()
{
	setup
	port p3 learning off
	say h3
	unknown "a port that does not learn"
	port p3 learning on
	fdb "$sw" replace br0 p3 "$(mac 3)" static
	port p3 locked on
	say h3
	unknown "a locked port"
	port p3 locked off
	fdb "$sw" replace br0 p1 "$(mac 3)" static
	say h3
	fdb "$sw" replace br0 p3 "$(mac 3)" static
	unknown "whose link address is elsewhere"
	say h3
	known "as it should be"
}

the_host_goes_first()
{
	setup
	say h3
	ip -n "$sw" neigh add 192.0.2.3 lladdr "$(mac 2)" dev br0 nud permanent
	ask "known, elsewhere" h1 3 "br h2"
	ip -n "$sw" neigh replace 192.0.2.3 lladdr "$(mac 98)" dev br0 \
		nud permanent
	unknown "not in the forwarding table"
	ip -n "$sw" neigh del 192.0.2.3 dev br0
	known "the host does not know"
}

# It would not dare to have its address: RFC 5227 2.1.1.
nobody_is_answered_about_itself()
{
	setup
	port p1 proxy_arp on
	ask "announced" h1 1 "br h2"
	check_reach "a probe of its own address" h1 "br h2 h3" \
		src="$(mac 1)" type=0806 \
		data="$(arp 1 1 1 | sed 's/c0000201/00000000/')"
	ask "one of others" h1 3 "br h2 h3"
	answered 0
}

there_is_a_limit()
{
	local i

	setup neigh_max_snooped 3
	say h3
	for i in 10 11 12 13; do
		say h3 data="$(arp 2 3 1 | sed "s/c0000203/$(addr "$i")/")"
	done
	limited 2
	count 3
	say h3
	known "who was there stays"
	limited 3
	count 3
	kind_bridge_set "$sw" br0 neigh_max_snooped 1
	count 3
	known "a lower limit removes nothing"
	kind_bridge_set "$sw" br0 neigh_max_snooped 4
	known "there is room"
	limited 4
	count 4
}

# speaks N - h3 says something; are there N still?
speaks()
{
	say h3
	snooped "$1"
}

the_silent_are_forgotten()
{
	[[ $PLUGIN ]] || { skip "no plugin"; return; }
	setup
	# not aged themselves
	fdb "$sw" replace br0 p2 "$(mac 2)" static
	fdb "$sw" replace br0 p3 "$(mac 3)" static
	say h2 src="$(mac 2)" data="$(arp 2 2 1)"
	say h3
	count 2
	kind_bridge_set "$sw" br0 ageing_time 300
	check_wait "one is forgotten" speaks 1
	known "not the other"
	check_wait "but later" snooped 0
	unknown "any more"
}

off_forgets()
{
	setup
	say h3
	kind_bridge_set "$sw" br0 neigh_snoop 0
	count 0
	unknown "off"
	kind_bridge_set "$sw" br0 neigh_snoop 1
	unknown "on again"
	say h3
	known "said again"
}

other_vlans_forget()
{
	setup
	say h3
	count 1
	kind_bridge_set "$sw" br0 ageing_time 20000
	count 1
	kind_bridge_set "$sw" br0 vlan_filtering 1
	count 0
	say h3
	count 1
	kind_bridge_set "$sw" br0 vlan_protocol 802.1ad
	count 0
	say h3
	count 1
	kind_bridge_set "$sw" br0 vlan_filtering 0
	count 0
	unknown "forgotten"
}

need_kind
[[ $KIND == vnetbr ]] || skip_all "in-tree has no such option"
frames_start
tests_run "$@"
