/* Is a text ended within its room, and safe to show as it is? */
#ifndef HELP_PRINTABLE_H
#define HELP_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

bool is_printable(const char *s, size_t room); /* after setlocale */

#endif
