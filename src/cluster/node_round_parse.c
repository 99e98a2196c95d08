/* Reads what a round printed. A node that is in trouble prints anything: each section is read by
 * its own small reader, which takes what it understands and leaves the rest unknown; nothing here
 * trusts a length, a number or a character. A row per section says who reads it. */
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "cluster/node_layout.h"
#include "cluster/node_round.h"
#include "cluster/node_sections.h"
#include "cluster/ssh_failure.h"
#include "io/json.h"
#include "io/tls.h"

/* A run of bytes that is not ours. */
struct part {
	const char *at;
	size_t n;
};

struct reading {
	const struct node_round_asked *asked;
	struct host_report *out;
	int64_t start_ms, end_ms; /* the node's clock; INT64_MIN unknown */
	const struct node_layout *layout;
	int runtime_score, kubelet_score;
	bool ended;
};

/* Takes the bytes up to the next stop byte (and the stop) off the front of rest. */
static bool take(struct part *rest, char stop, struct part *out)
{
	const char *end;

	if (rest->n == 0)
		return false;
	end = memchr(rest->at, stop, rest->n);
	out->at = rest->at;
	out->n = end == NULL ? rest->n : (size_t)(end - rest->at);
	rest->at += out->n + (end != NULL);
	rest->n -= out->n + (end != NULL);
	return true;
}

static bool take_line(struct part *rest, struct part *line)
{
	if (!take(rest, '\n', line))
		return false;
	while (line->n > 0 && line->at[line->n - 1] == '\r')
		line->n--;
	return true;
}

static bool take_word(struct part *line, struct part *word)
{
	do {
		if (!take(line, ' ', word))
			return false;
	} while (word->n == 0);
	return true;
}

static bool is_word(struct part p, const char *word)
{
	return p.n == strlen(word) && memcmp(p.at, word, p.n) == 0;
}

static bool begins(struct part p, const char *with)
{
	return p.n >= strlen(with) && memcmp(p.at, with, strlen(with)) == 0;
}

static bool has(struct part p, const char *what)
{
	return p.n > 0 && memmem(p.at, p.n, what, strlen(what)) != NULL;
}

static void copy_safe(char *dst, size_t size, struct part p)
{
	text_safe(dst, size, p.at, p.n);
}

static bool number(struct part p, int64_t *out)
{
	char copy[24];

	return p.n > 0 && p.n < sizeof(copy) && str_copy_n(copy, sizeof(copy), p.at, p.n) &&
	       str_i64(copy, out);
}

/* `date +%s%N`; where date knows no %N, whole seconds stand alone, or before an N. */
static int64_t clock_ms(struct part text)
{
	struct part line;
	int64_t v;

	if (!take_line(&text, &line))
		return INT64_MIN;
	while (line.n > 0 && (line.at[line.n - 1] < '0' || line.at[line.n - 1] > '9'))
		line.n--;
	if (line.n < 9 || line.n > 19 || !number(line, &v) || v < 0)
		return INT64_MIN;
	return line.n <= 12 ? v * 1000 + 500 : v / 1000000;
}

static void read_start(struct reading *r, struct part text)
{
	r->start_ms = clock_ms(text);
}

static void read_end(struct reading *r, struct part text)
{
	r->end_ms = clock_ms(text);
	r->ended = true;
}

static void read_btime(struct reading *r, struct part text)
{
	struct part line, word;
	int64_t v;

	if (take_line(&text, &line) && take_word(&line, &word) && is_word(word, "btime") &&
		take_word(&line, &word) && number(word, &v) && v > 0 && v < INT64_MAX / 1000)
		r->out->boot_time_ms = v * 1000;
}

static void read_load(struct reading *r, struct part text)
{
	struct part word;
	char copy[24];
	double v;

	if (!take_word(&text, &word) || word.n >= sizeof(copy))
		return;
	str_copy_n(copy, sizeof(copy), word.at, word.n);
	v = strtod(copy, NULL);
	if (copy[0] >= '0' && copy[0] <= '9' && isfinite(v))
		r->out->load1 = v;
}

static void read_mem(struct reading *r, struct part text)
{
	struct part line, name, value;
	int64_t kb;

	while (take_line(&text, &line)) {
		if (!take_word(&line, &name) || !take_word(&line, &value) || !number(value, &kb) ||
			kb < 0)
			continue;
		if (is_word(name, "MemTotal:"))
			r->out->mem_total_kb = kb;
		else if (is_word(name, "MemAvailable:"))
			r->out->mem_available_kb = kb;
	}
}

/* "k3s sqlite" */
static void read_layout(struct reading *r, struct part text)
{
	struct part line, word;

	if (!take_line(&text, &line) || !take_word(&line, &word))
		return;
	copy_safe(r->out->layout, sizeof(r->out->layout), word);
	r->layout = node_layout_named(r->out->layout);
	if (take_word(&line, &word))
		copy_safe(r->out->store, sizeof(r->out->store), word);
}

static bool is_etcd_data(const struct node_layout *l, struct part path)
{
	static const char etcd[] = "etcd=";
	const char *at = l->stores;

	return begins((struct part){at, strlen(at)}, etcd) &&
	       node_layout_has(at + strlen(etcd), path.at, path.n);
}

/* "/var/lib/etcd /dev/sda1 103081248 52034560 45761832 54% /": the path asked for, then df's line.
 */
static void read_disk_line(struct reading *r, struct part line)
{
	struct host_report *out = r->out;
	struct part path, word;
	int64_t percent = -1;

	if (!take_word(&line, &path))
		return;
	while (percent < 0 && take_word(&line, &word))
		if (word.n > 1 && word.at[word.n - 1] == '%' &&
			(!number((struct part){word.at, word.n - 1}, &percent) || percent > 100))
			percent = -1;
	if (percent < 0)
		return;
	if (is_word(path, "/"))
		out->disk_percent_root = (int)percent;
	else if (is_etcd_data(r->layout, path))
		out->disk_percent_etcd = (int)percent;
	else if (out->disk_percent_containerd < 0 && begins(path, "/var/"))
		out->disk_percent_containerd = (int)percent;
}

static void read_disk(struct reading *r, struct part text)
{
	struct part line;

	while (take_line(&text, &line))
		read_disk_line(r, line);
}

struct unit {
	struct part id, load, active;
};

/* Which unit is the runtime, and which the kubelet? One that runs before one that failed before one
 * that is only installed; docker beside a CRI runtime is somebody else's. Units come in the
 * script's order, which settles ties. */
static int unit_score(const struct unit *u)
{
	if (!is_word(u->load, "loaded"))
		return 0;
	if (is_word(u->active, "inactive") || is_word(u->id, "docker.service"))
		return 1;
	return is_word(u->active, "active") ? 3 : 2;
}

static void take_unit(struct reading *r, const struct unit *u)
{
	static const char suffix[] = ".service";
	struct part name = {u->id.at, u->id.n - strlen(suffix)};
	int score = unit_score(u);

	if (u->id.n < sizeof(suffix) || u->active.n == 0)
		return;
	if (score > r->kubelet_score && node_layout_has(r->layout->kubelet, u->id.at, u->id.n)) {
		r->kubelet_score = score;
		copy_safe(r->out->kubelet_unit, sizeof(r->out->kubelet_unit), name);
		copy_safe(r->out->kubelet, sizeof(r->out->kubelet), u->active);
	}
	if (score > r->runtime_score && node_layout_has(r->layout->runtime, u->id.at, u->id.n)) {
		r->runtime_score = score;
		copy_safe(r->out->runtime_unit, sizeof(r->out->runtime_unit), name);
		copy_safe(r->out->runtime, sizeof(r->out->runtime), u->active);
	}
}

static void read_units(struct reading *r, struct part text)
{
	struct unit u = {0};
	struct part line, key;

	while (take_line(&text, &line)) {
		if (line.n == 0) {
			take_unit(r, &u);
			u = (struct unit){0};
		}
		if (!take(&line, '=', &key))
			continue;
		if (is_word(key, "Id"))
			u.id = line;
		else if (is_word(key, "LoadState"))
			u.load = line;
		else if (is_word(key, "ActiveState"))
			u.active = line;
	}
	take_unit(r, &u);
}

/* "1795408430 /etc/kubernetes/manifests/etcd.yaml" */
static void read_files(struct reading *r, struct part text)
{
	struct part line, word;
	int64_t seconds;

	while (r->out->n_files < HOST_MAX_FILES && take_line(&text, &line)) {
		if (!take_word(&line, &word) || !number(word, &seconds) || seconds <= 0 ||
			seconds > INT64_MAX / 1000 || !take_word(&line, &word))
			continue;
		copy_safe(r->out->files[r->out->n_files].path, sizeof(r->out->files[0].path), word);
		r->out->files[r->out->n_files++].changed_ms = seconds * 1000;
	}
}

static void read_manifests(struct reading *r, struct part text)
{
	char *dst = r->out->manifests;
	size_t size = sizeof(r->out->manifests), used = 0;
	struct part line;

	while (used + 2 < size && take_line(&text, &line)) {
		if (line.n == 0)
			continue;
		if (used > 0)
			dst[used++] = ' ';
		used += text_safe(dst + used, size - used, line.at, line.n);
	}
}

static void read_healthz(struct reading *r, struct part text)
{
	struct part line, word;
	int64_t status;

	r->out->kubelet_healthz = has(text, "not asked") ? -1 : 0;
	while (take_line(&text, &line)) {
		if (!take_word(&line, &word) || !begins(word, "HTTP/"))
			continue;
		if (take_word(&line, &word) && word.n == 3 && number(word, &status) &&
			status >= 100)
			r->out->kubelet_healthz = (int)status;
		return;
	}
}

/* klog's error and fatal lines begin with E or F and four digits. */
static bool is_klog_error(struct part line)
{
	if (line.n < 5 || (line.at[0] != 'E' && line.at[0] != 'F'))
		return false;
	for (size_t i = 1; i < 5; i++)
		if (line.at[i] < '0' || line.at[i] > '9')
			return false;
	return true;
}

static void read_journal(struct reading *r, struct part text)
{
	struct part line, last = {0}, error = {0};

	while (take_line(&text, &line)) {
		if (line.n == 0 || begins(line, "-- No entries"))
			continue;
		last = line;
		if (is_klog_error(line) || has(line, "command failed"))
			error = line;
	}
	copy_safe(r->out->kubelet_last, sizeof(r->out->kubelet_last), error.n > 0 ? error : last);
}

static const char *const components[] = {
	"kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"};

static size_t component_of(const char *name)
{
	size_t i = 0;

	while (i < sizeof(components) / sizeof(components[0]) && strcmp(components[i], name) != 0)
		i++;
	return i;
}

static int by_component_newest_first(const void *a, const void *b)
{
	const struct host_container *x = a, *y = b;
	size_t i = component_of(x->name), j = component_of(y->name);

	if (i != j)
		return i < j ? -1 : 1;
	if (x->created_ms != y->created_ms)
		return x->created_ms > y->created_ms ? -1 : 1;
	return (x->attempt < y->attempt) - (x->attempt > y->attempt);
}

static const char *state_word(const char *cri)
{
	static const char *const words[][2] = {{"CONTAINER_RUNNING", "Running"},
		{"CONTAINER_EXITED", "Exited"}, {"CONTAINER_CREATED", "Created"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(cri, words[i][0]) == 0)
			return words[i][1];
	return "Unknown";
}

static void add_container(struct host_report *out, const struct js *c)
{
	const char *name = js_text_or(js_get(c, "metadata"), "name", "");
	const struct js *labels = js_get(c, "labels");
	const char *pod = js_text_or(labels, "io.kubernetes.pod.name", "");
	struct host_container *to = &out->containers[out->n_containers];
	int64_t attempt = js_int(js_get(c, "metadata"), "attempt", 0),
		created = js_int(c, "createdAt", -1);

	/* Somebody's own "etcd" in another namespace is not the cluster's. */
	if (out->n_containers == HOST_MAX_CONTAINERS ||
		component_of(name) == sizeof(components) / sizeof(components[0]) ||
		strcmp(js_text_or(labels, "io.kubernetes.pod.namespace", "kube-system"),
			"kube-system") != 0)
		return;
	str_copy(to->name, sizeof(to->name), name);
	text_safe(to->pod, sizeof(to->pod), pod, strlen(pod));
	str_copy(to->state, sizeof(to->state), state_word(js_text_or(c, "state", "")));
	to->attempt = attempt >= 0 && attempt <= INT32_MAX ? (int)attempt : 0;
	to->created_ms = created > 0 ? created / 1000000 : -1;
	out->n_containers++;
}

static void read_containers(struct reading *r, struct part text)
{
	struct js *root = js_parse(text.at, text.n, NULL);
	const struct js *list = js_get(root, "containers");

	r->out->containers_known = js_is_object(root);
	for (size_t i = 0; i < js_len(list); i++)
		add_container(r->out, js_nth(list, i));
	qsort(r->out->containers, r->out->n_containers, sizeof(r->out->containers[0]),
		by_component_newest_first);
	js_free(root);
}

/* Its exit code, then what it wrote to stderr (warnings too, when all is well). */
static void read_crictl(struct reading *r, struct part text)
{
	struct part line;
	int64_t code = -1;
	char *rest;

	if (take_line(&text, &line))
		number(line, &code);
	if (code == 0)
		return;
	r->out->containers_known = false;
	rest = mem_dup(text.at, text.n);
	ssh_last_line(rest, r->out->runtime_error, sizeof(r->out->runtime_error));
	free(rest);
	if (r->out->runtime_error[0] == '\0')
		str_copy(r->out->runtime_error, sizeof(r->out->runtime_error),
			code == 124 ? _("the container runtime did not answer crictl in time")
				    : _("crictl failed without a word"));
}

static void read_etcd(struct reading *r, struct part text)
{
	size_t room = sizeof(r->out->etcd_metrics) - 1;

	while (text.n > 0 && (text.at[text.n - 1] == '\n' || text.at[text.n - 1] == '\r'))
		text.n--;
	if (text.n > room) /* whole lines only */
		for (text.n = room; text.n > 0 && text.at[text.n - 1] != '\n'; text.n--)
			;
	str_copy_n(r->out->etcd_metrics, sizeof(r->out->etcd_metrics), text.at, text.n);
}

static void read_ca(struct reading *r, struct part text)
{
	struct tls_cert cert;

	if (tls_read_pem(text.at, text.n, &cert, 1, NULL) > 0)
		memcpy(r->out->ca_sha256, cert.sha256, sizeof(r->out->ca_sha256));
}

static bool is_address(struct part p, const char *address)
{
	struct in6_addr x6, y6;
	struct in_addr x4, y4;
	char copy[64];

	if (p.n >= sizeof(copy) || !str_copy_n(copy, sizeof(copy), p.at, p.n))
		return false;
	if (inet_pton(AF_INET, copy, &x4) == 1)
		return inet_pton(AF_INET, address, &y4) == 1 && memcmp(&x4, &y4, sizeof(x4)) == 0;
	return inet_pton(AF_INET6, copy, &x6) == 1 && inet_pton(AF_INET6, address, &y6) == 1 &&
	       memcmp(&x6, &y6, sizeof(x6)) == 0;
}

/* "2: eth0    inet 10.0.1.10/24 brd ..." */
static void read_addr(struct reading *r, struct part text)
{
	struct part line, word, address;

	if (r->asked->vip == NULL)
		return;
	while (take_line(&text, &line))
		while (take_word(&line, &word))
			if ((is_word(word, "inet") || is_word(word, "inet6")) &&
				take_word(&line, &word) && take(&word, '/', &address) &&
				is_address(address, r->asked->vip))
				r->out->holds_vip = true;
}

/* A count, cut to what is believed. */
static bool take_count(struct part *line, int most, int *out)
{
	struct part word;
	int64_t v;

	if (!take_word(line, &word) || !number(word, &v) || v < 0)
		return false;
	*out = v < most ? (int)v : most;
	return true;
}

/* "kubelet 3600 41 12" */
static void read_logs(struct reading *r, struct part text)
{
	struct part line, word;
	struct host_log log;

	while (take_line(&text, &line)) {
		if (!take_word(&line, &word) || !take_count(&line, HOST_LOG_BACK_S, &log.back_s) ||
			!take_count(&line, INT32_MAX, &log.recent) ||
			!take_count(&line, INT32_MAX, &log.before))
			continue;
		for (size_t i = 0; i < HOST_LOGS; i++)
			if (is_word(word, host_log_names[i]))
				r->out->logs[i] = log;
	}
}

static const struct row {
	const char *name;
	void (*read)(struct reading *r, struct part text);
} rows[] = {
	{"start", read_start},
	{"layout", read_layout},
	{"btime", read_btime},
	{"load", read_load},
	{"mem", read_mem},
	{"disk", read_disk},
	{"units", read_units},
	{"manifests", read_manifests},
	{"healthz", read_healthz},
	{"files", read_files},
	{"journal", read_journal},
	{"containers", read_containers},
	{"crictl", read_crictl},
	{"etcd", read_etcd},
	{"ca", read_ca},
	{"addr", read_addr},
	{"logs", read_logs},
	{"end", read_end},
};

static void read_cert(struct host_report *out, const char *path, struct part text)
{
	struct tls_cert cert;

	if (out->n_certs == HOST_MAX_CERTS || tls_read_pem(text.at, text.n, &cert, 1, NULL) <= 0)
		return;
	str_copy(out->certs[out->n_certs].subject, sizeof(out->certs[0].subject), cert.subject);
	out->certs[out->n_certs].not_after_ms = cert.not_after_ms;
	text_safe(out->certs[out->n_certs].path, sizeof(out->certs[0].path), path, strlen(path));
	out->n_certs++;
}

static void read_section(struct reading *r, const char *name, struct part text)
{
	if (str_starts(name, "cert "))
		read_cert(r->out, name + strlen("cert "), text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			rows[i].read(r, text);
}

/* The middle of the round trip, as NTP takes it. But the way there may hold a whole ssh handshake,
 * and the way back never does: beyond 50 ms the delay is counted as the way there's, else a slow
 * login looked like a wrong clock. */
static int64_t skew_ms(const struct reading *r)
{
	int64_t there, back, delay;

	if (r->start_ms == INT64_MIN || r->end_ms == INT64_MIN)
		return INT64_MIN;
	there = r->start_ms - r->asked->sent_ms; /* skew + the way there */
	back = r->end_ms - r->asked->got_ms;     /* skew - the way back */
	delay = there - back;
	return back + (delay < 100 ? delay / 2 : 50);
}

int node_round_parse(const char *text, size_t n, const struct node_round_asked *a,
	struct host_report *out, struct err *e)
{
	struct reading r = {.asked = a,
		.out = out,
		.start_ms = INT64_MIN,
		.end_ms = INT64_MIN,
		.layout = node_layout_named("")};
	char name[NODE_SECTION_NAME];
	struct node_sections it;
	struct part section;

	memset(out, 0, sizeof(*out));
	out->boot_time_ms = out->mem_total_kb = out->mem_available_kb = -1;
	out->disk_percent_root = out->disk_percent_etcd = out->disk_percent_containerd = -1;
	out->load1 = -1;
	out->kubelet_healthz = -1;
	str_copy(out->runtime, sizeof(out->runtime), "unknown");
	str_copy(out->kubelet, sizeof(out->kubelet), "unknown");
	node_sections_begin(&it, text, n, a->nonce);
	while (node_sections_next(&it, name, &section.at, &section.n))
		read_section(&r, name, section);
	out->clock_skew_ms = skew_ms(&r);
	return r.ended ? 0 : err_set(e, ERR_INPUT, _("the node's answer is cut short"));
}
