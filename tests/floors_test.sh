#!/bin/sh
# floors_test.sh: each breach of the house rules is refused, and what only looks
# like one is not. Prints the cases that went wrong.
set -u
rules=$PWD/tests/floors.awk
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
cd "$tree" || exit 1
bad=0

# check refused|passes FILE TEXT: one file with this text (\n ends a line).
check() {
	rm -rf include src ui
	mkdir -p "$(dirname "$2")"
	printf '%b\n' "$3" >"$2"
	if awk -f "$rules" "$2" >said; then got=passes; else got=refused; fi
	[ "$got" = "$1" ] && { [ "$got" = passes ] || grep -q "^$2:" said; } && return
	bad=1
	echo "$2: wanted $1, $got: $3"
}

check refused src/base/a.c '#include "model/pod.h"'
check refused src/model/a.c '#include "io/http.h"'
check refused src/io/a.c '#include "model/pod.h"'
check refused src/cluster/a.c '#include "drill/server.h"'
check refused src/drill/a.c '#include "cluster/etcd.h"'
check refused src/ops/engine/a.c '#include "ui/kit/view.h"'
check refused ui/screen/a.c '#include "ops/engine/engine.h"'
check refused ui/kit/a.c '#include "io/file.h"'
check refused src/ops/journal/a.c '#include "ops/notify/notify.h"'
check refused src/ops/watch/a.c '#include "ops/engine/engine.h"'
check refused src/ops/incident/a.c '#include "cluster/etcd.h"'
check refused ui/kit/a.c '#include "ui/view/header.h"'
check refused ui/view/a.c '#include "ui/screen/screen.h"'
check refused src/ops/a.c 'int a;'
check refused include/ui/a.h 'int a;'
check refused src/drill/a.c '#include "ops/watch/question.h"'
check refused src/drill/server/a.c '#include "drill/world/world.h"'
check refused src/drill/world/a.c '#include "drill/drill.h"'
check passes src/drill/a.c '#include "drill/fake/fake_etcd.h"'
check passes src/ops/incident/a.c '#include "ops/journal/journal.h"\n#include "ops/notify/notify.h"'
check passes src/ops/engine/a.c '#include "ops/incident/desk.h"\n#include "cluster/etcd.h"'
check passes ui/screen/a.c '#include "ui/view/header.h"\n#include "ui/kit/canvas.h"'
check refused include/ui/kit/a.h '#include "app/options.h"'
check refused include/base/a.h '#  include  "io/file.h"'
check refused src/base/a.c '#include "../io/file.h"'
check refused src/app/session.c '#include "ui/kit/keymap.h"'
check passes src/ops/engine/a.c '#include "ops/run/runs.h"'
check refused src/ops/run/a.c '#include "ops/engine/engine.h"'
check refused src/ops/run/a.c '#include "ops/watch/api_watch.h"'
check passes src/app/console.c '#include "ui/kit/view.h"\n#include "ops/engine/engine.h"\n#include "drill/server.h"'
check passes src/cluster/a.c '#include "cluster/etcd.h"\n#include "io/http.h"\n#include "model/pod.h"'

check refused ui/view/view_a.c '#include <ncurses.h>'
check refused ui/view/view_a.c '#include <curses.h>'
check refused include/ui/kit/tty.h '#include <ncursesw/ncurses.h>'
check refused src/io/a.c "pthread_create(&t, NULL, f, a);"
check passes src/base/thread.c "pthread_create(&t, NULL, f, a);"
check passes ui/kit/tty.c '#include <ncurses.h>\n#include <term.h>'
check refused src/cluster/kube_list.c '#include <curl/curl.h>'
check refused include/io/http.h '#include <curl/curl.h>'
check passes src/io/http_easy.c '#include <curl/curl.h>'
check refused src/cluster/a.c '#include <jansson.h>'
check passes src/io/json.c '#include <jansson.h>'
check refused src/app/config.c '#include <yaml.h>'
check refused src/ops/journal/journal.c '#include <sqlite3.h>'
check refused src/io/tar.c '#include "sqlite3.h"'
check passes src/io/db.c '#include <sqlite3.h>'
check refused src/io/http.c '#include <openssl/ssl.h>'
check passes src/io/tls_file.c '#include <openssl/ssl.h>'
check passes src/base/sha.c '#include <openssl/evp.h>'
check refused src/io/http.c '#include <nghttp2/nghttp2.h>'
check passes src/drill/server/server.c '#include <nghttp2/nghttp2.h>'
check refused src/cluster/kube_list.c '#include <pb_decode.h>'
check refused src/drill/server/server.c '#include "io/proto/rpc.pb.h"'
check passes src/cluster/etcd_maint.c '#include "io/proto/rpc.pb.h"'
check passes src/drill/fake/fake_etcd.c '#include <pb_encode.h>'
check refused src/ops/engine/guard.c '#include <microhttpd.h>'
check passes src/io/httpd.c '#include <microhttpd.h>'
check refused src/ops/engine/bundle.c '#include <archive.h>'
check passes src/io/tar.c '#include <archive.h>\n#include <archive_entry.h>'

check refused src/io/a.c '\tstrcpy(a, b);'
check refused src/io/a.c '\tx = "a\\"b" + atoi (s);'
check refused src/io/a.c '/* a\n b */ system("ls");'
check refused src/io/a.c "\tif (c == '\"') sprintf(a, \"x\");"
check passes src/io/a.c '/* pods of the\n * system (kube-system) */\n// popen()\n\ts = "call system(3)";'
check passes src/io/a.c '\tsnprintf(a, 2, "x"); localtime_r(&t, &tm); my_system(1);'
check refused src/model/a.c '\tinstant_now();'
check refused ui/view/view_nodes.c '\tinstant_now();'
check passes src/ops/watch/a.c '\tinstant_now();'

rm -rf include src ui
mkdir -p include/base
echo '#include "base/b.h"' >include/base/a.h
echo '#include "base/c.h"' >include/base/b.h
echo '#include "base/d.h"' >include/base/c.h
echo '' >include/base/d.h
awk -f "$rules" include/base/*.h || { bad=1; echo 'headers without a circle are refused'; }
echo '#include "base/a.h"' >include/base/c.h
awk -f "$rules" include/base/*.h | grep -q 'include circle' || { bad=1; echo 'a circle of headers passes'; }

# rooms refused|passes NM HEADER TEXT: what objects define (T) and use (U), and one header.
rooms() {
	printf '%b\n' "$2" >nm
	mkdir -p "$(dirname "$3")"
	printf '%b\n' "$4" >"$3"
	if awk -f "${rules%/*}/rooms.awk" - "$3" <nm >said; then got=passes; else got=refused; fi
	[ "$got" = "$1" ] && return
	bad=1
	echo "rooms: wanted $1, got $got: $2 / $4"
}

B=build/release/src
rooms passes "$B/io/a.o:0 T a\n$B/io/a.o: U b\n$B/io/b.o:0 T b" include/io/a.h '/* a() */\nint a(void); /* b()\n * too */'
rooms refused "$B/io/a.o:0 T a\n$B/io/a.o: U b\n$B/io/b.o:0 T b\n$B/io/b.o: U c\n$B/io/c.o:0 D c\n$B/io/c.o: U a" include/io/a.h ''
rooms refused "$B/io/b.o:0 T b" include/io/a.h 'struct x {\n\tint (*b)(void);\n};\nint b(\n\tstruct x *x);'
rooms refused "$B/io/b.o:0 D b" include/io/a.h 'extern const struct x b[];'
rooms refused "$B/io/b.o:0 T b" include/io/a.h '__attribute__((format(printf, 1, 2))) void b(const char *f, ...);'
rooms passes "$B/io/a_b.o:0 T b" include/io/a.h 'int b(void);'
rooms passes "build/debug/ui/view/view_b.o:0 R b" include/ui/view/views.h 'extern const int b;'
rooms passes "$B/io/b.o:0 T b" include/io/a.h 'struct x {\n\tint (*b)(void);\n};\nstatic inline int c(void)\n{\n\treturn b();\n}'

exit $bad
