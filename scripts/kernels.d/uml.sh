#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What the kernel's source needs to be a good User-mode Linux; run in its tree,
# by scripts/kernels. Whatever is not there was mended meanwhile.

set -eu

# edit FILE SCRIPT - have sed edit FILE, if there is one
edit()
{
	[ ! -e "$1" ] || sed -i "$2" "$1"
}

# Registers of a process, which 6.12 expects to have 2,696 bytes: with those for
# matrices (AMX) they are 11,008.
edit arch/x86/um/user-offsets.c 's/\(HOST_FP_SIZE, \)2696)/\112288)/'

# So that modules can ask for pending softirqs, as elsewhere.
if grep -qs irq_stat arch/um/kernel/irq.c; then
	echo 'EXPORT_PER_CPU_SYMBOL(irq_stat);' >>arch/um/kernel/irq.c
fi

# Each allocation is remembered with its stack. All words of the stack were
# looked up, to find code: those that frame pointers lead to are enough, and all
# that is kept.
edit arch/um/kernel/stacktrace.c \
	's/if (__kernel_text_address(addr))/if ((unsigned long)sp == bp + sizeof(long) \&\& __kernel_text_address(addr))/'

# What KASAN knows of the kernel's memory is not copied, page by page, whenever a
# process is made: what is shared is not.
edit arch/um/os-Linux/mem.c \
	'/^void kasan_map_memory/,/^}/ s/MAP_PRIVATE/MAP_SHARED/'
