# SPDX-License-Identifier: GPL-2.0
#
# Copy a kernel's log, without what KCSAN reports of races of others: a report is
# ours if one of the two accesses is plain and in the module. The kernel has
# plain accesses of its own, also to what ours, marked, is next to.

/BUG: KCSAN/ {
	report = $0
	ours = access = 0
	next
}

report && /=================/ {
	if (ours)
		print report
	report = ""
	next
}

report {
	report = report "\n" $0
	if (/(read|write).* to 0x.* of [0-9]+ bytes by/) {
		access = 1
		plain = !/\(marked/
	} else if (access) {
		ours = ours || (plain && /\[vnetbr\]/)
		access = 0
	}
	next
}

{ print }

END {
	if (report)
		print report
}
