# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Helpers of the selftests that know devices: the kinds, their counters, the
# forwarding table, frames. Part of lib.sh, which sources it.

# What the devices of a test are, so that one scenario can run on both.
KIND=${KIND:-vnetbr}

VNB=(python3 -S -s "$LIB_DIR/py/vnb.py")

## Devices

# have_plugin - does `ip` know the words of kind vnetbr?
have_plugin()
{
	[[ -z ${NO_PLUGIN:-} ]] || return 1
	[[ $(ip link help vnetbr 2>&1) == *"mode vxlan"* ]]
}

PLUGIN=$(have_plugin && echo 1)

# kind_link add|set NS NAME MODE [WORD...] - a device of ours; a new one is up
#
# Here and below, the NAME of a new device may be followed, in the same
# argument, by words that every device has: "p1 mtu 9000".
# shellcheck disable=SC2086 # NAME is words
kind_link()
{
	if [[ ! $PLUGIN ]]; then
		in_ns "$2" "${VNB[@]}" "$1" "$3" "${@:4}"
	elif [[ $1 == add ]]; then
		ip -n "$2" link add $3 up type vnetbr mode "${@:4}"
	else
		ip -n "$2" link set "$3" type vnetbr mode "${@:4}"
	fi
}

# kind_bridge NS NAME [WORD...] - a bridge that is up; WORDs as of `type bridge`
#
# In-tree: without multicast snooping, which would send and filter by itself,
# and without the VLAN that every port is in by default.
# shellcheck disable=SC2086 # NAME is words
kind_bridge()
{
	if [[ $KIND == in-tree ]]; then
		ip -n "$1" link add $2 up type bridge mcast_snooping 0 \
			vlan_default_pvid 0 "${@:3}"
	else
		kind_link add "$1" "$2" bridge "${@:3}"
	fi
}

# kind_bridge_set NS NAME WORD... - change it
kind_bridge_set()
{
	if [[ $KIND == in-tree ]]; then
		ip -n "$1" link set "$2" type bridge "${@:3}"
	else
		kind_link set "$1" "$2" bridge "${@:3}"
	fi
}

# kind_pair NS NAME PEER-NS PEER [WORD...] - a pair, both ends up and with link;
# WORDs are for the peer, as after `type veth peer`
# shellcheck disable=SC2086 # NAME is words
kind_pair()
{
	if [[ $KIND == in-tree ]]; then
		ip -n "$1" link add $2 up type veth \
			peer name "$4" netns "$3" "${@:5}"
	else
		kind_link add "$1" "$2" pair peer name "$4" netns "$3" "${@:5}"
	fi && link_up "$3" "$4" && wait_link "$1" "${2%% *}"
}

# wait_link NS DEV... - a queue learns of its link some time after it came
wait_link()
{
	local dev

	if [[ ${FRAMES_IN:-} ]]; then
		frames_ask link "$@"
		return
	fi
	for dev in "${@:2}"; do
		busywait can_send "$1" "$dev" >/dev/null || return
	done
}

# can_send NS DEV - is there link, and has the queue been told?
can_send()
{
	local link

	link=$(ip -n "$1" -o link show dev "$2") &&
		[[ $link != *NO-CARRIER* && $link != *" qdisc noop "* ]]
}

# link_up NS DEV
link_up()
{
	if [[ ${FRAMES_IN:-} ]]; then
		frames_ask up "$@"
	else
		ip -n "$1" link set "$2" up
	fi
}

# kind_port_set NS PORT WORD... - options of a port of ours, in the words of
# `type vnetbr_slave`
kind_port_set()
{
	if [[ $PLUGIN ]]; then
		ip -n "$1" link set dev "$2" type vnetbr_slave "${@:3}"
	else
		in_ns "$1" "${VNB[@]}" set "$2" port "${@:3}"
	fi
}

# kind_vxlan NS NAME WORD... - a tunnel that is up; WORDs as of `type vxlan`
# shellcheck disable=SC2086 # NAME is words
kind_vxlan()
{
	if [[ $KIND == in-tree ]]; then
		[[ " ${*:3} " == *" dstport "* ]] || set -- "$@" dstport 4789
		ip -n "$1" link add $2 up type vxlan "${@:3}"
	else
		kind_link add "$1" "$2" vxlan "${@:3}"
	fi
}

# kind_vxlan_set NS NAME WORD... - change it
kind_vxlan_set()
{
	if [[ $KIND == in-tree ]]; then
		ip -n "$1" link set "$2" type vxlan "${@:3}"
	else
		kind_link set "$1" "$2" vxlan "${@:3}"
	fi
}

# setup_switch N [WORD...] - bridge br0 in namespace $sw with N hosts
#
#	$sw                        $h1
#	 br0 --- p1 -------------- eth0		(and so on)
#
# WORDs are for the bridge. Needs frames_start. The ends of frames are h1, h2,
# ... and br for br0. No frame is sent unasked. If $WATCH is set, a packet
# socket listens on each port, so that no frame takes a short cut.
setup_switch()
{
	local i host ports=()

	setup_ns -q sw
	kind_bridge "$sw" br0 "${@:2}"
	frames_end br "$sw" br0
	for ((i = 1; i <= $1; i++)); do
		host=h$i
		setup_ns -q "$host"
		kind_pair "$sw" "p$i master br0" "${!host}" eth0
		frames_end "$host" "${!host}" eth0
		[[ -z ${WATCH:-} ]] || frames watch "$sw" "p$i"
		ports+=("p$i")
	done
	wait_forwarding "$sw" "${ports[@]}"
	defer frames reset
}

# need_kind - skip_all() where devices of $KIND cannot be made
need_kind()
{
	local type=vnetbr

	[[ $KIND != in-tree ]] || type=bridge
	setup_ns PROBE_NS
	ip -n "$PROBE_NS" link add probe type "$type" 2>/dev/null ||
		skip_all "no devices of kind $type"
}

# link_exists NS DEV
link_exists()
{
	ip -n "$1" link show dev "$2" >/dev/null 2>&1
}

# To start a program is slow in an emulated machine, and ip-netns exec is two
# programs and a mount: the helpers that tests call all the time do without.

# link_get NS DEV FILE - a file of /sys/class/net/DEV
link_get()
{
	local link

	case $3 in
	address|mtu|carrier)
		link=$(ip -n "$1" -o link show dev "$2") || return
		case $3 in
		address) [[ $link =~ link/ether\ ([0-9a-f:]+) ]] ;;
		mtu) [[ $link =~ \ mtu\ ([0-9]+) ]] ;;
		carrier) [[ $link != *[,\<]LOWER_UP[,\>]* ]]
			echo $?
			return ;;
		esac && echo "${BASH_REMATCH[1]}" ;;
	*)
		in_ns "$1" cat "/sys/class/net/$2/$3" ;;
	esac
}

# link_stats_get NS DEV COUNTER - as `ip -s link`: rx_packets, tx_bytes, ...
link_stats_get()
{
	local stats name=${3#?x_} dir=${3%%_*}

	[[ $3 == ?x_* ]] || dir=rx	# multicast
	stats=$(ip -n "$1" -j -s link show dev "$2") || return
	[[ $stats =~ \"$dir\":\{[^}]*\"$name\":([0-9]+) ]] &&
		echo "${BASH_REMATCH[1]}"
}

# ethtool_stats_get NS DEV COUNTER - as `ethtool -S`
ethtool_stats_get()
{
	local name value

	while read -r name value; do
		[[ $name != "$3:" ]] || { echo "$value"; return; }
	done < <(in_ns "$1" ethtool -S "$2")
	return 1
}

# port_of NS DEV BRIDGE - is DEV a port of BRIDGE?
port_of()
{
	[[ $(ip -n "$1" -o link show dev "$2") == *" master $3 "* ]]
}

## Forwarding table

# fdb NS add|append|replace|del BRIDGE PORT MAC [WORD...] - change BRIDGE's
# table; PORT may be BRIDGE itself
fdb()
{
	if [[ $KIND != in-tree ]]; then
		bridge -n "$1" fdb "$2" "$5" dev "$3" via "$4" "${@:6}" self
	elif [[ $3 == "$4" ]]; then
		bridge -n "$1" fdb "$2" "$5" dev "$3" "${@:6}" self
	else
		bridge -n "$1" fdb "$2" "$5" dev "$4" "${@:6}" master
	fi
}

# fdb_show NS BRIDGE - its table, as `MAC dev PORT WORD... STATE`, sorted
fdb_show()
{
	bridge -n "$1" fdb show |
		sed -n "s/ master $2\( \|$\)/\1/p" | sed 's/ *$//' | sort
}

# fdb_has NS BRIDGE MAC PORT [WORD...] - is there such an entry, with all WORDs?
fdb_has()
{
	local line word

	while read -r line; do
		[[ "$line " == "$3 dev $4 "*"master $2 "* ]] || continue
		for word in "${@:5}"; do
			[[ "$line " == *" $word "* ]] || return
		done
		return 0
	done < <(bridge -n "$1" fdb show)
	return 1
}

## Frames

# frames_start - start the frame tool; one for the running test, or for the
# file when called outside of a test
frames_start()
{
	coproc FRAMES { exec python3 -S -s "$LIB_DIR/py/frames.py"; }
	exec {FRAMES_OUT}<&"${FRAMES[0]}" {FRAMES_IN}>&"${FRAMES[1]}"
	# shellcheck disable=SC2153,SC2154 # set by coproc
	defer frames_stop "$FRAMES_PID"
	frames hello
}

# frames_stop PID
frames_stop()
{
	printf 'quit\n' >&"$FRAMES_IN"
	wait "$1"
	exec {FRAMES_IN}>&- {FRAMES_OUT}<&-
	FRAMES_IN=
}

# frames COMMAND... - one command to the tool, prints its answer; see frames.py
frames()
{
	frames_ask "$@" || return
	[[ $FRAMES_ANSWER == ok ]] || printf '%s\n' "$FRAMES_ANSWER"
}

# frames_ask COMMAND... - the same, with the answer in $FRAMES_ANSWER
frames_ask()
{
	printf '%s\n' "$*" >&"$FRAMES_IN"
	read -r FRAMES_ANSWER <&"$FRAMES_OUT" ||
		FRAMES_ANSWER="error the frame tool died"
	[[ $FRAMES_ANSWER == error* ]] || return 0
	diag "frames $*: $FRAMES_ANSWER"
	return 1
}

# frames_end NAME NS DEV [WORD...] - call DEV an end that frames come from and
# go to
frames_end()
{
	frames_ask end "$@"
}

# wait_forwarding NS PORT... - so does a port
wait_forwarding()
{
	frames_ask forwarding "$@"
}

# check_reach TEXT FROM "TO..." FIELD... - a frame that end FROM sends has to
# reach exactly the ends TO, once each
check_reach()
{
	local left name

	frames_ask reach "$2" "${@:4}" || FRAMES_ANSWER="? $FRAMES_ANSWER"
	left=" $FRAMES_ANSWER "
	for name in $3; do
		[[ $left == *" $name "* ]] || left="missing $name"
		left=${left/" $name "/ }
	done
	[[ -z ${left// } ]] || fail "$1" "got:      $FRAMES_ANSWER" \
		"expected: $3"
}
