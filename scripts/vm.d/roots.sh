# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The root file systems of scripts/vm, one for each suite: made of Debian's
# packages, kept in ~/.cache/vnetbr. To be sourced, after scripts/lib.sh, whose
# messages begin with TAG.
# shellcheck disable=SC2034

ROOTS=$CACHE/roots

# What a root contains. A change of this list, or of make_root(), makes the
# cached roots out of date.
PACKAGES=(
	linux-image-amd64 linux-headers-amd64 busybox-static kmod
	gcc libc6-dev libmnl-dev make gcc-bpf libbpf-dev
	bpftool conntrack ethtool iperf3 iproute2 iptables iputils-arping
	iputils-ping jq libteam-utils netcat-openbsd netsniff-ng nftables procps
	psmisc python3-scapy python3-yaml socat strace tcpdump trace-cmd
)

# mirror KIND - print the URI of this machine's mirror for "debian" or
# "debian-security"
mirror()
{
	local uri

	uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
		/etc/apt/sources.list.d/*.sources 2>/dev/null |
		sed -nE '/^(deb |URIs:)/ {
			s,.*[[:space:]](https?://[^[:space:]]*/'"$1"')/?([[:space:]].*)?$,\1,p
		}' | head -n 1)
	echo "${uri:-http://deb.debian.org/$1}"
}

# sources SUITE - print the sources.list of SUITE, its security updates too if
# there are any: kernel and headers have to agree, and the newest are there
sources()
{
	local suite=$1 uri tmp

	echo "deb $(mirror debian) $suite main"
	uri=$(mirror debian-security)
	tmp=$(mktemp)
	if [[ $suite != forky ]] && /usr/lib/apt/apt-helper download-file \
		"$uri/dists/$suite-security/InRelease" "$tmp" >/dev/null 2>&1; then
		echo "deb $uri $suite-security main"
	fi
	rm -f "$tmp"
}

# make_root SUITE DIR KEYRING - make DIR/root and DIR/root.img from packages
make_root()
{
	local suite=$1 dir=$2 keyring=$3 args

	args=(
		--mode=root --variant=minbase --format=directory
		--include="$(IFS=,; echo "${PACKAGES[*]}")"
		--aptopt='Acquire::Check-Valid-Until "false"'
		--aptopt='Acquire::Languages "none"'
		--aptopt='Acquire::Retries "3"'
		--aptopt='APT::Install-Recommends "false"'
		--dpkgopt=force-unsafe-io
		--dpkgopt='path-exclude=/usr/share/man/*'
		--dpkgopt='path-exclude=/usr/share/doc/*'
		--dpkgopt='path-exclude=/usr/share/info/*'
		--dpkgopt='path-exclude=/usr/share/locale/*'
	)
	# Most of a kernel package is drivers that a virtual machine never has.
	# Without them depmod is quick too; the last rule that matches counts.
	for sub in ex:sound ex:drivers in:drivers/net ex:drivers/net/wireless \
		ex:drivers/net/ethernet in:drivers/net/ethernet/intel \
		in:drivers/block in:drivers/char in:drivers/virtio \
		in:drivers/vhost in:drivers/ptp in:drivers/pps in:drivers/dca \
		in:drivers/i2c/algos in:drivers/dpll; do
		args+=(--dpkgopt="path-${sub%%:*}clude=*/lib/modules/*/kernel/${sub#*:}/*")
	done
	[[ -z $keyring ]] || args+=(--keyring="$keyring")

	# INITRD: the guest has an initramfs of our own. The mount namespace
	# takes every mount with it, however this ends.
	INITRD=No unshare --mount --propagation private \
		mmdebstrap "${args[@]}" "$suite" "$dir/root" - || return 1

	truncate -s 4G "$dir/root.img"
	mkfs.ext4 -q -F -m 0 -O ^has_journal,^metadata_csum \
		-E lazy_itable_init=0,root_owner=0:0 \
		-d "$dir/root" "$dir/root.img"
}

# root_key SUITE - print what the root of SUITE depends on, as a short hash
root_key()
{
	{ echo "$1" "${PACKAGES[@]}"; declare -f make_root; } |
		sha256sum | cut -c 1-12
}

# root_dir SUITE - print where the root of SUITE is or is going to be
root_dir()
{
	echo "$ROOTS/$1-$(root_key "$1")"
}

# root_release DIR - print the kernel release of the root in DIR
root_release()
{
	basename "$(ls -d "$1"/root/boot/vmlinuz-*)" | sed 's/^vmlinuz-//'
}

# new_keyring DIR - print a keyring that knows newer suites than this machine
# does: the one in trixie, which this machine's keyring vouches for
new_keyring()
{
	local dir=$1

	echo "deb $(mirror debian) trixie main" |
		unshare --mount --propagation private \
		mmdebstrap --mode=root --variant=extract --format=directory \
		--include=debian-archive-keyring \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		trixie "$dir/keys" - >&2 || return 1
	echo "$dir/keys/usr/share/keyrings/debian-archive-keyring.gpg"
}

# prepare SUITE [REFRESH] - make the root of SUITE unless it exists
#
# Safe against a second caller, who waits, and against being interrupted: the
# root is made in a temporary directory and renamed.
prepare()
{
	local suite=$1 refresh=${2:-} dir tmp old list

	TAG="vm $suite"
	dir=$(root_dir "$suite")
	[[ -z $refresh && -e $dir ]] && return 0

	((EUID == 0)) || die "making a root file system needs root"
	need mmdebstrap:mmdebstrap e2fsprogs:mkfs.ext4 util-linux:unshare
	mkdir -p "$ROOTS"
	(
		on_signal_stop
		flock -n 9 || { say "waiting for another one"; flock 9; }
		[[ -z $refresh && -e $dir ]] && exit 0

		rm -rf --one-file-system "$ROOTS"/.tmp."$suite".*
		tmp=$(mktemp -d "$ROOTS/.tmp.$suite.XXXXXX")
		chmod 755 "$tmp"
		list=$(sources "$suite")
		say "making the root file system: about 3 minutes, once"
		if ! step "making the root file system" "$tmp/log" \
			make_root_from "$list" "$suite" "$tmp" ""; then
			grep -qE 'NO_PUBKEY|Missing key|not signed' "$tmp/log" ||
				exit 1
			say "trying again with newer archive keys"
			rm -rf --one-file-system "$tmp/root"
			keyring=$(new_keyring "$tmp" 2>"$tmp/keys.log") ||
				{ cat "$tmp/keys.log" >&2; exit 1; }
			step "making the root file system" "$tmp/log" \
				make_root_from "$list" "$suite" "$tmp" "$keyring" ||
				exit 1
			rm -rf --one-file-system "$tmp/keys"
		fi
		for old in "$ROOTS/$suite"-*; do
			remove_root "$old"
		done
		mv -T "$tmp" "$dir"
		say "kernel $(root_release "$dir"), $(du -sh "$dir" | cut -f 1) in $dir"
	) 9>"$ROOTS/$suite.lock" || die "there is no root file system for $suite"
}

# use_root SUITE - make its root if there is none, and keep it from being
# removed for as long as this process and its children live
use_root()
{
	local dir

	dir=$(root_dir "$1")
	while :; do
		prepare "$1"
		exec 7<"$dir" || continue
		flock -s 7
		# It may have been replaced between the two.
		[[ ! -e $dir/root ]] || break
	done
}

# make_root_from LIST ARG... - make_root ARG... with the sources.list LIST
make_root_from()
{
	local list=$1
	shift
	make_root "$@" <<<"$list"
}

# remove_root DIR - remove a root, unless somebody is using it
remove_root()
{
	[[ -d $1 ]] || return 0
	# shellcheck disable=SC2094 # it is a directory
	(
		flock -n 8 || exit 0
		rm -rf --one-file-system "$1"
	) 8<"$1"
}
