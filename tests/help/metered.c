#include "help/metered.h"

#include <stdio.h>

#include "base/instant.h"
#include "base/str.h"

struct meter_reading metered(enum meter_kind kind, const char *name)
{
	struct meter_reading all[METER_MAX];
	size_t n = meter_read(all, instant_now().boot_ms);

	for (size_t i = 0; i < n; i++)
		if (all[i].kind == kind && str_eq(all[i].name, name))
			return all[i];
	return (struct meter_reading){.kind = kind};
}

struct meter_reading metered_port(int port)
{
	char name[METER_NAME];

	snprintf(name, sizeof(name), "127.0.0.1:%d", port);
	return metered(METER_SERVER, name);
}
