/* gettext finds a language by LANGUAGE, but not in locale C (FACTS 6): so messages get C.UTF-8 and
 * LANGUAGE the name. The codeset stays the terminal's, except where Chinese was asked for by name
 * and the environment says nothing. */
#include "app/language.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <time.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"

#define DOMAIN "k911"

static const char *wanted(const char *lang)
{
	const char *env = NULL, *language = getenv("LANGUAGE");
	static const char *const from[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	if (!str_eq(lang, "auto"))
		return str_starts(lang, "zh") ? "zh_CN" : "en";
	for (size_t i = 0; i < 3 && (!env || !env[0]); i++)
		env = getenv(from[i]);
	if (language && language[0] && env && !str_eq(env, "C") && !str_eq(env, "POSIX"))
		env = language;
	return env && str_starts(env, "zh") ? "zh_CN" : "en";
}

/* Beside the program (a build tree), above it (an installation), or where it was configured to be.
 */
static char *locale_dir(const char *self)
{
	static const char *const beside[] = {"share/locale", "../share/locale"};

	for (size_t i = 0; i < 2; i++) {
		char *dir = file_beside(self, beside[i]);

		if (file_exists(dir))
			return dir;
		free(dir);
	}
	return mem_str(K911_DATADIR "/locale");
}

int language_set(const char *lang, const char *self, struct err *e)
{
	struct err read_now;
	char *dir;
	const char *name;

	if (!str_eq(lang, "auto") && !str_eq(lang, "en") && !str_eq(lang, "zh") &&
		!str_eq(lang, "zh_CN"))
		return err_set(
			e, ERR_USAGE, _("unknown language \"%s\": choose auto, en or zh_CN"), lang);
	name = wanted(lang);
	/* Before any thread is started, so nobody reads what these set meanwhile. */
	/* NOLINTBEGIN(concurrency-mt-unsafe) */
	if (!setlocale(LC_ALL, "")) /* the environment names a locale this machine lacks */
		setlocale(LC_ALL, "C.UTF-8");
	if (str_eq(name, "zh_CN") && !str_eq(nl_langinfo(CODESET), "UTF-8"))
		setlocale(LC_CTYPE, "C.UTF-8");
	setlocale(LC_NUMERIC, "C");
	setlocale(LC_MESSAGES, "C.UTF-8");
	setenv("LANGUAGE", name, 1);
	/* NOLINTEND(concurrency-mt-unsafe) */
	dir = locale_dir(self);
	bindtextdomain(DOMAIN, dir);
	bind_textdomain_codeset(DOMAIN, nl_langinfo(CODESET));
	textdomain(DOMAIN);
	/* What libc reads at first use, its own messages and the time zone, is read now: later the
	 * disk may hang. */
	tzset(); /* NOLINT(concurrency-mt-unsafe) */
	err_sys(&read_now, EIO, "%s", dir);
	free(dir);
	return 0;
}
