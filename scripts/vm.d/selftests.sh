# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The kernel's own network selftests, out of a suite's linux-source package, for
# its guest: see selftests/upstream. To be sourced by scripts/vm.

# kernel_selftests SUITE - print a directory that has a linux-source-X.tar.xz,
# as the package has one, but of the selftests only; nothing if they cannot be
# had
#
# The package is downloaded once, and again when the root of SUITE has become
# another one. Needs OUT to download to; the caller holds its lock.
kernel_selftests()
{
	local suite=$1 dir

	dir=$CACHE/selftests-$suite-$(root_release "$(root_dir "$suite")")
	if [[ ! -e $dir ]]; then
		rm -rf "$CACHE/selftests-$suite"-*
		step "downloading linux-source" "$OUT/selftests.log" \
			make_kernel_selftests "$suite" "$dir" ||
			{ say "going on without the kernel's selftests"; return; }
	fi
	echo "$dir"
}

# make_kernel_selftests SUITE DIR
make_kernel_selftests()
{
	local suite=$1 dir=$2 tmp=$OUT/selftests deb name

	rm -rf "$tmp" "$dir.new"
	mkdir -p "$tmp" "$dir.new"
	# shellcheck disable=SC2016
	in_root "$suite" sh -euc '
		apt-get -q -o Acquire::Check-Valid-Until=false update
		cd /mnt/selftests
		apt-get -q -o APT::Sandbox::User=root download \
			"$(apt-cache depends linux-source |
				sed -n "s/^ *Depends: *//p")"' || return
	deb=$(echo "$tmp"/linux-source-*.deb)
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -C "$tmp" -xJ --wildcards \
			'*/tools/testing/selftests/net/*' \
			'*/tools/testing/selftests/lib.mk' || return
	rm "$deb"
	name=$(basename "$tmp"/linux-source-*)
	tar -C "$tmp" -cJf "$dir.new/$name.tar.xz" "$name" || return
	rm -rf "$tmp"
	mv -T "$dir.new" "$dir"
}
