/* The last good state is saved while the disk takes its time: nobody waits, the newest wins. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "io/file.h"
#include "ops/engine/state_keeper.h"

#define SOON_MS 20000

/* This stands in for libc's: what is flushed hangs while it is told to. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool hangs;
	int asked;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void set_disk(bool hangs)
{
	pthread_mutex_lock(&disk.lock);
	disk.hangs = hangs;
	pthread_cond_broadcast(&disk.changed);
	pthread_mutex_unlock(&disk.lock);
}

int fsync(int fd)
{
	pthread_mutex_lock(&disk.lock);
	disk.asked++;
	pthread_cond_broadcast(&disk.changed);
	while (disk.hangs)
		pthread_cond_wait(&disk.changed, &disk.lock);
	pthread_mutex_unlock(&disk.lock);
	return (int)syscall(SYS_fsync, fd);
}

static void wait_until_asked(int n)
{
	pthread_mutex_lock(&disk.lock);
	while (disk.asked < n)
		pthread_cond_wait(&disk.changed, &disk.lock);
	pthread_mutex_unlock(&disk.lock);
}

struct fixture {
	char dir[64];
	char *path;
	struct state_keeper *keeper;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/k911-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->path = str_fmt("%s/state.json", f->dir);
	f->keeper = state_keeper_start(f->path);
	disk.asked = 0;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	rmdir(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *version)
{
	struct saved_state saved = {.at = instant_now(), .snapshot = snapshot_new()};

	str_copy(saved.snapshot->version, sizeof(saved.snapshot->version), version);
	state_keeper_put(f->keeper, &saved);
}

static bool holds(const struct fixture *f, const char *version)
{
	char *text = NULL;
	bool yes = file_read(f->path, 1 << 20, &text, NULL, NULL) == 0 && strstr(text, version);

	free(text);
	return yes;
}

static struct instant later(int64_t ms)
{
	struct instant now = instant_now();

	return (struct instant){now.wall_ms + ms, now.boot_ms + ms};
}

static void test_the_last_state_is_on_the_disk_after_the_end(void **state)
{
	struct fixture *f = *state;

	put(f, "v1.35.1");
	put(f, "v1.35.2");
	assert_true(state_keeper_stop(f->keeper, SOON_MS));
	assert_true(holds(f, "v1.35.2"));
	assert_true(state_keeper_stop(NULL, 0));
}

static void test_a_flush_that_hangs_is_said_and_the_newest_is_saved_after_it(void **state)
{
	struct fixture *f = *state;
	struct keeping k = {0};

	state_keeper_look(f->keeper, later(60000), &k);
	assert_string_equal(k.why, "");
	set_disk(true);
	put(f, "v1.35.1");
	wait_until_asked(1);
	state_keeper_look(f->keeper, later(0), &k);
	assert_string_equal(k.why, ""); /* it is only a moment */
	state_keeper_look(f->keeper, later(60000), &k);
	assert_string_equal(k.why, "the disk does not answer");
	assert_true(instant_age_ms(k.since, later(60000)) >= 60000);
	for (int i = 0; i < 10; i++)
		put(f, "v1.35.2");
	put(f, "v1.35.3");
	set_disk(false);
	assert_true(state_keeper_stop(f->keeper, SOON_MS));
	assert_true(holds(f, "v1.35.3"));
	assert_int_equal(disk.asked, 4); /* two saves: each flushes the file and its directory */
}

static void test_the_end_does_not_wait_for_a_flush_that_hangs(void **state)
{
	struct fixture *f = *state;

	set_disk(true);
	put(f, "v1.35.1");
	wait_until_asked(1);
	assert_false(state_keeper_stop(f->keeper, 10));
	set_disk(false);
	wait_until_asked(2);
	while (!holds(f, "v1.35.1"))
		poll(NULL, 0, 1);
}

static void test_a_save_that_fails_is_said_until_one_succeeds(void **state)
{
	struct fixture *f = *state;
	char *part = str_fmt("%s.part", f->path);
	struct keeping k = {0};

	assert_int_equal(file_make_dirs(part, 0700, NULL), 0); /* in the way */
	put(f, "v1.35.1");
	while (!k.why[0])
		state_keeper_look(f->keeper, later(0), &k);
	assert_non_null(strstr(k.why, "state.json.part"));
	assert_true(k.since.boot_ms > 0);
	rmdir(part);
	put(f, "v1.35.2");
	while (k.why[0])
		state_keeper_look(f->keeper, later(0), &k);
	assert_true(state_keeper_stop(f->keeper, SOON_MS));
	assert_true(holds(f, "v1.35.2"));
	free(part);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_the_last_state_is_on_the_disk_after_the_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_flush_that_hangs_is_said_and_the_newest_is_saved_after_it, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			test_the_end_does_not_wait_for_a_flush_that_hangs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_a_save_that_fails_is_said_until_one_succeeds, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
