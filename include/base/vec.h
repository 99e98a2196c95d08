/* A typed growing array: VEC(struct thing) things = {0}; *vec_add(&things) = t;
 * The elements are free()d by vec_done, not what they point to. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>
#include <string.h>

#include "base/mem.h"

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *at;                                                                          \
		size_t len, cap;                                                                   \
	}

size_t vec_room(size_t cap, size_t need); /* the capacity to grow to */

#define vec_add(v)                                                                                 \
	((v)->len == (v)->cap ? (void)((v)->cap = vec_room((v)->cap, (v)->len + 1),                \
					(v)->at = mem_grow((v)->at, (v)->cap, sizeof(*(v)->at)))   \
			      : (void)0,                                                           \
		memset(&(v)->at[(v)->len], 0, sizeof(*(v)->at)), &(v)->at[(v)->len++])

#define vec_done(v) (free((v)->at), (v)->at = NULL, (v)->len = (v)->cap = 0)

#endif
