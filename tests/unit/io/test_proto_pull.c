/* A table reads what it names and steps over the rest; and whatever is wrong with the bytes,
 * nothing is read past them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/proto_pull.h"

struct thing {
	struct json_span name;
	int64_t count;
	bool ready;
	int64_t inner;
	int parts;
	struct part {
		int64_t n;
	} last_part;
};

static const struct field part_fields[] = {
	FIELD(INT, "n", 1, struct part, n),
	FIELDS_END,
};

static void count_part(void *into)
{
	((struct thing *)into)->parts++;
}

static const struct field inner_fields[] = {
	FIELD(INT, "inner", 7, struct thing, inner),
	FIELDS_END,
};

static const struct field fields[] = {
	FIELD(STR, "name", 1, struct thing, name),
	FIELD(INT, "count", 2, struct thing, count),
	FIELD(BOOL, "ready", 3, struct thing, ready),
	FIELD_INSIDE("inner", 4, inner_fields),
	FIELD_EACH("parts", 20, struct thing, last_part, part_fields, count_part),
	FIELDS_END,
};

#define READ(bytes, t) read_exactly(bytes, sizeof(bytes) - 1, t)

/* From memory of its own size, so that asan sees an overrun. 0 or -1 as proto_pull_end. */
static int read_exactly(const char *bytes, size_t n, struct thing *t)
{
	char *own = mem_dup(bytes, n);
	struct proto_pull p;
	char name[32];
	struct err e;
	int rc;

	memset(t, 0, sizeof(*t));
	proto_pull_init(&p, own, n);
	proto_pull_fields(&p, fields, t);
	rc = proto_pull_end(&p, &e);
	assert_int_equal(rc == 0, p.bad == NULL);
	if (rc != 0)
		assert_int_equal(e.code, ERR_INPUT);
	json_span_copy(t->name, name, sizeof(name));
	free(own);
	return rc;
}

static void test_a_table_reads_what_it_names(void **state)
{
	struct thing t;

	(void)state;
	assert_int_equal(READ("\x0a\x02"
			      "ab"
			      "\x10\x96\x01"
			      "\x18\x01"
			      "\x22\x02\x38\x05"
			      "\xa2\x01\x02\x08\x07"
			      "\xa2\x01\x02\x08\x09",
				 &t),
		0);
	assert_int_equal(t.name.n, 2);
	assert_false(t.name.escaped);
	assert_int_equal(t.count, 150);
	assert_true(t.ready);
	assert_int_equal(t.inner, 5);
	assert_int_equal(t.parts, 2);
	assert_int_equal(t.last_part.n, 9);
	assert_int_equal(READ("\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", &t), 0);
	assert_int_equal(t.count, -1);
}

static void test_what_nobody_asked_for_is_stepped_over(void **state)
{
	struct thing t;

	(void)state;
	assert_int_equal(READ("\x28\x01"
			      "\x31"
			      "12345678"
			      "\x3a\x03"
			      "xyz"
			      "\x45"
			      "1234"
			      "\x10\x02",
				 &t),
		0);
	assert_int_equal(t.count, 2);
	/* a number where a string is due, and the other way round */
	assert_int_equal(READ("\x08\x01"
			      "\x12\x01"
			      "z"
			      "\x18\x01",
				 &t),
		0);
	assert_null(t.name.at);
	assert_int_equal(t.count, 0);
	assert_true(t.ready);
}

static void test_an_empty_string_is_none_and_an_empty_message_is_one(void **state)
{
	struct thing t;

	(void)state;
	assert_int_equal(READ("\x0a\x00"
			      "\xa2\x01\x00",
				 &t),
		0);
	assert_null(t.name.at);
	assert_int_equal(t.parts, 1);
	assert_int_equal(t.last_part.n, 0);
	assert_int_equal(READ("", &t), 0);
}

static void test_what_reaches_past_its_end_is_malformed(void **state)
{
	struct thing t;

	(void)state;
	assert_int_equal(READ("\x0a\x03"
			      "ab",
				 &t),
		-1); /* a string */
	assert_int_equal(READ("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", &t), -1);
	assert_int_equal(READ("\x10\x96", &t), -1); /* a varint */
	assert_int_equal(READ("\x10", &t), -1);
	assert_int_equal(READ("\x31"
			      "1234567",
				 &t),
		-1); /* eight bytes */
	assert_int_equal(READ("\x45"
			      "123",
				 &t),
		-1); /* four */
	assert_int_equal(READ("\x22\x01\x38"
			      "\x10\x02",
				 &t),
		-1); /* inside a message */
	assert_int_equal(t.count, 0);
	assert_int_equal(READ("\xa2\x01\x02\x08\x80"
			      "\x10\x02",
				 &t),
		-1);
	assert_int_equal(t.parts, 0);
	assert_int_equal(t.count, 0);
}

static void test_what_no_field_can_be_is_malformed(void **state)
{
	struct thing t;

	(void)state;
	assert_int_equal(READ("\x00\x01", &t), -1); /* number 0 */
	assert_int_equal(READ("\x0b\x0c", &t), -1); /* a group */
	assert_int_equal(READ("\x0e", &t), -1);     /* wire type 6 */
	assert_int_equal(READ("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", &t), -1);
	assert_int_equal(READ("\x82\x80\x80\x80\x80\x01\x00", &t), -1); /* number 2^32 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_table_reads_what_it_names),
		cmocka_unit_test(test_what_nobody_asked_for_is_stepped_over),
		cmocka_unit_test(test_an_empty_string_is_none_and_an_empty_message_is_one),
		cmocka_unit_test(test_what_reaches_past_its_end_is_malformed),
		cmocka_unit_test(test_what_no_field_can_be_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
