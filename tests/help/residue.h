/* Is a secret still somewhere in this process's heap? The secret is made at run time, so that
 * neither the program nor the search itself holds it. */
#ifndef HELP_RESIDUE_H
#define HELP_RESIDUE_H

#define RESIDUE_BYTES 65

/* 64 letters that stand nowhere else, and a NUL. */
void residue_secret(char secret[RESIDUE_BYTES]);
/* How often eight letters of it that follow each other are there, but for the stack; -1 where it
 * cannot be told, as under valgrind, whose own memory is this process's too. */
int residue_count(void);

#endif
