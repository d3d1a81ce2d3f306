#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Locked ports, which let in frames of entered addresses only, and MAB, which
# asks for others to be entered: as of the kernel's own bridge. Frames take
# short cuts, and then, with a packet socket on each port, do not.
#
#	 sw                              h1
#	+-----------------------+       +------+
#	| br0 --- p1 (locked) - | ----- | eth0 |	frames to and from M1
#	|     \-- p2 ---------- | ----- |  h2  |	... M2
#	|      \- p3 ---------- | ----- |  h3  |	... M3
#	+-----------------------+       +------+

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

PATH_TESTS="
	unknown_sources_are_dropped
	known_addresses_do_not_roam
	mab_enters_the_address
	a_user_lets_an_address_in
	a_locked_entry_moves_to_an_unlocked_port
"

ALL_TESTS="
	$PATH_TESTS
	the_same_while_the_ports_are_watched
	eapol_reaches_the_port
	nothing_is_learned_from_reserved_frames
	without_mab_no_locked_entries
	mab_needs_locked_and_learning
	locked_entries_count_to_the_limit
	a_locked_entry_ages
	no_user_makes_a_locked_entry
	monitor_tells_of_a_locked_entry
"

M1=02:00:00:00:00:01
M2=02:00:00:00:00:02
M3=02:00:00:00:00:03
NEW=02:00:00:00:00:99		# never a source
PAE=01:80:c2:00:00:03

# port NAME WORD... - options of a port
port()
{
	bridge -n "$sw" link set dev "$@"
}

# dropped BY - check how many frames a locked port did not let in
dropped()
{
	[[ $KIND == vnetbr ]] || return 0
	check_eq "counter" "$(ethtool_stats_get "$sw" br0 drop_locked)" "$1"
}

# setup - the switch above, M2 and M3 known
setup()
{
	setup_switch 3
	port p1 locked on "$@"
	frames send h2 src="$M2"
	frames send h3 src="$M3"
}

# mab_known - skip the test unless `bridge` has the word
mab_known()
{
	[[ $(bridge link help 2>&1) == *" mab "* ]] ||
		{ skip "this bridge command has no mab"; return 1; }
}

# locked_entry MAC PORT - is there an entry that is locked?
locked_entry()
{
	fdb_has "$sw" br0 "$1" "$2" locked
}

unknown_sources_are_dropped()
{
	local own

	setup
	check_reach "broadcast" h1 "" src="$M1"
	check_reach "to a known address" h1 "" src="$M1" dst="$M2"
	check_fail "not learned" fdb_has "$sw" br0 "$M1" p1
	check_reach "frames go out" h2 "br h1 h3" src="$M2"
	check_reach "unknown address" h2 "h1 h3" src="$M2" dst="$NEW"
	dropped 2

	fdb "$sw" add br0 p1 "$M1" static
	check_reach "M1 is entered" h1 "br h2 h3" src="$M1"
	check_reach "another one is not" h1 "" src="$NEW"
	own=$(link_get "$sw" br0 address)
	check_reach "an address of the bridge" h1 "" src="$own"
	dropped 4

	port p1 locked off
	check_reach "unlocked" h1 "br h2 h3" src="$NEW"
}

known_addresses_do_not_roam()
{
	setup
	check_reach "M2 from p1" h1 "" src="$M2"
	check "it is where it was" fdb_has "$sw" br0 "$M2" p2
	check_reach "from where it was" h2 "br h1 h3" src="$M2"
	fdb "$sw" add br0 p1 "$M1" dynamic
	check_reach "M1 is entered" h1 "br h2 h3" src="$M1"
	check_reach "M1 from a port that is not locked" h2 "br h1 h3" src="$M1"
	check "it has moved" fdb_has "$sw" br0 "$M1" p2
	check_reach "and is not let in" h1 "" src="$M1"
	dropped 2
}

mab_enters_the_address()
{
	mab_known || return 0
	setup mab on
	check_reach "M1 is unknown" h1 "" src="$M1"
	check "locked" locked_entry "$M1" p1
	check_reach "it is locked" h1 "" src="$M1" dst="$M2"
	check "still locked" locked_entry "$M1" p1
	check_reach "to M1" h2 "h1" src="$M2" dst="$M1"
	check_reach "M2 from p1" h1 "" src="$M2"
	check_fail "no new entry" locked_entry "$M2" p1
	dropped 3
}

a_user_lets_an_address_in()
{
	mab_known || return 0
	setup mab on
	frames send h1 src="$M1"
	check "locked" locked_entry "$M1" p1
	check_refused "add, not replace" exists fdb "$sw" add br0 p1 "$M1" \
		dynamic
	check "replace" fdb "$sw" replace br0 p1 "$M1" dynamic
	check "there" fdb_has "$sw" br0 "$M1" p1
	check_fail "not locked" locked_entry "$M1" p1
	check_reach "M1 is let in" h1 "br h2 h3" src="$M1"
	fdb "$sw" del br0 p1 "$M1"
	check_reach "and out" h1 "" src="$M1"
	check "locked again" locked_entry "$M1" p1
}

a_locked_entry_moves_to_an_unlocked_port()
{
	mab_known || return 0
	setup mab on
	port p3 locked on mab on
	frames send h1 src="$M1"
	check_reach "M1 from a locked port" h3 "" src="$M1"
	check "it stays" locked_entry "$M1" p1
	check_reach "M1 from p2" h2 "br h1 h3" src="$M1"
	check "it moved" fdb_has "$sw" br0 "$M1" p2
	check_fail "no longer locked" locked_entry "$M1" p2
	check_reach "M1 from p1" h1 "" src="$M1"
	check "it stays there" fdb_has "$sw" br0 "$M1" p2
}

the_same_while_the_ports_are_watched()
{
	local WATCH=1 test

	for test in $PATH_TESTS; do
		subtest "$test"
	done
}

eapol_reaches_the_port()
{
	setup
	frames ear pae "$sw" p1 888e
	check_reach "EAPOL" h1 "pae" dst="$PAE" src="$M1" type=888e
	check_reach "to the port" h1 "" src="$M1" type=888e \
		dst="$(link_get "$sw" p1 address)"
}

# In-tree, this needs no_linklocal_learn on, or a supplicant lets itself in.
nothing_is_learned_from_reserved_frames()
{
	[[ $KIND == vnetbr ]] || { skip "in-tree learns"; return; }
	setup
	frames send h1 dst="$PAE" src="$M1" type=888e
	check_fail "not learned" fdb_has "$sw" br0 "$M1" p1
	check_reach "not let in" h1 "" src="$M1"
	port p1 locked off
	frames send h1 dst="$PAE" src="$M1" type=888e
	check "learned by a port that is not locked" fdb_has "$sw" br0 "$M1" p1
}

without_mab_no_locked_entries()
{
	mab_known || return 0
	setup mab on
	fdb "$sw" add br0 p1 02:00:00:00:00:11 dynamic
	port p3 locked on mab on
	frames send h1 src="$M1"
	frames send h3 src="$NEW"
	check "locked" locked_entry "$M1" p1
	port p1 mab off
	check_fail "gone" fdb_has "$sw" br0 "$M1" p1
	check "the user's" fdb_has "$sw" br0 02:00:00:00:00:11 p1
	check "another port's" locked_entry "$NEW" p3
	check_reach "unknown again" h1 "" src="$M1"
	check_fail "not entered" fdb_has "$sw" br0 "$M1" p1
}

mab_needs_locked_and_learning()
{
	local says="locked"

	mab_known || return 0
	setup
	check_refused "learning off" "$says" port p1 learning off mab on
	check_refused "not locked" "$says" port p2 mab on
	check "both" port p1 mab on
	check_refused "unlock" "$says" port p1 locked off
	check_refused "do not learn" "$says" port p1 learning off
	check_reach "nothing has changed" h1 "" src="$M1"
	check "it is on" locked_entry "$M1" p1
	check "all off" port p1 mab off locked off learning off
}

locked_entries_count_to_the_limit()
{
	local i

	[[ $KIND == vnetbr ]] || { skip "in-tree has no such limit"; return; }
	mab_known || return 0
	setup mab on
	kind_bridge_set "$sw" br0 fdb_port_max_learned 2
	for i in 1 2 3 4; do
		frames send h1 src="02:00:00:00:01:0$i"
	done
	check_eq "entries" "$(fdb_show "$sw" br0 | grep -c " p1 .*locked")" 2
	check_eq "counter" "$(ethtool_stats_get "$sw" br0 learn_limit)" 2
	dropped 4
}

a_locked_entry_ages()
{
	mab_known || return 0
	setup mab on
	frames send h1 src="$M1"
	check "locked" locked_entry "$M1" p1
	kind_bridge_set "$sw" br0 ageing_time 100
	check_wait "gone" entry_gone "$M1" p1
}

# entry_gone MAC PORT
entry_gone()
{
	! fdb_has "$sw" br0 "$1" "$2"
}

no_user_makes_a_locked_entry()
{
	local add=("${VNB[@]}" neigh)

	[[ $KIND == vnetbr ]] || { skip "words of vnetbr"; return; }
	setup
	check_refused "locked" "locked: set by a port with mab only" \
		in_ns "$sw" "${add[@]}" br0 p1 "$M1" locked
	check "not locked" in_ns "$sw" "${add[@]}" br0 p1 "$M1"
	check "made" fdb_has "$sw" br0 "$M1" p1
}

monitor_tells_of_a_locked_entry()
{
	local pid

	mab_known || return 0
	WORK=$(mktemp -d)
	defer rm -r "$WORK"
	setup mab on
	bridge -n "$sw" monitor fdb >"$WORK/monitor" 2>&1 &
	pid=$!
	defer wait "$pid"
	defer kill "$pid"
	check_wait "the monitor runs" tickled
	frames send h1 src="$M1"
	check_wait "an entry" heard "$M1 dev p1 .*locked"
	fdb "$sw" replace br0 p1 "$M1" static
	check_wait "it is replaced" heard "$M1 dev p1 .*static"
	port p1 mab off
	frames send h2 src="$M2"
	check_fail "nothing is gone" heard "Deleted $M1"
}

# heard PATTERN - has the monitor printed such a line?
heard()
{
	grep -q "$1" "$WORK/monitor"
}

# tickled - add an entry, see whether the monitor has noticed
tickled()
{
	fdb "$sw" replace br0 p3 02:00:00:00:00:33 static
	fdb "$sw" del br0 p3 02:00:00:00:00:33
	heard "02:00:00:00:00:33"
}

need_kind
frames_start
tests_run "$@"
