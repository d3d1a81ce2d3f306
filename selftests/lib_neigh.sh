# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Helpers of the selftests of ARP and IPv6 neighbour discovery, to be sourced
# after lib.sh: what stations ask on the switch of setup_switch(), and what the
# bridge answers. Station N is 192.0.2.N and 2001:db8::N at $(mac N).

# mac N, addr N, addr6 N - of station N; addresses in hex, without dots
mac()
{
	printf '02:00:00:00:00:%02x' "$1"
}

addr()
{
	printf 'c00002%02x' "$1"
}

addr6()
{
	printf '20010db8%024x' "$1"
}

# port NAME WORD... - options of a port
port()
{
	ip -n "$sw" link set dev "$1" type bridge_slave "${@:2}"
}

# neigh_vlan_suppress PORT on|off - do its VLANs say whether it suppresses?
neigh_vlan_suppress()
{
	if [[ $KIND == in-tree ]]; then
		bridge -n "$sw" link set dev "$1" neigh_vlan_suppress "$2"
	else	# bridge may be too old
		in_ns "$sw" "${VNB[@]}" set "$1" port neigh_vlan_suppress "$2"
	fi
}

# vlan_option PORT VID[-VID][,...] OPTION on|off - of VLANs of a port, in the
# others of which it is off
vlan_option()
{
	local vid

	if [[ $KIND == vnetbr ]]; then
		vid=$2
		[[ $4 == on ]] || vid=none
		kind_port_set "$sw" "$1" "$3_vlan" "$vid"
		return
	fi
	for vid in ${2//,/ }; do
		bridge -n "$sw" vlan set dev "$1" vid "$vid" "$3" "$4" ||
			return
	done
}

# arp OP FROM ABOUT - the payload of a frame; FROM and ABOUT are stations
arp()
{
	local sender

	sender=$(mac "$2")
	printf '0001080006040%03x%s%s000000000000%s' "$1" "${sender//:}" \
		"$(addr "$2")" "$(addr "$3")"
}

# ask TEXT FROM ABOUT TO [FIELD...] - who gets the ARP request, or an answer?
ask()
{
	check_reach "$1" "$2" "$4" src="$(mac "${2#h}")" type=0806 \
		data="$(arp 1 "${2#h}" "$3")" "${@:5}"
}

# icmp6 TYPE FLAGS FROM TO TARGET - likewise of ICMPv6; FROM and TO in hex
icmp6()
{
	printf '6000000000203aff%s%s%02x000000%s%s0101%s' "$3" "$4" "$1" \
		"$2" "$(addr6 "$5")" 020000000001
}

# solicited N - the group in which station N hears questions
solicited()
{
	printf 'ff0200000000000000000001ff%06x' "$1"
}

# ask6 TEXT FROM ABOUT TO [SOURCE [FIELD...]] - the same for IPv6
ask6()
{
	check_reach "$1" "$2" "$4" src="$(mac "${2#h}")" type=86dd len=86 \
		dst="$(printf '33:33:ff:00:00:%02x' "$3")" \
		data="$(icmp6 135 00000000 "${5:-$(addr6 "${2#h}")}" \
			"$(solicited "$3")" "$3")" "${@:6}"
}

# answered BY - how many questions did the bridge answer?
answered()
{
	[[ $KIND == vnetbr ]] || return 0
	check_eq "counter" "$(ethtool_stats_get "$sw" br0 neigh_answered)" "$1"
}

# have_ipv6 - skip the test without
have_ipv6()
{
	[[ -e /proc/sys/net/ipv6 ]] || { skip "no IPv6"; return 1; }
}
