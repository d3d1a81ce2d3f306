# SPDX-License-Identifier: GPL-2.0
#
# Copy the log of a kernel, without what KCSAN reports of races of others. One is
# ours if the code of one of the two accesses is in the module, and not marked
# (READ_ONCE() and the like): the kernel reads without a mark what it changes
# with one in functions that the module has copies of, such as those of tables.

function finish()
{
	if (ours)
		print report
	report = ""
	ours = access = 0
}

/BUG: KCSAN/ {
	finish()
	report = $0
	next
}

# another CPU's, meanwhile; but not a function in the trace of the report
report && !/\] +[^ ]+\+0x/ &&
/WARNING|BUG|Oops|refcount|lockup|detected|blocked for|protection/ {
	print
	next
}

report && /=================/ {
	finish()
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

END { finish() }
