#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The forwarding table of a tunnel, as the bridge command sees it. Who gets
# which frame is in test_vxlan_remotes.py.
#
#	$a
#	 vx0     id 100, local 192.0.2.1, remote 192.0.2.2
#	 eth0    192.0.2.1/24, 2001:db8::1/64		(leads nowhere)

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
# shellcheck source=lib_vxlan.sh
. "$(dirname -- "$0")/lib_vxlan.sh"

ALL_TESTS="
	the_default_remote_is_an_entry
	the_default_remote_changes
	options_of_entries
	an_entry_is_replaced_and_removed
	several_destinations
	entries_of_ipv6
	an_entry_is_asked_for
	listeners_hear_of_each_change_once
	a_moved_tunnel_names_its_underlay
	refused_entries
	malformed_entries
	flush
	flush_refused
	what_is_down_has_learned_nothing
	the_kernels_own_driver_agrees
"

M=02:00:00:00:00
M1=$M:01
M2=$M:02
ZERO=00:00:00:00:00:00

# tunnel NAME [WORD...] - a new one of that name
tunnel()
{
	# shellcheck disable=SC2154 # set by setup_ns
	ip -n "$a" link del "$1" 2>/dev/null || :
	kind_vxlan "$a" "$1" local 192.0.2.1 "${@:2}"
}

# table DEV - its table; DEV is left out, as the bridge command does
table()
{
	vx_fdb "$a" "$1"
}

# check_table TEXT LINE... - that of vx0 has these lines
check_table()
{
	check_eq "$1" "$(table vx0)" "$(printf '%s\n' "${@:2}" | sort)"
}

the_default_remote_is_an_entry()
{
	tunnel vx0 id 100 remote 192.0.2.2
	check_table "with a remote" "$ZERO dst 192.0.2.2 self permanent"
	tunnel vx0 id 100
	check_table "without"
	tunnel vx0 id 100 remote 192.0.2.2 dev eth0
	check_table "with dev" "$ZERO dst 192.0.2.2 via eth0 self permanent"
	tunnel vx0 id 100 group 233.252.0.1 dev eth0
	check_table "a group" "$ZERO dst 233.252.0.1 via eth0 self permanent"
}

the_default_remote_changes()
{
	tunnel vx0 id 100 remote 192.0.2.2
	bridge_all "$a" <<<"fdb append $ZERO dev vx0 dst 192.0.2.8"
	listen_start "$a"
	kind_vxlan_set "$a" vx0 remote 192.0.2.3
	check_table "another one" "$ZERO dst 192.0.2.3 self permanent" \
		"$ZERO dst 192.0.2.8 self permanent"
	check_eq "heard" "$(heard | sort)" "$(printf '%s\n' \
		"$ZERO dev vx0 dst 192.0.2.3 self permanent" \
		"Deleted $ZERO dev vx0 dst 192.0.2.2 self permanent" | sort)"
	kind_vxlan_set "$a" vx0 remote 192.0.2.3
	check_eq "heard of no change" "$(heard)" ""
	kind_vxlan_set "$a" vx0 remote 192.0.2.8
	check_table "one that is there already" \
		"$ZERO dst 192.0.2.8 self permanent"
	[[ $KIND != in-tree ]] || return 0
	kind_vxlan_set "$a" vx0 remote 0.0.0.0
	check_table "none"
	kind_vxlan_set "$a" vx0 remote 192.0.2.2
	check_table "one again" "$ZERO dst 192.0.2.2 self permanent"
}

options_of_entries()
{
	local add=add option i=0 commands='' wanted=''

	while read -r option; do
		i=$((i + 1))
		commands+="fdb $add $(printf '%s:%02x' "$M" "$i") dev vx0"
		commands+=" dst 192.0.2.9 ${option%:*}"$'\n'
		wanted+="$(printf '%s:%02x' "$M" "$i") dst 192.0.2.9"
		wanted+=" ${option#*: }"$'\n'
		add=$([[ $add == add ]] && echo append || echo add)
	done <<-'END'
	permanent: self permanent
	static: self static
	dynamic: self
	extern_learn: self extern_learn permanent
	sticky: self sticky permanent
	router: self router permanent
	use: self permanent
	self: self permanent
	port 4790: port 4790 self permanent
	port 4789: self permanent
	vni 7: vni 7 self permanent
	vni 100: self permanent
	vni 16777215: vni 16777215 self permanent
	src_vni 100: self permanent
	via eth0: via eth0 self permanent
	port 1 vni 2 via eth0 static: port 1 vni 2 via eth0 self static
	END
	tunnel vx0 id 100
	bridge_all "$a" <<<"$commands"
	check_eq "table" "$(table vx0)" "${wanted%$'\n'}"
}

an_entry_is_replaced_and_removed()
{
	tunnel vx0 id 100
	bridge_all "$a" <<-END
	fdb add $M:01 dev vx0 dst 192.0.2.9
	fdb replace $M:01 dev vx0 dst 192.0.2.8 port 4790 vni 5 via eth0 static
	fdb add $M:02 dev vx0 dst 192.0.2.8 port 4790 vni 5 via eth0 static
	fdb replace $M:02 dev vx0 dst 192.0.2.8
	fdb replace $M:03 dev vx0 dst 192.0.2.7
	fdb add $M:04 dev vx0 dst 192.0.2.9
	fdb del $M:04 dev vx0
	fdb add $M:05 dev vx0 dst 192.0.2.9 vni 7
	fdb del $M:05 dev vx0 dst 192.0.2.9 vni 7
	fdb append $M:06 dev vx0 dst 192.0.2.9
	END
	check_table "after changes" \
		"$M:01 dst 192.0.2.8 port 4790 vni 5 via eth0 self static" \
		"$M:02 dst 192.0.2.8 self permanent" \
		"$M:03 dst 192.0.2.7 self permanent" \
		"$M:06 dst 192.0.2.9 self permanent"
	bridge_refused "$a" "" "" "" "" <<-END
	fdb add $M:02 dev vx0 dst 192.0.2.8
	fdb add $M:02 dev vx0 dst 192.0.2.5
	fdb del $M:05 dev vx0
	fdb get $M:05 dev vx0 self
	END
}

several_destinations()
{
	local m

	tunnel vx0 id 100 remote 192.0.2.2
	for m in $ZERO 01:00:5e:00:00:01 ff:ff:ff:ff:ff:ff; do
		cat <<-END
		fdb append $m dev vx0 dst 192.0.2.3
		fdb append $m dev vx0 dst 192.0.2.3
		fdb append $m dev vx0 dst 192.0.2.3 port 4789
		fdb append $m dev vx0 dst 192.0.2.3 vni 100
		fdb append $m dev vx0 dst 192.0.2.4
		fdb append $m dev vx0 dst 192.0.2.3 vni 7
		fdb append $m dev vx0 dst 192.0.2.3 port 8472
		fdb append $m dev vx0 dst 192.0.2.3 via eth0
		END
	done | bridge_all "$a"
	check_table "all but the same" "$ZERO dst 192.0.2.2 self permanent" \
		"$(for m in $ZERO 01:00:5e:00:00:01 ff:ff:ff:ff:ff:ff; do
			cat <<-END
			$m dst 192.0.2.3 self permanent
			$m dst 192.0.2.4 self permanent
			$m dst 192.0.2.3 vni 7 self permanent
			$m dst 192.0.2.3 port 8472 self permanent
			$m dst 192.0.2.3 via eth0 self permanent
			END
		done)"
	bridge_refused "$a" "" "" <<-END
	fdb replace $ZERO dev vx0 dst 192.0.2.7
	fdb replace 01:00:5e:00:00:01 dev vx0 dst 192.0.2.7
	END
	bridge_all "$a" <<-END
	fdb del 01:00:5e:00:00:01 dev vx0
	fdb del ff:ff:ff:ff:ff:ff dev vx0 dst 192.0.2.4
	fdb del $ZERO dev vx0 dst 192.0.2.3 vni 7
	fdb del $ZERO dev vx0 dst 192.0.2.3 via eth0
	fdb del $ZERO dev vx0 dst 192.0.2.2 port 4789 vni 100
	END
	check_table "some removed" \
		"$ZERO dst 192.0.2.3 self permanent" \
		"$ZERO dst 192.0.2.3 port 8472 self permanent" \
		"$ZERO dst 192.0.2.4 self permanent" \
		"ff:ff:ff:ff:ff:ff dst 192.0.2.3 self permanent" \
		"ff:ff:ff:ff:ff:ff dst 192.0.2.3 vni 7 self permanent" \
		"ff:ff:ff:ff:ff:ff dst 192.0.2.3 port 8472 self permanent" \
		"ff:ff:ff:ff:ff:ff dst 192.0.2.3 via eth0 self permanent"
}

entries_of_ipv6()
{
	ip -n "$a" link del vx0 2>/dev/null || :
	kind_vxlan "$a" vx0 id 100 local 2001:db8::1 remote 2001:db8::2
	bridge_all "$a" <<-END
	fdb append $ZERO dev vx0 dst 2001:db8::3
	fdb append $ZERO dev vx0 dst 2001:db8::4
	fdb add $M1 dev vx0 dst 2001:db8::9 port 4790 vni 7 via eth0
	fdb del $ZERO dev vx0 dst 2001:db8::2
	END
	check_table "table" "$ZERO dst 2001:db8::3 self permanent" \
		"$ZERO dst 2001:db8::4 self permanent" \
		"$M1 dst 2001:db8::9 port 4790 vni 7 via eth0 self permanent"
	bridge_refused "$a" "" <<<"fdb add $M2 dev vx0 dst 192.0.2.9"
}

an_entry_is_asked_for()
{
	tunnel vx0 id 100 remote 192.0.2.2
	bridge_all "$a" <<-END
	fdb append $ZERO dev vx0 dst 192.0.2.3
	fdb add $M1 dev vx0 dst 192.0.2.9 port 4790 vni 5 via eth0 static
	END
	check_eq "entries" "$(bridge_all "$a" <<-END | sed 's/ *$//'
		fdb get $M1 dev vx0 self
		fdb get $ZERO dev vx0 self
	END
	)" \
"$M1 dev vx0 dst 192.0.2.9 port 4790 vni 5 via eth0 self static
$ZERO dev vx0 dst 192.0.2.2 self permanent"
	check_eq "JSON" "$(bridge -n "$a" -j fdb show dev vx0 |
		jq -c 'map(select(.dst == "192.0.2.9"))')" \
'[{"mac":"02:00:00:00:00:01","dst":"192.0.2.9","port":4790,"vni":5,"viaIf":"eth0","flags":["self"],"state":"static"}]'
}

listeners_hear_of_each_change_once()
{
	local d="dev vx0 dst"

	tunnel vx1 id 101
	tunnel vx0 id 100 remote 192.0.2.2
	listen_start "$a"
	bridge -n "$a" -force -batch - 2>/dev/null <<-END || :
	fdb add $M1 $d 192.0.2.9 port 4790 vni 5 via eth0
	fdb add $M1 $d 192.0.2.9
	fdb replace $M1 $d 192.0.2.8
	fdb replace $M1 $d 192.0.2.8
	fdb replace $M1 $d 192.0.2.8 static
	fdb append $ZERO $d 192.0.2.3
	fdb append $ZERO $d 192.0.2.3
	fdb del $M1 dev vx0
	fdb del $M1 dev vx0
	fdb del $ZERO $d 192.0.2.2
	fdb append $ZERO $d 192.0.2.4
	fdb add $M1 dev vx1 dst 192.0.2.9
	END
	check_eq "heard" "$(heard)" \
"$M1 $d 192.0.2.9 port 4790 vni 5 via eth0 self permanent
$M1 $d 192.0.2.8 self permanent
$M1 $d 192.0.2.8 self static
$ZERO $d 192.0.2.3 self permanent
Deleted $M1 $d 192.0.2.8 self static
Deleted $ZERO $d 192.0.2.2 self permanent
$ZERO $d 192.0.2.4 self permanent
$M1 dev vx1 dst 192.0.2.9 self permanent"
	ip -n "$a" link del vx0
	check_eq "deleted with the device" "$(heard | sort)" \
		"$(printf 'Deleted %s\n' "$ZERO $d 192.0.2.3 self permanent" \
			"$ZERO $d 192.0.2.4 self permanent" | sort)"
	tunnel vx1 id 101 remote 192.0.2.2
	check_eq "a new tunnel" "$(heard)" \
		"Deleted $M1 dev vx1 dst 192.0.2.9 self permanent
$ZERO dev vx1 dst 192.0.2.2 self permanent"
	ip -n "$a" link del vx1
}

a_moved_tunnel_names_its_underlay()
{
	tunnel vx0 id 100 remote 192.0.2.2
	setup_ns c
	# shellcheck disable=SC2154 # set by setup_ns
	ip_all "$a" <<-END
	link set vx0 netns $c
	END
	bridge_all "$c" <<-END
	fdb add $M1 dev vx0 dst 192.0.2.9
	fdb append $ZERO dev vx0 dst 192.0.2.3
	END
	check_eq "table" "$(vx_fdb "$c" vx0)" \
"$ZERO dst 192.0.2.2 link-netnsid 0 self permanent
$ZERO dst 192.0.2.3 link-netnsid 0 self permanent
$M1 dst 192.0.2.9 link-netnsid 0 self permanent"
	ip -n "$c" link del vx0
}

# check_refused_all - refuse each "WORDS OF THE MESSAGE: COMMAND" of stdin; the
# table stays as it is
check_refused_all()
{
	local before line lines words=()

	before=$(table vx0)
	mapfile -t lines
	for line in "${lines[@]}"; do
		words+=("${line%%: *}")
	done
	printf '%s\n' "${lines[@]#*: }" | bridge_refused "$a" "${words[@]}"
	check_eq "the table stays" "$(table vx0)" "$before"
}

refused_entries()
{
	[[ $KIND != in-tree ]] || { skip "texts of our own"; return; }
	tunnel vx0 id 100 remote 192.0.2.2
	bridge_all "$a" <<<"fdb add $M1 dev vx0 dst 192.0.2.9"
	check_refused_all <<-END
	Entry exists: fdb add $M1 dev vx0 dst 192.0.2.9
	Entry exists: fdb add $M1 dev vx0 dst 192.0.2.8
	Entry exists: fdb add $ZERO dev vx0 dst 192.0.2.3
	No such entry: fdb del $M2 dev vx0
	No such entry: fdb del $M2 dev vx0 dst 192.0.2.9
	No such entry: fdb del $M1 dev vx0 dst 192.0.2.8
	No such entry: fdb del $M1 dev vx0 dst 192.0.2.9 vni 3
	No such entry: fdb del $ZERO dev vx0 dst 192.0.2.3
	No such entry: fdb get $M2 dev vx0 self
	several destinations: fdb append $M1 dev vx0 dst 192.0.2.8
	cannot be replaced: fdb replace $ZERO dev vx0 dst 192.0.2.3
	dst is required: fdb add $M2 dev vx0
	dst is required: fdb add $M2 dev vx0 port 4790
	dst is required: fdb add $M2 dev vx0 dst 0.0.0.0
	address family: fdb add $M2 dev vx0 dst 2001:db8::9
	address family: fdb append $ZERO dev vx0 dst 2001:db8::9
	src_vni: fdb add $M2 dev vx0 dst 192.0.2.9 src_vni 101
	nhid: fdb add $M2 dev vx0 nhid 5
	END
}

# What the bridge command would not send.
malformed_entries()
{
	[[ $KIND != in-tree ]] || { skip "texts of our own"; return; }
	tunnel vx0 id 100 remote 192.0.2.2
	check "refused" in_ns "$a" python3 -S -s - "$LIB_DIR/py" <<-'END'
	import sys
	sys.path.insert(0, sys.argv[1])
	from vnb import *
	nl = Rtnl()
	dst = attr(NDA.DST, bytes([192, 0, 2, 9]))
	wrong = 0
	head = [("state", state, dst) for state in (0, 1, 4, 0x20)]
	for words, state, *more in head + [
	    ("dst", 0xc0, attr(NDA.DST, bytes(3))),
	    ("dst", 0xc0, attr(NDA.DST, bytes(5))),
	    ("dst", 0xc0, attr(NDA.DST, bytes(15))),
	    ("dst", 0xc0, attr(NDA.DST, bytes(17))),
	    ("dst", 0xc0, attr(NDA.DST)),
	    ("port", 0xc0, dst, attr(NDA.PORT, b"1")),
	    ("port", 0xc0, dst, attr(NDA.PORT, b"1234")),
	    ("vni", 0xc0, dst, u16(NDA.VNI, 1)),
	    ("vni", 0xc0, dst, attr(NDA.VNI, bytes(8))),
	    ("vni", 0xc0, dst, u32(NDA.VNI, 1 << 24)),
	    ("vni", 0xc0, dst, u32(NDA.SRC_VNI, 1 << 24)),
	    ("vni", 0xc0, dst, u16(NDA.SRC_VNI, 1)),
	    ("via", 0xc0, dst, u32(NDA.IFINDEX, 4242)),
	    ("via", 0xc0, dst, u16(NDA.IFINDEX, 1)),
	    ("nhid", 0xc0, u32(NDA.NH_ID, 1))]:
	    try:
	        nl.request(RTM_NEWNEIGH, ndmsg(
	            nl.index("vx0"), state=state, flags=2) +
	            attr(NDA.LLADDR, mac("02:00:00:00:00:01")) +
	            b"".join(more), NLM_F_CREATE)
	        print("accepted:", words, state, more)
	        wrong = 1
	    except NlError as e:
	        if words not in e.msg.lower():
	            print("says nothing of", words, more, e)
	            wrong = 1
	sys.exit(wrong)
	END
	check_table "table" "$ZERO dst 192.0.2.2 self permanent"
}

# check_flush WORDS LEFT - in a table with entries of all sorts, `flush WORDS`
# leaves what LEFT says
check_flush()
{
	bridge_all "$a" <<-END
	fdb flush dev vx0
	fdb append $ZERO dev vx0 dst 192.0.2.2
	fdb append $ZERO dev vx0 dst 192.0.2.3
	fdb append $ZERO dev vx0 dst 192.0.2.3 vni 7
	fdb add $M:01 dev vx0 dst 192.0.2.3 static
	fdb add $M:02 dev vx0 dst 192.0.2.4 port 4790
	fdb add $M:03 dev vx0 dst 192.0.2.4 dynamic
	fdb add $M:04 dev vx0 dst 192.0.2.4 extern_learn dynamic
	fdb add $M:05 dev vx0 dst 192.0.2.5 via eth0 sticky static
	fdb flush dev vx0 $1
	END
	check_eq "left by flush $1" "$(table vx0 | sed -E "
		s/^$ZERO dst 192.0.2.([0-9]) vni 7 .*/\1vni/
		s/^$ZERO dst 192.0.2.([0-9]) .*/\1/
		s/^.*:0([1-5]) dst .*/:\1/" | sort | xargs)" "$2"
}

# can_flush_by WORD - does the bridge command know it? That of 6.1 ignores what
# it does not know, and flushes everything.
can_flush_by()
{
	bridge fdb help 2>&1 | sed -n '/fdb flush/,/^ *bridge fdb get\|^Where/p' |
		grep -q -- "$1"
}

flush()
{
	[[ $KIND != in-tree ]] || { skip "not on all kernels"; return; }
	can_flush_by "static" ||
		{ skip "this bridge command cannot flush"; return; }
	tunnel vx0 id 100
	check_flush "" ""
	check_flush "static" "2 3 3vni :2 :3 :4"
	check_flush "permanent" ":1 :3 :4 :5"
	check_flush "dynamic" "2 3 3vni :1 :2 :5"
	check_flush "extern_learn" "2 3 3vni :1 :2 :3 :5"
	check_flush "noextern_learn" ":4"
	check_flush "sticky" "2 3 3vni :1 :2 :3 :4"
	check_flush "nosticky static" "2 3 3vni :2 :3 :4 :5"
	can_flush_by src_vni || return 0
	[[ $(uname -r) != 6.1.* ]] || return 0	# its core knows no more
	check_flush "dst 192.0.2.3" "2 :2 :3 :4 :5"
	check_flush "dst 192.0.2.4 dynamic" "2 3 3vni :1 :2 :5"
	check_flush "vni 7" "2 3 :1 :2 :3 :4 :5"
	check_flush "port 4790" "2 3 3vni :1 :3 :4 :5"
	check_flush "src_vni 100" ""
	check_flush "dst 192.0.2.77" "2 3 3vni :1 :2 :3 :4 :5"
}

flush_refused()
{
	[[ $KIND != in-tree ]] || { skip "texts of our own"; return; }
	can_flush_by src_vni ||
		{ skip "this bridge command cannot say it"; return; }
	[[ $(uname -r) != 6.1.* ]] ||
		{ skip "the core of 6.1 refuses these"; return; }
	tunnel vx0 id 100 remote 192.0.2.2
	check_refused_all <<-END
	src_vni: fdb flush dev vx0 src_vni 101
	nhid: fdb flush dev vx0 nhid 7
	address family: fdb flush dev vx0 dst 2001:db8::9
	END
}

what_is_down_has_learned_nothing()
{
	tunnel vx0 id 100
	bridge_all "$a" <<-END
	fdb add $M1 dev vx0 dst 192.0.2.9
	fdb add $M2 dev vx0 dst 192.0.2.9 dynamic
	END
	ip -n "$a" link set vx0 down
	check_table "down" "$M1 dst 192.0.2.9 self permanent"
	bridge_all "$a" <<<"fdb add $M2 dev vx0 dst 192.0.2.9"
	ip -n "$a" link set vx0 up
	check_table "up again" "$M1 dst 192.0.2.9 self permanent" \
		"$M2 dst 192.0.2.9 self permanent"
}

# What is not about words of our own, with the other driver.
the_kernels_own_driver_agrees()
{
	local KIND=in-tree name

	need_in_tree || return 0
	for name in the_default_remote_is_an_entry the_default_remote_changes \
		options_of_entries an_entry_is_replaced_and_removed \
		several_destinations entries_of_ipv6 an_entry_is_asked_for \
		listeners_hear_of_each_change_once \
		a_moved_tunnel_names_its_underlay \
		what_is_down_has_learned_nothing; do
		subtest "$name"
	done
}

need bridge jq
need_kind
setup_ns a
vx_no_dad "$a"
ip_all "$a" <<END
link add eth0 up type veth
$(vx_addresses eth0 1)
END
tests_run "$@"
