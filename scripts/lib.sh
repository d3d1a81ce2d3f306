# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shell helpers shared by the scripts of this directory. To be sourced.

# The top of the source tree.
TOP=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

# Everything that is slow to make and can be made again lives here, outside
# the tree.
CACHE=${VNETBR_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/vnetbr}

# The system's tools, whatever the caller's login is like.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# What messages begin with.
TAG=${TAG:-vnetbr}

# The Debian suites whose kernels are supported.
SUITES=(bookworm trixie forky)

# suite_name NAME - print the suite that NAME, a suite or a version, stands for
suite_name()
{
	case $1 in
	bookworm | 6.1)	echo bookworm ;;
	trixie | 6.12)	echo trixie ;;
	forky | 7.2)	echo forky ;;
	*)		die "unknown suite '$1': one of ${SUITES[*]}" ;;
	esac
}

# say TEXT... - tell the user, on stderr, so that stdout stays the result
say()
{
	printf '[%s] %s\n' "$TAG" "$*" >&2
}

# die TEXT... - say why and leave with status 125
die()
{
	say "error: $*"
	exit 125
}

# usage FILE - print the header comment of FILE, which is its manual page
usage()
{
	sed -n '/^# usage:/,/^[^#]/ { /^#/ { s/^# \{0,1\}//; p } }' "$1"
}

# The process group of the step that is running.
STEP_PID=

# stop_step - end the step that is running, with all that it started
stop_step()
{
	[[ -z $STEP_PID ]] || kill -- "-$STEP_PID" 2>/dev/null || true
	STEP_PID=
}

# on_signal_stop - from here on, in this (sub)shell, a signal ends the step too
on_signal_stop()
{
	trap 'stop_step; exit 130' INT TERM HUP
}

# step LABEL LOG COMMAND... - run COMMAND with its output in LOG
#
# Nothing is printed unless it takes more than 5 seconds; then a line now and
# again. Returns the status of COMMAND; a failure prints the end of LOG.
step()
{
	local label=$1 log=$2 start=$SECONDS pid next=5 rc=0
	shift 2

	# A process group of its own, so that stop_step() finds all of it.
	set -m
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	set +m
	STEP_PID=$pid
	while kill -0 "$pid" 2>/dev/null; do
		if ((SECONDS - start >= next)); then
			say "$label ... $((SECONDS - start)) s"
			next=$((next < 15 ? 15 : next + 15))
		fi
		sleep 0.2
	done
	wait "$pid" || rc=$?
	STEP_PID=
	if ((rc)); then
		say "$label: failed (status $rc); the end of $log:"
		tail -n 30 "$log" | sed 's,/mnt/src/,,g; s/^/    /' >&2
	elif ((SECONDS - start >= 5)); then
		say "$label: done in $((SECONDS - start)) s"
	fi
	return "$rc"
}

# need PACKAGE:COMMAND... - make sure that each COMMAND exists
#
# Installs the Debian packages of those that are missing; needs root then.
need()
{
	local item pkgs=()

	for item; do
		command -v "${item#*:}" >/dev/null || pkgs+=("${item%%:*}")
	done
	((${#pkgs[@]})) || return 0
	install_packages "${pkgs[@]}"
}

# install_packages PACKAGE... - apt-get install them, one caller at a time
install_packages()
{
	command -v apt-get >/dev/null ||
		die "please install: $* (no apt-get here to do it)"
	((EUID == 0)) || die "please install, as root: $*"
	say "installing on this machine: $*"
	mkdir -p "$CACHE"
	(
		on_signal_stop
		flock 9
		export DEBIAN_FRONTEND=noninteractive
		# shellcheck disable=SC2016
		step "apt-get install" "$CACHE/apt.log" sh -c '
			apt-get install -y --no-install-recommends "$@" ||
			{ apt-get update &&
			  apt-get install -y --no-install-recommends "$@"; }
			' sh "$@"
	) 9>"$CACHE/apt.lock" || die "cannot install: $*"
}

# tree_files - list the files of the source tree, NUL-separated, relative to
# its top, the uncommitted ones included, the ignored ones left out
tree_files()
{
	if git -C "$TOP" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git -C "$TOP" ls-files -z -co --exclude-standard
	else
		(cd "$TOP" && find . -path ./build -prune -o -type f -print0 |
			sed -z 's,^\./,,')
	fi | (cd "$TOP" && while IFS= read -r -d '' f; do
		[[ -e $f || -L $f ]] && printf '%s\0' "$f"
	done; true) | sort -zu
}

# snapshot DIR - make DIR a copy of the source tree as it is now
#
# Modification times are kept and files that went away are removed, so that a
# build in DIR is incremental; build products in DIR are left alone.
snapshot()
{
	local dir=$1

	mkdir -p "$dir"
	tree_files >"$dir/.files.new"
	if [[ -e $dir/.files ]]; then
		sort -z -m "$dir/.files" |
			comm -z -23 - "$dir/.files.new" |
			(cd "$dir" && xargs -0 -r rm -f --)
	fi
	tar -C "$TOP" --null --no-recursion --ignore-failed-read \
		-T "$dir/.files.new" -cf - 2>/dev/null |
		tar -C "$dir" -xf - --no-same-owner
	mv "$dir/.files.new" "$dir/.files"
}

# complaints FILE... - print the lines where a kernel complains, from the moment
# when the guest was ready: what it says before is about itself
complaints()
{
	local file list=$TOP/selftests/complaints

	for file; do
		[[ -e $file ]] || continue
		if grep -qa 'vnetbr-vm: ready' "$file"; then
			sed '0,/vnetbr-vm: ready/d' "$file"
		else
			cat "$file"
		fi | awk -f "$TOP/selftests/kcsan.awk"
	done | grep -aE -f <(grep -v '^[#!]' "$list") | sed 's/\r$//' |
		grep -avE -f <(sed -n 's/^!//p' "$list")
}
