/* Runs a fuzz target without a fuzzer.
 *
 *   fuzz_x                  every file of tests/fuzz/corpus/fuzz_x
 *   fuzz_x FILE...          these
 *   fuzz_x -n 1000 [-s 7]   and 1000 mutations of each, from seed 7
 *
 * Each input is run from a heap copy of its exact size, so that AddressSanitizer
 * sees one byte too far. A mutation is written to <program>.last before it runs:
 * after a crash that file is the input to keep in the corpus. */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

#define INPUT_BYTES ((size_t)1 << 20)

struct input {
	uint8_t *bytes;
	size_t n;
};

static struct options {
	long mutations;
	uint64_t seed;
} options = {.seed = 1};

static long ran;

/* xorshift64*: the same mutations for the same seed, everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

static size_t below(uint64_t *state, size_t n)
{
	return n == 0 ? 0 : (size_t)(next_random(state) >> 11) % n;
}

static void run(const uint8_t *bytes, size_t n)
{
	uint8_t *exact = malloc(n > 0 ? n : 1);

	if (exact == NULL)
		abort();
	memcpy(exact, bytes, n);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	ran++;
}

static void insert(struct input *in, size_t at, const uint8_t *bytes, size_t n)
{
	if (in->n + n > INPUT_BYTES)
		return;
	memmove(in->bytes + at + n, in->bytes + at, in->n - at);
	memcpy(in->bytes + at, bytes, n);
	in->n += n;
}

static void erase(struct input *in, size_t at, size_t n)
{
	memmove(in->bytes + at, in->bytes + at + n, in->n - at - n);
	in->n -= n;
}

/* Bytes that parsers of text and of length-prefixed binary both stumble over. */
static const uint8_t odd[] = {
	0, 1, 0x7F, 0x80, 0xFF, 0xFE, '"', '\\', '\n', '{', '[', ':', '-', '9', 0xC0, 0xED};

static void mutate(struct input *in, uint64_t *state)
{
	size_t at = below(state, in->n), n = 1 + below(state, 16);
	uint8_t piece[16];

	if (n > in->n - at)
		n = in->n - at;
	switch (in->n == 0 ? 3 : below(state, 6)) {
	case 0:
		in->bytes[at] ^= (uint8_t)(1U << below(state, 8));
		break;
	case 1:
		in->bytes[at] = odd[below(state, sizeof(odd))];
		break;
	case 2:
		erase(in, at, n);
		break;
	case 3:
		insert(in, at, &odd[below(state, sizeof(odd))], 1);
		break;
	case 4: /* repeat a piece elsewhere */
		memcpy(piece, in->bytes + at, n);
		insert(in, below(state, in->n), piece, n);
		break;
	default: /* cut the end off */
		in->n = at;
		break;
	}
}

/* Memory that survives this process: it is the file. */
static uint8_t *last_input(const char *program)
{
	char path[4096];
	uint8_t *bytes;
	int fd;

	snprintf(path, sizeof(path), "%s.last", program);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)INPUT_BYTES) != 0) {
		perror(path);
		exit(2);
	}
	bytes = mmap(NULL, INPUT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED) {
		perror(path);
		exit(2);
	}
	return bytes;
}

static void run_mutations(const char *program, const struct input *from)
{
	struct input in = {.bytes = last_input(program)};
	uint64_t state = options.seed * UINT64_C(0x9E3779B97F4A7C15) + from->n;
	char path[4096];

	for (long i = 0; i < options.mutations; i++) {
		memcpy(in.bytes, from->bytes, from->n);
		in.n = from->n;
		for (size_t k = 1 + below(&state, 8); k > 0; k--)
			mutate(&in, &state);
		memset(in.bytes + in.n, 0, in.n < INPUT_BYTES ? 1 : 0);
		run(in.bytes, in.n);
	}
	munmap(in.bytes, INPUT_BYTES);
	snprintf(path, sizeof(path), "%s.last", program);
	unlink(path);
}

static void run_file(const char *program, const char *path)
{
	struct input in = {.bytes = malloc(INPUT_BYTES)};
	FILE *f = fopen(path, "rb");

	if (f == NULL || in.bytes == NULL) {
		perror(path);
		exit(2);
	}
	in.n = fread(in.bytes, 1, INPUT_BYTES, f);
	fclose(f);
	run(in.bytes, in.n);
	if (options.mutations > 0)
		run_mutations(program, &in);
	free(in.bytes);
}

static void run_corpus(const char *program)
{
	const char *name = strrchr(program, '/');
	char dir[512], path[1024];
	struct dirent *entry;
	DIR *d;

	snprintf(dir, sizeof(dir), "tests/fuzz/corpus/%s", name == NULL ? program : name + 1);
	d = opendir(dir);
	if (d == NULL) {
		perror(dir);
		exit(2);
	}
	while ((entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		run_file(program, path);
	}
	closedir(d);
}

int main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "n:s:")) != -1) {
		if (c == 'n')
			options.mutations = strtol(optarg, NULL, 10);
		else if (c == 's')
			options.seed = strtoull(optarg, NULL, 10);
		else
			return 64;
	}
	if (optind == argc)
		run_corpus(argv[0]);
	for (int i = optind; i < argc; i++)
		run_file(argv[0], argv[i]);
	printf("%ld inputs\n", ran);
	return ran > 0 ? 0 : 1;
}
