#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Entries whose activity a control plane wants to know of ("bridge fdb ...
# activity_notify"): it is told when an address falls silent, and when it is
# heard of again. The same with the kernel's own bridge.
#
#	 sw                              h1
#	+-----------------------+       +------+
#	| br0 --- p1 ---------- | ----- | eth0 |	frames from M1
#	|     \-- p2 ---------- | ----- |  h2  |
#	+-----------------------+       +------+

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	silence_is_told_and_its_end
	heard_elsewhere_is_not_heard
	on_a_locked_port_too
	what_a_control_plane_learned_stays_too
	inactive_from_the_start
	norefresh_keeps_the_age
	it_is_switched_off
	an_address_that_moves_stays_watched
	refusals
"

M1=02:00:00:00:00:01

WORK=$(mktemp -d)
defer rm -r "$WORK"

# setup - the switch above, which finds an address silent after 1 s
setup()
{
	setup_switch 2 ageing_time 100
}

# watch WORD... - enter M1 at p1, and ask for its activity
watch()
{
	check "entered" fdb "$sw" add br0 p1 "$M1" "$@" activity_notify
}

# entry_at PORT WORD... - is M1 there, watched, and with all WORDs?
entry_at()
{
	local line word

	line=$(bridge -n "$sw" -d fdb show | grep "^$M1 dev $1 .*master br0") ||
		return
	for word in activity_notify "${@:2}"; do
		[[ "$line " == *" $word "* ]] || return
	done
}

# entry WORD... - the same for p1
entry()
{
	entry_at p1 "$@"
}

# active - is M1 at p1, and not said to be silent?
active()
{
	entry && ! entry inactive
}

# listen - have what the monitor says in $WORK/monitor
listen()
{
	bridge -n "$sw" -d monitor fdb >"$WORK/monitor" 2>&1 &
	defer wait $!
	defer kill $!
	check_wait "the monitor runs" tickled
}

# tickled - change the table, see whether the monitor has noticed
tickled()
{
	fdb "$sw" replace br0 p1 02:00:00:00:00:99 static
	fdb "$sw" del br0 p1 02:00:00:00:00:99
	grep -q "^Deleted 02:00:00:00:00:99 " "$WORK/monitor"
}

# told - what the monitor has said of M1, in one line; kernels before 6.13 say
# once more what users change
told()
{
	sed -n "s/ *$//; s/^$M1 dev p1 \(.*\)master br0 /\1/p" "$WORK/monitor" |
		uniq | paste -sd ,
}

# told_is TEXT - has it said this?
told_is()
{
	[[ $(told) == "$1" ]]
}

silence_is_told_and_its_end()
{
	local said="activity_notify static,activity_notify inactive static"

	setup
	listen
	watch static
	check "it is active at first" active
	check_wait "it falls silent" entry inactive static
	check_wait "told" told_is "$said"
	frames send h1 src="$M1"
	check "it is heard of" active
	check_wait "told again" told_is "$said,activity_notify static"
	check_wait "it falls silent again" entry inactive static
}

heard_elsewhere_is_not_heard()
{
	# the kernel's own bridge moves what is static
	[[ $KIND == vnetbr ]] || { skip "not the kernel's"; return; }
	setup
	watch static
	check_wait "it falls silent" entry inactive
	frames send h2 src="$M1"
	check "it is still silent" entry inactive
	frames send h1 src="$M1"
	check "it is heard of" active
}

on_a_locked_port_too()
{
	setup
	bridge -n "$sw" link set dev p1 locked on
	watch static
	check_wait "it falls silent" entry inactive
	frames send h1 src="$M1"
	check "it is heard of" active
}

what_a_control_plane_learned_stays_too()
{
	# and loses the word
	[[ $KIND == vnetbr ]] || { skip "not in-tree"; return; }
	setup
	watch dynamic extern_learn
	check_wait "it falls silent" entry inactive extern_learn
	frames send h1 src="$M1"
	check "it is heard of" active
	check "it is the control plane's" entry extern_learn
}

inactive_from_the_start()
{
	setup
	watch static inactive
	check "silent" entry inactive
	frames send h1 src="$M1"
	check "heard of" active
}

# age - for how many seconds M1 was not heard of
age()
{
	bridge -n "$sw" -s -j fdb show |
		python3 -S -c 'import json, sys
print(*(e["updated"] for e in json.load(sys.stdin)
        if e["mac"] == sys.argv[1] and "master" in e))' "$M1"
}

# older_than SECONDS - was M1 not heard of for so long?
older_than()
{
	(($(age) >= $1))
}

norefresh_keeps_the_age()
{
	setup_switch 2
	watch static
	check_wait "it gets older" older_than 2
	fdb "$sw" replace br0 p1 "$M1" static activity_notify inactive norefresh
	check "changed" entry inactive
	check "as old as it was" older_than 2
	fdb "$sw" replace br0 p1 "$M1" static
	check_fail "refreshed" older_than 2
}

it_is_switched_off()
{
	setup
	watch static
	check_wait "it falls silent" entry inactive
	fdb "$sw" replace br0 p1 "$M1" static
	check "it is still there" fdb_has "$sw" br0 "$M1" p1 static
	check_fail "nobody asks any more" entry
}

an_address_that_moves_stays_watched()
{
	setup_switch 2
	watch dynamic
	frames send h2 src="$M1"
	check "moved, and watched" entry_at p2
	check_fail "once" entry
}

refusals()
{
	setup
	check_fail "inactive alone" \
		fdb "$sw" add br0 p1 "$M1" static inactive
	[[ $KIND == in-tree ]] || check_fail "with use" \
		fdb "$sw" add br0 p1 "$M1" dynamic use activity_notify
	check_fail "nothing was entered" fdb_has "$sw" br0 "$M1" p1
}

need_kind
[[ $(bridge fdb help 2>&1) == *activity_notify* ]] ||
	skip_all "this bridge command has no activity_notify"
frames_start
tests_run "$@"
