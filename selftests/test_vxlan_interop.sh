#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# A tunnel of ours and one of the kernel's own driver talk to each other.
#
#	$a  ours                                  $b  in-tree
#	 vx0  203.0.113.1, 2001:db8:1::1           vx0  203.0.113.2, ...::2
#	 eth0 192.0.2.1 ---------- veth ---------- eth0 192.0.2.2
#	      2001:db8::1                               2001:db8::2
#
# For both families of underlay, and a remote, a group, or head-end
# replication: ping, fragments, small UDP and large TCP in both directions. The
# last tests have a bridge with a container behind each tunnel.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_vxlan.sh
. "$(dirname -- "$0")/lib_vxlan.sh"

ALL_TESTS="
	remote_over_ipv4
	remote_over_ipv6
	group_over_ipv4
	group_over_ipv6
	head_end_over_ipv4
	head_end_over_ipv6
	checksums_over_ipv4
	checksums_over_ipv6
	no_checksums_over_ipv4
	no_checksums_over_ipv6
	containers_behind_bridges
"

ZERO=00:00:00:00:00:00
MB=2	# that TCP transfers in each direction

# tunnels FAMILY MODE [WORD...] - vx0 on both sides; WORDs are for both
tunnels()
{
	local f=$1 near far words=()

	case $2 in
	remote)	words=(remote) ;;
	group)	words=(group "${GROUP[$f]}" dev eth0 ttl 4) ;;
	esac
	near=("${words[@]}")
	far=("${words[@]}")
	if [[ $2 == remote ]]; then
		near+=("${UNDERLAY[$f.2]}")
		far+=("${UNDERLAY[$f.1]}")
	fi
	# shellcheck disable=SC2154 # set by setup_ns
	kind_vxlan "$a" vx0 id 100 local "${UNDERLAY[$f.1]}" dstport 4789 \
		"${near[@]}" "${@:3}"
	of_kind in-tree kind_vxlan "$b" vx0 id 100 local "${UNDERLAY[$f.2]}" \
		dstport 4789 "${far[@]}" "${@:3}"
	[[ $2 == head_end ]] || return 0
	bridge_all "$a" <<<"fdb append $ZERO dev vx0 dst ${UNDERLAY[$f.2]}"
	bridge_all "$b" <<<"fdb append $ZERO dev vx0 dst ${UNDERLAY[$f.1]}"
}

# overlay - addresses of the two tunnels
overlay()
{
	vx_addresses vx0 1 OVERLAY | ip_all "$a"
	vx_addresses vx0 2 OVERLAY | ip_all "$b"
}

# pings FROM FAMILY TO - small ones, and some that are fragments inside
pings()
{
	check "ping $3" in_ns "$1" ping -n -q -c 3 -i 0.2 -W 10 "$3"
	check "ping $3, fragments" \
		in_ns "$1" ping -n -q -c 2 -i 0.2 -W 10 -s 4000 "$3"
}

# arrived - are the ten datagrams there, unchanged, in any order? On two CPUs,
# a sender that moves to the other one may overtake itself.
arrived()
{
	fold -w 64 "$WORK/got" | LC_ALL=C sort | tr -d '\n' |
		cmp -s - "$WORK/sent"
}

# udp FROM TO ADDRESS - ten datagrams of 64 bytes arrive
udp()
{
	: >"$WORK/got"
	in_ns "$2" socat -u UDP4-RECV:4444 OPEN:"$WORK/got",append 2>/dev/null &
	defer kill $!
	check_wait "UDP port" in_ns "$2" grep -q ":115C " /proc/net/udp
	in_ns "$1" socat -u -b 64 OPEN:"$WORK/sent" UDP4-SENDTO:"$3":4444
	check_wait "UDP to $3" arrived
}

# tcp ONE OTHER NS - in both directions, in segments that are large on eth0 of NS
tcp()
{
	local before

	before=$(traffic "$3")
	stream "$1" "$2" "${OVERLAY[4.2]}" "$WORK/bulk"
	stream "$2" "$1" "${OVERLAY[4.1]}" "$WORK/bulk"
	check_large "$before" "$(traffic "$3")"
}

# traffic NS - "RX-BYTES RX-PACKETS TX-BYTES TX-PACKETS" of eth0
traffic()
{
	ip -n "$1" -s -j link show dev eth0 | jq -r '.[].stats64 |
		"\(.rx.bytes) \(.rx.packets) \(.tx.bytes) \(.tx.packets)"'
}

# check_large BEFORE AFTER - were packets larger than any MTU, on average?
check_large()
{
	local at bytes packets old new

	read -ra old <<<"$1"
	read -ra new <<<"$2"
	for at in 0 2; do
		bytes=$((new[at] - old[at]))
		packets=$((new[at + 1] - old[at + 1]))
		check "$bytes bytes in $packets packets are large ones" \
			test "$bytes" -gt $((packets * 1600))
	done
}

# check_snmp NS... - no wrong checksum and no lost fragment was seen, here or there
check_snmp()
{
	local ns

	for ns; do
		check_eq "errors of checksums and fragments" \
			"$(in_ns "$ns" nstat -asz | awk '
			/InCsumErrors|ReasmFails/ && $2 > 0 { print $1, $2 }')" ""
	done
}

# interop FAMILY MODE - all of it
interop()
{
	vx_hosts a b mtu 1600
	tunnels "$1" "$2"
	overlay
	pings "$a" 4 "${OVERLAY[4.2]}"
	pings "$b" 6 "${OVERLAY[6.1]}"
	udp "$a" "$b" "${OVERLAY[4.2]}"
	udp "$b" "$a" "${OVERLAY[4.1]}"
	tcp "$a" "$b" "$b"
	check_snmp "$a" "$b"
}

remote_over_ipv4()
{
	interop 4 remote
}

remote_over_ipv6()
{
	interop 6 remote
}

group_over_ipv4()
{
	interop 4 group
}

group_over_ipv6()
{
	interop 6 group
}

head_end_over_ipv4()
{
	interop 4 head_end
}

head_end_over_ipv6()
{
	interop 6 head_end
}

# captured FAMILY MARK [WORD...] - small frames in both directions without any
# offload: tcpdump finds no wrong checksum, and MARK for each outer one
captured()
{
	local dump=$WORK/dump total

	vx_hosts a b mtu 1600
	tunnels "$1" remote "${@:3}"
	overlay
	in_ns "$a" ethtool -K eth0 tx off rx off >/dev/null
	in_ns "$b" ethtool -K eth0 tx off rx off >/dev/null
	in_ns "$b" tcpdump -l -n -vv -i eth0 udp port 4789 \
		>"$dump" 2>"$WORK/err" &
	defer kill $!
	check_wait "tcpdump listens" grep -q "listening on" "$WORK/err"
	pings "$a" 4 "${OVERLAY[4.2]}"
	pings "$a" 6 "${OVERLAY[6.2]}"
	udp "$a" "$b" "${OVERLAY[4.2]}"
	udp "$b" "$a" "${OVERLAY[4.1]}"
	stream "$a" "$b" "${OVERLAY[4.2]}" "$WORK/small" mss=500
	stream "$b" "$a" "${OVERLAY[4.1]}" "$WORK/small" mss=500
	check_wait "tcpdump has seen the end" frames_seen "$dump" 80
	cp "$dump" "$dump.end"
	dump+=.end
	total=$(grep -c 'VXLAN, flags' "$dump")
	check_eq "outer checksums of $total packets: $2" \
		"$(grep 'VXLAN, flags' "$dump" | grep -c "$2")" "$total"
	# of no checksum over IPv6, tcpdump says that it is a bad one
	check_eq "wrong checksums" "$(sed 's/bad udp cksum 0x0000 ->//' "$dump" |
		grep -E '\[bad|bad (udp )?cksum|incorrect' | head -n 3)" ""
	check_snmp "$a" "$b"
}

# frames_seen FILE NUMBER - has tcpdump printed so many packets?
frames_seen()
{
	(($(grep -c 'VXLAN, flags' "$1") >= $2))
}

checksums_over_ipv4()
{
	captured 4 "udp sum ok"
}

checksums_over_ipv6()
{
	captured 6 "udp sum ok"
}

no_checksums_over_ipv4()
{
	captured 4 "no cksum" noudpcsum
}

no_checksums_over_ipv6()
{
	captured 6 "cksum 0x0000" udp6zerocsumtx udp6zerocsumrx
}

containers_behind_bridges()
{
	vx_hosts a b mtu 1600
	setup_ns c1 c2
	# shellcheck disable=SC2154 # set by setup_ns
	vx_no_dad "$c1" "$c2"
	tunnels 4 remote
	kind_bridge "$a" br0
	kind_pair "$a" p1 "$c1" eth0
	of_kind in-tree kind_bridge "$b" br0
	of_kind in-tree kind_pair "$b" p2 "$c2" eth0
	ip_all "$a" <<-END
	link set p1 master br0
	link set vx0 master br0
	END
	ip_all "$b" <<-END
	link set p2 master br0
	link set vx0 master br0
	END
	vx_addresses eth0 1 OVERLAY | ip_all "$c1"
	vx_addresses eth0 2 OVERLAY | ip_all "$c2"
	pings "$c1" 4 "${OVERLAY[4.2]}"
	pings "$c2" 6 "${OVERLAY[6.1]}"
	udp "$c1" "$c2" "${OVERLAY[4.2]}"
	udp "$c2" "$c1" "${OVERLAY[4.1]}"
	tcp "$c1" "$c2" "$b"
	check_snmp "$a" "$b" "$c1" "$c2"
}

need bridge ethtool jq nstat ping socat tcpdump
need_kind
WORK=$(mktemp -d)
defer rm -rf "$WORK"
for i in {1..10}; do
	printf '%064d' "$i"
done >"$WORK/sent"
head -c "$((MB << 20))" /dev/urandom >"$WORK/bulk"
head -c 20000 "$WORK/bulk" >"$WORK/small"
# shellcheck disable=SC2119 # arguments are for tests_run
tests_run "$@"
