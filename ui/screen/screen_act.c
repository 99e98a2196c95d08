/* What a view's answer to an action leads to: a command at once or after a question, another view, a
 * form, a sentence. */
#include "screen_parts.h"

/* What a view has posted, at once or after a question. */
static void post_reply(struct screen *s, struct view_reply *reply, struct instant now)
{
	if (reply->ask != NULL)
		prompt_command(s, reply->ask, reply->command);
	else if (reply->sure[0] != '\0')
		sure_begin(s, reply->sure, reply->command);
	else
		screen_post(s, reply->command, now);
}

bool pane_act(struct screen *s, struct pane *p, const struct action *a, struct instant now)
{
	struct sheet *top = pane_top(p);
	struct view_look look = pane_look(s, p, now);
	struct view_reply reply = {0};

	top->ops->act(top->state, s->now, a, &look, &reply);
	post_reply(s, &reply, now);
	if (reply.say[0] != '\0')
		screen_say(s, NOTICE_INFO, now, "%s", reply.say);
	if (reply.open != NULL && reply.back && p->depth > 1)
		pane_close_top(s, p, now); /* the new one takes its place */
	if (reply.open != NULL)
		pane_open(s, p, reply.open, &reply.args, now);
	else if (reply.back && p->depth > 1)
		pane_close_top(s, p, now);
	if (reply.form[0] != '\0')
		form_begin(s, reply.form, now);
	return reply.handled || reply.open != NULL || reply.back;
}
