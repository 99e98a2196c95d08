/* One table reads the same of an object in JSON and in protobuf, whatever its rows ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/fields.h"

struct part {
	struct json_span name;
};

struct thing {
	struct json_span name, when, size, memory, app;
	int64_t count, entries;
	bool ready, unsure;
	struct maybe {
		bool there;
		int64_t code;
	} maybe;
	FIELD_VEC(struct field_pair) labels;
	FIELD_VEC(struct part) parts;
	FIELD_VEC(struct json_span) words;
	struct part part;
	int given;
};

static void count(void *into)
{
	((struct thing *)into)->given++;
}

static const struct field part_fields[] = {
	FIELD(STR, "name", 1, struct part, name),
	FIELDS_END,
};
static const struct field maybe_fields[] = {
	FIELD(INT, "code", 1, struct maybe, code),
	FIELDS_END,
};
static const struct field capacity_fields[] = {
	FIELD(QUANTITY, "memory", 0, struct thing, memory),
	FIELDS_END,
};
static const struct field known_fields[] = {
	FIELD(STR, "app", 0, struct thing, app),
	FIELDS_END,
};
static const struct field inner_fields[] = {
	FIELD(INT, "count", 1, struct thing, count),
	FIELDS_END,
};
static const struct field fields[] = {
	FIELD(STR, "name", 1, struct thing, name),
	FIELD(TIME, "when", 2, struct thing, when),
	FIELD(QUANTITY, "size", 3, struct thing, size),
	FIELD(BOOL, "ready", 4, struct thing, ready),
	FIELD(FALSE, "sure", 5, struct thing, unsure),
	FIELD_INSIDE("inner", 6, inner_fields),
	FIELD_OPTIONAL("maybe", 7, struct thing, maybe, maybe_fields),
	FIELD_MAP("capacity", 8, capacity_fields),
	FIELD_MAP("known", 9, known_fields),
	FIELD(COUNT, "selector", 10, struct thing, entries),
	FIELD_PAIRS("labels", 11, struct thing, labels),
	FIELD_LIST("parts", 12, struct thing, parts, part_fields),
	FIELD_LIST("words", 13, struct thing, words, NULL),
	FIELD_EACH("given", 14, struct thing, part, part_fields, count),
	FIELDS_END,
};

static const char json[] =
	"{\"name\":\"a\",\"when\":\"2026-01-01T00:00:00Z\",\"size\":\"1Gi\",\"ready\":true,"
	"\"sure\":"
	"false,\"inner\":{\"count\":3},\"maybe\":{},\"capacity\":{\"cpu\":\"2\",\"memory\":\"8Gi\"}"
	","
	"\"known\":{\"x\":\"y\",\"app\":\"web\"},\"selector\":{\"a\":\"\",\"b\":\"c\"},\"labels\":{"
	"\"k\":\"v\",\"e\":\"\"},\"parts\":[{\"name\":\"p\"},{\"name\":\"q\"}],\"words\":[\"one\","
	"\"two\"],\"given\":[{\"name\":\"g\"},{}]}";
static const char proto[] = "\x0a\x01"
			    "a\x12\x02\x08\x05\x1a\x05\x0a\x03"
			    "1Gi\x20\x01\x28\x00\x32\x02\x08\x03\x3a\x00"
			    "\x42\x0a\x0a\x03"
			    "cpu\x12\x03\x0a\x01"
			    "2\x42\x0f\x0a\x06memory\x12\x05\x0a\x03"
			    "8Gi\x4a\x06\x0a\x01x\x12\x01y\x4a\x0a\x0a\x03"
			    "app\x12\x03web\x52\x03\x0a\x01"
			    "a\x52\x06\x0a\x01"
			    "b\x12\x01"
			    "c\x5a\x06\x0a\x01k\x12\x01v\x5a\x03\x0a\x01"
			    "e\x62\x03\x0a\x01p\x62\x03\x0a\x01q\x6a\x03one\x6a\x03two"
			    "\x72\x03\x0a\x01g\x72\x00";

static void check(const struct thing *t)
{
	assert_true(json_span_is(t->name, "a"));
	assert_non_null(t->when.at);
	assert_true(json_span_is(t->size, "1Gi"));
	assert_true(t->ready && t->unsure && t->maybe.there);
	assert_int_equal(t->count, 3);
	assert_true(json_span_is(t->memory, "8Gi"));
	assert_true(json_span_is(t->app, "web"));
	assert_int_equal(t->entries, 2);
	assert_int_equal(t->labels.len, 2);
	assert_true(json_span_is(t->labels.at[0].value, "v"));
	assert_true(json_span_is(t->labels.at[1].key, "e"));
	assert_true(json_span_is(t->labels.at[1].value, ""));
	assert_int_equal(t->parts.len, 2);
	assert_true(json_span_is(t->parts.at[1].name, "q"));
	assert_int_equal(t->words.len, 2);
	assert_true(json_span_is(t->words.at[1], "two"));
	assert_int_equal(t->given, 2);
	assert_null(t->part.name.at); /* the second had none */
}

static void done(struct thing *t)
{
	vec_done(&t->labels);
	vec_done(&t->parts);
	vec_done(&t->words);
}

static struct json_span object(bool in_proto, size_t n)
{
	return (struct json_span){.at = in_proto ? proto : json, .n = n, .proto = in_proto};
}

static void test_one_table_reads_both_encodings(void **state)
{
	(void)state;
	for (int in_proto = 0; in_proto < 2; in_proto++) {
		struct thing t = {.count = 0};

		assert_int_equal(fields_read(object(in_proto, in_proto ? sizeof(proto) - 1
								       : sizeof(json) - 1),
					 fields, &t, NULL),
			0);
		check(&t);
		assert_int_equal(t.when.proto, in_proto);
		done(&t);
	}
}

static void test_what_breaks_off_is_malformed(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(json) - 1; n++) {
		struct thing t = {.count = 0};

		assert_int_equal(fields_read(object(false, n), fields, &t, NULL), -1);
		done(&t);
	}
	for (size_t n = 0; n < sizeof(proto) - 1; n++) {
		char *own = malloc(n + 1); /* of its own, so that a sanitizer sees an overrun */
		struct thing t = {.count = 0};

		memcpy(own, proto, n);
		fields_read((struct json_span){.at = own, .n = n, .proto = true}, fields, &t, NULL);
		assert_true(t.given < 2);
		done(&t);
		free(own);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_table_reads_both_encodings),
		cmocka_unit_test(test_what_breaks_off_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
