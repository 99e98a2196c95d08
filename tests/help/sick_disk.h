/* A disk of this process that hangs, is full, broken or read-only: what is done to the files below
 * one directory stands in for libc's calls. For programs that link it; SQLite's calls come here
 * too. */
#ifndef HELP_SICK_DISK_H
#define HELP_SICK_DISK_H

enum sickness {
	DISK_WELL,
	DISK_OPEN_HANGS, /* none of these returns before the disk is well again */
	DISK_WRITE_HANGS,
	DISK_SYNC_HANGS,
	DISK_LOCK_HANGS,
	DISK_FULL,
	DISK_READ_ONLY,
	DISK_BROKEN /* EIO */
};

/* under: borrowed until the disk is well again. What hung goes on when that changes. */
void sick_disk(const char *under, enum sickness s);

#endif
