#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 3600
#
# The kernel's own selftests, unmodified, out of Debian's linux-source package
# (/usr/src/linux-source-*.tar.xz, nothing is downloaded), once with bridge,
# veth and vxlan as they are and once with ours in their place: what passes with
# the kernel's has to pass with ours. bin/ip and bin/bridge do the replacing.
#
# The file scripts says which ones, the file differences what cannot pass, and
# the gate of the kernel that forbids it. A difference that is no more fails.
#
# One TAP point for each script; its name without .sh, as an argument or in
# TESTS, selects it. SHOW=1 prints what the scripts say, TRACE=1 all they do.

set -u
# shellcheck source=../lib.sh
. "$(dirname -- "$0")/../lib.sh"

HERE=$LIB_DIR/upstream
WORK=$(mktemp -d)
defer rm -rf "$WORK"

# seconds for a script
LIMIT=${LIMIT:-300}

# For both runs, where the machine lacks it.
PATH+=:$HERE/tools

# What the scripts let their environment say: their waits are made for hardware.
export WAIT_TIME=0 LOW_AGEING_TIME=600 KSFT_MACHINE_SLOW=yes

# unpack_selftests - into $NET: tools/testing/selftests/net
unpack_selftests()
{
	local tar

	tar=$(find /usr/src -maxdepth 1 -name 'linux-source-*.tar.xz' | tail -n 1)
	[[ $tar ]] || skip_all "linux-source is not installed"
	# not every machine with the package has xz
	python3 -c 'import lzma, shutil, sys
shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$tar" |
		tar -C "$WORK" -x --wildcards --strip-components=1 \
			'*/tools/testing/selftests/net/*'
	[[ -d $WORK/tools ]] || skip_all "cannot read $tar"
	NET=$WORK/tools/testing/selftests/net

	# what older ones have no default for, and ask their users to write
	grep -q veth0 "$NET/forwarding/lib.sh" ||
		{ echo "declare -A NETIFS"
		printf 'NETIFS[p%d]=veth%d\n' 1 0 2 1 3 2 4 3 5 4 6 5 7 6 8 7
		} >"$NET/forwarding/forwarding.config"
}

# script KIND SCRIPT [ARG...] - run it; what it says goes to $WORK/KIND
script()
{
	local kind=$1 path=$PATH
	shift

	[[ $kind == in-tree ]] || path=$HERE/bin:$PATH
	(
		cd "$(dirname "$NET/$1")" || exit
		unset TESTS	# of ours
		export UPSTREAM_IP UPSTREAM_BRIDGE
		export UPSTREAM_KINDS=$KINDS
		UPSTREAM_IP=$(type -P ip)
		UPSTREAM_BRIDGE=$(type -P bridge)
		PATH=$path timeout -k 5 "$LIMIT" bash ${TRACE:+-x} \
			"./${1##*/}" "${@:2}"
		echo "EXIT: $?"
	) 2>&1 </dev/null | tee "$WORK/$kind" |
		if [[ ${SHOW:-}${TRACE:-} ]]; then
			sed -u "s/^/# $kind: /" >&"$TAP_FD"
		else
			cat >/dev/null
		fi
	clean
}

# clean - remove what a script has left behind
clean()
{
	local dev

	ip -all netns delete
	for dev in /sys/class/net/*; do
		dev=${dev##*/}
		[[ $dev == lo ]] || ip link delete "$dev" 2>/dev/null || :
	done
}

# results KIND - "OK name" and so on, for each case; a name that comes again
# gets a number. The status is a case if there is no other.
results()
{
	sed -nE 's/^ *TEST: (.*[^ ]) *\[ *([A-Z]+) *\].*/\2 \1/p
		s/^(FAIL|SKIP|XFAIL): (.*[^ ]) *$/\1 \2/p
		s/^PASS: (.*[^ ]) *$/OK \1/p
		s/^EXIT: ([0-9]+)/EXIT\1 status/p' "$WORK/$1" |
		awk '/^EXIT/ {
			if (NR == 1)
				print $1 == "EXIT0" ? "OK" : "FAIL", "status"
			next
		}
		{
			result = $1
			sub("[^ ]* ", "")
			print result, $0 (n[$0]++ ? " (" n[$0] ")" : "")
		}'
}

# expected WHERE CASE - print why CASE cannot pass with ours, if it cannot; with
# CASE "any": some of them
expected()
{
	local where kernel case why

	while IFS='|' read -r where kernel case why; do
		# shellcheck disable=SC2053 # patterns
		[[ $where == "$1" && $(uname -r) == $kernel ]] || continue
		# shellcheck disable=SC2053 # patterns
		if [[ $2 == any || $case == any ]]; then
			[[ $2 == "$case" ]] || continue
		elif [[ $2 != $case ]]; then
			continue
		fi
		echo "$why"
		return
	done < <(sed -E '/^(#|$)/d; s/ *\| */|/g' "$HERE/differences")
}

# judge WHERE - the cases of both runs: the same, or known to be different
judge()
{
	local result name any cases=0 differ=0
	local -A ours=()

	any=$(expected "$1" any)
	while read -r result name; do
		ours[$name]=$result
	done < <(results vnetbr)
	while read -r result name; do
		[[ $result != OK ]] || cases=$((cases + 1))
		if [[ ${ours[$name]:-} != "$result" && $result == OK ]]; then
			differ=$((differ + 1))
		fi
		[[ $any ]] || judge_case "$1" "$name" "$result" "${ours[$name]:-}"
	done < <(results in-tree)
	PASSED=$((PASSED + cases))
	if [[ $any ]]; then
		((differ || !cases)) || fail "$1: is no different, but: $any"
		diag "$1: $differ of $cases cases cannot pass: $any"
	fi
}

# judge_case WHERE CASE IN-TREE [OURS]
judge_case()
{
	local why

	why=$(expected "$1" "$2")
	if [[ $4 == "$3" ]]; then
		[[ ! $why || $3 != OK ]] ||
			fail "$1: $2: is no different, but: $why"
	elif [[ $why ]]; then
		diag "$1: $2: ${4:-missing}: $why"
	elif [[ $3 == OK ]]; then
		fail "$1: $2: ${4:-missing}" "$(grep -A 3 -F "$2" "$WORK/vnetbr" ||
			tail -n 20 "$WORK/vnetbr")"
	else
		diag "$1: $2: $3 in-tree, ${4:-missing}"
	fi
}

# functions SCRIPT [FUNCTION...] - print which of them, or of all the tests that
# it has, SCRIPT can be asked for with -t
functions()
{
	local name script=$1 lists ALL_TESTS=
	shift

	if ((!$#)); then
		lists=$(sed -n '/^[A-Z_]*TESTS="$/,/^"$/p' "$script")
		# shellcheck disable=SC2046 # words
		set -- $(unset TESTS; eval "$lists"; echo "${TESTS:-$ALL_TESTS}")
	fi
	for name; do
		! grep -q "^$name()" "$script" || echo "$name"
	done
}

# both WHERE SCRIPT [ARG...] - run it both ways, and judge
both()
{
	script in-tree "${@:2}"
	script vnetbr "${@:2}"
	judge "$1"
}

# compare [vxlan] SCRIPT [-t [FUNCTION...]] - run it both ways, or each of its
# functions; tunnels too are ours if it says so
compare()
{
	local KINDS="bridge veth" PASSED=0 name function list=

	if [[ $1 == vxlan ]]; then
		KINDS+=" vxlan"
		shift
	fi
	if [[ ! -e $NET/$1 ]]; then
		skip "this kernel has none"
		return
	fi
	name=$(basename "$1" .sh)
	if [[ ${2:-} == -t ]] && grep -q getopts "$NET/$1"; then
		list=$(functions "$NET/$1" "${@:3}")
		[[ $list ]] ||
			{ skip "this kernel's has none of these"; return; }
	fi
	for function in $list; do
		both "$name $function" "$1" -t "$function"
	done
	[[ $list ]] || both "$name" "$1"
	((PASSED)) ||
		skip "nothing passes in-tree: $(tail -n 2 "$WORK/in-tree" | xargs)"
}

# define_tests - a test for each line of the file scripts
define_tests()
{
	local line name all=

	ALL_TESTS=
	while read -r line; do
		case $line in
		'' | '#'*) continue ;;
		all:) all=y; continue ;;
		esac
		name=${line#vxlan }
		name=$(basename "${name%% *}" .sh)
		eval "$name() { compare $line; }"
		[[ $all && ! ${ALL:-} ]] || ALL_TESTS+=" $name"
	done <"$HERE/scripts"
}

need jq mausezahn
KIND=vnetbr
need_kind
KIND=in-tree
need_kind
[[ $PLUGIN ]] || skip_all "ip does not know the words of vnetbr"
unpack_selftests
define_tests
tests_run "$@"
