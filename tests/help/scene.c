/* Deeds on a made-up node. */
#include "help/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

const char scene_config[] =
	"global\n  stats socket /run/haproxy/admin.sock\nbackend masters\n  option tcp-check\n"
	"  server m1 10.0.0.1:6443 check\n\tserver m2  10.0.0.2:6443 check # second\n"
	"  server m3 10.0.0.3:6443 check disabled\nbackend others\n  server m1 10.0.0.1:80\n";

void scene_open(struct scene *s, int shell)
{
	memset(s, 0, sizeof(*s));
	node_answer_init(&s->a);
	node_root_open(&s->root, shell);
	node_root_unit(&s->root, "kubelet.service", 0);
	node_root_unit(&s->root, "containerd.service", 0);
	node_root_unit(&s->root, "haproxy.service", 0);
	node_root_put(&s->root, SCENE_API, SCENE_POD("kube-apiserver"));
	node_root_put(&s->root, "/etc/kubernetes/manifests/etcd.yaml", SCENE_POD("etcd"));
	node_root_put(&s->root, SCENE_CONFIG, scene_config);
	node_root_put(&s->root, "running.cfg", scene_config);
}

void scene_close(struct scene *s)
{
	node_root_close(&s->root);
	node_answer_done(&s->a);
}

enum node_exit scene_does(struct scene *s, const char *deed, const struct node_words *w)
{
	const struct node_deed *d = node_deed_find(deed);

	assert_non_null(d);
	err_clear(&s->e);
	if (node_deed_do(&s->root.call, d, w, &s->a, &s->e) != 0 && s->a.exit == NODE_DONE)
		fail_msg("%s: %s", deed, s->e.text);
	return s->a.exit;
}

bool scene_done(struct scene *s, const char *deed, const struct node_words *w)
{
	bool done;

	if (node_deed_done(&s->root.call, node_deed_find(deed), w, &done, &s->a, &s->e) != 0)
		fail_msg("%s: %s", deed, s->e.text);
	return done;
}

void scene_expect(struct scene *s, enum node_exit wanted, enum node_exit is)
{
	if (is != wanted)
		fail_msg("%d, not %d: %s\n%s", (int)is, (int)wanted, s->e.text,
			buf_text(&s->a.text));
}

char *scene_said(const struct scene *s, const char *key)
{
	static char values[2][400];
	static int at;

	at = !at;
	node_answer_get(&s->a, key, values[at], sizeof(values[at]));
	return values[at];
}

void scene_file(const struct scene *s, const char *path, const char *text)
{
	char *is = node_root_get(&s->root, path);

	if (text == NULL)
		assert_null(is);
	else
		assert_string_equal(is != NULL ? is : "(not there)", text);
	free(is);
}
