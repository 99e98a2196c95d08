/* The practice cluster for consoles that run elsewhere: real servers on loopback for as long as its
 * stdin is open, broken and healed by lines on it, so that whoever writes them knows what is true.
 *
 *	drill_server DIR
 *
 * DIR gets admin.conf, and k911.yaml that a console is to be started with. "ready" is said on
 * stdout once both are there; each line is answered with "ok", or "no: " and a sentence:
 *
 *	set WHAT TO        one fault, as drill_set has it: "set etcd/m2 hang"
 *	scenario NAME      heals, then breaks as the scenario says; "healthy" only heals */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "drill/drill.h"
#include "drill/fake/fake_node.h"

static int write_config(const struct drill_config *c, const char *dir)
{
	char *path = str_fmt("%s/k911.yaml", dir);
	FILE *f = fopen(path, "w");

	free(path);
	if (f == NULL)
		return -1;
	fprintf(f, "cluster: {kubeconfig: \"%s\"}\n", c->kubeconfig);
	fprintf(f, "etcd:\n  cacert: \"%s\"\n  cert: \"%s\"\n  key: \"%s\"\n  endpoints:\n",
		c->etcd_ca, c->etcd_cert, c->etcd_key);
	for (size_t i = 0; i < c->n_masters; i++)
		fprintf(f, "  - %s\n", c->masters[i].etcd_url);
	fprintf(f, "nodes:\n  ssh: {command: \"%s\"}\n  control_plane:\n", c->ssh_command);
	for (size_t i = 0; i < c->n_masters; i++)
		fprintf(f, "  - {name: %s, address: %s, api_port: %s}\n", c->masters[i].name,
			c->masters[i].address, strrchr(c->masters[i].api, ':') + 1);
	fprintf(f, "  workers:\n");
	for (size_t i = 0; i < c->n_workers; i++)
		fprintf(f, "  - {name: %s, address: %s}\n", c->workers[i].name,
			c->workers[i].address);
	fprintf(f, "load_balancer: {address: \"%s\", haproxy_nodes: [%s], haproxy_socket: %s}\n",
		c->load_balancer, c->haproxy_node, c->haproxy_socket);
	return fclose(f);
}

static int obey(struct drill *d, char *line, struct err *e)
{
	char *save = NULL, *verb = strtok_r(line, " \n", &save);
	const char *first = strtok_r(NULL, " \n", &save), *second = strtok_r(NULL, " \n", &save);

	if (verb != NULL && first != NULL && second != NULL && strcmp(verb, "set") == 0)
		return drill_set(d, first, second, e);
	if (verb != NULL && first != NULL && strcmp(verb, "scenario") == 0)
		return drill_scenario(d, first, e);
	return err_set(e, ERR_USAGE, "not a line of this program's");
}

static int serve(struct drill *d, const char *dir)
{
	char line[256];
	struct err e;

	if (write_config(drill_config(d), dir) != 0)
		return 1;
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (obey(d, line, &e) == 0)
			puts("ok");
		else
			printf("no: %s\n", e.text);
		fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct drill_options o = {.at_once = true};
	struct drill *d = NULL;
	char self[4096] = "";
	struct err e;
	int rc;

	if (fake_node_main(argc, argv, &rc)) /* called by the nodes' stand-ins */
		return rc;
	if (argc != 2 || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0) {
		fputs("usage: drill_server DIR\n", stderr);
		return 64;
	}
	o.dir = argv[1];
	o.self_path = self;
	if (drill_start(&o, &d, &e) != 0) {
		fprintf(stderr, "drill_server: %s\n", e.text);
		return 1;
	}
	rc = serve(d, argv[1]);
	drill_stop(d);
	return rc;
}
