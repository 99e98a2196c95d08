/* A theme file is `name:` and `roles:`, a map of role to style words; ui/theme knows both and
 * complains by name. */
#include "app/theme_load.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "io/yaml.h"

#define THEME_MAX (256u << 10)

static int read_roles(
	const struct yml_doc *d, const struct yml *roles, struct theme *t, struct err *e)
{
	struct err why;

	if (roles->kind != YML_MAP)
		return yml_err(d, roles, e, _("roles must be a map of role to style"));
	for (size_t i = 0; i < roles->n; i++) {
		const char *spec = yml_text(roles->items[i]);

		if (roles->items[i]->kind != YML_SCALAR)
			return yml_err(d, roles->items[i], e,
				_("the role \"%s\" must be a text, like \"fg=#ff8800 bold\""),
				roles->keys[i]);
		if (theme_set(t, roles->keys[i], spec ? spec : "", &why) != 0)
			return yml_err(d, roles->key_at[i], e, "%s", why.text);
	}
	return 0;
}

static int theme_read(
	const char *yaml, size_t len, const char *file, struct theme *t, struct err *e)
{
	struct yml_doc *d = yml_parse(yaml, len, file, e);
	const struct yml *root;
	int rc = -1;

	if (!d)
		return -1;
	root = yml_root(d);
	theme_init(t, yml_text(yml_get(root, "name")) ? yml_text(yml_get(root, "name")) : file);
	for (size_t i = 0; root->kind == YML_MAP && i < root->n; i++) {
		if (!str_eq(root->keys[i], "name") && !str_eq(root->keys[i], "roles")) {
			yml_err(d, root->key_at[i], e,
				_("unknown key \"%s\": a theme has name and roles"), root->keys[i]);
			goto out;
		}
	}
	if (yml_alone(d, e) != 0)
		goto out;
	if (!yml_get(root, "roles"))
		yml_err(d, root, e, _("a theme needs a map called roles"));
	else
		rc = read_roles(d, yml_get(root, "roles"), t, e);
out:
	yml_free(d);
	return rc;
}

static char *user_file(const char *name)
{
	char *dir, *path;

	if (strchr(name, '/'))
		return file_expand(name);
	dir = file_config_dir();
	path = str_fmt("%s/themes/%s.yaml", dir ? dir : "", name);
	free(dir);
	return path;
}

static int not_there(const char *name, const char *path, struct err *e)
{
	struct buf names;

	buf_init(&names, 300);
	for (size_t i = 0; i < theme_files.n; i++)
		buf_fmt(&names, i ? ", %s" : "%s", theme_files.at[i].name);
	err_set(e, ERR_INPUT, _("no theme \"%s\": built in are %s; %s is not there"), name,
		buf_text(&names), path);
	buf_done(&names);
	return -1;
}

static int load_first(const char *name, struct theme *t, struct err *e)
{
	const struct embedded_file *f = embedded_file_find(&theme_files, name);
	char *path, *text = NULL;
	size_t n = 0;
	int rc = -1;

	if (f)
		return theme_read(f->bytes, f->len, f->name, t, e);
	path = user_file(name);
	if (!file_exists(path))
		rc = not_there(name, path, e);
	else if (file_read(path, THEME_MAX, &text, &n, e) == 0)
		rc = theme_read(text, n, path, t, e);
	free(text);
	free(path);
	return rc;
}

int theme_load_all(const char *first, struct theme **out, size_t *n, struct err *e)
{
	struct theme *themes = mem_zero(theme_files.n + 1, sizeof(*themes));
	size_t at = 1;

	*out = NULL;
	*n = 0;
	if (load_first(first, &themes[0], e) != 0) {
		free(themes);
		return -1;
	}
	for (size_t i = 0; i < theme_files.n; i++) {
		if (str_eq(theme_files.at[i].name, first))
			continue;
		if (theme_read(theme_files.at[i].bytes, theme_files.at[i].len,
			    theme_files.at[i].name, &themes[at++], e) != 0) {
			free(themes);
			return -1;
		}
	}
	*out = themes;
	*n = at;
	return 0;
}
