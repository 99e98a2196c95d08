/* `show stat` is CSV behind a header line. Its columns grew over the years, so they are found by
 * name; its fields are quoted where they hold commas, and come from whoever holds the socket. */
#include <string.h>

#include "base/i18n.h"
#include "base/text.h"
#include "cluster/haproxy.h"

enum { FIELD_MAX = 256, COLUMNS_MAX = 256 };

enum column { COL_PROXY, COL_NAME, COL_STATUS, COL_CHECK, COL_ADDRESS, COL_LAST, COL_COUNT };

static const char *const column_names[COL_COUNT] = {
	"pxname", "svname", "status", "check_status", "addr", "last_chk"};

struct cursor {
	const char *at, *end;
};

/* One field, unquoted; true while another follows on the line. A quoted field doubles its quotes.
 */
static bool next_field(struct cursor *c, char field[FIELD_MAX])
{
	bool quoted = c->at < c->end && *c->at == '"';
	size_t n = 0;

	if (quoted)
		c->at++;
	for (; c->at < c->end; c->at++) {
		if (quoted && *c->at == '"') {
			quoted = c->at + 1 < c->end && c->at[1] == '"';
			c->at++;
			if (!quoted)
				break;
		} else if (!quoted && (*c->at == ',' || *c->at == '\n')) {
			break;
		}
		if (n + 1 < FIELD_MAX && *c->at != '\r' && *c->at != '\0')
			field[n++] = *c->at;
	}
	field[n] = '\0';
	while (c->at < c->end && *c->at != ',' && *c->at != '\n')
		c->at++;
	if (c->at < c->end && *c->at == ',') {
		c->at++;
		return true;
	}
	return false;
}

/* Past what is left of the line. */
static void next_line(struct cursor *c)
{
	if (c->at < c->end && *c->at == '\n')
		c->at++;
}

/* "# pxname,svname,...". Which position holds each column, or -1. */
static int read_header(struct cursor *c, int where[COL_COUNT])
{
	char field[FIELD_MAX];
	bool more = true;

	for (int k = 0; k < COL_COUNT; k++)
		where[k] = -1;
	if (c->end - c->at < 2 || memcmp(c->at, "# ", 2) != 0)
		return -1;
	c->at += 2;
	for (int i = 0; more && i < COLUMNS_MAX; i++) {
		more = next_field(c, field);
		for (int k = 0; k < COL_COUNT; k++)
			if (strcmp(field, column_names[k]) == 0)
				where[k] = i;
	}
	next_line(c);
	return where[COL_PROXY] >= 0 && where[COL_NAME] >= 0 && where[COL_STATUS] >= 0 ? 0 : -1;
}

/* "* L4OK": the star says that a check runs right now. */
static const char *without_star(const char *s)
{
	return strncmp(s, "* ", 2) == 0 ? s + 2 : s;
}

static void read_row(struct cursor *c, const int where[COL_COUNT], struct haproxy_server *to)
{
	struct {
		char *dst;
		size_t size;
	} places[COL_COUNT] = {
		[COL_PROXY] = {to->proxy, sizeof(to->proxy)},
		[COL_NAME] = {to->name, sizeof(to->name)},
		[COL_STATUS] = {to->status, sizeof(to->status)},
		[COL_CHECK] = {to->check, sizeof(to->check)},
		[COL_ADDRESS] = {to->address, sizeof(to->address)},
		[COL_LAST] = {to->last, sizeof(to->last)},
	};
	char field[FIELD_MAX];
	bool more = true;

	memset(to, 0, sizeof(*to));
	for (int i = 0; more; i++) {
		more = next_field(c, field);
		for (int k = 0; k < COL_COUNT; k++) {
			const char *value = k == COL_CHECK ? without_star(field) : field;

			if (where[k] == i)
				text_safe(places[k].dst, places[k].size, value, strlen(value));
		}
	}
	next_line(c);
	to->backend = strcmp(to->name, "BACKEND") == 0;
}

int haproxy_parse(const char *csv, size_t n, struct haproxy_report *out, struct err *e)
{
	struct cursor c = {csv, csv + n};
	struct haproxy_server row;
	int where[COL_COUNT];
	char said[120];

	memset(out, 0, sizeof(*out));
	if (n == 0)
		return err_set(e, ERR_INPUT, _("haproxy's socket said nothing"));
	if (read_header(&c, where) != 0) {
		text_safe(said, sizeof(said), csv, n < 100 ? n : 100);
		return err_set(e, ERR_INPUT, _("haproxy did not answer `show stat`: %s"), said);
	}
	while (c.at < c.end) {
		read_row(&c, where, &row);
		if (row.proxy[0] == '\0' || row.name[0] == '\0' ||
			strcmp(row.name, "FRONTEND") == 0)
			continue;
		if (out->n < HAPROXY_MAX_SERVERS)
			out->servers[out->n++] = row;
		else
			out->more = true;
	}
	return 0;
}
