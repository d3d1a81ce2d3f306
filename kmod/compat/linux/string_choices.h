/* SPDX-License-Identifier: GPL-2.0 */
#ifdef VNB_HAVE_STRING_CHOICES
#include_next <linux/string_choices.h>
#else
#ifndef VNB_COMPAT_LINUX_STRING_CHOICES_H
#define VNB_COMPAT_LINUX_STRING_CHOICES_H

#include <linux/string_helpers.h>

/* v6.1 has the others in linux/string_helpers.h. */
static inline const char *str_up_down(bool v)
{
	return v ? "up" : "down";
}

#endif /* VNB_COMPAT_LINUX_STRING_CHOICES_H */
#endif
