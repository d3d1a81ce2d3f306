// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the map while vnetbr comes and goes: debugfs, vnb_cover.
 */
#include "vnb_cover.h"

#include <linux/debugfs.h>
#include <linux/module.h>

u8 vnb_cover_map[VNB_COVER_SIZE];
EXPORT_SYMBOL_GPL(vnb_cover_map);

static struct debugfs_blob_wrapper vnb_cover_blob = {
	.data	= vnb_cover_map,
	.size	= sizeof(vnb_cover_map),
};

static struct dentry *vnb_cover_file;

static int __init vnb_cover_init(void)
{
	vnb_cover_file = debugfs_create_blob("vnb_cover", 0400, NULL,
					     &vnb_cover_blob);

	return PTR_ERR_OR_ZERO(vnb_cover_file);
}

static void __exit vnb_cover_exit(void)
{
	debugfs_remove(vnb_cover_file);
}

module_init(vnb_cover_init);
module_exit(vnb_cover_exit);

MODULE_DESCRIPTION("Which lines of vnetbr were reached");
MODULE_LICENSE("GPL");
