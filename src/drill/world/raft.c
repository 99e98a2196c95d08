/* Three etcd members as clients see raft: who runs, who hears whom, who leads, how
 * far each one's log is. A member that lost the others still tells its status; one that
 * started without them has not found its cluster and answers nobody. A member's identity
 * lies in its data directory, so that replacing one needs an empty directory, as it does. */
#include "drill/world/raft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "drill/world/drill_files.h"
#include "io/file.h"

enum { ELECTION_MS = 1200, JOIN_MS = 600 };

static const uint64_t first_ids[WORLD_MASTERS] = {
	0x8e9e05c52164694dULL, 0x91bc3c398fb3c146ULL, 0xfd422379fda50e48ULL};

static bool running(const struct world *w, int i)
{
	const struct machine *m = &w->machines[i];

	return !m->off && m->containers[CONTAINER_ETCD].up && m->etcd_fault != FAULT_HANG &&
	       m->etcd_fault != FAULT_CUT && w->raft->members[i].listed;
}

static bool connected(const struct world *w, int a, int b)
{
	return running(w, a) && running(w, b) && world_reach(w, &w->machines[a], &w->machines[b]);
}

static bool has_quorum(const struct world *w, int i)
{
	int voters = 0, heard = 0;

	for (int k = 0; k < WORLD_MASTERS; k++) {
		const struct member *m = &w->raft->members[k];

		voters += m->listed && !m->learner;
		heard += m->listed && !m->learner && connected(w, i, k);
	}
	return heard >= voters / 2 + 1;
}

static void id_path(const struct world *w, int i, char *dst, size_t size)
{
	snprintf(dst, size, "%s/var/lib/etcd/member/id", w->machines[i].root);
}

static void id_write(const struct world *w, int i)
{
	char path[300], text[24];

	snprintf(path, sizeof(path), "%s/var/lib/etcd/member", w->machines[i].root);
	file_make_dirs(path, 0700, NULL);
	id_path(w, i, path, sizeof(path));
	snprintf(text, sizeof(text), "%016llx\n", (unsigned long long)w->raft->members[i].id);
	files_put(path, text, 0600, NULL);
}

/* Does the data directory belong to the member that is listed? An empty one is made its own. */
static bool id_fits(const struct world *w, int i)
{
	char path[300], *text, expect[24];
	bool fits;

	id_path(w, i, path, sizeof(path));
	if (file_read(path, 100, &text, NULL, NULL) != 0) {
		if (w->raft->members[i].listed)
			id_write(w, i);
		return w->raft->members[i].listed;
	}
	snprintf(expect, sizeof(expect), "%016llx\n", (unsigned long long)w->raft->members[i].id);
	fits = w->raft->members[i].listed && strcmp(text, expect) == 0;
	free(text);
	return fits;
}

struct raft *raft_new(struct world *w)
{
	struct raft *r = mem_new(struct raft);

	w->raft = r;
	r->cluster_id = 0xcdf818194e3a8c32ULL;
	r->term = 7;
	r->index = 61033;
	r->leader = 0;
	for (int i = 0; i < WORLD_MASTERS; i++) {
		struct member *m = &r->members[i];

		m->id = first_ids[i];
		m->listed = m->joined = true;
		m->index = r->index;
		m->term = r->term;
		m->leader_changes = 2;
		id_write(w, i);
	}
	return r;
}

void raft_free(struct raft *r)
{
	free(r);
}

static void follow(struct world *w)
{
	struct raft *r = w->raft;

	for (int i = 0; r->leader >= 0 && i < WORLD_MASTERS; i++)
		if (r->members[i].joined && connected(w, i, r->leader)) {
			r->members[i].index = r->index;
			r->members[i].term = r->term;
			r->members[i].revision = store_revision(w->store);
		}
}

void raft_wrote(struct world *w)
{
	w->raft->index++;
	follow(w);
}

bool raft_joined(const struct world *w, int master)
{
	return w->raft->members[master].joined;
}

bool raft_has_leader(const struct world *w, int master)
{
	return w->raft->leader >= 0 && connected(w, master, w->raft->leader);
}

void raft_restarted(struct world *w, int master)
{
	struct member *m = &w->raft->members[master];

	m->joined = false;
	m->started_ms = w->now.boot_ms;
	m->leader_changes = 0;
	m->misfit = !id_fits(w, master);
	if (m->misfit)
		w->machines[master].containers[CONTAINER_ETCD].why =
			"the member has been permanently removed from the cluster";
	if (w->raft->leader == master)
		w->raft->leader = -1;
}

static void elect(struct world *w)
{
	struct raft *r = w->raft;

	if (r->leader >= 0 && running(w, r->leader) && has_quorum(w, r->leader))
		return;
	if (r->leader >= 0 || r->election_ms == 0)
		r->election_ms = w->now.boot_ms + world_ms(w, ELECTION_MS) + world_random(w, 300);
	r->leader = -1;
	if (w->now.boot_ms < r->election_ms)
		return;
	for (int k = 0; k < WORLD_MASTERS; k++) {
		int i = (int)((r->term + (uint64_t)k) % WORLD_MASTERS);

		if (!running(w, i) || r->members[i].learner || !has_quorum(w, i))
			continue;
		r->leader = i;
		r->term++;
		r->index++;
		r->election_ms = 0;
		for (int m = 0; m < WORLD_MASTERS; m++)
			r->members[m].leader_changes += connected(w, i, m);
		break;
	}
}

void raft_tick(struct world *w)
{
	struct raft *r = w->raft;

	elect(w);
	for (int i = 0; i < WORLD_MASTERS; i++) {
		struct member *m = &r->members[i];

		if (m->misfit && w->machines[i].containers[CONTAINER_ETCD].up)
			static_exit(w, &w->machines[i], CONTAINER_ETCD,
				"the member has been permanently removed from the cluster");
		if (!m->joined && !m->misfit && r->leader >= 0 && connected(w, i, r->leader) &&
			w->now.boot_ms - m->started_ms >= world_ms(w, JOIN_MS))
			m->joined = true;
	}
	follow(w);
}

/* ---- membership ---- */

int raft_by_id(const struct raft *r, uint64_t id)
{
	for (int i = 0; i < WORLD_MASTERS; i++)
		if (r->members[i].listed && r->members[i].id == id)
			return i;
	return -1;
}

int raft_remove(struct world *w, int master)
{
	struct member *m = &w->raft->members[master];

	m->listed = m->joined = m->learner = false;
	m->misfit = true;
	if (w->raft->leader == master)
		w->raft->leader = -1;
	raft_wrote(w);
	return 0;
}

int raft_add(struct world *w, const char *peer_url, bool learner)
{
	char url[64];

	for (int i = 0; i < WORLD_MASTERS; i++) {
		struct member *m = &w->raft->members[i];

		snprintf(url, sizeof(url), "https://%s:%d", w->machines[i].address, w->peer_port);
		if (m->listed || strcmp(url, peer_url) != 0)
			continue;
		m->id = first_ids[i] ^ (++w->numbers * 0x9e3779b97f4a7c15ULL);
		m->listed = true;
		m->learner = learner;
		m->joined = false;
		raft_wrote(w);
		return i;
	}
	return -1;
}

int raft_promote(struct world *w, int master)
{
	struct member *m = &w->raft->members[master];

	if (!m->learner || !m->joined)
		return -1;
	m->learner = false;
	raft_wrote(w);
	return 0;
}

/* Healed from outside: every master's member is in the list again, with its own data. */
void raft_mend(struct world *w)
{
	for (int i = 0; i < WORLD_MASTERS; i++) {
		struct member *m = &w->raft->members[i];

		m->learner = false;
		m->alarm = 0;
		if (m->listed && !m->misfit)
			continue;
		m->listed = true;
		m->misfit = false;
		id_write(w, i);
	}
}
