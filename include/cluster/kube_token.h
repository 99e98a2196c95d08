/* What a token says of itself. JSON Web Tokens carry their end in a claim that needs no key to be
 * read. Any thread. */
#ifndef CLUSTER_KUBE_TOKEN_H
#define CLUSTER_KUBE_TOKEN_H

#include <stdint.h>

int64_t kube_token_expiry(const char *token); /* Unix ms; INT64_MAX when it does not say */

#endif
