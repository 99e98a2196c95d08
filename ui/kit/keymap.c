/* The table of actions, and which key means which. Input, help, the hint line and the palette all
 * read this one table; the config changes keys, never meanings. Ctrl-C is no key here: it always
 * leaves. */
#include "ui/kit/keymap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/str.h"
#include "base/text.h"
#include "base/vec.h"

struct action_row {
	const char *name, *title, *hint;
	const char *keys;
};

static const struct action_row actions[ACTION_COUNT] = {
	[ACTION_NONE] = {"", "", "", ""},
	[ACTION_UP] = {"up", N_("one line up"), "", "up k"},
	[ACTION_DOWN] = {"down", N_("one line down"), "", "down j"},
	[ACTION_PAGE_UP] = {"page-up", N_("one page up"), "", "page-up ctrl-b"},
	[ACTION_PAGE_DOWN] = {"page-down", N_("one page down"), "", "page-down ctrl-f space"},
	[ACTION_TOP] = {"top", N_("to the first line"), "", "home g"},
	[ACTION_BOTTOM] = {"bottom", N_("to the last line"), "", "end G"},
	[ACTION_LEFT] = {"left", N_("scroll left"), "", "left"},
	[ACTION_RIGHT] = {"right", N_("scroll right"), "", "right"},
	[ACTION_ENTER] = {"enter", N_("show the details of the selected row"), N_("detail"),
		"enter"},
	[ACTION_BACK] = {"back", N_("drop the filter, close the details"), N_("back"),
		"escape backspace"},
	[ACTION_FILTER] = {"filter", N_("filter the rows of the pane"), N_("filter"), "/"},
	[ACTION_SORT] = {"sort", N_("sort by the next column"), N_("sort"), "s"},
	[ACTION_SORT_REVERSE] = {"sort-reverse", N_("turn the sort order round"), N_("reverse"),
		"S"},
	[ACTION_ZOOM] = {"zoom", N_("zoom the pane to the whole screen"), N_("zoom"), "z"},
	[ACTION_NEXT_PANE] = {"next-pane", N_("go to the next pane"), N_("next pane"), "tab"},
	[ACTION_PREVIOUS_PANE] = {"previous-pane", N_("go to the previous pane"), "", "back-tab"},
	[ACTION_PANE_1] = {"pane-1", N_("go to pane 1"), "", "1"},
	[ACTION_PANE_2] = {"pane-2", N_("go to pane 2"), "", "2"},
	[ACTION_PANE_3] = {"pane-3", N_("go to pane 3"), "", "3"},
	[ACTION_PANE_4] = {"pane-4", N_("go to pane 4"), "", "4"},
	[ACTION_PANE_5] = {"pane-5", N_("go to pane 5"), "", "5"},
	[ACTION_PANE_6] = {"pane-6", N_("go to pane 6"), "", "6"},
	[ACTION_PANE_7] = {"pane-7", N_("go to pane 7"), "", "7"},
	[ACTION_LOGS] = {"logs", N_("follow the log of the selected pod"), N_("logs"), "l"},
	[ACTION_PREVIOUS_LOGS] = {"previous-logs", N_("the log from before the last restart"),
		N_("previous"), "p"},
	[ACTION_NEXT_CONTAINER] = {"next-container", N_("the next container of the pod"),
		N_("container"), "N"},
	[ACTION_FOLLOW] = {"follow", N_("follow the end of the log, or stop"), N_("follow"), "f"},
	[ACTION_WRAP] = {"wrap", N_("wrap long lines"), N_("wrap"), "w"},
	[ACTION_REFRESH] = {"refresh", N_("list and probe everything again now"), N_("refresh"),
		"R ctrl-r f5"},
	[ACTION_INCIDENT] = {"incident", N_("show the incident, or open one"), N_("incident"), "i"},
	[ACTION_OPEN] = {"open", N_("open another incident by hand"), "", "O"},
	[ACTION_ACKNOWLEDGE] = {"acknowledge", N_("acknowledge the incident: somebody is on it"),
		N_("acknowledge"), "a"},
	[ACTION_NOTE] = {"note", N_("write a note into the incident"), N_("note"), "n"},
	[ACTION_CHECKLIST] = {"checklist", N_("go to the checklists"), N_("checklist"), "c"},
	[ACTION_LEVEL] = {"level", N_("change the incident's level, with a reason"), N_("level"),
		"L"},
	[ACTION_ROLE] = {"role", N_("say who leads, who writes, who talks to users"), N_("role"),
		"W"},
	[ACTION_STAR] = {"star", N_("star a note, or take its star away"), "", "*"},
	[ACTION_LINK] = {"link", N_("link something: a ticket, a bundle, a chat"), "", "+"},
	[ACTION_EVIDENCE] = {"evidence", N_("keep a piece of evidence with the incident"), "", "E"},
	[ACTION_MITIGATED] = {"mitigated", N_("record that users no longer feel it"), "", "m"},
	[ACTION_RECOVERED] = {"recovered", N_("record that it has recovered"), "", "v"},
	[ACTION_CLOSE] = {"close", N_("close the incident"), N_("close"), "x"},
	[ACTION_REOPEN] = {"reopen", N_("reopen the incident"), N_("reopen"), "o"},
	[ACTION_CHOOSE] = {"choose", N_("make the selected incident the current one"), N_("choose"),
		"."},
	[ACTION_ANSWER] = {"answer", N_("answer what is asked"), N_("answer"), "!"},
	[ACTION_STATUS] = {"status", N_("the status text for the chat, copied"), N_("status"), "y"},
	[ACTION_JOURNAL] = {"journal", N_("show the journal"), N_("journal"), "J"},
	[ACTION_INCIDENTS] = {"incidents", N_("show all incidents"), "", "I"},
	[ACTION_ALERTS] = {"alerts", N_("show the alerts that fire"), "", "A"},
	[ACTION_CLUSTER] = {"cluster", N_("the cluster: servers, sources, availability"), "", "H"},
	[ACTION_RUNBOOKS] = {"runbooks", N_("the runbooks: what can be done about it"),
		N_("runbooks"), "r"},
	[ACTION_START] = {"start", N_("start what is planned"), N_("start"), "e"},
	[ACTION_ABORT] = {"abort", N_("stop the run at its next safe point"), N_("stop"), "X"},
	[ACTION_RESUME] = {"resume", N_("go on with the run that stopped"), N_("go on"), "u"},
	[ACTION_OFFERED] = {"offered", N_("open the runbook that helps here"),
		N_("offered runbook"), "b"},
	[ACTION_FORGIVE] = {"forgive", N_("forgive a debt, with a reason"), N_("forgive"), "F"},
	[ACTION_PALETTE] = {"palette", N_("open the command palette"), N_("command"), ":"},
	[ACTION_HELP] = {"help", N_("show every key"), N_("help"), "? f1"},
	[ACTION_THEME] = {"theme", N_("switch to the next theme"), N_("theme"), "t"},
	[ACTION_SUSPEND] = {"suspend", N_("into the background (fg brings it back)"), "", "ctrl-z"},
	[ACTION_REDRAW] = {"redraw", N_("draw the screen anew"), "", "ctrl-l"},
	[ACTION_QUIT] = {"quit", N_("close the details, or leave k911"), N_("quit"), "q"},
	[ACTION_CLICK] = {"", "", "", ""},
};

struct key_name {
	const char *name, *shown;
	int key;
};

/* The first name of a key is the one that errors use. */
static const struct key_name names[] = {
	{"up", N_("Up"), KEYS_UP},
	{"down", N_("Down"), KEYS_DOWN},
	{"left", N_("Left"), KEYS_LEFT},
	{"right", N_("Right"), KEYS_RIGHT},
	{"page-up", N_("PgUp"), KEYS_PAGE_UP},
	{"page-down", N_("PgDn"), KEYS_PAGE_DOWN},
	{"home", N_("Home"), KEYS_HOME},
	{"end", N_("End"), KEYS_END},
	{"enter", N_("Enter"), KEYS_ENTER},
	{"escape", N_("Esc"), KEYS_ESCAPE},
	{"esc", N_("Esc"), KEYS_ESCAPE},
	{"tab", N_("Tab"), KEYS_TAB},
	{"back-tab", N_("Shift-Tab"), KEYS_BACK_TAB},
	{"shift-tab", N_("Shift-Tab"), KEYS_BACK_TAB},
	{"backspace", N_("Backspace"), KEYS_BACKSPACE},
	{"delete", N_("Del"), KEYS_DELETE},
	{"space", N_("Space"), ' '},
};

#define N_NAMES ((int)(sizeof(names) / sizeof(names[0])))

struct binding {
	int key;
	enum action_id action;
};

struct keymap {
	VEC(struct binding) keys;
};

const char *action_name(enum action_id a)
{
	return a < ACTION_COUNT ? actions[a].name : "";
}

const char *action_title(enum action_id a)
{
	return a < ACTION_COUNT ? actions[a].title : "";
}

const char *action_hint(enum action_id a)
{
	return a < ACTION_COUNT ? actions[a].hint : "";
}

static int read_key(const char *word)
{
	uint32_t ch;
	int64_t n;

	for (int i = 0; i < N_NAMES; i++)
		if (str_eq(names[i].name, word))
			return names[i].key;
	if (str_starts(word, "ctrl-") && strlen(word) == 6 && word[5] >= 'a' && word[5] <= 'z')
		return word[5] - 'a' + 1;
	if (word[0] == 'f' && str_i64(word + 1, &n) && n >= 1 && n <= 12)
		return KEYS_F1 + (int)n - 1;
	if (text_next(word, strlen(word), &ch) == strlen(word) && ch > ' ' && ch != 0x7F &&
		ch != 0xFFFD)
		return (int)ch;
	return KEY_NONE;
}

/* Keys that a terminal cannot tell from others, and the one that always leaves. */
static const char *taken_by(int key)
{
	switch (key) {
	case 'c' & 31:
		return N_("ctrl-c always leaves k911");
	case 'h' & 31:
		return N_("a terminal sends ctrl-h for backspace");
	case 'i' & 31:
		return N_("a terminal sends ctrl-i for tab");
	case 'j' & 31:
	case 'm' & 31:
		return N_("a terminal sends ctrl-j and ctrl-m for enter");
	default:
		return NULL;
	}
}

static const char *key_shown(int key, char dst[16])
{
	for (int i = 0; i < N_NAMES; i++)
		if (names[i].key == key) {
			str_copy(dst, 16, _(names[i].shown));
			return dst;
		}
	if (key >= KEYS_F1 && key <= KEYS_F12) {
		snprintf(dst, 16, "F%d", key - KEYS_F1 + 1);
	} else if (key < ' ') {
		memcpy(dst, "Ctrl-?", 7);
		dst[5] = (char)(key | '@');
	} else {
		dst[text_put(dst, (uint32_t)key)] = '\0';
	}
	return dst;
}

static void unbind(struct keymap *k, enum action_id a)
{
	size_t kept = 0;

	for (size_t i = 0; i < k->keys.len; i++)
		if (k->keys.at[i].action != a)
			k->keys.at[kept++] = k->keys.at[i];
	k->keys.len = kept;
}

static int bad_key(struct err *e, const char *action, const char *word)
{
	const char *near = NEAREST_ROW(word, names, N_NAMES);

	if (near == NULL)
		return err_set(e, ERR_INPUT,
			_("%s: \"%s\" is no key (a character, ctrl-x, f1, page-down ...)"), action,
			word);
	return err_set(
		e, ERR_INPUT, _("%s: \"%s\" is no key: did you mean \"%s\"?"), action, word, near);
}

static int add_keys(struct keymap *k, enum action_id a, const char *keys, struct err *e)
{
	for (const char *p = keys + strspn(keys, " "); *p != '\0'; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		char word[32];
		int key;

		str_copy_n(word, sizeof(word), p, n);
		key = n < sizeof(word) ? read_key(word) : KEY_NONE;
		if (key == KEY_NONE)
			return bad_key(e, actions[a].name, word);
		if (taken_by(key) != NULL)
			return err_set(e, ERR_INPUT, "%s: %s", actions[a].name, _(taken_by(key)));
		*vec_add(&k->keys) = (struct binding){key, a};
		p += n;
	}
	return 0;
}

int keymap_bind(struct keymap *k, const char *action, const char *keys, struct err *e)
{
	const char *near;

	for (int i = 1; i < ACTION_COUNT; i++) {
		if (!str_eq(actions[i].name, action) || action[0] == '\0')
			continue;
		unbind(k, (enum action_id)i);
		return add_keys(k, (enum action_id)i, keys, e);
	}
	near = NEAREST_ROW(action, actions, ACTION_COUNT);
	if (near == NULL)
		return err_set(e, ERR_INPUT,
			_("unknown action \"%s\" (the help, key ?, lists them)"), action);
	return err_set(
		e, ERR_INPUT, _("unknown action \"%s\": did you mean \"%s\"?"), action, near);
}

struct keymap *keymap_new(void)
{
	struct keymap *k = mem_new(struct keymap);

	for (int i = 1; i < ACTION_COUNT; i++)
		add_keys(k, (enum action_id)i, actions[i].keys, NULL);
	return k;
}

void keymap_free(struct keymap *k)
{
	if (k == NULL)
		return;
	vec_done(&k->keys);
	free(k);
}

int keymap_check(const struct keymap *k, struct err *e)
{
	char shown[16];

	for (size_t i = 0; i < k->keys.len; i++)
		for (size_t j = i + 1; j < k->keys.len; j++) {
			if (k->keys.at[i].key != k->keys.at[j].key ||
				k->keys.at[i].action == k->keys.at[j].action)
				continue;
			return err_set(e, ERR_INPUT,
				_("the key %s is taken twice: by \"%s\" and by \"%s\""),
				key_shown(k->keys.at[i].key, shown),
				action_name(k->keys.at[i].action),
				action_name(k->keys.at[j].action));
		}
	if (keymap_first(k, ACTION_QUIT, shown, sizeof(shown))[0] == '\0')
		return err_set(e, ERR_INPUT, _("the action \"quit\" needs a key"));
	return 0;
}

enum action_id keymap_action(const struct keymap *k, int key)
{
	for (size_t i = 0; i < k->keys.len; i++)
		if (k->keys.at[i].key == key)
			return k->keys.at[i].action;
	return ACTION_NONE;
}

static const char *list_keys(
	const struct keymap *k, enum action_id a, size_t most, char *dst, size_t size)
{
	size_t used = 0;

	str_copy(dst, size, "");
	for (size_t i = 0; i < k->keys.len && most > 0; i++) {
		char one[18] = " ";

		if (k->keys.at[i].action != a)
			continue;
		key_shown(k->keys.at[i].key, one + 1);
		str_copy(dst + used, size - used, one + (used == 0));
		used += strlen(dst + used);
		most--;
	}
	return dst;
}

const char *keymap_keys(const struct keymap *k, enum action_id a, char *dst, size_t size)
{
	return list_keys(k, a, SIZE_MAX, dst, size);
}

const char *keymap_first(const struct keymap *k, enum action_id a, char *dst, size_t size)
{
	return list_keys(k, a, 1, dst, size);
}
