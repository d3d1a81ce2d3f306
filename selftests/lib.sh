# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Helpers of the selftests, with the names of the kernel's net/lib.sh where it
# has them. To be sourced.
#
# A test file:
#
#	. "$(dirname -- "$0")/lib.sh"
#	ALL_TESTS="frames_are_flooded peer_goes_away"	# one TAP line each
#	frames_are_flooded()
#	{
#		setup_ns -q sw h1		# $sw, $h1; gone after this test
#		kind_bridge "$sw" br0 ageing_time 1000
#		kind_pair "$sw" p1 "$h1" eth0	# both ends are up
#		ip -n "$sw" link set p1 master br0
#		check "p1 is a port" port_of "$sw" p1 br0
#		check_eq "its MTU" "$(link_get "$sw" p1 mtu)" 1500
#		check_refused "a loop" "itself" ip -n "$sw" link set br0 master br0
#	}
#	tests_run "$@"			# words select tests
#
# A plain command that fails, in a test, fails the test too. Nothing here waits
# by sleeping: busywait COMMAND, or the fence of the frame tool (py/frames.py),
# after which every frame that was sent has been counted:
#
#	frames_start; frames_end h1 "$h1" eth0; frames_end h2 "$h2" eth0
#	check_reach "unknown address" h1 "h2 h3" dst=$M2 src=$M1 len=60
#
# Environment: KIND=vnetbr (default) or in-tree; NO_PLUGIN=1 creates devices by
# netlink even where `ip` knows the words of vnetbr; TESTS="NAME...".

LIB_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
export LC_ALL=C
BUSYWAIT_TIMEOUT=${BUSYWAIT_TIMEOUT:-20}	# seconds

# Where TAP goes, also from a subshell whose output is taken.
exec {TAP_FD}>&1
TEST_FAILED=0
TEST_SKIPPED=
DEFERRED=()

## TAP

# diag TEXT... - a line for the reader
diag()
{
	printf '# %s\n' "$@" | sed '2,$s/^\([^#]\)/# \1/' >&"$TAP_FD"
}

# fail TEXT... - the running test has failed, for the reason TEXT; goes on
fail()
{
	diag "FAIL: $1" "${@:2}"
	TEST_FAILED=1
}

# skip TEXT - the running test cannot run here; the caller then returns
skip()
{
	TEST_SKIPPED=$1
}

# skip_all TEXT - no test of this file can run here; leaves with status 4
skip_all()
{
	printf 'TAP version 13\n1..0 # SKIP %s\n' "$1" >&"$TAP_FD"
	exit 4
}

# need COMMAND... - skip_all() unless all of them are installed
need()
{
	local cmd

	for cmd; do
		command -v "$cmd" >/dev/null || skip_all "$cmd is not installed"
	done
}

# unasked STATUS COMMAND - a command failed that nobody expected to; those of a
# subshell are its own business
unasked()
{
	[[ $BASHPID != "$$" ]] || fail "status $1, $2"
}

# check TEXT COMMAND... - COMMAND has to succeed
check()
{
	local out

	out=$("${@:2}" 2>&1) || fail "$1" "failed: ${*:2}" "$out"
}

# check_fail TEXT COMMAND... - COMMAND has to fail
check_fail()
{
	local out

	! out=$("${@:2}" 2>&1) || fail "$1" "succeeded: ${*:2}" "$out"
}

# check_refused TEXT WORDS COMMAND... - COMMAND has to fail and to say WORDS
check_refused()
{
	local out

	if out=$("${@:3}" 2>&1); then
		fail "$1" "succeeded: ${*:3}" "$out"
	elif [[ $out != *"$2"* ]]; then
		fail "$1" "does not say \"$2\": ${*:3}" "$out"
	fi
}

# check_eq TEXT GOT WANTED - both have to be the same
check_eq()
{
	[[ $2 == "$3" ]] || fail "$1" "got:      $2" "expected: $3"
}

# check_wait TEXT COMMAND... - COMMAND has to succeed before the deadline
check_wait()
{
	busywait "${@:2}" >/dev/null || fail "$1" "in vain: ${*:2}"
}

# tests_run [NAME...] - run $ALL_TESTS, or only those named; does not return
tests_run()
{
	local name no=0 failed=0 skipped=0 mark

	# shellcheck disable=SC2206 # names are words
	local tests=(${*:-${TESTS:-$ALL_TESTS}})

	printf 'TAP version 13\n1..%d\n' ${#tests[@]} >&"$TAP_FD"
	for name in "${tests[@]}"; do
		TEST_FAILED=0
		TEST_SKIPPED=
		mark=${#DEFERRED[@]}
		trap 'unasked $? "line $LINENO: $BASH_COMMAND"' ERR
		set -E
		"$name"
		set +E
		trap - ERR
		run_deferred "$mark"
		no=$((no + 1))
		name="$no ${name//_/ }"
		if ((TEST_FAILED)); then
			failed=$((failed + 1))
			name="not ok $name"
		elif [[ $TEST_SKIPPED ]]; then
			skipped=$((skipped + 1))
			name="ok $name # SKIP $TEST_SKIPPED"
		else
			name="ok $name"
		fi
		printf '%s\n' "$name" >&"$TAP_FD"
	done
	((failed == 0)) || exit 1
	((skipped < no)) || exit 4
	exit 0
}

# subtest NAME - run a test inside another one; cleans up after it
subtest()
{
	local mark=${#DEFERRED[@]}

	"$1"
	run_deferred "$mark"
}

## Cleaning up

# defer COMMAND... - run COMMAND when the running test (or the file) ends, the
# last one first
defer()
{
	DEFERRED+=("${*@Q}")
}

# run_deferred MARK - run what was deferred since there were MARK commands
run_deferred()
{
	local i

	for ((i = ${#DEFERRED[@]} - 1; i >= $1; i--)); do
		eval "${DEFERRED[i]}" >/dev/null 2>&1 || :
		unset "DEFERRED[i]"
	done
}

trap 'run_deferred 0' EXIT
trap 'exit 1' INT TERM HUP

## Waiting

# busywait COMMAND... - until it succeeds or $BUSYWAIT_TIMEOUT is over; prints
# the last output, returns the last status
#
# A second look comes at once, later ones less and less often: whoever waits
# does not keep others from work.
busywait()
{
	local end=$((SECONDS + BUSYWAIT_TIMEOUT)) pause=0 seconds out rc

	while :; do
		rc=0
		out=$("$@" 2>&1) || rc=$?
		if ((rc == 0 || SECONDS > end)); then
			printf '%s\n' "$out"
			return "$rc"
		fi
		printf -v seconds '0.%03d' "$pause"
		((pause == 0)) || read -rt "$seconds" -u "$SILENCE" || :
		((pause >= 100)) || pause=$((pause + 10))
	done
}

# Nobody ever writes into it: reading is how the shell itself can wait.
exec {SILENCE}<> <(:)

## Namespaces

# setup_ns [-q] NAME... - new namespaces; sets $NAME to what ip calls each one
#
# lo is up. With -q there is no IPv6, so that no frame is sent unasked. The
# frame tool, if it runs, makes them much faster than ip does.
setup_ns()
{
	local quiet='' name ns

	[[ $1 != -q ]] || { quiet=1; shift; }
	for name; do
		ns=$name-$$-$RANDOM
		declare -g "$name=$ns"
		defer cleanup_ns "$ns"
		if [[ ${FRAMES_IN:-} ]]; then
			frames_ask ns "$ns"
			[[ -z $quiet ]] || frames_ask quiet "$ns"
			continue
		fi
		ip netns add "$ns"
		ip -n "$ns" link set lo up
		[[ -z $quiet ]] || ns_sysctl "$ns" net.ipv6.conf \
			all/disable_ipv6=1 default/disable_ipv6=1
	done
}

# ns_sysctl NS PREFIX NAME=VALUE... - write some; those missing do not matter
ns_sysctl()
{
	local script='' item

	for item in "${@:3}"; do
		script+="f=/proc/sys/${2//.//}/${item%%=*};"
		script+="[ ! -e \$f ] || echo '${item#*=}' >\$f;"
	done
	ip netns exec "$1" sh -c "$script"
}

# cleanup_ns NS... - delete; if this shell has jobs in the background, what runs
# inside is killed first
cleanup_ns()
{
	local ns jobs

	jobs=$(jobs -p)
	jobs=${jobs/#${FRAMES_PID:-no frame tool}}
	for ns; do
		[[ -z ${jobs//[$'\n']} ]] || ip netns pids "$ns" 2>/dev/null |
			xargs -r kill 2>/dev/null
		if [[ ${FRAMES_IN:-} ]]; then
			frames_ask nsdel "$ns"
		else
			ip netns delete "$ns" 2>/dev/null
		fi
	done
	return 0
}

# in_ns NS COMMAND...
in_ns()
{
	ip netns exec "$@"
}

# shellcheck source=lib_net.sh
. "$LIB_DIR/lib_net.sh"
