#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# timeout: 600
#
# Whoever is entitled to see a frame on a device sees it there, however short
# the way that frames take otherwise: each kind of observer, at each place that
# the short cut leaves out, attached and taken away while frames go by.
#
#	h1 ── p1 ┐                                       ┌ p3 ── h3
#	        br0 ─ vx0 ── u1 ═══════ veth ═══════ u2 ── vx0 ─ br0
#	h2 ── p2 ┘                                       └ p4 ── h4
#	       $sw                                           $far
#
#	h1 -> h2 goes past	h1 -> h3 goes past
#	  p1 rx			  p1 rx, vx0 of $sw tx
#	  p2 tx			  vx0 of $far rx, p3 tx
#
# What an observer is: attach_X NS DEV rx|tx, detach_X likewise, seen_X prints
# how many frames of the test it has seen since it was attached. $N frames are
# sent while it is there, and exactly they have to be seen there.

# shellcheck disable=SC2046,SC2086 # the fields of a frame are words

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_path.sh
. "$LIB_DIR/lib_path.sh"

ALL_TESTS="
	tcpdump_on_a_host_end_receiving
	tcpdump_on_a_host_end_sending
	tcpdump_on_a_tunnel_sending
	tcpdump_on_a_tunnel_receiving
	tcpdump_on_a_host_end_behind_a_tunnel
	tcpdump_on_every_hop_at_once
	tcpdump_on_any_device
	tc_drops_on_a_host_end_receiving
	tc_drops_on_a_host_end_sending
	tc_drops_on_a_tunnel_sending
	tc_drops_on_a_tunnel_receiving
	tc_drops_on_a_host_end_behind_a_tunnel
	tc_knows_the_host_end_that_received
	tc_knows_the_tunnel_that_received
	tcx_drops_on_a_host_end_receiving
	tcx_drops_on_a_host_end_sending
	tcx_drops_on_a_tunnel_sending
	tcx_drops_on_a_tunnel_receiving
	nft_drops_on_a_host_end_receiving
	nft_drops_on_a_host_end_sending
	nft_drops_on_a_tunnel_sending
	nft_drops_on_a_tunnel_receiving
	nft_drops_on_a_host_end_behind_a_tunnel
	nft_drops_the_outer_packet
	generic_xdp_drops_on_a_host_end
	generic_xdp_drops_on_a_tunnel
	tbf_on_a_host_end
	tbf_on_a_tunnel
	netem_delays_on_a_host_end
	a_vlan_device_takes_its_frames
	rps_on_a_host_end
	rps_on_a_container_end
	an_offload_is_switched_off_on_a_host_end
	an_offload_is_switched_off_on_a_tunnel
	an_observer_of_a_container_end
	an_observer_of_the_host_interface
	counters_do_not_tell_fused_from_slow
	counters_agree_with_in_tree_devices
"

N=10
need tcpdump tc nft ethtool
WORK=$(mktemp -d)
defer rm -rf "$WORK"

## The frame

# way FROM TO - the fields of a frame from one station to another
way()
{
	echo "dst=$(path_mac "${2#h}") src=$(path_mac "${1#h}")"
}

# observe OBSERVER NS DEV rx|tx FROM TO [lost] - frames from FROM to TO go past
# DEV, until OBSERVER comes; with "lost" it drops them
observe()
{
	local who=$1 ns=$2 dev=$3 dir=$4 from=$5 to=$6 arrive=$6 before fields

	[[ ${7:-} != lost ]] || arrive=
	fields=$(way "$from" "$to")

	frames traffic "$from" $fields
	"attach_$who" "$ns" "$dev" "$dir"
	before=$(frames fused "$ns" "$dev" "$dir")
	frames stop >/dev/null
	check_reach "with the observer" "$from" "$arrive" count=$N $fields
	check_eq "seen by the observer" "$("seen_$who" "$ns" "$dev" "$dir")" $N
	check_eq "past the observer" \
		"$(frames fused "$ns" "$dev" "$dir")" "$before"

	frames traffic "$from" $fields
	"detach_$who" "$ns" "$dev" "$dir"
	frames stop >/dev/null
	fused_again "$ns" "$dev" "$dir" "$from" "$to"
}

# fused_again NS DEV rx|tx FROM TO - frames go past DEV (again)
fused_again()
{
	local before

	before=$(frames fused "$1" "$2" "$3")
	check_reach "without the observer" "$4" "$5" count=$N $(way "$4" "$5")
	check_eq "the short cut" "$(frames fused "$1" "$2" "$3")" \
		$((before + N))
}

## Observers

# tcpdump: what it prints goes to a file, a line with a time for each frame
STAMP='[0-9][0-9]:[0-9][0-9]:[0-9][0-9][.]'

attach_tcpdump()
{
	ip netns exec "$1" tcpdump -n -l -U -s 1600 --immediate-mode -i "$2" \
		-Q "$(case $3 in rx) echo in ;; *) echo out ;; esac)" \
		"${4:-ether proto $TEST_TYPE}" \
		>"$WORK/dump.$1.$2" 2>"$WORK/err.$1.$2" &
	DUMP_PID=$!
	check_wait "tcpdump" grep -q "^listening on" "$WORK/err.$1.$2"
}

dump_lines()
{
	grep -c "^$STAMP" "$WORK/dump.$1.$2" || :
}

dump_has()
{
	(($(dump_lines "$1" "$2") >= N))
}

seen_tcpdump()
{
	busywait dump_has "$1" "$2" >/dev/null || :
	dump_lines "$1" "$2"
}

detach_tcpdump()
{
	kill "$DUMP_PID"
	wait "$DUMP_PID" || :
	# The traffic meanwhile is of another type: nothing was added.
	check_eq "all that tcpdump saw" "$(dump_lines "$1" "$2")" $N
}

tc_hook()
{
	case $1 in rx) echo ingress ;; *) echo egress ;; esac
}

# tc: a filter of clsact that drops, or does something else
attach_tc()
{
	tc -n "$1" qdisc add dev "$2" clsact
	tc -n "$1" filter add dev "$2" "$(tc_hook "$3")" protocol $TEST_TYPE \
		matchall action "${4:-drop}"
}

seen_tc()
{
	tc -n "$1" -s filter show dev "$2" "$(tc_hook "$3")" |
		sed -n 's/.* \([0-9]*\) pkt (dropped .*/\1/p'
}

detach_tc()
{
	tc -n "$1" qdisc del dev "$2" clsact
}

# indev: a filter of tc that drops what has come in by $INDEV
attach_indev()
{
	tc -n "$1" qdisc add dev "$2" clsact
	tc -n "$1" filter add dev "$2" "$(tc_hook "$3")" protocol $TEST_TYPE \
		flower indev "$INDEV" action drop
}

seen_indev()
{
	seen_tc "$@"
}

detach_indev()
{
	detach_tc "$@"
}

# tcx: a BPF program that counts and drops
attach_tcx()
{
	frames count "$1/$2/$(tc_hook "$3")" tcx 2
}

seen_tcx()
{
	frames counted
}

detach_tcx()
{
	frames uncount
}

# nft: a rule of family netdev that drops
attach_nft()
{
	in_ns "$1" nft -f - <<-END
	table netdev t {
		chain c {
			type filter hook $(tc_hook "$3") device $2 priority 0
			ether type $TEST_TYPE counter drop
		}
	}
	END
}

seen_nft()
{
	in_ns "$1" nft list chain netdev t c |
		sed -n 's/.* counter packets \([0-9]*\) .*/\1/p'
}

detach_nft()
{
	in_ns "$1" nft delete table netdev t
}

# xdp: a generic program that counts and drops
attach_xdp()
{
	# not below /sys, which every `ip -n` has another one of
	mkdir -p "$WORK/bpf"
	mount -t bpf bpf "$WORK/bpf"
	frames count "$WORK/bpf/prog" xdp 1
	ip -n "$1" link set dev "$2" xdpgeneric pinned "$WORK/bpf/prog"
}

seen_xdp()
{
	frames counted
}

detach_xdp()
{
	ip -n "$1" link set dev "$2" xdpgeneric off
	frames uncount
	umount "$WORK/bpf"
}

# A qdisc: counts what it has let through. The traffic of attach time is in
# the count too, hence the mark.
qdisc_packets()
{
	tc -n "$1" -s qdisc show dev "$2" |
		sed -n 's/^ Sent [0-9]* bytes \([0-9]*\) pkt .*/\1/p' | head -n 1
}

attach_tbf()
{
	tc -n "$1" qdisc add dev "$2" root tbf rate 1gbit burst 1mb limit 1mb
	[[ $(tc -n "$1" qdisc show dev "$2") == *"qdisc tbf"* ]]
}

detach_tbf()
{
	tc -n "$1" qdisc del dev "$2" root
}

# observe_qdisc NS DEV FROM TO ADD... - frames wait in a qdisc of DEV
observe_qdisc()
{
	local ns=$1 dev=$2 from=$3 to=$4 before packets fields

	fields=$(way "$from" "$to")
	frames traffic "$from" $fields
	tc -n "$ns" qdisc add dev "$dev" root "${@:5}"
	before=$(frames fused "$ns" "$dev" tx)
	frames stop >/dev/null
	# until it is empty
	check_wait "drained" qdisc_is_empty "$ns" "$dev"
	frames stats "$ns" "$dev" >/dev/null
	packets=$(qdisc_packets "$ns" "$dev")
	check_eq "arrived" \
		"$(frames arrive "$from" "$to" $N count=$N $fields)" "$to"
	check_eq "seen by the qdisc" "$(qdisc_packets "$ns" "$dev")" \
		$((packets + N))
	check_eq "past the qdisc" "$(frames fused "$ns" "$dev" tx)" "$before"

	frames traffic "$from" $fields
	tc -n "$ns" qdisc del dev "$dev" root
	frames stop >/dev/null
	fused_again "$ns" "$dev" tx "$from" "$to"
}

qdisc_is_empty()
{
	tc -n "$1" -s qdisc show dev "$2" | grep -q ' backlog 0b 0p '
}

## Tests: taps

tcpdump_on_a_host_end_receiving()
{
	observe tcpdump "$sw" p1 rx h1 h2
}

tcpdump_on_a_host_end_sending()
{
	observe tcpdump "$sw" p2 tx h1 h2
}

tcpdump_on_a_tunnel_sending()
{
	observe tcpdump "$sw" vx0 tx h1 h3
}

tcpdump_on_a_tunnel_receiving()
{
	observe tcpdump "$far" vx0 rx h1 h3
}

tcpdump_on_a_host_end_behind_a_tunnel()
{
	observe tcpdump "$far" p3 tx h1 h3
}

tcpdump_on_every_hop_at_once()
{
	local hop ns dev dir filter pids=()
	local hops=("$h1:eth0:tx" "$sw:p1:rx" "$sw:br0:rx" "$sw:vx0:tx"
		"$sw:u1:tx:udp port 4789" "$far:u2:rx:udp port 4789"
		"$far:vx0:rx" "$far:br0:rx" "$far:p3:tx" "$h3:eth0:rx")

	frames traffic h2 $(way h2 h4)
	for hop in "${hops[@]}"; do
		IFS=: read -r ns dev dir filter <<<"$hop"
		# The traffic meanwhile is in the same tunnel: tell the frames
		# by their length there.
		[[ -z $filter ]] || filter+=" and greater 1000"
		attach_tcpdump "$ns" "$dev" "$dir" "$filter"
		pids+=("$DUMP_PID")
	done
	frames stop >/dev/null
	check_reach "on every hop" h1 h3 count=$N len=1000 $(way h1 h3)
	for hop in "${hops[@]}"; do
		IFS=: read -r ns dev _ <<<"$hop"
		check_eq "on $dev of ${ns%%-*}" "$(seen_tcpdump "$ns" "$dev")" $N
	done
	for hop in "${hops[@]}"; do
		IFS=: read -r ns dev _ <<<"$hop"
		DUMP_PID=${pids[0]}
		pids=("${pids[@]:1}")
		detach_tcpdump "$ns" "$dev"
	done
	fused_again "$sw" p1 rx h1 h3
	fused_again "$sw" vx0 tx h1 h3
	fused_again "$far" vx0 rx h1 h3
	fused_again "$far" p3 tx h1 h3
}

tcpdump_on_any_device()
{
	local before

	frames traffic h1 $(way h1 h2)
	# not bound to a device: p1 receives, p2 sends
	ip netns exec "$sw" tcpdump -n -l -U -s 1600 --immediate-mode -i any \
		"ether proto $TEST_TYPE" \
		>"$WORK/dump.any" 2>"$WORK/err.any" &
	DUMP_PID=$!
	check_wait "tcpdump" grep -q "^listening on" "$WORK/err.any"
	before=$(frames fused "$sw" p1 rx)
	frames stop >/dev/null
	check_reach "with tcpdump -i any" h1 h2 count=$N $(way h1 h2)
	check_wait "seen on p1 and p2" any_has $((2 * N))
	check_eq "on p1" "$(grep -c ' p1 ' "$WORK/dump.any")" $N
	check_eq "on p2" "$(grep -c ' p2 ' "$WORK/dump.any")" $N
	check_eq "past it" "$(frames fused "$sw" p1 rx)" "$before"
	kill "$DUMP_PID"
	wait "$DUMP_PID" || :
	fused_again "$sw" p1 rx h1 h2
	fused_again "$sw" p2 tx h1 h2
}

any_has()
{
	(($(grep -c "^$STAMP" "$WORK/dump.any") >= $1))
}

## Tests: tc and tcx

tc_drops_on_a_host_end_receiving()
{
	observe tc "$sw" p1 rx h1 h2 lost
}

tc_drops_on_a_host_end_sending()
{
	observe tc "$sw" p2 tx h1 h2 lost
}

tc_drops_on_a_tunnel_sending()
{
	observe tc "$sw" vx0 tx h1 h3 lost
}

tc_drops_on_a_tunnel_receiving()
{
	observe tc "$far" vx0 rx h1 h3 lost
}

tc_drops_on_a_host_end_behind_a_tunnel()
{
	observe tc "$far" p3 tx h1 h3 lost
}

# By the short cut, too, for which nobody has received it.
tc_knows_the_host_end_that_received()
{
	INDEV=p1 observe indev "$sw" p2 tx h1 h2 lost
}

tc_knows_the_tunnel_that_received()
{
	INDEV=vx0 observe indev "$far" p3 tx h1 h3 lost
}

# tcx NS DEV rx|tx FROM TO - observe, where the kernel has tcx (6.6)
tcx()
{
	if ! frames count "$1/$2/ingress" tcx 0 2>/dev/null; then
		skip "no tcx in this kernel"
		return
	fi
	frames uncount
	observe tcx "$@" lost
}

tcx_drops_on_a_host_end_receiving()
{
	tcx "$sw" p1 rx h1 h2
}

tcx_drops_on_a_host_end_sending()
{
	tcx "$sw" p2 tx h1 h2
}

tcx_drops_on_a_tunnel_sending()
{
	tcx "$sw" vx0 tx h1 h3
}

tcx_drops_on_a_tunnel_receiving()
{
	tcx "$far" vx0 rx h1 h3
}

## Tests: nft

nft_drops_on_a_host_end_receiving()
{
	observe nft "$sw" p1 rx h1 h2 lost
}

nft_drops_on_a_host_end_sending()
{
	observe nft "$sw" p2 tx h1 h2 lost
}

nft_drops_on_a_tunnel_sending()
{
	observe nft "$sw" vx0 tx h1 h3 lost
}

nft_drops_on_a_tunnel_receiving()
{
	observe nft "$far" vx0 rx h1 h3 lost
}

nft_drops_on_a_host_end_behind_a_tunnel()
{
	observe nft "$far" p3 tx h1 h3 lost
}

# The outer packet is an ordinary one of the host: its hooks apply, and there
# is no short cut that leaves them out.
nft_drops_the_outer_packet()
{
	local hook

	for hook in output postrouting; do
		frames traffic h1 $(way h1 h3)
		in_ns "$sw" nft -f - <<-END
		table inet t {
			chain c {
				type filter hook $hook priority 0
				udp dport 4789 meta length >= 1000 counter drop
			}
		}
		END
		frames stop >/dev/null
		check_reach "dropped in $hook" h1 "" count=$N len=1000 \
			$(way h1 h3)
		check_eq "counted in $hook" "$(in_ns "$sw" \
			nft list chain inet t c |
			sed -n 's/.* counter packets \([0-9]*\) .*/\1/p')" $N
		in_ns "$sw" nft delete table inet t
		fused_again "$sw" vx0 tx h1 h3
	done
}

## Tests: XDP

generic_xdp_drops_on_a_host_end()
{
	observe xdp "$sw" p1 rx h1 h2 lost
}

generic_xdp_drops_on_a_tunnel()
{
	observe xdp "$far" vx0 rx h1 h3 lost
}

## Tests: queues

tbf_on_a_host_end()
{
	observe_qdisc "$sw" p2 h1 h2 tbf rate 1gbit burst 1mb limit 1mb
}

tbf_on_a_tunnel()
{
	observe_qdisc "$sw" vx0 h1 h3 tbf rate 1gbit burst 1mb limit 1mb
}

netem_delays_on_a_host_end()
{
	observe_qdisc "$far" p3 h1 h3 netem delay 20ms
}

## Tests: others

a_vlan_device_takes_its_frames()
{
	local before fields="vlan=7 count=$N"

	fields+=" $(way h1 h2)"
	frames traffic h1 $(way h1 h2)
	ip -n "$sw" link add p1.7 link p1 type vlan id 7
	ip -n "$sw" link set p1.7 up
	frames stop >/dev/null
	frames_end v7 "$sw" p1.7
	before=$(frames fused "$sw" p1 rx)
	check_reach "its VLAN" h1 v7 $fields
	check_eq "past it" "$(frames fused "$sw" p1 rx)" "$before"
	fused_again "$sw" p1 rx h1 h2
	check_eq "untagged frames still go past it" \
		"$(frames fused "$sw" p1 rx)" $((before + N))
	frames drop v7
	ip -n "$sw" link del p1.7
	before=$(frames fused "$sw" p1 rx)
	check_reach "no VLAN device" h1 h2 $fields
	check_eq "the short cut" "$(frames fused "$sw" p1 rx)" $((before + N))
}

# rps NS DEV CPUS - which CPUs are to receive the frames of DEV
rps()
{
	in_ns "$1" sh -c "echo $3 >/sys/class/net/$2/queues/rx-0/rps_cpus"
}

# cpu_frames CPU - how many frames it has taken from its queue, of all devices
cpu_frames()
{
	# by position: /proc/net/softnet_stat has a line for each CPU online
	local line

	line=$(sed -n "$(($1 + 1))p" /proc/net/softnet_stat)
	echo $((16#${line%% *}))
}

# need_two_cpus - skip() on a machine with one: the frame tool has the first
need_two_cpus()
{
	[[ $(cat /sys/devices/system/cpu/online) == 0-* ]] ||
		{ skip "one CPU"; return 1; }
}

rps_on_a_host_end()
{
	local before cpu

	need_two_cpus || return 0
	frames traffic h1 $(way h1 h2)
	rps "$sw" p1 2
	before=$(frames fused "$sw" p1 rx)
	frames stop >/dev/null
	cpu=$(cpu_frames 1)
	check_eq "arrived" "$(frames arrive h1 h2 $N count=$N $(way h1 h2))" h2
	check_eq "past RPS" "$(frames fused "$sw" p1 rx)" "$before"
	check "through the other CPU" test $(($(cpu_frames 1) - cpu)) -ge $N
	frames traffic h1 $(way h1 h2)
	rps "$sw" p1 0
	frames stop >/dev/null
	fused_again "$sw" p1 rx h1 h2
}

# The short cut hands frames to the container end: RPS of that one still counts.
rps_on_a_container_end()
{
	local cpu

	need_two_cpus || return 0
	frames traffic h1 $(way h1 h3)
	rps "$h3" eth0 2
	frames stop >/dev/null
	cpu=$(cpu_frames 1)
	check_eq "arrived" "$(frames arrive h1 h3 $N count=$N $(way h1 h3))" h3
	check "through the other CPU" test $(($(cpu_frames 1) - cpu)) -ge $N
	rps "$h3" eth0 0
	fused_again "$far" p3 tx h1 h3
}

# gso_packets NS DEV FROM TO - how many frames a segmentable frame of 3 segments
# is for DEV, which receives it
gso_packets()
{
	local before after

	before=$(frames stats "$1" "$2")
	frames gso "$3" size=4000 mss=1400 $(way "$3" "$4")
	after=$(frames stats "$1" "$2")
	echo $((${after%% *} - ${before%% *}))
}

an_offload_is_switched_off_on_a_host_end()
{
	local before

	check_eq "whole" "$(gso_packets "$h2" eth0 h1 h2)" 1
	frames traffic h1 $(way h1 h2)
	in_ns "$sw" ethtool -K p2 tso off >/dev/null
	before=$(frames fused "$sw" p2 tx)
	frames stop >/dev/null
	check_eq "cut" "$(gso_packets "$h2" eth0 h1 h2)" 3
	check_eq "past it" "$(frames fused "$sw" p2 tx)" "$before"
	in_ns "$sw" ethtool -K p2 tso on >/dev/null
	check_eq "whole again" "$(gso_packets "$h2" eth0 h1 h2)" 1
	check_eq "the short cut" "$(frames fused "$sw" p2 tx)" $((before + 1))
	fused_again "$sw" p2 tx h1 h2
}

an_offload_is_switched_off_on_a_tunnel()
{
	local before

	check_eq "whole" "$(gso_packets "$far" u2 h1 h3)" 1
	frames traffic h1 $(way h1 h3)
	in_ns "$sw" ethtool -K vx0 tso off >/dev/null
	before=$(frames fused "$sw" vx0 tx)
	frames stop >/dev/null
	check_eq "cut" "$(gso_packets "$far" u2 h1 h3)" 3
	check_eq "past it" "$(frames fused "$sw" vx0 tx)" "$before"
	in_ns "$sw" ethtool -K vx0 tso on >/dev/null
	check_eq "whole again" "$(gso_packets "$far" u2 h1 h3)" 1
	check_eq "the short cut" "$(frames fused "$sw" vx0 tx)" $((before + 1))
	fused_again "$sw" vx0 tx h1 h3
}

# The ends that are not left out: frames arrive there the ordinary way, and who
# watches them makes nothing slow.
an_observer_of_a_container_end()
{
	attach_nft "$h2" eth0 rx
	check_reach "dropped in the container" h1 h2 count=$N $(way h1 h2)
	check_eq "seen in the container" "$(seen_nft "$h2")" $N
	fused_again "$sw" p2 tx h1 h2
	detach_nft "$h2"

	attach_tc "$h1" eth0 tx pass
	check_reach "seen at its source" h1 h2 count=$N $(way h1 h2)
	check_eq "seen at its source" "$(seen_tc "$h1" eth0 tx)" $N
	detach_tc "$h1" eth0
	fused_again "$sw" p1 rx h1 h2
}

an_observer_of_the_host_interface()
{
	local mac before

	mac=$(link_get "$sw" br0 address)
	frames_end br "$sw" br0
	check_reach "for the host" h1 br count=$N dst="$mac" \
		src="$(path_mac 1)"
	attach_nft "$sw" br0 rx
	before=$(frames fused "$sw" p1 rx)
	check_reach "for the host, dropped there" h1 br count=$N dst="$mac" \
		src="$(path_mac 1)"
	check_eq "seen" "$(seen_nft "$sw")" $N
	check_eq "the short cut in front" "$(frames fused "$sw" p1 rx)" \
		$((before + N))
	detach_nft "$sw"

	attach_tc "$sw" br0 tx pass
	check_reach "from the host" br h1 count=$N \
		dst="$(path_mac 1)" src="$mac"
	check_eq "seen" "$(seen_tc "$sw" br0 tx)" $N
	detach_tc "$sw" br0
	frames drop br
}

## Tests: counters

# counted TEXT - what N frames of each of some lengths, unicast and flooded, and
# a frame to be segmented, are for the counters of each device
counted()
{
	local hop ns dev before=() a b i=0 len
	local hops=("h1 eth0" "sw p1" "sw br0" "sw p2" "h2 eth0" "sw vx0"
		"sw u1" "far u2" "far vx0" "far br0" "far p3" "h3 eth0"
		"far p4" "h4 eth0")

	for hop in "${hops[@]}"; do
		read -r ns dev <<<"$hop"
		before+=("$(frames stats "${!ns}" "$dev")")
	done
	for len in 60 1400; do
		frames send h1 count=$N len=$len $(way h1 h2)
		frames send h1 count=$N len=$len $(way h1 h3)
		frames send h1 count=$N len=$len vlan=5 $(way h1 h3)
		frames send h1 count=$N len=$len src="$(path_mac 1)"
	done
	frames gso h1 size=4000 mss=1400 $(way h1 h2)
	frames gso h1 size=4000 mss=1400 $(way h1 h3)
	echo "device rx: packets bytes tx: packets bytes errors dropped"
	for hop in "${hops[@]}"; do
		read -r ns dev <<<"$hop"
		read -ra a <<<"${before[i++]}"
		read -ra b <<<"$(frames stats "${!ns}" "$dev")"
		echo "$hop $((b[0] - a[0])) $((b[1] - a[1])) $((b[2] - a[2]))" \
			"$((b[3] - a[3])) $((b[4] - a[4] + b[5] - a[5]))" \
			"$((b[6] - a[6] + b[7] - a[7]))"
	done
}

counters_do_not_tell_fused_from_slow()
{
	local fused slow before place ns dev dir

	before=$(frames fused "$sw" p1 rx)
	fused=$(counted)
	check "it was fused" test "$(frames fused "$sw" p1 rx)" -gt "$before"
	for place in "sw p1 rx" "sw p2 tx" "sw vx0 tx" "far vx0 rx" \
		"far p3 tx" "far p4 tx"; do
		read -r ns dev dir <<<"$place"
		tc -n "${!ns}" qdisc add dev "$dev" clsact
		tc -n "${!ns}" filter add dev "$dev" "$(tc_hook "$dir")" \
			matchall action pass
	done
	before=$(frames fused "$sw" p1 rx)
	slow=$(counted)
	check_eq "it was slow" "$(frames fused "$sw" p1 rx)" "$before"
	check_eq "the counters" "$slow" "$fused"
	for place in "sw p1" "sw p2" "sw vx0" "far vx0" "far p3" "far p4"; do
		read -r ns dev <<<"$place"
		detach_tc "${!ns}" "$dev"
	done
}

counters_agree_with_in_tree_devices()
{
	local KIND=in-tree ours theirs keep name

	keep=("$sw" "$far" "$h1" "$h2" "$h3" "$h4")
	ours=$(counted)
	two_hosts
	two_hosts_ends
	theirs=$(counted)
	check_eq "ours and theirs" "$ours" "$theirs"
	for name in sw far h1 h2 h3 h4; do
		declare -g "$name=${keep[0]}"
		keep=("${keep[@]:1}")
	done
	two_hosts_ends
}

need_kind
path_start
hooks_stay "$WORK/bpf"
two_hosts
two_hosts_ends

tests_run "$@"
