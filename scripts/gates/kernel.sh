# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Gates that run the kernel's own scripts. Sourced by scripts/check.

# Where these scripts come from: this package of this suite if it can be had,
# else whatever linux-source this machine's own suite has.
SOURCE_PACKAGE=linux-source-7.2
SOURCE_SUITE=forky

# The directory of linux-source's scripts, once fetch_scripts() is through.
SCRIPTS=$CACHE/$SOURCE_PACKAGE

# debian_uri - print the URI of this machine's Debian mirror
debian_uri()
{
	local uri

	# shellcheck disable=SC2016
	uri=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null |
		grep -m 1 -E '^https?://[^ ]*/debian/?$' || true)
	echo "${uri:-http://deb.debian.org/debian/}"
}

# download_newer DIR - download SOURCE_PACKAGE from SOURCE_SUITE into DIR
#
# With package lists of its own, so that apt's of this machine stay as they are.
download_newer()
{
	local dir=$1 apt

	mkdir -p "$dir"/{parts,lists/partial,cache/archives/partial}
	echo "deb $(debian_uri) $SOURCE_SUITE main" >"$dir/sources.list"
	apt=(apt-get -q -o APT::Sandbox::User=root
		-o "Dir::Etc::SourceList=$dir/sources.list"
		-o "Dir::Etc::SourceParts=$dir/parts"
		-o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir/cache"
		-o Acquire::Languages=none -o Acquire::Retries=3)
	"${apt[@]}" update && cd "$dir" &&
		"${apt[@]}" download "$SOURCE_PACKAGE"
}

# download_own DIR - download the linux-source of this machine's suite into DIR
download_own()
{
	local package

	package=$(apt-cache depends linux-source |
		sed -n 's/^ *Depends: *\(linux-source-.*\)/\1/p' | head -n 1)
	cd "$1" && apt-get -q -o APT::Sandbox::User=root download "$package"
}

# unpack DIR - print the scripts in the linux-source package in DIR, as a tar
unpack()
{
	local deb=("$1"/linux-source-*.deb)

	dpkg-deb --fsys-tarfile "${deb[0]}" |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C "$1/out" --strip-components=1 --wildcards \
			'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
			'*/scripts/const_structs.checkpatch' \
			'*/scripts/checker-valid.sh' '*/scripts/kernel-doc*' \
			'*/tools/docs/kernel-doc' '*/tools/lib/python/*' \
			'*/Documentation/dev-tools/checkpatch.rst' \
			2>"$1/tar.log" ||
		# a pattern that this version of the tree has not is no error
		[[ -e $1/out/scripts/checkpatch.pl ]]
}

# fetch_scripts - make SCRIPTS, once, and tell if it is not the one wanted
fetch_scripts()
{
	make_scripts || { echo "cannot get the kernel's scripts"; return 1; }
	grep -q "^$SOURCE_PACKAGE" "$SCRIPTS/package" ||
		echo "older than wanted: $(cat "$SCRIPTS/package")," \
			"remove $SCRIPTS to try again"
}

# make_scripts - make SCRIPTS unless it is there
make_scripts()
{
	local tmp

	[[ ! -e $SCRIPTS/package ]] || return 0
	mkdir -p "$CACHE"
	(
		flock 9
		[[ ! -e $SCRIPTS/package ]] || exit 0
		rm -rf "$SCRIPTS"
		tmp=$(mktemp -d "$CACHE/.tmp.XXXXXX")
		# shellcheck disable=SC2064
		trap "rm -rf '$tmp'" EXIT
		mkdir "$tmp/out"
		(download_newer "$tmp") >"$tmp/log" 2>&1 ||
			(download_own "$tmp") >>"$tmp/log" 2>&1 ||
			{ cat "$tmp/log"; exit 1; }
		unpack "$tmp" || { cat "$tmp/tar.log"; exit 1; }
		(cd "$tmp" && ls linux-source-*.deb) >"$tmp/out/package"
		mv "$tmp/out" "$SCRIPTS"
	) 9>"$CACHE/scripts.lock"
}

# gate_kernel_doc - comments for kernel-doc are well-formed and complete
gate_kernel_doc()
{
	local list tool

	mapfile -d '' list < <(files '^kmod/[^/]*\.[ch]$' '^uapi/.*\.h$')
	some "${list[@]}"
	need python3:python3 perl:perl
	fetch_scripts || return
	tool=("$SCRIPTS/tools/docs/kernel-doc" -Wall)
	[[ -e ${tool[0]} ]] || tool=("$SCRIPTS/scripts/kernel-doc")
	"${tool[@]}" -none "${list[@]}" >"$WORK/kernel-doc" 2>&1 || true
	sort -u "$WORK/kernel-doc"
	[[ ! -s $WORK/kernel-doc ]]
}

# run_checkpatch WIDTH IGNORE FILE... - run it with lines of at most WIDTH
# columns, without the types of IGNORE, a comma-separated list
run_checkpatch()
{
	local width=$1 ignore=$2 words
	shift 2

	(($#)) || return 0
	words=$(dpkg -L codespell | grep '/data/dictionary\.txt$')
	# it leaves a file where it runs, and looks for names in ROOT/include
	mkdir -p "$WORK/include"
	cd "$WORK" || return
	printf '%s\0' "${@/#/$TOP/}" | xargs -0 -n 8 -P "$(nproc)" \
		perl "$SCRIPTS/scripts/checkpatch.pl" --no-tree --root="$WORK" \
		--strict --terse --show-types --no-summary \
		--max-line-length="$width" --codespell \
		--codespellfile "$words" --ignore "$ignore" -f |
		sed "s,^$TOP/,,"
}

# gate_checkpatch - checkpatch --strict, without the types that do not fit
gate_checkpatch()
{
	local rc=0 netdev kernel macro compat trace user

	mapfile -d '' kernel < <(files '^kmod/.*\.[ch]$' '^uapi/.*\.h$' |
		grep -zvE '^kmod/(compat/|trace\.h$|(drop|stats)\.[ch]$)')
	mapfile -d '' macro < <(files '^kmod/(drop|stats)\.[ch]$')
	mapfile -d '' compat < <(files '^kmod/compat/.*\.[ch]$')
	mapfile -d '' trace < <(files '^kmod/trace\.h$')
	mapfile -d '' user < <(files '^(tools|selftests)/.*\.[ch]$')
	need perl:perl codespell:codespell
	fetch_scripts || return

	# what netdev's own checker leaves out
	netdev=MACRO_ARG_REUSE,CAMELCASE,FILE_PATH_CHANGES,ALLOC_SIZEOF_STRUCT
	# texts are not broken
	netdev+=,LONG_LINE_STRING
	run_checkpatch 80 "$netdev" "${kernel[@]}" || rc=1
	# tables of macros
	macro_types=COMPLEX_MACRO,MACRO_ARG_UNUSED
	run_checkpatch 80 "$netdev,$macro_types,BRACKET_SPACE" "${macro[@]}" ||
		rc=1
	# names of commits are long, and a shadow does as the original does
	run_checkpatch 100 "$netdev,$macro_types,MACRO_ARG_PRECEDENCE$(:
		),USE_NEGATIVE_ERRNO,PREFER_ETHTOOL_PUTS" "${compat[@]}" || rc=1
	# the language of tracepoints
	run_checkpatch 100 "$netdev,$macro_types,OPEN_ENDED_LINE$(:
		),PARENTHESIS_ALIGNMENT,SPACING,TRAILING_SEMICOLON" \
		"${trace[@]}" || rc=1
	# programs for user space
	run_checkpatch 80 "$netdev,PREFER_KERNEL_TYPES,AVOID_EXTERNS$(:
		),NEW_TYPEDEFS,PREFER_DEFINED_ATTRIBUTE_MACRO$(:
		),FUNCTION_ARGUMENTS" "${user[@]}" || rc=1
	return "$rc"
}
