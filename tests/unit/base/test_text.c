/* Hostile strings: nothing of them may move the cursor, reorder a line or hide. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static const char *safe(const char *s)
{
	static char room[256];
	size_t n = text_safe(room, sizeof(room), s, strlen(s));

	assert_int_equal(n, strlen(room));
	return room;
}

static void test_plain_and_wide_text_passes(void **state)
{
	(void)state;
	assert_string_equal(safe("kube-apiserver-m1"), "kube-apiserver-m1");
	assert_string_equal(safe("一分钟 é e\xCC\x81"), "一分钟 é e\xCC\x81");
}

static void test_control_characters_are_spelled_out(void **state)
{
	(void)state;
	assert_string_equal(safe("a\x1B[2Jb\x7F\r"), "a^[[2Jb^?^M");
	assert_string_equal(safe("a\nb\tc"), "a b c");
	assert_string_equal(safe("\xC2\x9B"
				 "31m"),
		"<U+009B>31m");
	assert_int_equal(text_safe((char[16]){0}, 16, "a\0b", 3), 4);
}

static void test_bidi_and_invisible_characters_are_spelled_out(void **state)
{
	(void)state;
	assert_string_equal(safe("a\u202Eb\u2066c"), "a<U+202E>b<U+2066>c");
	assert_string_equal(safe("pay\u200Bpal\uFEFF"), "pay<U+200B>pal<U+FEFF>");
	assert_string_equal(safe("\U000E0041"), "<U+E0041>");
	assert_string_equal(safe("\u0378"), "<U+0378>");
}

static void test_plain_is_what_hides_and_orders_nothing(void **state)
{
	static const char *const plain[] = {"", "ssh m1 'a b'", "重启节点", "caf\xC3\xA9"};
	static const char *const other[] = {"a\nb", "a\tb", "\x1b[2J", "\x7f",
		"\xC2\x9B"
		"2J",
		"a\xE2\x80\xAE"
		"b",
		"a\xE2\x80\x8B"
		"b",
		"\xFF", "a\xC3", "\xC0\xAF"};

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		assert_true(text_is_plain(plain[i]));
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_false(text_is_plain(other[i]));
}

static void test_broken_utf8_is_spelled_out_byte_by_byte(void **state)
{
	(void)state;
	assert_string_equal(safe("\xFFok"), "<FF>ok");
	assert_string_equal(safe("\xC0\xAF"), "<C0><AF>");         /* overlong / */
	assert_string_equal(safe("\xED\xA0\x80"), "<ED><A0><80>"); /* a surrogate */
	assert_string_equal(safe("\xF4\x90\x80\x80"), "<F4><90><80><80>");
	assert_string_equal(safe("\xE4\xB8"), "<E4><B8>");
}

static void test_a_safe_copy_ends_at_a_whole_character_at_every_size(void **state)
{
	const char *src = "a一\x1B\u202E\xFFz";
	char whole[64];

	(void)state;
	text_safe(whole, sizeof(whole), src, strlen(src));
	for (size_t size = 1; size < sizeof(whole); size++) {
		char *dst = malloc(size);
		size_t n = text_safe(dst, size, src, strlen(src));

		assert_true(n < size);
		assert_int_equal(dst[n], '\0');
		assert_memory_equal(dst, whole, n);
		assert_true(((unsigned char)whole[n] & 0xC0) != 0x80);
		assert_true(n == 0 || dst[n - 1] != '<');
		free(dst);
	}
	assert_int_equal(text_safe(NULL, 0, "a", 1), 0);
}

static void test_decoding_goes_character_by_character(void **state)
{
	uint32_t c;

	(void)state;
	assert_int_equal(text_next("一x", 4, &c), 3);
	assert_int_equal(c, 0x4E00);
	assert_int_equal(text_next("一", 2, &c), 1);
	assert_int_equal(c, 0xFFFD);
	assert_int_equal(text_next("\0", 1, &c), 1);
	assert_int_equal(c, 0);
	assert_int_equal(text_next("\xF0\x9F\x98\x80", 4, &c), 4);
	assert_int_equal(c, 0x1F600);
}

static void test_what_is_put_comes_back(void **state)
{
	static const uint32_t some[] = {
		'a', 0x7F, 0x80, 0x7FF, 0x800, 0x4E00, 0xFFFF, 0x10000, 0x10FFFF};

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		char s[4];
		uint32_t c;
		size_t n = text_put(s, some[i]);

		assert_int_equal(text_next(s, n, &c), n);
		assert_int_equal(c, some[i]);
	}
}

static void test_widths_are_columns(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("ab"), 2);
	assert_int_equal(text_width("分钟"), 4);
	assert_int_equal(text_width("e\xCC\x81"), 1);
	assert_int_equal(text_char_width('\n'), -1);
	assert_int_equal(text_char_width(0x202E), -1);
	assert_int_equal(text_char_width(0x0301), 0);
	assert_int_equal(text_char_width(0x4E00), 2);
}

static void test_a_fit_never_cuts_a_wide_character_or_an_accent(void **state)
{
	(void)state;
	assert_int_equal(text_fit("abc", 2), 2);
	assert_int_equal(text_fit("分钟", 3), 3);
	assert_int_equal(text_fit("分钟", 4), 6);
	assert_int_equal(text_fit("e\xCC\x81x", 1), 3);
	assert_int_equal(text_fit("abc", 0), 0);
	assert_int_equal(text_fit("abc", 99), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_put_comes_back),
		cmocka_unit_test(test_plain_and_wide_text_passes),
		cmocka_unit_test(test_control_characters_are_spelled_out),
		cmocka_unit_test(test_bidi_and_invisible_characters_are_spelled_out),
		cmocka_unit_test(test_plain_is_what_hides_and_orders_nothing),
		cmocka_unit_test(test_broken_utf8_is_spelled_out_byte_by_byte),
		cmocka_unit_test(test_a_safe_copy_ends_at_a_whole_character_at_every_size),
		cmocka_unit_test(test_decoding_goes_character_by_character),
		cmocka_unit_test(test_widths_are_columns),
		cmocka_unit_test(test_a_fit_never_cuts_a_wide_character_or_an_accent),
	};

	if (setlocale(LC_ALL, "C.UTF-8") == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
