/* A machine of the control plane as the console knows it: named by the config, or learned. */
#ifndef MODEL_HOST_H
#define MODEL_HOST_H

#include <stdbool.h>

struct host {
	char name[64];
	char address[64];        /* host or IP, without a port */
	int api_port;            /* 0: 6443 */
	bool configured;         /* named in the config */
	bool local;              /* this machine, by the config's word: no ssh */
	bool remembered;         /* only an earlier run knows it: no list of this one had it yet */
	bool api_seen, ssh_seen; /* reached directly once, in this run or an earlier one: silence is
				    then a fault */
};

#endif
