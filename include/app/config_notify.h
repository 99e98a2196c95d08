/* The configuration's list of receivers: notify: [{kind, url_file, secret_file, levels}]. Main
 * thread. */
#ifndef APP_CONFIG_NOTIFY_H
#define APP_CONFIG_NOTIFY_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/yaml.h"
#include "ops/notify/notify_lane.h"

struct config_receiver {
	enum notify_kind kind;
	char *url_file, *secret_file, *ca_file,
		*proxy;  /* "" but for url_file, which is always set */
	unsigned levels; /* bits */
};

struct config_notify {
	struct config_receiver *at;
	size_t n;
};

/* -1: file:line:column, what, what to do. */
int config_notify_read(
	struct config_notify *c, const struct yml_doc *d, const struct yml *v, struct err *e);
void config_notify_print(const struct config_notify *c, struct buf *out); /* as it is read */
void config_notify_done(struct config_notify *c);

/* As ops/notify wants them: new (free); the strings stay c's. */
struct notify_target *config_notify_targets(const struct config_notify *c);

/* An http:// or https:// URL that holds no password (those belong into a file). */
int config_check_url(const struct yml_doc *d, const struct yml *v, const char *name, struct err *e);

#endif
