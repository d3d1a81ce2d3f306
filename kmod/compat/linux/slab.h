/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/slab.h>

#ifndef VNB_COMPAT_LINUX_SLAB_H
#define VNB_COMPAT_LINUX_SLAB_H

#include <linux/overflow.h>

/*
 * v7.0, 2932ba8d9c99 ("slab: Introduce kmalloc_obj() and family"). Here the
 * _flex forms leave the member named by __counted_by() to the caller.
 */
#ifndef kzalloc_obj
#define __vnb_compat_gfp(_, gfp, ...) gfp
#define vnb_compat_gfp(...) \
	__vnb_compat_gfp(_, ##__VA_ARGS__, GFP_KERNEL)

#define vnb_compat_objs(alloc, gfp, type, count) \
	((type *)alloc(size_mul(sizeof(type), count), gfp))
#define vnb_compat_flex(alloc, gfp, type, fam, count) \
	((type *)alloc(struct_size((type *)NULL, fam, count), gfp))

#define kmalloc_obj(p, ...) \
	vnb_compat_objs(kmalloc, vnb_compat_gfp(__VA_ARGS__), typeof(p), 1)
#define kmalloc_objs(p, count, ...) \
	vnb_compat_objs(kmalloc, vnb_compat_gfp(__VA_ARGS__), typeof(p), count)
#define kzalloc_obj(p, ...) \
	vnb_compat_objs(kzalloc, vnb_compat_gfp(__VA_ARGS__), typeof(p), 1)
#define kzalloc_objs(p, count, ...) \
	vnb_compat_objs(kzalloc, vnb_compat_gfp(__VA_ARGS__), typeof(p), count)
#define kzalloc_flex(p, fam, count, ...) \
	vnb_compat_flex(kzalloc, vnb_compat_gfp(__VA_ARGS__), typeof(p), fam, \
			count)
#define kvzalloc_obj(p, ...) \
	vnb_compat_objs(kvzalloc, vnb_compat_gfp(__VA_ARGS__), typeof(p), 1)
#define kvzalloc_objs(p, count, ...) \
	vnb_compat_objs(kvzalloc, vnb_compat_gfp(__VA_ARGS__), typeof(p), count)
#define kvzalloc_flex(p, fam, count, ...) \
	vnb_compat_flex(kvzalloc, vnb_compat_gfp(__VA_ARGS__), typeof(p), fam, \
			count)
#endif

#endif /* VNB_COMPAT_LINUX_SLAB_H */
