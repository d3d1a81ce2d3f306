// SPDX-License-Identifier: GPL-2.0
/*
 * JSON.
 */
#include "out.h"

#include <stdio.h>

#define JSON_DEPTH	16

bool out_json;

static struct {
	char	close[JSON_DEPTH];
	bool	filled[JSON_DEPTH];
	int	depth;
} json;

static void json_text(const char *text)
{
	const unsigned char *c;

	putchar('"');
	for (c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else if (*c < 0x20)
			printf("\\u%04x", *c);
		else
			putchar(*c);
	}
	putchar('"');
}

/* What comes before each item. */
static void json_item(const char *name)
{
	if (json.filled[json.depth])
		putchar(',');
	json.filled[json.depth] = json.depth;
	if (name) {
		json_text(name);
		putchar(':');
	}
}

static void json_begin(const char *name, char open, char close)
{
	json_item(name);
	putchar(open);
	json.depth++;
	json.close[json.depth] = close;
	json.filled[json.depth] = false;
}

void json_object(const char *name)
{
	json_begin(name, '{', '}');
}

void json_array(const char *name)
{
	json_begin(name, '[', ']');
}

void json_end(void)
{
	putchar(json.close[json.depth--]);
	if (!json.depth) {
		putchar('\n');
		fflush(stdout);
	}
}

void json_str(const char *name, const char *value)
{
	json_item(name);
	json_text(value);
}

void json_num(const char *name, uint64_t value)
{
	json_item(name);
	printf("%llu", (unsigned long long)value);
}

void json_float(const char *name, double value)
{
	json_item(name);
	printf("%.3f", value);
}

void json_bool(const char *name, bool value)
{
	json_item(name);
	fputs(value ? "true" : "false", stdout);
}

const char *mac_text(const uint8_t *mac)
{
	static char text[4][18];
	static unsigned int next;
	char *buf = text[next++ % 4];

	snprintf(buf, sizeof(text[0]), "%02x:%02x:%02x:%02x:%02x:%02x",
		 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	return buf;
}
