# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Gates that compile. Sourced by scripts/check.

# See compile().
HEADERS=

# suite_root SUITE - print the root file system of SUITE, which is made first
suite_root()
{
	local dirs

	"$TOP/scripts/vm" prepare "$1" >&2 || return
	dirs=("$CACHE/roots/$1"-*/root)
	[[ -d ${dirs[-1]} ]] || return
	echo "${dirs[-1]}"
}

# in_layer DIR ROOT COMMAND... - run COMMAND as root of ROOT, of which DIR keeps
# the changes
#
# build/gates is /mnt there.
in_layer()
{
	local dir=$1 root=$2
	shift 2

	mkdir -p "$dir/up" "$dir/work" "$dir/root" "$TOP/build/gates"
	# shellcheck disable=SC2016
	unshare --mount --propagation private sh -euc '
		dir=$1 root=$2 mnt=$3
		shift 3
		mount -t overlay none "$dir/root" -o \
			"lowerdir=$root,upperdir=$dir/up,workdir=$dir/work"
		mount -t proc proc "$dir/root/proc"
		mount --bind /dev "$dir/root/dev"
		mount --bind "$mnt" "$dir/root/mnt"
		exec chroot "$dir/root" env -i HOME=/root LANG=C.UTF-8 \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
		' sh "$dir" "$root" "$TOP/build/gates" "$@"
}

# install_tools DIR ROOT - add to ROOT, in DIR, what in_suite() wants there
#
# The headers of 7.2 lack the script that decides whether sparse is good
# enough; without it make checks nothing.
install_tools()
{
	local dir=$1 root=$2 script=$SCRIPTS/scripts/checker-valid.sh

	fetch_scripts || return
	[[ -e $script ]] || script=/dev/null
	# shellcheck disable=SC2016
	in_layer "$dir" "$root" sh -euc '
		export DEBIAN_FRONTEND=noninteractive
		apt-get -q -o Acquire::Check-Valid-Until=false update </dev/null
		apt-get -q install -y --no-install-recommends \
			clang sparse </dev/null
		apt-get clean
		cat >/tmp/checker-valid.sh
		[ -s /tmp/checker-valid.sh ] || exit 0
		for dir in /usr/src/linux-headers-*-common/scripts; do
			[ -e "$dir/checker-valid.sh" ] ||
				install /tmp/checker-valid.sh "$dir/"
		done' <"$script"
}

# in_suite SUITE COMMAND... - run COMMAND in the root file system of SUITE with
# clang and sparse added; build/gates is /mnt
in_suite()
{
	local suite=$1 root dir old
	shift

	root=$(suite_root "$suite") || return
	# a root that is made anew needs a new layer
	dir=$CACHE/check/$suite-$(stat -c %i "$root")
	mkdir -p "$CACHE/check"
	(
		flock -s 8
		if [[ ! -e $dir/ready ]]; then
			flock 9
			if [[ ! -e $dir/ready ]]; then
				for old in "$CACHE/check/$suite-"*; do
					rm -rf --one-file-system "$old"
				done
				mkdir -p "$dir"
				install_tools "$dir" "$root" >"$dir/log" 2>&1 ||
					{ tail -n 30 "$dir/log"; exit 1; }
				touch "$dir/ready"
			fi
			flock -u 9
		fi
		in_layer "$dir" "$root" "$@"
	) 8<"${root%/root}" 9>"$CACHE/check/$suite.lock"
}

# stand_alone DIR - make the copy of the tree in DIR compile each header of the
# module in a file of its own too
stand_alone()
{
	local header name

	cd "$1/kmod" || return
	printf '%s\n' '#include <linux/module.h>' 'MODULE_LICENSE("GPL");' \
		'MODULE_DESCRIPTION("headers");' >alone.c
	{
		echo "obj-m += headers.o"
		echo "headers-y := alone.o"
	} >>Kbuild
	for header in *.h ../uapi/linux/*.h; do
		name=alone_$(basename "$header" .h)
		[[ $header != trace.h ]] || continue
		echo "#include \"$header\"" >"$name.c"
		echo "headers-y += $name.o" >>Kbuild
	done
}

# ours LOG - print the messages of a compiler or of sparse in LOG that are about
# a file of ours, with the lines that follow
ours()
{
	grep -E -A 4 '^(kmod|uapi)/[^:]*:[0-9]+:([0-9]+:)? ' "$1"
}

# compile SUITE NAME ARG... - run make for the kernel of SUITE, in a copy of the
# tree that is called NAME, with its output in build/gates/NAME.log; with each
# header on its own too if HEADERS is not empty
compile()
{
	local suite=$1 name=$2 log=$TOP/build/gates/$2.log list rc=0
	shift 2

	mapfile -d '' list < <(files '^kmod/.*\.c$')
	some "${list[@]}"
	[[ -e Kbuild ]] || exit "$SKIP"
	((EUID == 0)) || { echo "needs root"; exit "$SKIP"; }
	mkdir -p "$TOP/build/gates"
	exec 7>"$TOP/build/gates/$name.lock"
	flock 7
	snapshot "$TOP/build/gates/$name"
	[[ ! $HEADERS ]] || (stand_alone "$TOP/build/gates/$name") || return
	# shellcheck disable=SC2016
	in_suite "$suite" sh -euc '
		src=$1
		shift
		kernel=$(ls -d /lib/modules/*/build | tail -n 1)
		exec make -k -j"$(nproc)" -C "$kernel" "M=$src" "$@" modules
		' sh "/mnt/$name" "$@" >"$log" 2>&1 || rc=1
	sed -E -i "s,^(/mnt/$name|\.)/,," "$log"
	((rc)) || return 0
	ours "$log" | grep -A 4 -E ': (fatal )?error: ' | head -n 100 ||
		tail -n 20 "$log"
	echo "All of it is in ${log#"$TOP"/}."
	return 1
}

# gate_build SUITE - gcc, W=1, no warning at all
gate_build()
{
	HEADERS=1 compile "$1" "$1-gcc" W=1 KCFLAGS=-Werror || return
	! grep -i -A 4 'warning' "build/gates/$1-gcc.log"
}

# gate_sparse SUITE - nothing about a file of ours; and it did run
gate_sparse()
{
	local log=build/gates/$1-gcc.log f list rc=0

	# the compiler's part is up to date if gate_build() was there before
	compile "$1" "$1-gcc" W=1 KCFLAGS=-Werror C=2 || return
	mapfile -d '' list < <(files '^kmod/[^/]*\.c$')
	for f in "${list[@]}"; do
		grep -qE "CHECK +.*\b${f#kmod/}" "$log" ||
			{ echo "$f was not checked"; rc=1; }
	done
	! ours "$log" || rc=1
	return "$rc"
}

# gate_clang SUITE - clang, W=1, nothing about a file of ours
#
# The headers of Debian's kernels are made for gcc, and warn.
gate_clang()
{
	compile "$1" "$1-clang" W=1 \
		CC="/mnt/$1-clang/scripts/gates/clang" || return
	! ours "build/gates/$1-clang.log"
}

# gate_plugin [SUITE] - the plugin of ip, and vnetbr(8), with the ip and the
# compilers of this machine or those of SUITE
gate_plugin()
{
	local suite=${1:-} cmd

	[[ -e tools/iproute2/Makefile ]] || exit "$SKIP"
	# shellcheck disable=SC2016
	cmd='for cc in gcc clang; do
			make -s -C "$1/iproute2" clean all test CC=$cc || exit
			make -s -C "$1/vnetbr" clean all CC=$cc || exit
			make -s -C "$1/iproute2" clean
			make -s -C "$1/vnetbr" clean
		done'
	if [[ ! $suite ]]; then
		need gcc:gcc clang:clang make:make iproute2:ip python3:python3
		[[ -e /usr/include/libmnl/libmnl.h ]] ||
			install_packages libmnl-dev
		snapshot "$WORK/tree"
		sh -c "$cmd" sh "$WORK/tree/tools" >"$WORK/out" 2>&1
	else
		((EUID == 0)) || { echo "needs root"; exit "$SKIP"; }
		mkdir -p "$TOP/build/gates"
		exec 7>"$TOP/build/gates/$suite-plugin.lock"
		flock 7
		snapshot "$TOP/build/gates/$suite-plugin"
		in_suite "$suite" sh -c "$cmd" sh \
			"/mnt/$suite-plugin/tools" >"$WORK/out" 2>&1
	fi || { grep -v '^ok ' "$WORK/out"; return 1; }
}
