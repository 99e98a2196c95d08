/* A fuzz target is LLVMFuzzerTestOneInput and nothing else. replay.c is the main
 * that runs it under gcc; with clang, -fsanitize=fuzzer brings another. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#endif
