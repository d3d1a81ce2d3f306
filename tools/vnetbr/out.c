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

/* Length of the character of UTF-8 at @c, 0 if there is none to be shown. */
static int utf8_length(const unsigned char *c)
{
	int i, n = *c < 0x80 ? 1 : *c < 0xc2 ? 0 : *c < 0xe0 ? 2 :
		   *c < 0xf0 ? 3 : *c < 0xf5 ? 4 : 0;

	if (*c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0))
		return 0;
	/* too long, halves of pairs, beyond the last one */
	if ((*c == 0xe0 && c[1] < 0xa0) || (*c == 0xed && c[1] > 0x9f) ||
	    (*c == 0xf0 && c[1] < 0x90) || (*c == 0xf4 && c[1] > 0x8f))
		return 0;
	for (i = 1; i < n; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void text_clean(char *text)
{
	int n;

	for (; *text; text += n) {
		n = utf8_length((unsigned char *)text);
		if (!n) {
			*text = '?';
			n = 1;
		}
	}
}

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
