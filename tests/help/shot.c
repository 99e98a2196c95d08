#include "help/shot.h"

#include <libintl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "help/golden.h"
#include "help/samples.h"

static const struct {
	const char *name, *language;
} languages[SHOT_LANGUAGES] = {{"en", "C"}, {"zh", "zh_CN"}};

const char *shot_suffix(enum shot_language l)
{
	return languages[l].name;
}

int shots_set_up(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	return setlocale(LC_ALL, "C.UTF-8") == NULL;
}

int shots_tear_down(void **state)
{
	(void)state;
	samples_done();
	return 0;
}

void shot_speak(enum shot_language l, const char *locale_dir)
{
	setenv("LANGUAGE", languages[l].language, 1);
	setlocale(LC_ALL, "C.UTF-8"); /* makes gettext look again */
	bindtextdomain("k911", locale_dir);
	bind_textdomain_codeset("k911", "UTF-8");
	textdomain("k911");
}

static void drop(struct command *c)
{
	if (c != NULL)
		c->letter.drop(&c->letter);
}

void shot_draw(const struct shot *shot, struct snapshot *s, struct canvas *c)
{
	struct command *command = NULL;
	struct view_args args = shot->args;
	struct view_look look = {
		sample_now(), true, shot->pane_rows == 0, shot->filter != NULL ? shot->filter : ""};
	struct canvas body = canvas_area(c, 1, 0, c->height - 1, c->width);
	enum role role = ROLE_DIM;
	char head[200];
	void *state;
	int x;

	state = shot->view->open(shot->view, &args, &command);
	drop(command);
	shot->view->draw(state, s, &body, &look);
	for (int i = 0; i < 6 && shot->actions[i] != ACTION_NONE; i++) {
		struct action a = {.id = shot->actions[i]};
		struct view_reply reply = {0};

		shot->view->act(state, s, &a, &look, &reply);
		assert_true(reply.handled);
		drop(reply.command);
	}
	canvas_clear(c);
	shot->view->head(state, s, &look, head, sizeof(head), &role);
	x = canvas_put(c, 0, 1, -1, ROLE_TITLE, gettext(shot->view->title));
	canvas_put(c, 0, 2 + x, -1, role, head);
	shot->view->draw(state, s, &body, &look);
	drop(shot->view->close(state));
}

static bool matches(const struct shot *shot, int rows, int columns, enum shot_language language)
{
	struct canvas *c = canvas_new(rows, columns, false);
	struct snapshot *s = shot->sample();
	char name[120];
	bool same;

	shot_draw(shot, s, c);
	snprintf(name, sizeof(name), "%s_%dx%d_%s.txt", shot->name, columns, rows,
		languages[language].name);
	same = golden_canvas(name, c, true);
	snapshot_unref(s);
	canvas_free(c);
	return same;
}

bool shots_match(const struct shot *shots, size_t n, const char *locale_dir)
{
	bool same = true;

	for (size_t i = 0; i < n; i++) {
		for (int l = 0; l < SHOT_LANGUAGES; l++) {
			shot_speak((enum shot_language)l, locale_dir);
			if (shots[i].pane_rows != 0) {
				same &= matches(&shots[i], shots[i].pane_rows + 1,
					shots[i].pane_columns, (enum shot_language)l);
				continue;
			}
			same &= matches(&shots[i], 22, 80, (enum shot_language)l);
			same &= matches(&shots[i], 48, 200, (enum shot_language)l);
		}
	}
	return same;
}

void shot_survives(const struct shot *shot)
{
	static const int sizes[][2] = {
		{1, 1}, {1, 80}, {2, 2}, {3, 7}, {5, 20}, {24, 3}, {100, 300}};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct canvas *c = canvas_new(sizes[i][0], sizes[i][1], true);
		struct snapshot *s = shot->sample();
		struct shot zoomed = *shot;

		zoomed.pane_rows = 0;
		shot_draw(shot, s, c);
		shot_draw(&zoomed, s, c);
		for (int y = 0; y < c->rows; y++)
			for (int x = 0; x < c->columns; x++)
				assert_true(canvas_at(c, y, x)->c[0] == 0 ||
					    canvas_at(c, y, x)->c[0] >= ' ');
		snapshot_unref(s);
		canvas_free(c);
	}
}
