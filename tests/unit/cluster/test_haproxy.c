/* haproxy 2.6's `show stat`, cut to the columns that matter here, and what else may answer. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cluster/haproxy.h"

#define HEAD "# pxname,svname,qcur,scur,status,weight,check_status,check_code,last_chk,addr,\n"

static struct haproxy_report parsed(const char *csv)
{
	struct haproxy_report r;
	struct err e = {0};

	assert_int_equal(haproxy_parse(csv, strlen(csv), &r, &e), 0);
	return r;
}

static void test_servers_and_backends_are_told_apart(void **state)
{
	struct haproxy_report r =
		parsed(HEAD "api,FRONTEND,,3,OPEN,,,,,,\n"
			    "masters,m1,0,1,UP,1,L7OK,200,,10.0.1.10:6443,\n"
			    "masters,m2,0,0,DOWN,1,L4CON,,Connection refused,10.0.1.11:6443,\n"
			    "masters,m3,0,0,MAINT,1,* L4TOUT,,,10.0.1.12:6443,\n"
			    "masters,BACKEND,0,3,UP,1,,,,,\n\n");

	(void)state;
	assert_int_equal(r.n, 4);
	assert_false(r.more);
	assert_string_equal(r.servers[0].proxy, "masters");
	assert_string_equal(r.servers[0].name, "m1");
	assert_string_equal(r.servers[0].status, "UP");
	assert_string_equal(r.servers[0].check, "L7OK");
	assert_string_equal(r.servers[0].address, "10.0.1.10:6443");
	assert_string_equal(r.servers[1].status, "DOWN");
	assert_string_equal(r.servers[1].last, "Connection refused");
	assert_string_equal(r.servers[2].check, "L4TOUT");
	assert_false(r.servers[2].backend);
	assert_true(r.servers[3].backend);
	assert_string_equal(r.servers[3].status, "UP");
}

static void test_columns_are_found_by_name(void **state)
{
	struct haproxy_report r = parsed("# status,svname,pxname\nUP,a,p\n");

	(void)state;
	assert_int_equal(r.n, 1);
	assert_string_equal(r.servers[0].name, "a");
	assert_string_equal(r.servers[0].proxy, "p");
	assert_string_equal(r.servers[0].status, "UP");
	assert_string_equal(r.servers[0].address, "");
}

static void test_quoted_fields_keep_commas_and_quotes(void **state)
{
	struct haproxy_report r = parsed(HEAD
		"masters,m1,0,1,DOWN,1,L7STS,500,\"said \"\"no\"\", twice\",10.0.1.10:6443,\r\n"
		"masters,m2,0,1,UP,1,L7OK,200,\"line\nbreak\",10.0.1.11:6443,\n");

	(void)state;
	assert_int_equal(r.n, 2);
	assert_string_equal(r.servers[0].last, "said \"no\", twice");
	assert_string_equal(r.servers[0].address, "10.0.1.10:6443");
	assert_string_equal(r.servers[1].last, "line break");
	assert_string_equal(r.servers[1].address, "10.0.1.11:6443");
}

static void test_what_is_no_statistics_is_an_error_that_quotes_it(void **state)
{
	static const char *const bad[] = {"Permission denied\n",
		"Unknown command. Please enter one of the following commands only :\n",
		"# a,b,c\nx,y,z\n", "#", ""};
	struct haproxy_report r;
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(haproxy_parse(bad[i], strlen(bad[i]), &r, &e), -1);
		assert_int_equal(e.code, ERR_INPUT);
		assert_int_equal(r.n, 0);
	}
	haproxy_parse(bad[0], strlen(bad[0]), &r, &e);
	assert_non_null(strstr(e.text, "Permission denied"));
}

static void test_short_rows_and_escapes_do_no_harm(void **state)
{
	struct haproxy_report r = parsed(HEAD "masters\n,,,\nmasters,m1,0,0,U\x1bP,1,\"unfinished");

	(void)state;
	assert_int_equal(r.n, 1);
	assert_string_equal(r.servers[0].status, "U^[P");
}

static void test_rows_past_the_ceiling_are_said_to_be_more(void **state)
{
	struct haproxy_report r;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	buf_puts(&b, HEAD);
	for (int i = 0; i <= HAPROXY_MAX_SERVERS; i++)
		buf_fmt(&b, "p,s%d,0,0,UP,1,L4OK,,,,\n", i);
	r = parsed(buf_text(&b));
	assert_int_equal(r.n, HAPROXY_MAX_SERVERS);
	assert_true(r.more);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_servers_and_backends_are_told_apart),
		cmocka_unit_test(test_columns_are_found_by_name),
		cmocka_unit_test(test_quoted_fields_keep_commas_and_quotes),
		cmocka_unit_test(test_what_is_no_statistics_is_an_error_that_quotes_it),
		cmocka_unit_test(test_short_rows_and_escapes_do_no_harm),
		cmocka_unit_test(test_rows_past_the_ceiling_are_said_to_be_more),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
