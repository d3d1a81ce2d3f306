/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/compiler.h>

#ifndef VNB_COMPAT_LINUX_COMPILER_H
#define VNB_COMPAT_LINUX_COMPILER_H

#ifndef VNB_HAVE_PROBED
#error "compat/probe.sh did not find the kernel headers"
#endif

/* v7.0: lock context analysis by the compiler */
#ifndef __guarded_by
#define __guarded_by(...)
#define __pt_guarded_by(...)
#endif

#endif /* VNB_COMPAT_LINUX_COMPILER_H */
