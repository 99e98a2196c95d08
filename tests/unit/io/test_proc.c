/* Children run as asked, end when they must, and inherit nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/proc.h"

#define SH(script) ((const char *const[]){"sh", "-c", script, NULL})

static struct proc_request request(const char *const *argv)
{
	return (struct proc_request){
		.argv = argv, .cancel_fd = -1, .timeout_ms = 20000, .max_out = 1 << 20};
}

static void assert_gone(const char *pid_text)
{
	int64_t until = instant_now().boot_ms + 10000;
	int64_t pid = 0;
	char *text = mem_str(pid_text);

	text[strcspn(text, "\n")] = '\0';
	assert_true(str_i64(text, &pid));
	free(text);
	while (kill((pid_t)pid, 0) == 0 && instant_now().boot_ms < until)
		poll(NULL, 0, 10);
	assert_int_equal(kill((pid_t)pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void test_output_and_exit_code_come_back(void **state)
{
	struct proc_request r = request(SH("echo out; echo err >&2; exit 7"));
	struct proc_result result;
	struct err e;

	(void)state;
	assert_int_equal(proc_run(&r, &result, &e), 0);
	assert_int_equal(result.exit_code, 7);
	assert_int_equal(result.signal, 0);
	assert_string_equal(buf_text(&result.out), "out\n");
	assert_string_equal(buf_text(&result.err), "err\n");
	proc_result_done(&result);
}

static void test_input_is_written_however_large(void **state)
{
	struct proc_request r = request(SH("wc -c"));
	struct proc_result result;
	struct err e;
	char *in = mem_zero(3 << 20, 1);

	(void)state;
	r.in = in;
	r.in_bytes = 3 << 20;
	assert_int_equal(proc_run(&r, &result, &e), 0);
	assert_string_equal(buf_text(&result.out), "3145728\n");
	proc_result_done(&result);
	r.argv = SH("exec 0<&-; echo enough"); /* closes its input: no SIGPIPE for us */
	assert_int_equal(proc_run(&r, &result, &e), 0);
	assert_string_equal(buf_text(&result.out), "enough\n");
	proc_result_done(&result);
	r.argv = SH("cat");
	assert_int_equal(proc_run(&r, &result, &e), 0);
	assert_int_equal(result.out.len, 1 << 20);
	assert_true(result.out.over);
	proc_result_done(&result);
	free(in);
	r.in = NULL;
	assert_int_equal(proc_run(&r, &result, &e), 0); /* /dev/null */
	assert_int_equal(result.out.len, 0);
	proc_result_done(&result);
}

struct drops {
	size_t left; /* bytes yet to come */
	bool breaks; /* then: an error instead of an end */
};

static ssize_t drip(void *arg, void *bytes, size_t n)
{
	struct drops *d = arg;

	if (d->left == 0)
		return d->breaks ? -1 : 0;
	if (n > d->left)
		n = d->left;
	memset(bytes, 'x', n);
	d->left -= n;
	return (ssize_t)n;
}

static void test_input_comes_from_a_source_and_ends_with_it(void **state)
{
	struct drops d = {.left = 5000001};
	const struct proc_source source = {drip, &d};
	struct proc_request r = request(SH("wc -c"));
	struct proc_result result;
	struct err e;

	(void)state;
	r.source = &source;
	assert_int_equal(proc_run(&r, &result, &e), 0);
	assert_string_equal(buf_text(&result.out), "5000001\n");
	proc_result_done(&result);
	d = (struct drops){.left = 70000, .breaks = true};
	r.argv = SH("cat >/dev/null; sleep 60");
	assert_int_equal(proc_run(&r, &result, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	proc_result_done(&result);
}

static void test_nothing_is_inherited_but_the_environment_as_asked(void **state)
{
	const char *const env[] = {"K911_ADDED=1", "K911_CHANGED=new", NULL};
	const char *const unset[] = {"K911_REMOVED", NULL};
	struct proc_request r =
		request(SH("ls /proc/self/fd | tr '\\n' ' '; echo;"
			   " while read k v; do case $k in SigBlk:|SigIgn:) echo $k $((0x$v & "
			   "0x7fffffff));; esac;"
			   " done </proc/self/status;" /* glibc keeps 32 and 33 for itself */
			   " echo \"$K911_ADDED $K911_CHANGED ${K911_REMOVED-gone} $K911_KEPT\";"
			   " awk '{print ($1==$6)}' /proc/$$/stat"));
	struct proc_result result;
	sigset_t all, mask;
	struct err e;
	int leak = dup(1);

	(void)state;
	setenv("K911_CHANGED", "old", 1);
	setenv("K911_REMOVED", "here", 1);
	setenv("K911_KEPT", "kept", 1);
	r.env = env;
	r.env_unset = unset;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	assert_int_equal(proc_run(&r, &result, &e), 0);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	assert_string_equal(
		buf_text(&result.out), "0 1 2 3 \nSigBlk: 0\nSigIgn: 0\n1 new gone kept\n1\n");
	proc_result_done(&result);
	close(leak);
}

static void test_a_missing_program_is_named(void **state)
{
	const char *const argv[] = {"no-such-program-of-k911", NULL};
	struct proc_request r = request(argv);
	struct proc_result result;
	struct err e;

	(void)state;
	assert_int_equal(proc_run(&r, &result, &e), -1);
	assert_int_equal(e.code, ERR_MISSING);
	assert_non_null(strstr(e.text, "no-such-program-of-k911"));
	proc_result_done(&result);
}

static void test_a_timeout_ends_the_whole_session(void **state)
{
	struct proc_request r =
		request(SH("sleep 1000 & echo $!; trap '' TERM; wait; wait; sleep 1000"));
	struct proc_result result;
	struct err e;

	(void)state;
	r.timeout_ms = 200;
	assert_int_equal(proc_run(&r, &result, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_non_null(strstr(e.text, "0.2 s"));
	assert_int_equal(result.exit_code, -1);
	assert_int_equal(result.signal, SIGKILL);
	assert_gone(buf_text(&result.out));
	proc_result_done(&result);
}

/* There is always something to read: reading must end even so. */
static void test_a_child_that_never_stops_writing_meets_its_deadline(void **state)
{
	struct proc_request r = request(SH("cat /dev/zero & cat /dev/zero >&2 & cat /dev/zero"));
	struct proc_result result;
	struct err e;

	(void)state;
	r.timeout_ms = 200;
	assert_int_equal(proc_run(&r, &result, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_true(result.out.over);
	proc_result_done(&result);
}

/* What was streamed: nothing of it is kept. */
struct streamed {
	size_t out, err, largest;
	size_t most_heap; /* ever in use meanwhile */
	size_t enough;    /* of out; 0: all is wanted */
	char first[32];
};

static int count_out(void *arg, const char *bytes, size_t n)
{
	struct streamed *s = arg;
	size_t heap = mallinfo2().uordblks;

	if (s->out == 0)
		str_copy_n(s->first, sizeof(s->first), bytes, strcspn(bytes, "\n"));
	s->out += n;
	s->largest = n > s->largest ? n : s->largest;
	s->most_heap = heap > s->most_heap ? heap : s->most_heap;
	return s->enough > 0 && s->out >= s->enough ? -1 : 0;
}

static int count_err(void *arg, const char *bytes, size_t n)
{
	struct streamed *s = arg;

	(void)bytes;
	s->err += n;
	return 0;
}

static void test_a_stream_is_told_in_chunks_and_kept_nowhere(void **state)
{
	struct proc_request r =
		request(SH("echo begun; head -c 33554432 /dev/zero; echo err >&2; exit 3"));
	struct streamed s = {0};
	const struct proc_calls calls = {count_out, count_err, &s};
	size_t before = mallinfo2().uordblks;
	struct proc_end end;
	struct err e;

	(void)state;
	assert_int_equal(proc_stream(&r, &calls, &end, &e), 0);
	assert_int_equal(end.exit_code, 3);
	assert_int_equal(s.out, 6 + 33554432);
	assert_int_equal(s.err, 4);
	assert_true(s.largest <= 65536);
	assert_true(s.most_heap < before + (1 << 20));
	assert_string_equal(s.first, "begun");
}

static void test_a_stream_that_nobody_wants_ends_its_child(void **state)
{
	struct proc_request r = request(SH("echo $$; exec cat /dev/zero"));
	struct streamed s = {.enough = 1 << 20};
	const struct proc_calls calls = {count_out, NULL, &s};
	struct proc_end end;
	struct err e;

	(void)state;
	assert_int_equal(proc_stream(&r, &calls, &end, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_true(s.out < (1 << 20) + 65536); /* not a call more */
	assert_gone(s.first);
}

static void test_a_stream_meets_its_deadline_and_its_cancel(void **state)
{
	struct proc_request r = request(SH("exec cat /dev/zero"));
	struct streamed s = {0};
	const struct proc_calls calls = {count_out, count_err, &s};
	struct proc_end end;
	struct err e;
	int ends[2];

	(void)state;
	r.timeout_ms = 200;
	assert_int_equal(proc_stream(&r, &calls, &end, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	r.timeout_ms = 20000;
	r.cancel_fd = ends[0];
	assert_int_equal(proc_stream(&r, &calls, &end, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	close(ends[0]);
	close(ends[1]);
}

static void test_a_polite_child_is_not_killed(void **state)
{
	struct proc_request r = request(
		SH("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done"));
	struct proc_result result;
	struct err e;

	(void)state;
	r.timeout_ms = 300;
	assert_int_equal(proc_run(&r, &result, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_int_equal(result.exit_code, 3);
	assert_string_equal(buf_text(&result.out), "ready\nbye\n");
	proc_result_done(&result);
}

static void test_a_cancel_ends_it(void **state)
{
	struct proc_request r = request(SH("sleep 1000"));
	struct proc_result result;
	struct err e;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	r.cancel_fd = ends[0];
	assert_int_equal(proc_run(&r, &result, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(result.signal, SIGTERM);
	proc_result_done(&result);
	close(ends[0]);
	close(ends[1]);
}

static void test_who_keeps_the_pipes_open_is_not_waited_for(void **state)
{
	struct proc_request r = request(SH("setsid sleep 1000 & echo $!"));
	struct proc_result result;
	int64_t began = instant_now().boot_ms, pid = 0;
	char *text;
	struct err e;

	(void)state;
	assert_int_equal(proc_run(&r, &result, &e), 0);
	assert_true(instant_now().boot_ms - began < 15000);
	text = mem_str(buf_text(&result.out));
	text[strcspn(text, "\n")] = '\0';
	assert_true(str_i64(text, &pid) && pid > 1);
	kill((pid_t)pid, SIGKILL);
	free(text);
	proc_result_done(&result);
}

static void test_a_killed_child_is_an_error(void **state)
{
	struct proc_request r = request(SH("kill -SEGV $$"));
	struct proc_result result;
	struct err e;

	(void)state;
	assert_int_equal(proc_run(&r, &result, &e), -1);
	assert_int_equal(result.signal, SIGSEGV);
	assert_non_null(strstr(e.text, "Segmentation fault"));
	proc_result_done(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_and_exit_code_come_back),
		cmocka_unit_test(test_input_is_written_however_large),
		cmocka_unit_test(test_input_comes_from_a_source_and_ends_with_it),
		cmocka_unit_test(test_nothing_is_inherited_but_the_environment_as_asked),
		cmocka_unit_test(test_a_missing_program_is_named),
		cmocka_unit_test(test_a_timeout_ends_the_whole_session),
		cmocka_unit_test(test_a_child_that_never_stops_writing_meets_its_deadline),
		cmocka_unit_test(test_a_stream_is_told_in_chunks_and_kept_nowhere),
		cmocka_unit_test(test_a_stream_that_nobody_wants_ends_its_child),
		cmocka_unit_test(test_a_stream_meets_its_deadline_and_its_cancel),
		cmocka_unit_test(test_a_polite_child_is_not_killed),
		cmocka_unit_test(test_a_cancel_ends_it),
		cmocka_unit_test(test_who_keeps_the_pipes_open_is_not_waited_for),
		cmocka_unit_test(test_a_killed_child_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
