/* What `k911 check` prints, compared with saved pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libintl.h>
#include <locale.h>

#include "app/check_report.h"
#include "base/str.h"
#include "help/golden.h"
#include "help/samples.h"
#include "io/json.h"

static const struct {
	const char *suffix, *language;
} languages[] = {{"en", "en"}, {"zh", "zh_CN"}};

static void speak(const char *language)
{
	setenv("LANGUAGE", language, 1);
	setenv("TZ", "UTC", 1);
	setlocale(LC_ALL, "C.UTF-8");
	bindtextdomain("k911", LOCALE_DIR);
	textdomain("k911");
}

static void judge(struct snapshot *s)
{
	const struct impact before = s->impact;

	layer_judge(&s->layers, s->at);
	impact_take(&s->impact, s, NULL, &before);
	severity_judge(&s->verdict, s);
}

static struct snapshot *wiped(void)
{
	struct snapshot *s = sample_healthy();
	struct probe *p = &s->layers.nodes[0].layer[LAYER_ETCD];

	s->etcd.members[0].cluster_id = 0x1234;
	etcd_judge(&s->etcd);
	p->state = PROBE_FAILED;
	str_copy(p->text, sizeof(p->text), "split brain: it answers for another cluster");
	return s;
}

static const struct {
	const char *name;
	struct snapshot *(*make)(void);
	enum check_status overall;
} pages[] = {
	{"healthy", sample_healthy, CHECK_OK},
	{"broken", sample_broken, CHECK_CRITICAL},
	{"stale", sample_stale, CHECK_CRITICAL},
	{"hostile", sample_hostile, CHECK_WARNING},
	{"wiped", wiped, CHECK_CRITICAL},
	{"nothing", sample_nothing, CHECK_UNKNOWN},
};

static void print(struct buf *out, const struct snapshot *s, bool json, bool colour)
{
	struct checks h;

	checks_run(&h, s);
	if (json)
		check_report_json(out, s, &h);
	else
		check_report_text(out, s, &h, colour);
	checks_done(&h);
}

static void test_pages_are_as_saved(void **state)
{
	bool all = true;

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		for (size_t k = 0; k < 2; k++) {
			struct snapshot *s;
			struct buf out;
			char name[80];

			speak(languages[k].language);
			s = pages[i].make();
			judge(s);
			buf_init(&out, 1 << 20);
			print(&out, s, false, false);
			snprintf(name, sizeof(name), "check_%s_%s.txt", pages[i].name,
				languages[k].suffix);
			all = golden_matches(name, buf_text(&out)) && all;
			buf_done(&out);
			snapshot_unref(s);
		}
	}
	speak("en");
	assert_true(all);
}

static void test_documents_are_as_saved(void **state)
{
	bool all = true;

	(void)state;
	speak("en");
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct snapshot *s = pages[i].make();
		struct js *doc;
		struct buf out;
		char name[80];

		judge(s);
		assert_int_equal(checks_overall(s), pages[i].overall);
		buf_init(&out, 1 << 20);
		print(&out, s, true, false);
		snprintf(name, sizeof(name), "check_%s.json", pages[i].name);
		all = golden_matches(name, buf_text(&out)) && all;
		doc = js_parse(buf_text(&out), out.len, NULL);
		assert_non_null(doc);
		assert_string_equal(js_text(doc, "schema"), "k911/check/v1");
		assert_string_equal(js_text(doc, "status"), check_word(pages[i].overall));
		js_free(doc);
		buf_done(&out);
		snapshot_unref(s);
	}
	assert_true(all);
}

/* Every id of the contract is there, whatever is known. */
static void test_every_check_of_the_contract_is_there(void **state)
{
	static const char *const ids[] = {"nodes", "system-pods", "control-plane", "apiserver",
		"etcd", "dns", "resources", "node/m1/kubelet", "node/m3/runtime", "node/w5/kubelet",
		"cni", "disk", "certificates", "clock", "load-balancer"};
	struct snapshot *s = sample_broken();
	struct checks h;

	(void)state;
	judge(s);
	checks_run(&h, s);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		bool there = false;

		for (size_t k = 0; k < h.len; k++)
			there = there || str_eq(h.at[k].id, ids[i]);
		if (!there)
			fail_msg("no check %s", ids[i]);
	}
	checks_done(&h);
	snapshot_unref(s);
}

static void test_colour_is_only_for_terminals(void **state)
{
	struct snapshot *s = sample_hostile();
	struct buf plain, painted;

	(void)state;
	judge(s);
	buf_init(&plain, 1 << 20);
	buf_init(&painted, 1 << 20);
	print(&plain, s, false, false);
	print(&painted, s, false, true);
	assert_null(strchr(buf_text(&plain), '\033'));
	assert_non_null(strstr(buf_text(&painted), "\033[33m"));
	buf_done(&plain);
	buf_done(&painted);
	snapshot_unref(s);
}

static int teardown(void **state)
{
	(void)state;
	samples_done();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_are_as_saved),
		cmocka_unit_test(test_documents_are_as_saved),
		cmocka_unit_test(test_every_check_of_the_contract_is_there),
		cmocka_unit_test(test_colour_is_only_for_terminals),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
