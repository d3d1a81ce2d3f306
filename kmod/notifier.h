/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNB_NOTIFIER_H
#define VNB_NOTIFIER_H

/**
 * vnb_notifier_register() - follow the devices of all namespaces
 *
 * Return: 0 or a negative error.
 */
int vnb_notifier_register(void);

/** vnb_notifier_unregister() - stop; no device of ours exists any more */
void vnb_notifier_unregister(void);

#endif /* VNB_NOTIFIER_H */
