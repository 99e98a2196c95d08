/* Moments. The calendar is computed here (proleptic Gregorian), so parsing needs
 * neither a time zone nor a lock; only local times ask the C library. */
#include "base/instant.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
#define YEAR_MS   (365 * DAY_MS)

static int64_t clock_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct instant instant_now(void)
{
	return (struct instant){
		.wall_ms = clock_ms(CLOCK_REALTIME), .boot_ms = clock_ms(CLOCK_BOOTTIME)};
}

int64_t instant_age_ms(struct instant then, struct instant now)
{
	if (then.boot_ms == 0)
		return -1;
	return now.boot_ms > then.boot_ms ? now.boot_ms - then.boot_ms : 0;
}

struct instant instant_later(struct instant a, struct instant b)
{
	return a.boot_ms >= b.boot_ms ? a : b;
}

/* Days from 1970-01-01 (Hinnant's days_from_civil). */
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, year_of_era, day_of_year;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	year_of_era = y - era * 400;
	day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static int64_t days_in_month(int64_t y, int64_t m)
{
	static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return days[m - 1] + (m == 2 && leap);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads exactly n digits that make a number from least to most. */
static bool take_number(const char **s, int n, int64_t least, int64_t most, int64_t *out)
{
	int64_t value = 0;

	for (; n > 0; n--, (*s)++) {
		if (!is_digit(**s))
			return false;
		value = value * 10 + (**s - '0');
	}
	*out = value;
	return value >= least && value <= most;
}

static bool take_char(const char **s, const char *any)
{
	for (; *any != '\0'; any++) {
		if (**s == *any) {
			(*s)++;
			return true;
		}
	}
	return false;
}

static bool take_date(const char **s, int64_t *days)
{
	int64_t y, m, d;

	if (!take_number(s, 4, 0, 9999, &y) || !take_char(s, "-") ||
		!take_number(s, 2, 1, 12, &m) || !take_char(s, "-") ||
		!take_number(s, 2, 1, days_in_month(y, m), &d))
		return false;
	*days = days_from_civil(y, m, d);
	return true;
}

/* The fraction may have any number of digits; those past the third are cut. */
static bool take_fraction(const char **s, int64_t *ms)
{
	int64_t unit = 100;

	*ms = 0;
	if (!take_char(s, "."))
		return true;
	if (!is_digit(**s))
		return false;
	for (; is_digit(**s); (*s)++, unit /= 10)
		*ms += (**s - '0') * unit;
	return true;
}

static bool take_clock(const char **s, int64_t *ms)
{
	int64_t h, m, sec, fraction;

	if (!take_number(s, 2, 0, 23, &h) || !take_char(s, ":") || !take_number(s, 2, 0, 59, &m) ||
		!take_char(s, ":") || !take_number(s, 2, 0, 60, &sec) ||
		!take_fraction(s, &fraction))
		return false;
	*ms = h * HOUR_MS + m * MINUTE_MS + sec * SECOND_MS + fraction;
	return true;
}

static bool take_offset(const char **s, int64_t *ms)
{
	int64_t h, m, sign = **s == '-' ? -1 : 1;

	*ms = 0;
	if (take_char(s, "Zz"))
		return true;
	if (!take_char(s, "+-") || !take_number(s, 2, 0, 23, &h) || !take_char(s, ":") ||
		!take_number(s, 2, 0, 59, &m))
		return false;
	*ms = sign * (h * HOUR_MS + m * MINUTE_MS);
	return true;
}

int64_t instant_parse(const char *s)
{
	int64_t days, clock, offset;

	if (s == NULL || !take_date(&s, &days) || !take_char(&s, "Tt") || !take_clock(&s, &clock) ||
		!take_offset(&s, &offset) || *s != '\0')
		return INT64_MIN;
	return days * DAY_MS + clock - offset;
}

static time_t seconds_of(int64_t ms)
{
	return (time_t)(ms / 1000 - (ms % 1000 < 0));
}

char *instant_rfc3339(int64_t wall_ms, char *dst, size_t size)
{
	time_t t = seconds_of(wall_ms);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(dst, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		str_copy(dst, size, "-");
	return dst;
}

char *instant_local(int64_t wall_ms, char *dst, size_t size)
{
	time_t t = seconds_of(wall_ms);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || strftime(dst, size, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		str_copy(dst, size, "-");
	return dst;
}

char *instant_hms(int64_t wall_ms, char *dst, size_t size)
{
	time_t t = seconds_of(wall_ms);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL || strftime(dst, size, "%H:%M:%S", &tm) == 0)
		str_copy(dst, size, "-");
	return dst;
}

/* kubectl's duration.HumanDuration, as rows: below an age, show it in unit and,
 * where there is one, the remainder in rest. */
static const struct age_row {
	int64_t below, unit, rest;
	char unit_sign, rest_sign;
} age_rows[] = {
	{2 * MINUTE_MS, SECOND_MS, 0, 's', 0},
	{10 * MINUTE_MS, MINUTE_MS, SECOND_MS, 'm', 's'},
	{3 * HOUR_MS, MINUTE_MS, 0, 'm', 0},
	{8 * HOUR_MS, HOUR_MS, MINUTE_MS, 'h', 'm'},
	{48 * HOUR_MS, HOUR_MS, 0, 'h', 0},
	{8 * DAY_MS, DAY_MS, HOUR_MS, 'd', 'h'},
	{2 * YEAR_MS, DAY_MS, 0, 'd', 0},
	{8 * YEAR_MS, YEAR_MS, DAY_MS, 'y', 'd'},
	{INT64_MAX, YEAR_MS, 0, 'y', 0},
};

char *instant_age(int64_t age_ms, char *dst, size_t size)
{
	const struct age_row *row = age_rows;
	long long units, rest;

	if (age_ms < 0) {
		str_copy(dst, size, "-");
		return dst;
	}
	while (age_ms >= row->below && row->below != INT64_MAX)
		row++;
	units = age_ms / row->unit;
	rest = row->rest ? age_ms % row->unit / row->rest : 0;
	if (rest > 0)
		snprintf(dst, size, "%lld%c%lld%c", units, row->unit_sign, rest, row->rest_sign);
	else
		snprintf(dst, size, "%lld%c", units, row->unit_sign);
	return dst;
}

/* Largest first. */
static const struct {
	const char *sign;
	int64_t ms;
} span_units[] = {{"d", DAY_MS}, {"h", HOUR_MS}, {"m", MINUTE_MS}, {"s", SECOND_MS}, {"ms", 1}};

#define SPAN_UNITS (sizeof(span_units) / sizeof(span_units[0]))
#define SPAN_MAX   (100 * YEAR_MS)

/* The unit s begins with, from the given one on: "ms" before "m". */
static size_t take_unit(const char **s, size_t from)
{
	size_t n = strspn(*s, "dhms");

	for (size_t i = from; i < SPAN_UNITS; i++) {
		if (strlen(span_units[i].sign) == n && strncmp(*s, span_units[i].sign, n) == 0) {
			*s += n;
			return i;
		}
	}
	return SPAN_UNITS;
}

bool span_parse(const char *s, int64_t *ms)
{
	int64_t sum = 0;
	size_t next = 0;

	if (s == NULL || *s == '\0')
		return false;
	while (*s != '\0') {
		int64_t n = 0;
		size_t unit;

		if (!is_digit(*s))
			return false;
		for (; is_digit(*s); s++)
			if ((n = n * 10 + (*s - '0')) > SPAN_MAX)
				return false;
		unit = take_unit(&s, next);
		if (unit == SPAN_UNITS || n > SPAN_MAX / span_units[unit].ms)
			return false;
		sum += n * span_units[unit].ms;
		next = unit + 1;
	}
	if (sum > SPAN_MAX)
		return false;
	*ms = sum;
	return true;
}

char *span_text(int64_t ms, char *dst, size_t size)
{
	uint64_t rest = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
	bool days =
		rest >= 7 * (uint64_t)DAY_MS && rest % (uint64_t)DAY_MS == 0; /* 72h stays 72h */
	size_t used;

	str_copy(dst, size, ms < 0 ? "-" : ms == 0 ? "0s" : "");
	for (size_t i = days ? 0 : 1; i < SPAN_UNITS; i++) {
		uint64_t n = rest / (uint64_t)span_units[i].ms;

		if (n == 0)
			continue;
		used = strlen(dst);
		rest -= n * (uint64_t)span_units[i].ms;
		snprintf(dst + used, size - used, "%llu%s", (unsigned long long)n,
			span_units[i].sign);
	}
	return dst;
}
