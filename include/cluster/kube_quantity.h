/* Resource quantities ("250m", "1.5", "16Gi", "12e6", "3145728k") as integers; apimachinery's
 * resource.Quantity. Any thread. */
#ifndef CLUSTER_KUBE_QUANTITY_H
#define CLUSTER_KUBE_QUANTITY_H

#include <stdint.h>

#include "io/json_pull.h"

/* Rounded up, as Quantity.Value does, saturating; otherwise when absent or no quantity. */
int64_t kube_quantity(struct json_span s, int64_t otherwise);
int64_t kube_quantity_milli(struct json_span s, int64_t otherwise); /* thousandths: cpu */

#endif
