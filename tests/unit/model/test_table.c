/* Promises of the table: it behaves as a sorted array whatever is done to it, a share never
 * changes, every row's references are given back, and a chunk nobody else holds is changed where it
 * is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "model/table.h"

struct thing {
	uint32_t key;
	uint32_t value;
	struct rstr *text; /* one for all rows: it counts their copies everywhere */
};

static struct rstr *text; /* begins with its count, of which one is the test's own */

/* References alive, all rows together. */
static int live(void)
{
	return (int)atomic_load((atomic_size_t *)(void *)text) - 1;
}

static int thing_compare(const void *a, const void *b)
{
	uint32_t x = ((const struct thing *)a)->key, y = ((const struct thing *)b)->key;

	return (x > y) - (x < y);
}

static const uint16_t thing_texts[] = {offsetof(struct thing, text)};
static const struct row_ops thing_ops = {
	.size = sizeof(struct thing), .compare = thing_compare, ROW_TEXTS(thing_texts)};

static struct thing thing(uint32_t key, uint32_t value)
{
	return (struct thing){key, value, rstr_ref(text)};
}

#define KEYS   3000
#define SHARES 6

/* The naive twin: is the key there, and with what value. */
struct twin {
	bool has[KEYS];
	uint32_t value[KEYS];
};

static void assert_same(const struct table *t, const struct twin *twin)
{
	struct table_walk w = table_walk(t);
	const struct thing *row;
	size_t n = 0;

	for (uint32_t k = 0; k < KEYS; k++) {
		struct thing key = {k, 0, NULL};
		const struct thing *found = table_find(t, &key);
		if (!twin->has[k]) {
			assert_null(found);
			continue;
		}
		assert_non_null(found);
		assert_int_equal(found->value, twin->value[k]);
		row = table_next(&w);
		assert_non_null(row);
		assert_int_equal(row->key, k);
		row = table_at(t, n);
		assert_non_null(row);
		assert_int_equal(row->key, k);
		n++;
	}
	assert_null(table_next(&w));
	assert_null(table_at(t, n));
	assert_int_equal(table_count(t), n);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* One random operation on both; a quarter of the keys come from a short range so that chunks fill
 * and empty. */
static void step(struct table *t, struct twin *twin, uint64_t *seed, unsigned put_of_10)
{
	uint64_t r = next_random(seed);
	uint32_t k = (uint32_t)((r >> 8) % ((r & 3) == 0 ? 300 : KEYS));
	uint64_t before = table_generation(t);

	if ((r >> 40) % 10 < put_of_10) {
		struct thing row = thing(k, (uint32_t)(r >> 32));
		assert_int_equal(table_put(t, &row), !twin->has[k]);
		twin->has[k] = true;
		twin->value[k] = row.value;
		assert_int_not_equal(table_generation(t), before);
	} else {
		struct thing key = {k, 0, NULL};
		assert_int_equal(table_remove(t, &key), twin->has[k]);
		assert_int_equal(table_generation(t) != before, twin->has[k]);
		twin->has[k] = false;
	}
}

static void test_table_equals_a_sorted_array_whatever_is_done(void **state)
{
	struct table *t = table_new(&thing_ops), *shares[SHARES] = {0};
	struct twin *twin = calloc(1, sizeof(*twin));
	struct twin *twins = calloc(SHARES, sizeof(*twins));
	uint64_t seed = 88172645463325252ULL;

	(void)state;
	for (int round = 0; round < 60; round++) {
		int slot = round % SHARES;
		for (int i = 0; i < 800; i++)
			step(t, twin, &seed, round / 15 % 2 == 0 ? 8 : 2);
		assert_same(t, twin);
		if (shares[slot] != NULL)
			assert_same(shares[slot], &twins[slot]);
		table_free(shares[slot]);
		shares[slot] = round % 7 == 6 ? NULL : table_share(t);
		twins[slot] = *twin;
	}
	for (int i = 0; i < SHARES; i++) {
		if (shares[i] != NULL)
			assert_same(shares[i], &twins[i]);
		table_free(shares[i]);
	}
	table_free(t);
	assert_int_equal(live(), 0);
	free(twins);
	free(twin);
}

static void test_a_share_outlives_its_table(void **state)
{
	struct table *t = table_new(&thing_ops), *share, *second;
	struct thing key = {5, 0, NULL};

	(void)state;
	for (uint32_t k = 0; k < 1000; k++) {
		struct thing row = thing(k, k);
		table_put(t, &row);
	}
	share = table_share(t);
	second = table_share(share);
	table_clear(t);
	assert_int_equal(table_count(t), 0);
	assert_null(table_find(t, &key));
	table_free(t);
	table_free(share);
	assert_int_equal(table_count(second), 1000);
	assert_int_equal(((const struct thing *)table_find(second, &key))->value, 5);
	table_free(second);
	assert_int_equal(live(), 0);
}

static void test_generation_tells_different_contents_apart(void **state)
{
	struct table *a = table_new(&thing_ops), *b = table_new(&thing_ops);
	struct table *share;
	struct thing one = thing(1, 1), other = thing(1, 2);

	(void)state;
	table_put(a, &one);
	share = table_share(a);
	assert_true(table_generation(share) == table_generation(a));
	table_put(b, &other);
	assert_true(table_generation(a) != table_generation(b));
	table_clear(a);
	assert_true(table_generation(share) != table_generation(a));
	table_free(a);
	table_free(b);
	table_free(share);
}

static void test_an_unshared_row_is_changed_in_place(void **state)
{
	struct table *t = table_new(&thing_ops), *share;
	struct thing row = thing(7, 1), key = {7, 0, NULL};
	const void *where;

	(void)state;
	table_put(t, &row);
	where = table_find(t, &key);
	row = thing(7, 2);
	table_put(t, &row);
	assert_ptr_equal(table_find(t, &key), where);
	share = table_share(t);
	row = thing(7, 3);
	table_put(t, &row);
	assert_ptr_not_equal(table_find(t, &key), where);
	assert_ptr_equal(table_find(share, &key), where);
	assert_int_equal(((const struct thing *)where)->value, 2);
	table_free(share);
	table_free(t);
}

static void test_publishing_one_change_copies_one_chunk(void **state)
{
	struct table *t = table_new(&thing_ops), *share;
	struct thing row;
	int before;

	(void)state;
	for (uint32_t k = 0; k < 20000; k++) {
		row = thing(k, k);
		table_put(t, &row);
	}
	share = table_share(t);
	assert_int_equal(live(), 20000); /* a share takes no reference of a row */
	before = live();
	row = thing(10000, 1);
	table_put(t, &row);
	assert_in_range(live() - before, 1, 256);
	table_free(share);
	table_free(t);
	assert_int_equal(live(), 0);
}

/* For the thread sanitizer: readers walk and drop shares while the owner goes on. */
static void *read_share(void *share)
{
	struct table_walk w = table_walk(share);
	const struct thing *row;
	uint32_t last = 0, n = 0;
	bool wrong = false;

	while ((row = table_next(&w)) != NULL) {
		wrong = wrong || (n++ > 0 && row->key <= last);
		last = row->key;
	}
	wrong = wrong || n != table_count(share);
	table_free(share);
	return wrong ? text : NULL;
}

static void test_readers_on_other_threads_see_their_moment(void **state)
{
	struct table *t = table_new(&thing_ops);
	uint64_t seed = 42;

	(void)state;
	for (int round = 0; round < 40; round++) {
		pthread_t readers[2];
		void *wrong;
		for (int i = 0; i < 2; i++)
			assert_int_equal(
				pthread_create(&readers[i], NULL, read_share, table_share(t)), 0);
		for (int i = 0; i < 300; i++) {
			struct thing row = thing((uint32_t)(next_random(&seed) % KEYS), 0);
			table_put(t, &row);
		}
		for (int i = 0; i < 2; i++) {
			pthread_join(readers[i], &wrong);
			assert_null(wrong);
		}
	}
	table_free(t);
	assert_int_equal(live(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_equals_a_sorted_array_whatever_is_done),
		cmocka_unit_test(test_a_share_outlives_its_table),
		cmocka_unit_test(test_generation_tells_different_contents_apart),
		cmocka_unit_test(test_an_unshared_row_is_changed_in_place),
		cmocka_unit_test(test_publishing_one_change_copies_one_chunk),
		cmocka_unit_test(test_readers_on_other_threads_see_their_moment),
	};

	int failed;

	text = rstr_new("", 0);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rstr_unref(text);
	return failed;
}
