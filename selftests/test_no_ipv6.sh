#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A kernel whose IPv6 is switched off: its tables are not there. To be run so:
#
#	make selftests SUITE=trixie-noipv6
#
# With IPv6, there is nothing to be tested.

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_path.sh
. "$LIB_DIR/lib_path.sh"

ALL_TESTS="
	an_overlay_over_ipv4
	tunnels_over_ipv6_are_refused
"

M1=$(path_mac 1) M3=$(path_mac 3)

an_overlay_over_ipv4()
{
	two_hosts
	two_hosts_ends
	defer frames reset
	check_reach "known" h1 "h3" src="$M1" dst="$M3"
	check_reach "with IPv6 inside" h1 "h3" src="$M1" dst="$M3" type=86dd
	# ICMPv6 says so to the sender
	check_reach "too long, with IPv6 inside" h1 "h1" src="$M1" dst="$M3" \
		type=86dd len=1514 data=6000000005b4113f
}

tunnels_over_ipv6_are_refused()
{
	local v6=(local 2001:db8::1 remote 2001:db8::2)

	setup_ns -q sw
	check_refused "a new one" "IPv6 is disabled" \
		kind_vxlan "$sw" vx0 id 5 "${v6[@]}"
	check_fail "nothing is left" link_exists "$sw" vx0
	kind_vxlan "$sw" vx0 id 5 local 192.0.2.1 remote 192.0.2.2
	check_refused "a change" "IPv6 is disabled" \
		kind_vxlan_set "$sw" vx0 "${v6[@]}"
	check_fail "a destination" bridge -n "$sw" fdb append \
		00:00:00:00:00:00 dev vx0 dst 2001:db8::3 self
	check "it still goes up" link_up "$sw" vx0
}

[[ ! -e /proc/sys/net/ipv6 ]] || skip_all "IPv6 is there: see the file"
need_kind
path_start
tests_run "$@"
