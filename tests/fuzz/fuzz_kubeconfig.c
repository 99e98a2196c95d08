/* kubeconfig: whatever a file holds, either an access with a server or an error with a sentence. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cluster/kubeconfig.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	int fd = memfd_create("kubeconfig", MFD_CLOEXEC);
	struct kube_access *a = NULL;
	struct err e = {.code = ERR_NONE};
	char path[64];

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (kubeconfig_load(path, NULL, &a, &e) == 0) {
		if (a == NULL || a->server == NULL || a->server[0] == '\0')
			abort();
		kube_access_free(a);
	} else if (a != NULL || e.code == ERR_NONE || e.text[0] == '\0') {
		abort();
	}
	close(fd);
	return 0;
}
