/* The tables of both kinds, and how their rows are found. */
#include "ops/run/run_words.h"

#include "base/nearest.h"
#include "base/str.h"
#include "run_rows.h"

static const struct run_word *find(const struct run_word *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].name, name))
			return &rows[i];
	return NULL;
}

const struct run_word *run_guard_find(const char *name)
{
	return find(run_guard_rows, run_guard_count, name);
}

const struct run_word *run_deed_find(const char *name)
{
	return find(run_deed_rows, run_deed_count, name);
}

const char *run_guard_nearest(const char *name)
{
	return nearest_name(
		name, &run_guard_rows[0].name, sizeof(*run_guard_rows), run_guard_count);
}

const char *run_deed_nearest(const char *name)
{
	return nearest_name(name, &run_deed_rows[0].name, sizeof(*run_deed_rows), run_deed_count);
}

const struct run_word *run_guard_at(size_t i)
{
	return i < run_guard_count ? &run_guard_rows[i] : NULL;
}

const struct run_word *run_deed_at(size_t i)
{
	return i < run_deed_count ? &run_deed_rows[i] : NULL;
}
