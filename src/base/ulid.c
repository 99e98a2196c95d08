/* A ULID is a 128-bit number, most significant byte first: when the clock has not moved on, the
 * next one is the last one plus one, so the order in which one process gave them is the order they
 * sort in. */
#include "base/ulid.h"

#include <string.h>
#include <sys/random.h>

#define TIME_BYTES 6

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static const unsigned char none[16];

static void put_time(unsigned char *to, int64_t ms)
{
	for (int i = 0; i < TIME_BYTES; i++)
		to[i] = (unsigned char)((uint64_t)ms >> (8 * (TIME_BYTES - 1 - i)));
}

static void add_one(unsigned char bytes[16])
{
	for (int i = 15; i >= 0 && ++bytes[i] == 0; i--)
		;
}

static void write_digits(const unsigned char bytes[16], char dst[ULID_SIZE])
{
	/* 130 bits for 128: the first digit holds three */
	for (int i = 0; i < ULID_SIZE - 1; i++) {
		int bit = 5 * i - 2, value = 0;

		for (int k = bit; k < bit + 5; k++)
			value = value << 1 | (k < 0 ? 0 : bytes[k / 8] >> (7 - k % 8) & 1);
		dst[i] = digits[value];
	}
	dst[ULID_SIZE - 1] = '\0';
}

void ulid_next(struct ulid *last, int64_t wall_ms, char dst[ULID_SIZE])
{
	unsigned char fresh[16];
	size_t have = TIME_BYTES;

	put_time(fresh, wall_ms < 0 ? 0 : wall_ms);
	while (have <
		sizeof(fresh)) { /* does not fail for so few bytes; a signal may interrupt it */
		ssize_t n = getrandom(fresh + have, sizeof(fresh) - have, 0);

		have += n > 0 ? (size_t)n : 0;
	}
	fresh[TIME_BYTES] &= 0x7f; /* room to count up in */
	/* The first one has chance in it whatever the clock says: before 1970 all would be the
	 * same. */
	if (memcmp(last->bytes, none, sizeof(none)) == 0 ||
		memcmp(fresh, last->bytes, TIME_BYTES) > 0)
		memcpy(last->bytes, fresh, sizeof(fresh));
	else
		add_one(last->bytes);
	write_digits(last->bytes, dst);
}

bool ulid_valid(const char *s)
{
	return s != NULL && strlen(s) == ULID_SIZE - 1 && strspn(s, digits) == ULID_SIZE - 1 &&
	       s[0] <= '7';
}
