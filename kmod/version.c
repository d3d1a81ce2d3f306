// SPDX-License-Identifier: GPL-2.0
/*
 * The version, alone in its object so that a new one rebuilds nothing else.
 */
#include "version.h"

#include <linux/module.h>

const char vnb_version[] = VNB_VERSION;

MODULE_VERSION(VNB_VERSION);
