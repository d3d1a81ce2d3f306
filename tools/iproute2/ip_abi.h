/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the ip binary offers its plugins.
 *
 * iproute2 installs no header for this. The declarations below have kept their
 * binary form since iproute2 4.20 (2018), which is why one build of the plugin
 * serves every later release.
 */
#ifndef VNETBR_IP_ABI_H
#define VNETBR_IP_ABI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

/* Every parser of ip is written for a request of this many bytes. */
#define IP_REQ_MAX	1024

/* A link kind; ip finds the object by its symbol, KIND_link_util. */
struct link_util {
	struct link_util *next;
	const char *id;
	int maxattr;
	int (*parse_opt)(struct link_util *lu, int argc, char **argv,
			 struct nlmsghdr *n);
	void (*print_opt)(struct link_util *lu, FILE *f, struct rtattr *tb[]);
	void (*print_xstats)(struct link_util *lu, FILE *f, struct rtattr *xs);
	void (*print_help)(struct link_util *lu, int argc, char **argv,
			   FILE *f);
	int (*parse_ifla_xstats)(struct link_util *lu, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *n, void *arg);
};

struct link_util *get_link_kind(const char *kind);

/* Requests. The number parsers return 0 for success. */
int addattr_l(struct nlmsghdr *n, int maxlen, int type, const void *data,
	      int len);
struct rtattr *addattr_nest(struct nlmsghdr *n, int maxlen, int type);
int addattr_nest_end(struct nlmsghdr *n, struct rtattr *nest);
int get_u8(uint8_t *val, const char *arg, int base);
int get_u16(uint16_t *val, const char *arg, int base);
int get_u32(uint32_t *val, const char *arg, int base);
int get_u64(uint64_t *val, const char *arg, int base);
void incomplete_command(void) __attribute__((noreturn));
void invarg(const char *msg, const char *arg) __attribute__((noreturn));

/* The socket of this ip, already in the right namespace. */
struct rtnl_handle;
extern struct rtnl_handle rth;
int rtnl_talk(struct rtnl_handle *handle, struct nlmsghdr *n,
	      struct nlmsghdr **answer);

/* Printing. A function does nothing when the output is not of type @t. */
int parse_rtattr_flags(struct rtattr *tb[], int max, struct rtattr *rta,
		       int len, unsigned short flags);

enum output_type {
	PRINT_FP = 1,
	PRINT_JSON = 2,
	PRINT_ANY = 4,
};

enum color_attr {
	COLOR_NONE = 6,
};

int print_color_string(enum output_type t, enum color_attr color,
		       const char *key, const char *fmt, const char *value);
int print_color_uint(enum output_type t, enum color_attr color,
		     const char *key, const char *fmt, unsigned int value);
int print_color_u64(enum output_type t, enum color_attr color,
		    const char *key, const char *fmt, uint64_t value);
void open_json_array(enum output_type t, const char *key);
void close_json_array(enum output_type t, const char *key);
void open_json_object(const char *key);
void close_json_object(void);
int print_color_bool(enum output_type t, enum color_attr color,
		     const char *key, const char *fmt, bool value);

#endif /* VNETBR_IP_ABI_H */
