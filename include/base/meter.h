/* How often each server was called in the last minute, counted where it is done. One table for the
 * process, of fixed size: counting neither allocates nor waits for anything slow. Any thread. */
#ifndef BASE_METER_H
#define BASE_METER_H

#include <stddef.h>
#include <stdint.h>

#define METER_SECONDS 60
#define METER_MAX     64 /* names at a time */
#define METER_NAME    72

enum meter_kind { METER_SERVER, METER_SSH }; /* named "10.0.1.11:6443"; or the host ssh is given */
enum meter_what { METER_REQUESTS, METER_CONNECTIONS, METER_WHATS };

struct meter_reading {
	enum meter_kind kind;
	char name[METER_NAME]; /* "": all those the table had no room for */
	uint32_t n[METER_WHATS];
};

/* Times are boot_ms. A name that was silent for a minute gives its room to a new one. */
void meter_count(enum meter_kind kind, const char *name, enum meter_what what, int64_t now_ms);
/* Fills out with what was called in the last minute, by kind and name; gives how many. */
size_t meter_read(struct meter_reading out[METER_MAX], int64_t now_ms);

#endif
