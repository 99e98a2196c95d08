/* Why the readers of lists are written by hand: what a list of 5,000 pods costs them, counted in
 * allocations and bytes beside jansson's tree of the same bytes. Linked with --wrap, so that every
 * allocation of ours is counted here; jansson counts its own through its hooks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/intern.h"
#include "base/pack.h"
#include "cluster/kube_decode.h"
#include "io/file.h"
#include "io/json_items.h"
#include "model/pod.h"

enum { PODS = 5000, CHUNK = 16384, LIST_MAX = 64 << 20 };

static struct cost {
	size_t calls, bytes;
} ours, theirs;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static void count(struct cost *c, size_t bytes)
{
	c->calls++;
	c->bytes += bytes;
}

void *__wrap_malloc(size_t n)
{
	count(&ours, n);
	return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	count(&ours, n * size);
	return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	count(&ours, n);
	return __real_realloc(p, n);
}

static void *their_malloc(size_t n)
{
	count(&theirs, n);
	return __real_malloc(n);
}

struct reading {
	struct intern *names;
	size_t n;
};

static int on_pod(void *arg, const char *bytes, size_t n)
{
	struct reading *r = arg;
	struct system_pod_row row;

	assert_int_equal(
		pod_decode((struct json_span){.at = bytes, .n = n}, r->names, &row, NULL), 0);
	pack_unref(row.detail);
	r->n++;
	return 0;
}

static int copy_pod(void *arg, const char *bytes, size_t n)
{
	struct buf *to = arg;

	buf_add(to, bytes, n);
	return buf_putc(to, ',');
}

static int pass_over(void *arg, const char *bytes, size_t n)
{
	(void)arg, (void)bytes, (void)n;
	return 0;
}

static void read_list(
	const char *text, size_t n, int (*item)(void *, const char *, size_t), void *arg)
{
	const struct json_items_calls calls = {.item = item, .rest = pass_over};
	struct json_items *items = json_items_new(JSON_ITEMS_LIST, 1 << 20, &calls, arg);

	for (size_t at = 0; at < n; at += CHUNK)
		assert_int_equal(
			json_items_feed(items, text + at, n - at < CHUNK ? n - at : CHUNK, NULL),
			0);
	assert_int_equal(json_items_end(items, NULL), 0);
	json_items_free(items);
}

/* The recorded pods of a real API server, over and over. */
static void make_list(struct buf *list)
{
	struct buf pods;
	char *text;
	size_t n, some;

	assert_int_equal(file_read("tests/unit/cluster/pods.json", 1 << 20, &text, &n, NULL), 0);
	buf_init(&pods, 1 << 20);
	read_list(text, n, copy_pod, &pods);
	some = 0;
	for (const char *at = buf_text(&pods); (at = strstr(at, "\"spec\":{")) != NULL; at++)
		some++;
	assert_true(some > 0);
	buf_puts(
		list, "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[");
	for (size_t i = 0; i < PODS; i += some)
		buf_add(list, pods.at, pods.len);
	list->at[list->len - 1] = ']';
	buf_putc(list, '}');
	assert_false(list->over);
	buf_done(&pods);
	free(text);
}

static void test_a_large_list_costs_a_fraction_of_a_tree(void **state)
{
	struct reading r = {.names = intern_new(64u << 20)};
	struct buf list;
	json_t *tree;

	(void)state;
	buf_init(&list, LIST_MAX);
	make_list(&list);
	ours = (struct cost){0};
	read_list(list.at, list.len, on_pod, &r);
	assert_true(r.n >= PODS);
	json_set_alloc_funcs(their_malloc, free);
	tree = json_loadb(list.at, list.len, 0, NULL);
	assert_non_null(tree);
	assert_int_equal(json_array_size(json_object_get(tree, "items")), r.n);
	json_decref(tree);
	print_message("a pod: %zu allocations and %zu bytes here, %zu and %zu in a tree\n",
		ours.calls / r.n, ours.bytes / r.n, theirs.calls / r.n, theirs.bytes / r.n);
	assert_true(ours.calls > 0); /* the hooks are there */
	assert_true(ours.calls * 20 < theirs.calls);
	assert_true(ours.bytes * 15 < theirs.bytes);
	intern_unref(r.names);
	buf_done(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_large_list_costs_a_fraction_of_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
