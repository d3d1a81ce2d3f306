# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Helpers of the selftests of VLAN filtering, to be sourced after lib.sh. The
# same commands go to a bridge of ours and to the kernel's own one; which of
# them are refused, and what is shown then, has to be the same. With
# KIND=in-tree there is nothing to compare with: only what is known of the
# kernel's bridge is checked.
#
#	 sw
#	+------------------+
#	| br0 --- p1, p2   |	pairs
#	|     \-- f1       |	a veth: somebody else's device
#	|      \- vx0      |	a tunnel
#	+------------------+
#
# A scenario is a function that prints what is compared, mostly by these:
#
#	run COMMAND...	whether it is refused
#	try WORD...	the same of `bridge vlan WORD...`, and the tables then
#	table, tables, options, entries

WORK=$(mktemp -d)
defer rm -r "$WORK"

## a scenario, twice

# both SCENARIO [WORD...] - run it on both kinds; it prints what is compared
both()
{
	local kind=$KIND KIND

	for KIND in in-tree vnetbr; do
		[[ $KIND == in-tree || $kind == vnetbr ]] || break
		subtest "$1" >"$WORK/$KIND"
	done
	KIND=$kind
	check "$1: something" test -s "$WORK/in-tree"
	[[ $KIND == in-tree ]] || cmp -s "$WORK/vnetbr" "$WORK/in-tree" ||
		fail "$1: ours (-), in-tree (+)" \
			"$(diff -U3 "$WORK/vnetbr" "$WORK/in-tree" | sed 1,2d)"
}

# said WORDS - the kernel's bridge has said this line in the last scenario
said()
{
	check "in-tree says: $1" grep -qxF -- "$1" "$WORK/in-tree"
}

# run COMMAND... - print the command, and whether it is refused
run()
{
	if "$@" >/dev/null 2>"$WORK/err"; then
		echo "$* : done"
	else
		echo "$* : refused"
	fi
}

# vlan add|del WORD... - as `bridge vlan`, in the namespace of the switch
vlan()
{
	bridge -n "$sw" vlan "$@"
}

# try WORD... - the same, with what the table is then
try()
{
	run vlan "$@"
	table
}

# table - the VLANs of all devices
table()
{
	vlan show | sed 's/[[:space:]]*$//; /^port/d'
}

# tables - the same in all forms that there are
tables()
{
	table
	bridge -n "$sw" -c vlan show | sed 's/[[:space:]]*$//; /^port/d'
	bridge -n "$sw" -j vlan show
	echo
	bridge -n "$sw" -c -j vlan show
	echo
}

# new_bridge [WORD...] - br0 with words for it, and nothing else
new_bridge()
{
	setup_ns -q sw h
	kind_bridge "$sw" "br0 address 02:00:00:00:00:b0" "$@"
}

# new_ports - the picture
new_ports()
{
	kind_pair "$sw" "p1 address 02:00:00:00:01:01" "$h" e1
	kind_pair "$sw" "p2 address 02:00:00:00:01:02" "$h" e2
	ip -n "$sw" link add f1 address 02:00:00:00:01:03 up type veth \
		peer name f2
	kind_vxlan "$sw" "vx0 address 02:00:00:00:01:04" id 100 dstport 4789
	join p1 p2 f1 vx0
}

# join PORT...
join()
{
	local port

	for port; do
		ip -n "$sw" link set "$port" master br0
	done
}

# new_switch [WORD...] - the picture, filtering, nobody in a VLAN
new_switch()
{
	new_bridge vlan_filtering 1 vlan_default_pvid 0
	new_ports
}

# change WORD... - of br0
change()
{
	kind_bridge_set "$sw" br0 "$@"
}

# options - of br0, those about VLANs
options()
{
	ip -n "$sw" -d link show br0 | grep -oP "(?<![a-z_])vlan_[a-z_]* [^ ]*" | sort
}

# entries - the forwarding table
#
# An entry without a VLAN is for all of them. The kernel's bridge makes one more
# for each VLAN of the port then, which ours need not: not shown.
entries()
{
	fdb_show "$sw" br0 | awk '
		{ line[NR] = $0; of = $1 " " $3 }
		!/ vlan / { all[of] = 1 }
		END {
			for (i = 1; i <= NR; i++) {
				split(line[i], word)
				if (line[i] !~ / vlan / ||
				    !((word[1] " " word[3]) in all))
					print line[i]
			}
		}'
}

# need_vlans - skip_all() where bridges of $KIND cannot filter VLANs
need_vlans()
{
	need_kind
	setup_ns -q PROBE_NS
	kind_bridge "$PROBE_NS" br0 vlan_filtering 1 2>/dev/null ||
		skip_all "no VLAN filtering by $KIND"
}
