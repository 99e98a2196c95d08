/* Lines the operator types: the filter, which works while it is typed, and the editing both it and
 * the palette use. */
#include <string.h>

#include "base/text.h"
#include "screen_parts.h"

/* Where the last character of text begins. */
static size_t last_character(const char *text, size_t len)
{
	if (len > 0)
		len--;
	while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
		len--;
	return len;
}

static void drop_word(char *text, size_t len)
{
	while (len > 0 && text[len - 1] == ' ')
		len--;
	while (len > 0 && text[len - 1] != ' ')
		len--;
	text[len] = '\0';
}

static enum input_end type(char text[INPUT_BYTES], size_t len, uint32_t ch)
{
	char bytes[4];
	size_t n = text_put(bytes, ch);

	if (text_char_width(ch) < 0)
		return INPUT_IGNORED;
	if (len + n >= INPUT_BYTES)
		return INPUT_EDITED;
	memcpy(text + len, bytes, n);
	text[len + n] = '\0';
	return INPUT_EDITED;
}

enum input_end input_key(char text[INPUT_BYTES], int key)
{
	size_t len = strlen(text);

	switch (key) {
	case KEYS_ENTER:
		return INPUT_ACCEPTED;
	case KEYS_ESCAPE:
		return INPUT_CANCELLED;
	case KEYS_BACKSPACE:
		if (len == 0)
			return INPUT_CANCELLED;
		text[last_character(text, len)] = '\0';
		return INPUT_EDITED;
	case 'U' & 31:
		text[0] = '\0';
		return INPUT_EDITED;
	case 'W' & 31:
		drop_word(text, len);
		return INPUT_EDITED;
	default:
		return key >= ' ' && key < KEYS_SPECIAL ? type(text, len, (uint32_t)key)
							: INPUT_IGNORED;
	}
}

/* The end of what is typed is where one types: what does not fit is left out at the beginning. */
void input_paint(struct screen *s, struct canvas *all, const char *question)
{
	struct canvas bottom = canvas_area(all, all->height - 1, 0, 1, all->width), *line = &bottom;
	bool bad = s->wrong[0] != '\0';
	const char *text = s->input;
	int at = 1;

	canvas_fill(line, 0, 0, line->width, ROLE_INPUT, ' ');
	at += canvas_fmt(line, 0, at, line->width - 20, bad ? ROLE_BAD : ROLE_KEY,
		      "%s:", bad ? s->wrong : question) +
	      1;
	while (*text != '\0' && text_width(text) > line->width - at - 1) {
		uint32_t skipped;

		text += text_next(text, strlen(text), &skipped);
	}
	at += canvas_put(line, 0, at, line->width - at - 1, ROLE_INPUT, text);
	canvas_attr(line, 0, at, 1, CELL_REVERSE, true);
}

void filter_begin(struct screen *s)
{
	s->mode = MODE_FILTER;
}

enum action_id filter_key(struct screen *s, int key, struct instant now)
{
	char *text = pane_top(screen_focused(s))->filter;
	enum action_id other = keymap_action(s->keymap, key);

	(void)now;
	switch (input_key(text, key)) {
	case INPUT_EDITED:
		break;
	case INPUT_ACCEPTED:
		s->mode = MODE_VIEWS;
		break;
	case INPUT_CANCELLED:
		text[0] = '\0';
		s->mode = MODE_VIEWS;
		break;
	case INPUT_IGNORED:
		/* The arrows still move in what is left; anything else ends the typing. */
		if (other > ACTION_RIGHT)
			s->mode = MODE_VIEWS;
		return other;
	}
	return ACTION_NONE;
}
