#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# What `bridge monitor` says of ports, VLANs and addresses is what it says of
# the kernel's bridge when the same is done to it; see lib_vlan.sh.
#
# What does not count: that something is said twice in a row, the order in which
# several ports or addresses are named for one thing that was done, options of
# VLANs that ours have not, what the core says of any link, and the entry that
# the kernel's bridge makes for each VLAN of an address which was entered without
# one.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_vlan.sh
. "$LIB_DIR/lib_vlan.sh"

ALL_TESTS="
	monitor_of_links
	monitor_of_vlans
	monitor_of_addresses
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02
M3=02:00:00:00:00:03

# port NAME WORD... - options of a port
port()
{
	bridge -n "$sw" link set dev "$@"
}

# tickled - change a VLAN and a port, see whether the monitor has noticed
tickled()
{
	vlan add dev vx0 vid 4094
	vlan del dev vx0 vid 4094
	port vx0 learning off
	port vx0 learning on
	fdb "$sw" replace br0 vx0 "$M3" static
	fdb "$sw" del br0 vx0 "$M3" static
	[[ -s $WORK/heard ]]
}

# hear OBJECT COMMAND... - what the monitor says of it while a command runs
hear()
{
	local pid

	: >"$WORK/heard"
	stdbuf -oL bridge -n "$sw" monitor "$1" >>"$WORK/heard" 2>&1 &
	pid=$!
	check_wait "the monitor runs" tickled
	"${@:2}"
	vlan add dev vx0 vid 4093
	port vx0 cost 4093
	fdb "$sw" replace br0 vx0 02:00:00:00:40:93 static
	check_wait "the last one" grep -qE "4093|40:93" "$WORK/heard"
	kill "$pid"
	wait "$pid" || :
	"tidy_$1" <"$WORK/heard" | uniq
}

# tidy_link - lines about ports, "Deleted" or with a state
tidy_link()
{
	sed -nE 's/[[:space:]]*$//; s/(^|Deleted )[0-9]+: /\1/; s/@[^:]*:/:/
		/vx0/d; /Deleted| state /p'
}

# tidy_vlan - a line for each range of VLANs of a port, those of the same VLANs
# that follow each other sorted
tidy_vlan()
{
	awk '/^[^ ]/ { head = $0; next }
		{ print head, $0 }' |
		sed -E 's/  */ /g; s/ (mcast_router|neigh_suppress|neigh_forward_grat) [^ ]*//g; s/ *$//; /vx0/d' |
		sort_alike 's/^(Deleted )?[^ ]+ /\1/'
}

# tidy_fdb - likewise
tidy_fdb()
{
	sed 's/[[:space:]]*$//; / vlan /d; / self/d; /vx0/d' |
		sort_alike 's/^(Deleted )?.* dev ([^ ]+) .*/\1\2/'
}

# sort_alike SED - sort those lines that follow each other and of which the same
# is left by SED
sort_alike()
{
	local line key last='' same=()

	while IFS= read -r line; do
		key=$(sed -E "$1" <<<"$line")
		if [[ $key != "$last" ]] && ((${#same[@]})); then
			printf '%s\n' "${same[@]}" | sort
			same=()
		fi
		last=$key
		same+=("$line")
	done
	((${#same[@]} == 0)) || printf '%s\n' "${same[@]}" | sort
}

change_links()
{
	port p1 state 2
	port p1 state 3
	port p1 cost 7 priority 9
	port p1 hairpin on
	port p1 learning off flood off mcast_flood off bcast_flood off
	port p1 isolated on
	port p1 neigh_suppress on
	ip -n "$sw" link set p2 nomaster
	join p2
	ip -n "$sw" link set f1 nomaster
}

monitor_of_links()
{
	both monitor_of_links_scenario
}

monitor_of_links_scenario()
{
	new_switch
	hear link change_links
}

change_vlans()
{
	vlan add dev p1 vid 10
	vlan add dev p1 vid 10
	vlan add dev p1 vid 10 pvid
	vlan add dev f1 vid 100-110
	vlan add dev f1 vid 105-120 untagged
	vlan add dev br0 vid 10-12 self
	vlan del dev f1 vid 107
	vlan del dev br0 vid 11 self
	change vlan_default_pvid 8
	change vlan_default_pvid 0
	ip -n "$sw" link set p2 nomaster
	join p2
}

monitor_of_vlans()
{
	both monitor_of_vlans_scenario
}

monitor_of_vlans_scenario()
{
	new_switch
	hear vlan change_vlans
}

change_addresses()
{
	vlan add dev p1 vid 10
	fdb "$sw" replace br0 p1 "$M1" static
	fdb "$sw" replace br0 p1 "$M2" dynamic
	fdb "$sw" replace br0 f1 "$M2" static
	fdb "$sw" del br0 p1 "$M1" static
	ip -n "$sw" link set f1 nomaster
}

monitor_of_addresses()
{
	both monitor_of_addresses_scenario
}

# Kernels before 6.13 tell by themselves, as "self", what users change.
monitor_of_addresses_scenario()
{
	new_switch
	hear fdb change_addresses
}

need_vlans
tests_run "$@"
