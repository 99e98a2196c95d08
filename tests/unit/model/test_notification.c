/* What an alert says, who hears of it, and what makes one transition the same as another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "help/printable.h"
#include "model/notification.h"

#define NOON_MS (INT64_C(1795435200) * 1000) /* 2026-11-23 12:00:00 UTC */

static struct notification an_alert(enum notification_kind kind)
{
	struct notification a;

	notification_init(&a, kind);
	str_copy(a.cluster, sizeof(a.cluster), "prod");
	str_copy(a.incident, sizeof(a.incident), "01HZZZZZZZZZZZZZZZZZZZZZZZ");
	str_copy(a.alias, sizeof(a.alias), "INC-0007");
	str_copy(a.title, sizeof(a.title), "etcd has lost quorum");
	str_copy(a.reasons[a.n_reasons++], sizeof(a.reasons[0]), "2 of 3 members are down: m2, m3");
	str_copy(a.broken, sizeof(a.broken), "etcd on m2");
	str_copy(a.clock, sizeof(a.clock), "respond");
	a.level = LEVEL_P0;
	a.detected_ms = NOON_MS;
	a.at_ms = NOON_MS;
	a.deadline_ms = NOON_MS + 15 * 60000;
	return a;
}

static void test_the_message_says_what_where_and_by_when(void **state)
{
	struct notification a = an_alert(NOTIFICATION_DETECTED);
	char text[NOTIFICATION_TEXT];

	(void)state;
	assert_string_equal(notification_text(&a, text),
		"P0 in prod (INC-0007): etcd has lost quorum\n"
		"- 2 of 3 members are down: m2, m3\n"
		"First broken layer: etcd on m2\n"
		"Detected: 2026-11-23 12:00:00 +0000\n"
		"Acknowledge by: 2026-11-23 12:15:00 +0000");
}

static void assert_headline(const struct notification *a, const char *want)
{
	char text[NOTIFICATION_TEXT];

	assert_string_equal(notification_headline(a, text, sizeof(text)), want);
}

static void test_each_kind_has_its_own_headline(void **state)
{
	struct notification a = an_alert(NOTIFICATION_LEVEL);

	(void)state;
	a.before = LEVEL_P1;
	assert_headline(&a, "P0, was P1, in prod (INC-0007): etcd has lost quorum");
	a.kind = NOTIFICATION_ACKNOWLEDGED;
	assert_headline(&a, "P0 in prod (INC-0007) acknowledged: etcd has lost quorum");
	str_copy(a.who, sizeof(a.who), "alice");
	assert_headline(&a, "P0 in prod (INC-0007) acknowledged by alice: etcd has lost quorum");
	a.kind = NOTIFICATION_WARNING;
	a.percent = 75;
	assert_headline(&a,
		"P0 in prod (INC-0007): 75% of the time to respond is used: etcd has lost quorum");
	a.kind = NOTIFICATION_BREACH;
	assert_headline(
		&a, "P0 in prod (INC-0007): not acknowledged in time: etcd has lost quorum");
	str_copy(a.clock, sizeof(a.clock), "recover");
	assert_headline(&a, "P0 in prod (INC-0007): not recovered in time: etcd has lost quorum");
	a.kind = NOTIFICATION_RECOVERED;
	a.alias[0] = '\0';
	assert_headline(&a, "P0 in prod recovered: etcd has lost quorum");
}

static void test_a_recovery_says_since_when_and_no_old_reasons(void **state)
{
	struct notification a = an_alert(NOTIFICATION_RECOVERED);
	char text[NOTIFICATION_TEXT];

	(void)state;
	a.at_ms = NOON_MS + 90000;
	assert_string_equal(notification_text(&a, text),
		"P0 in prod (INC-0007) recovered: etcd has lost quorum\n"
		"Detected: 2026-11-23 12:00:00 +0000\n"
		"Recovered: 2026-11-23 12:01:30 +0000");
}

static void test_hostile_names_are_made_visible_and_cut_whole(void **state)
{
	struct notification a = an_alert(NOTIFICATION_DETECTED);
	char text[NOTIFICATION_TEXT];

	(void)state;
	memset(a.title, '\x1b', sizeof(a.title) - 1);
	for (a.n_reasons = 0; a.n_reasons < NOTIFICATION_REASONS; a.n_reasons++)
		for (size_t i = 0; i + 3 < sizeof(a.reasons[0]); i += 3)
			memcpy(a.reasons[a.n_reasons] + i, "\xe2\x80\xae", 4); /* U+202E */
	notification_text(&a, text);
	assert_null(strchr(text, '\x1b'));
	assert_null(strstr(text, "\xe2\x80\xae"));
	for (char *nl = text; (nl = strchr(nl, '\n')) != NULL;)
		*nl = ' ';
	assert_true(is_printable(text, sizeof(text)));
}

static void test_one_transition_has_one_key(void **state)
{
	struct notification a = an_alert(NOTIFICATION_WARNING), b = a;
	char x[NOTIFICATION_KEY], y[NOTIFICATION_KEY];

	(void)state;
	a.percent = b.percent = 50;
	b.at_ms += 5000; /* another console saw it a little later, and in other words */
	str_copy(b.title, sizeof(b.title), "etcd is down");
	assert_string_equal(notification_key(&a, x), notification_key(&b, y));
}

static void assert_other_key(const struct notification *a, const struct notification *b)
{
	char x[NOTIFICATION_KEY], y[NOTIFICATION_KEY];

	assert_string_not_equal(notification_key(a, x), notification_key(b, y));
}

static void test_every_other_transition_has_another_key(void **state)
{
	struct notification a = an_alert(NOTIFICATION_WARNING), b;

	(void)state;
	a.percent = 50;
	b = a;
	b.percent = 75;
	assert_other_key(&a, &b);
	b = a;
	str_copy(b.clock, sizeof(b.clock), "recover");
	assert_other_key(&a, &b);
	b = a;
	b.level = LEVEL_P1; /* whose target is another */
	assert_other_key(&a, &b);
	b = a;
	b.serial = 1; /* after it was reopened */
	assert_other_key(&a, &b);
	b = a;
	b.incident[25] = 'A';
	assert_other_key(&a, &b);
	for (int k = 0; k < NOTIFICATION_KINDS; k++) {
		b = a;
		b.kind = (enum notification_kind)k;
		if (b.kind != a.kind)
			assert_other_key(&a, &b);
	}
}

static void test_without_an_incident_the_detection_tells_them_apart(void **state)
{
	struct notification a = an_alert(NOTIFICATION_DETECTED), b;

	(void)state;
	a.incident[0] = '\0';
	b = a;
	b.detected_ms += 1;
	assert_other_key(&a, &b);
	b = a;
	str_copy(b.cluster, sizeof(b.cluster), "stage");
	assert_other_key(&a, &b);
}

static void test_who_was_called_hears_how_it_ends(void **state)
{
	struct notification a = an_alert(NOTIFICATION_LEVEL);
	const unsigned pager = 1u << LEVEL_P0 | 1u << LEVEL_P1;

	(void)state;
	a.level = LEVEL_P2;
	assert_false(notification_concerns(&a, pager));
	a.before = LEVEL_P1;
	assert_true(notification_concerns(&a, pager));
	a.before = LEVEL_NONE;
	a.worst = LEVEL_P0;
	a.kind = NOTIFICATION_RECOVERED;
	assert_true(notification_concerns(&a, pager));
	assert_true(notification_concerns(&a, 1u << LEVEL_P2));
	assert_false(notification_concerns(&a, 1u << LEVEL_P3));
	assert_false(notification_concerns(&a, 0));
}

static void test_kinds_have_names_that_read_back(void **state)
{
	enum notification_kind k;

	(void)state;
	for (int i = 0; i < NOTIFICATION_KINDS; i++) {
		assert_true(notification_kind_parse(
			notification_kind_name((enum notification_kind)i), &k));
		assert_int_equal(k, i);
	}
	assert_false(notification_kind_parse("fire", &k));
	assert_false(notification_kind_parse(NULL, &k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_message_says_what_where_and_by_when),
		cmocka_unit_test(test_each_kind_has_its_own_headline),
		cmocka_unit_test(test_a_recovery_says_since_when_and_no_old_reasons),
		cmocka_unit_test(test_hostile_names_are_made_visible_and_cut_whole),
		cmocka_unit_test(test_one_transition_has_one_key),
		cmocka_unit_test(test_every_other_transition_has_another_key),
		cmocka_unit_test(test_without_an_incident_the_detection_tells_them_apart),
		cmocka_unit_test(test_who_was_called_hears_how_it_ends),
		cmocka_unit_test(test_kinds_have_names_that_read_back),
	};

	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
