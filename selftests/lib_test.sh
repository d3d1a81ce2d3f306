#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The helpers of the selftests: a check that fails fails the test and the file,
# whatever way it fails; what a test skips and what it leaves behind.
#
# Each test writes a small test file, runs it, and looks at its output.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	a_test_that_passes
	a_failing_check_fails
	a_check_that_should_fail_but_does_not
	a_refusal_has_to_name_the_reason
	a_different_value_fails
	a_wait_in_vain_fails
	a_plain_command_that_fails_fails_the_test
	a_command_that_fails_in_a_helper_fails_the_test
	a_command_that_may_fail_does_not
	a_failure_is_not_hidden_by_the_next_test
	skipped_tests
	cleaning_up_after_each_test
	cleaning_up_when_killed
	namespaces_are_quiet_and_go_away
	frames_arrive_where_they_should
	a_frame_that_does_not_arrive_fails
	a_changed_frame_is_noticed
"

WORK=$(mktemp -d)
defer rm -rf "$WORK"

# file TESTS - write a test file: its ALL_TESTS are TESTS, its functions come
# from stdin
file()
{
	printf 'set -u\n. %s/lib.sh\nALL_TESTS="%s"\n' "$LIB_DIR" "$1" >"$WORK/t"
	cat >>"$WORK/t"
	echo 'tests_run "$@"' >>"$WORK/t"
}

# expect STATUS LINE... - run the file: its status, and the TAP lines it prints
expect()
{
	local rc=0

	BUSYWAIT_TIMEOUT=5 bash "$WORK/t" >"$WORK/out" 2>"$WORK/err" || rc=$?
	check_eq "status" "$rc" "$1"
	shift
	check_eq "results" "$(grep -v '^#' "$WORK/out")" \
		"$(printf '%s\n' "TAP version 13" "1..$#" "$@")"
	check_eq "stderr" "$(cat "$WORK/err")" ""
}

# says TEXT - the output of the file has TEXT
says()
{
	check "the output says $1" grep -qF -- "$1" "$WORK/out"
}

a_test_that_passes()
{
	file "all_is_well" <<-'END'
	all_is_well()
	{
		check "true" true
		check_fail "false" false
		check_eq "words" "a b" "a b"
		check_refused "no" "not there" sh -c 'echo is not there; exit 2'
		check_wait "now" true
	}
	END
	expect 0 "ok 1 all is well"
}

a_failing_check_fails()
{
	file "one" <<-'END'
	one() { check "this is true" sh -c 'echo details; exit 3'; }
	END
	expect 1 "not ok 1 one"
	says "# FAIL: this is true"
	says "# details"
}

a_check_that_should_fail_but_does_not()
{
	file "one" <<-'END'
	one() { check_fail "this is false" true; }
	END
	expect 1 "not ok 1 one"
	says "# FAIL: this is false"
}

a_refusal_has_to_name_the_reason()
{
	file "one two" <<-'END'
	one() { check_refused "refused" "because" sh -c 'echo why; exit 1'; }
	two() { check_refused "refused" "because" sh -c 'echo because'; }
	END
	expect 1 "not ok 1 one" "not ok 2 two"
	says "# why"
}

a_different_value_fails()
{
	file "one" <<-'END'
	one() { check_eq "a number" 1 2; }
	END
	expect 1 "not ok 1 one"
	says "# got:      1"
	says "# expected: 2"
}

a_wait_in_vain_fails()
{
	file "one" <<-'END'
	BUSYWAIT_TIMEOUT=0
	one() { check_wait "it comes" false; }
	END
	expect 1 "not ok 1 one"
}

a_plain_command_that_fails_fails_the_test()
{
	file "one" <<-'END'
	one() {
		false
		true
	}
	END
	expect 1 "not ok 1 one"
	says ": false"
}

a_command_that_fails_in_a_helper_fails_the_test()
{
	file "one two" <<-'END'
	helper() { false; true; }
	one() { helper; }
	two() { local x; x=$(false); }
	END
	expect 1 "not ok 1 one" "not ok 2 two"
}

a_command_that_may_fail_does_not()
{
	file "one" <<-'END'
	helper() { false; false; }
	one() {
		check_fail "no" helper
		helper || :
		if helper; then :; fi
		busywait helper >/dev/null || :
	}
	END
	expect 0 "ok 1 one"
}

a_failure_is_not_hidden_by_the_next_test()
{
	file "one two" <<-'END'
	one() { check "true" false; }
	two() { check "true" true; }
	END
	expect 1 "not ok 1 one" "ok 2 two"
}

skipped_tests()
{
	file "one two" <<-'END'
	one() { skip "no moon tonight"; return; }
	two() { check "true" true; }
	END
	expect 0 "ok 1 one # SKIP no moon tonight" "ok 2 two"

	file "one" <<-'END'
	one() { skip "no moon"; }
	END
	expect 4 "ok 1 one # SKIP no moon"

	file "one" <<-'END'
	one() { skip "no moon"; check "true" false; }
	END
	expect 1 "not ok 1 one"

	file "one" <<-'END'
	need no-such-command
	END
	check_eq "all skipped" "$(bash "$WORK/t" || echo "status $?")" \
"TAP version 13
1..0 # SKIP no-such-command is not installed
status 4"
}

cleaning_up_after_each_test()
{
	file "one two" <<-'END'
	defer diag "file done"
	one() {
		defer diag "first" "and more"
		defer diag "second"
		false
	}
	two() { diag "two runs"; }
	END
	expect 1 "not ok 1 one" "ok 2 two"
	check_eq "order" "$(grep -v FAIL "$WORK/out" | grep '^#')" \
"# second
# first
# and more
# two runs
# file done"
}

cleaning_up_when_killed()
{
	file "one" <<-'END'
	one() {
		defer rm -f "$0.left"
		touch "$0.left"
		kill -TERM $$
	}
	END
	bash "$WORK/t" >"$WORK/out" 2>&1 || :
	check_fail "cleaned up" test -e "$WORK/t.left"
}

namespaces_are_quiet_and_go_away()
{
	file "one" <<-'END'
	inside() { ip netns pids "$1" | grep .; }
	one() {
		setup_ns -q a b
		diag "$a $b"
		check_fail "two" test "$a" = "$b"
		check "there" ip netns exec "$a" true
		check_eq "no IPv6" "$(in_ns "$a" \
			cat /proc/sys/net/ipv6/conf/default/disable_ipv6)" 1
		ip netns exec "$b" tail -f /dev/null >/dev/null &
		check_wait "it runs" inside "$b"
	}
	END
	[[ -e /proc/sys/net/ipv6 ]] || sed -i '/no IPv6/,+1d' "$WORK/t"
	expect 0 "ok 1 one"
	check_fail "gone" ip netns exec "$(sed -n '/^# a/s/^# \(.*\) .*/\1/p' \
		"$WORK/out")" true
}

# the start of the three files below: h1 and h2 on an in-tree bridge
# shellcheck disable=SC2016 # for the file
TOPOLOGY='
KIND=in-tree
setup()
{
	setup_ns -q sw h1 h2
	frames_start
	kind_bridge "$sw" br0
	for h in h1 h2; do
		kind_pair "$sw" p$h "${!h}" eth0
		ip -n "$sw" link set p$h master br0
		frames_end $h "${!h}" eth0 $TAP
	done
	frames_end br "$sw" br0
}
'

frames_arrive_where_they_should()
{
	file "one two" <<-END
	TAP=
	$TOPOLOGY
	one() {
		setup
		check_reach "a group" h1 "br h2" count=100
		check_reach "unknown" h1 "h2" dst=02:00:00:00:00:02
		check_reach "ours" br "h1 h2" len=1514
	}
	two() {
		TAP=tap
		one
		check_eq "seen" "\$(frames seen h1)" 0
		frames send h2 count=7 src=02:00:00:00:00:02 len=100 vlan=5
		check_eq "seen" "\$(frames seen h1 len=100 type=88b5 vlan=5)" 7
		check_eq "last" "\$(frames last h1)" \
	"ffffffffffff020000000002"\$(printf 8100000588b5; printf 'a5%.0s' {1..82})
	}
	END
	expect 0 "ok 1 one" "ok 2 two"
}

a_frame_that_does_not_arrive_fails()
{
	file "one two" <<-END
	TAP=
	$TOPOLOGY
	one() { setup; check_reach "nowhere" h1 "" ; }
	two() {
		setup
		ip -n "\$sw" link set ph2 nomaster
		check_reach "everywhere" h1 "br h2"
	}
	END
	expect 1 "not ok 1 one" "not ok 2 two"
	says "# got:      br h2"
	says "# got:      br"
}

a_changed_frame_is_noticed()
{
	file "one two" <<-END
	TAP=tap
	$TOPOLOGY
	one() {
		setup
		tc -n "\$sw" qdisc add dev ph2 clsact
		tc -n "\$sw" filter add dev ph2 egress matchall \
			action vlan push id 7
		check_reach "changed" h1 "br h2!"
	}
	two() { setup; check_reach "unchanged" h1 "br h2"; }
	END
	setup_ns probe
	tc -n "$probe" qdisc add dev lo clsact
	if ! tc -n "$probe" filter add dev lo egress matchall \
		action vlan push id 7 2>/dev/null; then
		skip "no vlan action"
		return
	fi
	expect 0 "ok 1 one" "ok 2 two"
}

tests_run "$@"
