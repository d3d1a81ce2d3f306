# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Helpers of the VXLAN tests, on top of lib.sh: underlays, commands that are
# refused, what listeners hear, statistics of IP. To be sourced after lib.sh.

# Addresses of the underlay and, inside, of the overlay, by family and host.
declare -A UNDERLAY=([4.1]=192.0.2.1 [4.2]=192.0.2.2
	[6.1]=2001:db8::1 [6.2]=2001:db8::2)
declare -A OVERLAY=([4.1]=203.0.113.1 [4.2]=203.0.113.2
	[6.1]=2001:db8:1::1 [6.2]=2001:db8:1::2)
declare -A GROUP=([4]=233.252.0.1 [6]=ff0e::db8:1)
# shellcheck disable=SC2034 # for those who source this
declare -A PREFIX=([4]=24 [6]=64) ANY=([4]=0.0.0.0 [6]=::) \
	OVERHEAD=([4]=50 [6]=70) HEADER=([4]=20 [6]=40)

# To start a program costs a tenth of a second and more in an emulated machine:
# what can be said at once is said to one process.

# ip_all NS - run each line of stdin as a command of ip
ip_all()
{
	ip -n "$1" -batch -
}

# bridge_all NS - run each line of stdin as a command of bridge
bridge_all()
{
	bridge -n "$1" -batch -
}

# bridge_refused NS WORDS... - each line of stdin, as a command of bridge, has
# to be refused with the WORDS of its own
bridge_refused()
{
	local errors i line lines=() words=("${@:2}")

	mapfile -t lines
	errors=$(printf '%s\n' "${lines[@]}" |
		bridge -n "$1" -force -batch - 2>&1 >/dev/null) || :
	for i in "${!lines[@]}"; do
		line=$(sed -n "/^Command failed -:$((i + 1))\$/{ x; p; q }; h" \
			<<<"$errors")
		if [[ ! $line ]]; then
			fail "refused: ${lines[i]}" "$errors"
		elif [[ $line != *"${words[i]}"* ]]; then
			fail "refused: ${lines[i]}" "does not say ${words[i]}" \
				"$line"
		fi
	done
}

# vx_hosts A B [WORD...] - two namespaces with an underlay
#
#	$A                                         $B
#	 eth0 192.0.2.1/24 ------- veth ------- eth0 192.0.2.2/24
#	      2001:db8::1/64                         2001:db8::2/64
#
# WORDs are for both devices. Nothing is sent unasked but by IPv6 itself.
vx_hosts()
{
	setup_ns "$1" "$2"
	vx_no_dad "${!1}" "${!2}"
	ip_all "${!1}" <<-END
		link add eth0 up ${*:3} type veth peer name eth0 netns ${!2} ${*:3}
		$(vx_addresses eth0 1)
	END
	ip_all "${!2}" <<-END
		link set eth0 up
		$(vx_addresses eth0 2)
	END
	wait_link "${!1}" eth0
	wait_link "${!2}" eth0
}

# vx_no_dad NS... - IPv6 addresses are usable at once, and none are made up
vx_no_dad()
{
	local ns

	for ns; do
		ns_sysctl "$ns" net.ipv6.conf default/accept_dad=0 \
			default/router_solicitations=0 default/addr_gen_mode=1
	done
}

# vx_addresses DEV HOST [ARRAY] - print the commands of ip that add those of a
# host, both families; of the array UNDERLAY or another one
vx_addresses()
{
	local -n from=${3:-UNDERLAY}

	echo "addr add ${from[4.$2]}/24 dev $1"
	echo "addr add ${from[6.$2]}/64 dev $1 nodad"
}

# of_kind KIND COMMAND... - run it with devices of another kind
of_kind()
{
	local KIND=$1

	"${@:2}"
}

# need_in_tree - skip the running test unless the kernel has its own driver
need_in_tree()
{
	setup_ns PROBE_NS
	ip -n "$PROBE_NS" link add probe type vxlan id 1 dstport 4789 2>/dev/null ||
		{ skip "the kernel has no vxlan of its own"; return 1; }
}

# listen_start NS - listen to `bridge monitor fdb`
#
# Returns when it listens: what is done after that is heard.
listen_start()
{
	local pid

	LISTEN_NS=$1
	LISTEN_FILE=$(mktemp)
	defer rm "$LISTEN_FILE"
	ip -n "$1" link add listen0 type veth
	defer ip -n "$1" link del listen0
	bridge -n "$1" monitor fdb >>"$LISTEN_FILE" &
	pid=$!
	defer kill "$pid"
	busywait listen_probe 02:00:00:00:00:fe >/dev/null
	heard >/dev/null
}

# listen_probe MAC - something that listeners should hear; have they?
listen_probe()
{
	bridge_all "$LISTEN_NS" <<-END
		fdb add $1 dev listen0 self
		fdb del $1 dev listen0 self
	END
	grep -q "^$1 dev listen0" "$LISTEN_FILE"
}

# heard - what was heard of tunnels since the last time, without trailing blanks
#
# Up to 6.12 the core repeats a request of the user in its own words, without a
# destination, behind the driver's back: left out.
heard()
{
	local mac

	mac=$(printf '02:00:00:01:%02x:%02x' $((RANDOM % 256)) $((RANDOM % 256)))
	busywait listen_probe "$mac" >/dev/null
	sed -n '/ dev listen0 /d; / dst /s/ *$//p' "$LISTEN_FILE"
	: >"$LISTEN_FILE"
}

# vx_fdb NS DEV - table of a tunnel, sorted, without trailing blanks
vx_fdb()
{
	bridge -n "$1" fdb show dev "$2" | sed 's/ *$//' | sort
}

# snmp_get NS COUNTER - as UdpInCsumErrors or Udp6InCsumErrors, of nstat
snmp_get()
{
	in_ns "$1" nstat -asz "$2" | awk -v name="$2" '$1 == name { print $2 }'
}

# stream FROM TO ADDRESS FILE [OPTION] - all of FILE arrives from namespace FROM
# at TO, which has ADDRESS, over TCP and unchanged; OPTION is for both sockets
stream()
{
	local version=4 at=$3 got

	[[ $3 != *:* ]] || version=6 at="[$3]"
	got=$(mktemp)
	defer rm -f "$got"
	in_ns "$2" socat -u -b 131072 \
		"TCP$version-LISTEN:4445,reuseaddr${5:+,$5}" CREATE:"$got" &
	defer kill $!
	check_wait "TCP port" in_ns "$2" \
		grep -q ":115D .* 0A " "/proc/net/tcp${version#4}"
	check "TCP to $3" in_ns "$1" \
		socat -u -b 131072 OPEN:"$4" "TCP$version:$at:4445${5:+,$5}"
	check_wait "TCP to $3 arrives" cmp -s "$4" "$got"
}
