/* Heap memory that is there or ends the program: a console that half-works
 * out of memory misleads. Any thread. Free with free(). */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_zero(size_t n, size_t size); /* n * size bytes, zeroed; overflow checked */
void *mem_grow(void *old, size_t n, size_t size);
void *mem_dup(const void *bytes, size_t n); /* with a NUL behind the copy */
char *mem_str(const char *s);               /* strdup; NULL gives NULL */
void mem_wipe(void *bytes, size_t n);       /* for secrets: not optimised away */
void mem_forget(char **secret);             /* wipes a string, frees it; NULL from now on */

#define mem_new(type) ((type *)mem_zero(1, sizeof(type)))

#endif
