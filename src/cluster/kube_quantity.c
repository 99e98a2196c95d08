/* Quantities: a decimal number and a suffix, decimal (n u m k M G T P E), binary (Ki ... Ei) or an
 * exponent. Long double holds 64 bits of a mantissa, which is what a quantity may have. */
#include "cluster/kube_quantity.h"

#include <math.h>
#include <string.h>

#include "base/str.h"

static const struct {
	const char *suffix;
	long double factor;
} suffixes[] = {
	{"", 1.0L},
	{"n", 1e-9L},
	{"u", 1e-6L},
	{"m", 1e-3L},
	{"k", 1e3L},
	{"M", 1e6L},
	{"G", 1e9L},
	{"T", 1e12L},
	{"P", 1e15L},
	{"E", 1e18L},
	{"Ki", 0x1p10L},
	{"Mi", 0x1p20L},
	{"Gi", 0x1p30L},
	{"Ti", 0x1p40L},
	{"Pi", 0x1p50L},
	{"Ei", 0x1p60L},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Up to the suffix: digits, at most one point. NULL when there is no digit. */
static const char *take_number(const char *s, long double *out)
{
	long double v = 0.0L, place = 1.0L;
	bool any = false, point = false;

	for (; is_digit(*s) || (*s == '.' && !point); s++) {
		if (*s == '.') {
			point = true;
			continue;
		}
		any = true;
		v = v * 10.0L + (long double)(*s - '0');
		if (point)
			place *= 10.0L;
	}
	*out = v / place;
	return any ? s : NULL;
}

static bool take_suffix(const char *s, long double *factor)
{
	int64_t power;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcmp(s, suffixes[i].suffix) == 0) {
			*factor = suffixes[i].factor;
			return true;
		}
	if ((s[0] != 'e' && s[0] != 'E') || !str_i64(s[1] == '+' ? s + 2 : s + 1, &power) ||
		power < -30 || power > 30)
		return false;
	*factor = powl(10.0L, (long double)power);
	return true;
}

static int64_t read_scaled(struct json_span span, long double scale, int64_t otherwise)
{
	char text[64];
	const char *s = text;
	long double v, factor, nearest;
	bool minus;

	if (span.at == NULL || span.n >= sizeof(text))
		return otherwise;
	json_span_copy(span, text, sizeof(text));
	minus = *s == '-';
	s = take_number(s + (*s == '-' || *s == '+'), &v);
	if (s == NULL || !take_suffix(s, &factor))
		return otherwise;
	v = (minus ? -v : v) * factor * scale;
	nearest = roundl(v);
	if (fabsl(v - nearest) > 1e-9L) /* not a mere trace of 0.1 in binary */
		nearest = ceill(v);
	if (nearest >= 0x1p63L)
		return INT64_MAX;
	return nearest <= -0x1p63L ? INT64_MIN : (int64_t)nearest;
}

int64_t kube_quantity(struct json_span s, int64_t otherwise)
{
	return read_scaled(s, 1.0L, otherwise);
}

int64_t kube_quantity_milli(struct json_span s, int64_t otherwise)
{
	return read_scaled(s, 1000.0L, otherwise);
}
