# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Gates that need nothing but the text of the tree. Sourced by scripts/check.

# files REGEX... - list the files of the tree whose path matches an extended
# regular expression, NUL-separated
files()
{
	local args=() regex

	for regex; do
		args+=(-e "$regex")
	done
	tree_files | grep -zE "${args[@]}" || true
}

# some FILE... - skip the gate unless there is at least one file
some()
{
	(($#)) || exit "$SKIP"
}

# refuse WHY REGEX FILE... - fail, and say why, if a line of a FILE matches the
# Perl regular expression
refuse()
{
	local why=$1 regex=$2
	shift 2

	some "$@"
	if grep -nHP -- "$regex" "$@"; then
		echo "$why"
		return 1
	fi
}

# gate_spdx - every file says its licence in its first lines
gate_spdx()
{
	local f id list bad=0

	mapfile -d '' list < <(files '')
	for f in "${list[@]}"; do
		case $f in
		COPYING | *.md | *.json | debian/*) continue ;;
		esac
		id=$(head -n 3 "$f" | tr -d '\0' |
			sed -nE 's,.*SPDX-License-Identifier: ([^*]*[^* ]).*,\1,p')
		case $id in
		GPL-2.0) [[ $f != uapi/* ]] && continue ;;
		"GPL-2.0 WITH Linux-syscall-note") [[ $f == uapi/* ]] && continue ;;
		"((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)")
			[[ $f == Documentation/netlink/* ]] && continue ;;
		esac
		echo "$f: ${id:-no SPDX-License-Identifier in the first 3 lines}"
		bad=1
	done
	return "$bad"
}

# gate_no_version_test - only compat/ knows that kernels differ
gate_no_version_test()
{
	mapfile -d '' list < <(files '^kmod/' | grep -zv '^kmod/compat/')
	refuse "Sources are written for the newest kernel; see kmod/compat/." \
		'LINUX_VERSION_CODE|\bKERNEL_VERSION\b|\bHAVE_' "${list[@]}"
}

# gate_no_inline - the compiler decides, outside of headers
gate_no_inline()
{
	mapfile -d '' list < <(files '^kmod/.*\.c$' | grep -zv '^kmod/compat/')
	refuse "No inline in .c files." '^[^/*"]*\binline\b' "${list[@]}"
}

# gate_no_module_param - what can be set is set by netlink
gate_no_module_param()
{
	mapfile -d '' list < <(files '^kmod/.*\.[ch]$')
	refuse "No module parameters." '\bmodule_param' "${list[@]}"
}

# gate_no_untracked_ref - references to devices are found when they leak
gate_no_untracked_ref()
{
	mapfile -d '' list < <(files '^kmod/.*\.[ch]$' | grep -zv '^kmod/compat/')
	refuse "Use netdev_hold() and netdev_put()." '\bdev_(hold|put)\(' \
		"${list[@]}"
}

# gate_no_bug - never stop the machine
gate_no_bug()
{
	mapfile -d '' list < <(files '^kmod/.*\.[ch]$')
	refuse "Use WARN_ON_ONCE() for what cannot happen." '\bBUG(_ON)?\(' \
		"${list[@]}"
}

# gate_no_todo - work that is left is an issue, not a comment
gate_no_todo()
{
	mapfile -d '' list < <(files '' | grep -zv '^COPYING$')
	# TAP has that word after "not ok"
	refuse "Not in the tree." \
		'^(?!.*not ok).*\b(TOD[O]|FIXM[E]|XX[X])\b' "${list[@]}"
}

# gate_no_sleep - a test waits for an event, not for a time
#
# Polling, in a fraction of a second, is what a wait is made of. A line which
# needs a time for itself says so in a comment: "# sleep: REASON".
gate_no_sleep()
{
	mapfile -d '' list < <(files '^selftests/')
	refuse "Wait for what must happen, with a deadline." \
		'^(?!.*# sleep: )[^#]*\bsleep[ (]+[1-9]' "${list[@]}"
}

# gate_limits - no file of the module is long; long functions are named only
gate_limits()
{
	local f list bad=0

	mapfile -d '' list < <(files '^kmod/[^/]*\.[ch]$')
	some "${list[@]}"
	need universal-ctags:ctags
	for f in "${list[@]}"; do
		if (($(wc -l <"$f") > 700)); then
			echo "$f: $(wc -l <"$f") lines, more than 700"
			bad=1
		fi
	done
	ctags -f - --languages=C --langmap=C:.c.h --kinds-C=f \
		--fields=ne "${list[@]}" 2>/dev/null | awk -F '\t' '{
			for (i = 4; i <= NF; i++) {
				split($i, kv, ":")
				field[kv[1]] = kv[2]
			}
			len = field["end"] - field["line"] + 1
			if (len > 80)
				print $2 ":" field["line"] ": " $1 "() has " \
					len " lines; say why, or split it"
		}'
	return "$bad"
}

# shell_files - list the shell scripts of the tree, NUL-separated
shell_files()
{
	local f

	tree_files | while IFS= read -r -d '' f; do
		case $f in
		*.sh) ;;
		*.c | *.h | *.py | *.md | *.rst | *.[1-9]) continue ;;
		*)	head -n 3 "$f" | tr -d '\0' | grep -qE \
				'^#!.*\b(sh|bash)\b|^# shellcheck shell=' ||
				continue ;;
		esac
		printf '%s\0' "$f"
	done
}

# gate_shellcheck - as netdev's own checker runs it
gate_shellcheck()
{
	mapfile -d '' list < <(shell_files)
	some "${list[@]}"
	need shellcheck:shellcheck
	shellcheck -x -e SC2317 -e SC2329 "${list[@]}"
}

# gate_codespell - spelling, in code too; exceptions are in .codespellrc
gate_codespell()
{
	mapfile -d '' list < <(files '' | grep -zv '^COPYING$')
	need codespell:codespell
	codespell --config .codespellrc "${list[@]}"
}

# gate_man - manual pages are well-formed
gate_man()
{
	mapfile -d '' list < <(files '^man/.*\.[1-9]$')
	some "${list[@]}"
	need mandoc:mandoc
	mandoc -T lint "${list[@]}"
}

# gate_counters - the manual page knows every counter of ethtool -S
gate_counters()
{
	local name word rc=0 page=man/ip-link-vnetbr.8

	[[ -e $page && -e kmod/drop.h && -e kmod/stats.h ]] || exit "$SKIP"
	while read -r name word; do
		[[ $name != *drop.h ]] || word=drop_$word
		grep -qE "^\.BR?.*\b$word\b" "$page" ||
			{ echo "$page: $word is missing"; rc=1; }
	done < <(sed -nE 's/^\tX\([A-Z0-9_]+,.*"([a-z0-9_]+)"\).*/\1/p;T;F' \
		kmod/drop.h kmod/stats.h | paste - - | awk '{ print $2, $1 }')
	return "$rc"
}

# gate_python - Python compiles and uses what it names
gate_python()
{
	local f rc=0

	mapfile -d '' list < <(files '\.py$')
	some "${list[@]}"
	need python3:python3 pyflakes3:pyflakes3
	for f in "${list[@]}"; do
		PYTHONPYCACHEPREFIX=$WORK python3 -m py_compile "$f" || rc=1
	done
	pyflakes3 "${list[@]}" || rc=1
	return "$rc"
}
