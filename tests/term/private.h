/* What the files of the test terminal share; nobody else includes this. */
#ifndef TERM_PRIVATE_H
#define TERM_PRIVATE_H

#include "term.h"

#include <termios.h>
#include <vterm.h>

enum { TERM_CSI_MAX = 256, TERM_MODES_MAX = 32 };

struct term {
	VTerm *vt;
	VTermScreen *screen;
	int master, slave, pidfd;
	pid_t pid;
	bool ended;
	int status;
	bool alt, cursor, keypad;
	int modes[TERM_MODES_MAX]; /* DEC private ones that the program set and did not reset */
	int n_modes;
	char mess[80]; /* what term_mess says */
	int mouse;
	struct termios before;
	uint64_t bytes;
	char csi[TERM_CSI_MAX]; /* a control sequence that has begun and not ended */
	size_t csi_len;
};

/* Of every cell of these rows. */
uint64_t term_fingerprint(const struct term *t, int first, int past);

#endif
