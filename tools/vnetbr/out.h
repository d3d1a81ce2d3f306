/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VNETBR_OUT_H
#define VNETBR_OUT_H

#include <stdbool.h>
#include <stdint.h>

/* Set by -j: commands print JSON and no text. */
extern bool out_json;

/*
 * JSON, an item at a time. @name is NULL in an array. What is begun by
 * json_object() and json_array() ends by json_end(); the outermost one ends the
 * line.
 */
void json_object(const char *name);
void json_array(const char *name);
void json_end(void);
void json_str(const char *name, const char *value);
void json_num(const char *name, uint64_t value);
void json_float(const char *name, double value);
void json_bool(const char *name, bool value);

/*
 * text_clean() - have "?" for each byte of @text that is none of UTF-8, or
 * would tell a terminal what to do. A name of a device may have any.
 */
void text_clean(char *text);

/* A MAC address as text, in one of a few static buffers. */
const char *mac_text(const uint8_t *mac);

#endif /* VNETBR_OUT_H */
