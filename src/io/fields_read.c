/* One table, two readers. */
#include "io/json_pull.h"
#include "io/proto_pull.h"

int fields_read(struct json_span object, const struct field *fields, void *into, struct err *e)
{
	struct proto_pull proto;
	struct json_pull json;

	if (object.proto) {
		proto_pull_init(&proto, object.at, object.n);
		proto_pull_fields(&proto, fields, into);
		return proto_pull_end(&proto, e);
	}
	json_pull_init(&json, object.at, object.n);
	json_pull_fields(&json, fields, into);
	return json_pull_end(&json, e);
}
