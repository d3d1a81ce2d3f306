#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The recipes of Documentation/recipes.rst: their commands, as they are written
# there, on a bridge with three containers, and then frames. With KIND=in-tree,
# on a bridge of the kernel's own.

# shellcheck disable=SC2046,SC2086 # the fields of a frame are words

set -u
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

ALL_TESTS="
	nothing_but_its_own_addresses
	the_same_with_tc
	nothing_that_is_looked_for
	a_security_group
	what_the_host_gets_and_sends
	no_family_bridge_by_mistake
	a_copy_of_everything
	a_sample_of_everything
"

RECIPES=$LIB_DIR/../Documentation/recipes.rst
M1=02:00:00:00:00:01
M2=02:00:00:00:00:02
WORK=$(mktemp -d)
defer rm -rf "$WORK"
need nft tc

# recipe TITLE - print the commands below TITLE
recipe()
{
	awk -v title="$1" '
		$0 == title { found = 1 }
		found && /::$/ { block = 1; next }
		block && /^[^ ]/ { exit }
		block { sub("^    ", ""); print }' "$RECIPES"
}

# follow TITLE - on a new switch with three containers, of which two are known,
# do what the recipe says; skips the test if the kernel cannot
follow()
{
	local out

	setup_switch 3
	frames send h1 src=$M1
	frames send h2 src=$M2
	recipe "$1" >"$WORK/recipe"
	check "the recipe is there" test -s "$WORK/recipe"
	if ! out=$(in_ns "$sw" sh -e "$WORK/recipe" 2>&1); then
		case $out in
		*[Nn]"o such file"* | *"not supported"*)
			skip "the kernel cannot: $out" ;;
		*)
			fail "the recipe" "$out" ;;
		esac
		return 1
	fi
}

# ip_frame PROTOCOL SOURCE [HEX] - the fields of a frame with IPv4 from
# 192.0.2.SOURCE to 192.0.2.9, and with what is behind the header
ip_frame()
{
	printf 'type=0800 data=4500002800010000%02x%02x0000c0000202c0000209%s' \
		64 "$1" "${3:-}" | sed "s/c0000202/$(printf c00002%02x "$2")/"
}

# arp_frame SOURCE - the fields of a request from 192.0.2.SOURCE
arp_frame()
{
	printf 'type=0806 data=0001080006040001%sc00002%02x%012xc0000209' \
		"${M1//:/}" "$1" 0
}

# tcp PORT FLAGS - a header, in hex
tcp()
{
	printf 'c000%04x000000010000000050%02xffff00000000' "$1" "$2"
}

guarded()
{
	check_reach "its own" h1 "br h2 h3" src=$M1 $(ip_frame 17 1)
	check_reach "its own, to a known one" h1 "h2" src=$M1 dst=$M2 \
		$(ip_frame 17 1)
	check_reach "its own ARP" h1 "br h2 h3" src=$M1 $(arp_frame 1)
	check_reach "another address" h1 "" src=$M1 $(ip_frame 17 2)
	check_reach "another ARP" h1 "" src=$M1 $(arp_frame 2)
	check_reach "another source" h1 "" src=$M2 $(ip_frame 17 1)
	check_reach "another protocol" h1 "" src=$M1
	check_reach "others may" h2 "br h1 h3" src=$M2
	check_reach "to it" h2 "h1" src=$M2 dst=$M1
}

nothing_but_its_own_addresses()
{
	follow "Nothing but its own addresses" || return 0
	guarded
}

the_same_with_tc()
{
	follow "The same with tc" || return 0
	guarded
}

nothing_that_is_looked_for()
{
	zgrep -qs ^CONFIG_NET_TC_SKB_EXT=y /proc/config.gz ||
		{ skip "the kernel has no tc-skb-ext"; return; }
	follow "Nothing that is looked for" || return 0
	check_reach "unknown" h1 "h2" src=$M1 dst=02:00:00:00:00:99
	check_reach "group" h1 "br h2" src=$M1 dst=01:00:5e:00:01:02
	check_reach "broadcast" h1 "br h2 h3" src=$M1
	check_reach "unknown, from the host" br "h1 h2" dst=02:00:00:00:00:99
	frames send h3 src=02:00:00:00:00:99
	check_reach "known now" h1 "h3" src=$M1 dst=02:00:00:00:00:99
	check_reach "from the host" br "h3" dst=02:00:00:00:00:99
}

a_security_group()
{
	local to=("src=$M2" "dst=$M1")

	follow "A security group" || return 0
	check_reach "the service" h2 "h1" "${to[@]}" \
		$(ip_frame 6 2 "$(tcp 443 2)")
	check_reach "another one" h2 "" "${to[@]}" \
		$(ip_frame 6 2 "$(tcp 22 2)")
	check_reach "an answer" h2 "h1" "${to[@]}" \
		$(ip_frame 6 2 "$(tcp 40000 18)")
	check_reach "UDP" h2 "" "${to[@]}" $(ip_frame 17 2)
	check_reach "a broadcast, to others only" h2 "br h3" src=$M2 \
		$(ip_frame 17 2)
	check_reach "ARP" h2 "br h1 h3" src=$M2 $(arp_frame 2)
	check_reach "from it, anything" h1 "h2" src=$M1 dst=$M2
}

what_the_host_gets_and_sends()
{
	follow "What the host gets and sends" || return 0
	# what br counts has been received, but filters come before the stack
	frames_ask ear brip "$sw" br0 0800
	check_reach "UDP" h1 "br brip h2 h3" src=$M1 $(ip_frame 17 1)
	check_reach "ICMP" h1 "br h2 h3" src=$M1 $(ip_frame 1 1)
	check_reach "ICMP of the host" br "h1 h2 h3" $(ip_frame 1 9)
	check_reach "UDP of the host" br "" $(ip_frame 17 9)
}

no_family_bridge_by_mistake()
{
	[[ $KIND != in-tree ]] || { skip "not an option of theirs"; return; }
	[[ $PLUGIN ]] || { skip "ip does not know the word"; return; }
	follow "No family bridge by mistake" || return 0
	check_reach "no rules" h1 "br h2 h3" src=$M1
	in_ns "$sw" nft -f - <<-END || { skip "no family bridge"; return; }
	table bridge t {
		chain c {
			type filter hook forward priority 0
			counter
		}
	}
	END
	check_reach "rules" h1 "" src=$M1
}

a_copy_of_everything()
{
	follow "A copy of everything" || return 0
	check_reach "from it" h1 "h2 h3" src=$M1 dst=$M2
	check_reach "to it" h2 "h1 h3" src=$M2 dst=$M1
	check_reach "broadcast" h1 "br h2 h3" src=$M1
	check_reach "between others" h2 "br" src=$M2 \
		dst="$(link_get "$sw" br0 address)"
}

# samples N - are there as many?
samples()
{
	(($(grep -c '^5 ' "$WORK/samples") >= $1))
}

a_sample_of_everything()
{
	follow "A sample of everything" || return 0
	in_ns "$sw" python3 "$LIB_DIR/py/psample.py" >"$WORK/samples" 2>&1 &
	defer kill $!
	check_wait "the reader" grep -q ready "$WORK/samples"
	check_reach "they pass" h1 "h2" src=$M1 dst=$M2 len=1000 count=10
	check_wait "samples" samples 10
	check_eq "what they are" "$(sed 1d "$WORK/samples" | sort -u |
		cut -c 1-35)" "5 1000 ${M2//:/}${M1//:/}88b5"
	check_eq "their length" "$(awk 'END { print length($3) }' \
		"$WORK/samples")" 256
}

need_kind
frames_start
tests_run "$@"
