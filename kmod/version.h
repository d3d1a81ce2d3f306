/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_VERSION_H
#define VNB_VERSION_H

/** vnb_version - of the module, for ethtool -i */
extern const char vnb_version[];

#endif /* VNB_VERSION_H */
