# k911's build.
#
#   make run                 install what is missing, build, open the console (ARGS=... to k911)
#   make check               install what is missing, build, run every test that needs no root
#   make                     optimised and hardened, in build/release
#   make MODE=asan test      the same tests under address and undefined-behaviour sanitizers
#   make MODE=asan T=unit/io test   only the tests whose path begins so
#   make verify              floors, rooms, headers, lint, analyzer, every sanitizer, valgrind, translations
#   make e2e                 the console on a real cluster of eight machines (root, Go)
#   make e2e-full            and the long matrices
#   make bench SCALE=1000    what it costs on that many nodes, beside curl and kubectl
#   make soak MINUTES=30 SEED=1 FAULT=all   two consoles through every fault, beside a script that knows the truth
#   make fuzz N=100000       that many mutations of each fuzz target's corpus, under asan
#   make format              clang-format over all of our C
#   make po-update           new messages into the translations
#   make install PREFIX=/usr DESTDIR=...; make uninstall
NAME    := k911
VERSION := 0.1.0
MODE    ?= release
B       ?= build/$(MODE)
GEN     := build/gen

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR  ?= $(DATADIR)/man

# Debian 12 names; the first list builds and runs k911, the second tests it.
PACKAGES := gcc libc6-dev make pkg-config libncurses-dev libcurl4-openssl-dev libjansson-dev libyaml-dev \
	libsqlite3-dev libssl-dev libnghttp2-dev libarchive-dev libmicrohttpd-dev \
	nanopb libnanopb-dev protobuf-compiler gettext openssh-client ncurses-base ncurses-term
TEST_PACKAGES := libcmocka-dev libvterm-dev python3 busybox
VERIFY_PACKAGES := clang-format-14 clang-tidy-14 cppcheck shellcheck valgrind libc6-dbg util-linux prometheus-alertmanager
E2E_PACKAGES := python3 python3-yaml iproute2 openssh-client util-linux mount curl gcc libc6-dev mmdebstrap

PKG_CONFIG ?= pkg-config
PKGS    := ncursesw libcurl jansson yaml-0.1 sqlite3 libssl libcrypto libnghttp2 \
	libarchive libmicrohttpd
TEST_PKGS := cmocka vterm
# Goals that look for no library: they install them first, or need none.
BARE    := run check verify e2e e2e-full bench on-lab soak fuzz packages lab-packages lint shellcheck analyze asan tsan valgrind \
	clean uninstall floors format format-check pot po-update po-check
missing  = $(error missing: $(1) (pkg-config does not know it). On Debian: make packages. \
	Elsewhere install what corresponds to: $(PACKAGES))
need     = $(foreach p,$(1),$(if $(shell $(PKG_CONFIG) --exists $(p) 2>/dev/null && echo yes),,$(call missing,$(p))))
ifneq ($(filter-out $(BARE),$(or $(MAKECMDGOALS),all)),)
_       := $(call need,$(PKGS))
PKG_CF  := $(shell $(PKG_CONFIG) --cflags $(PKGS))
PKG_LD  := $(shell $(PKG_CONFIG) --libs $(PKGS)) -lprotobuf-nanopb -lm
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wformat-signedness \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla \
	-Wimplicit-fallthrough -Wswitch-enum -Wnull-dereference \
	-Wduplicated-cond -Wduplicated-branches -Wlogical-op -Walloca
HARD_CF := -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	-ftrivial-auto-var-init=zero -fno-strict-aliasing
HARD_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed

OPT_release := -O2 -g -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 $(HARD_CF)
LNK_release := $(HARD_LD)
OPT_debug   := -O0 -g3
# Instrumented code makes gcc 12 doubt what it does not doubt elsewhere.
DOUBTS      := -Wno-restrict -Wno-format-truncation -Wno-stringop-truncation -Wno-stringop-overflow -Wno-maybe-uninitialized -Wno-null-dereference
OPT_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all $(DOUBTS)
LNK_asan    := -fsanitize=address,undefined
OPT_tsan    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread $(DOUBTS)
LNK_tsan    := -fsanitize=thread
OPT_analyze := -O2 -fanalyzer
OPT_cov     := -O0 -g --coverage
LNK_cov     := --coverage
ifeq ($(OPT_$(MODE)),)
$(error MODE=$(MODE): choose release debug asan tsan analyze cov)
endif
# gcc 12's TSan can abort where mmap randomisation is wide: run it without, where one may.
RUN_tsan = $(shell setarch -R true 2>/dev/null && echo setarch -R)

# CFLAGS, CPPFLAGS, LDFLAGS stay the packager's; ours sit beside them.
CFLAGS ?=
DEFS := -D_GNU_SOURCE -DK911_VERSION='"$(VERSION)"' -DK911_DATADIR='"$(DATADIR)"'
INC  := -Iinclude -I$(GEN)
ALL_CF = -std=c17 $(INC) $(DEFS) $(PKG_CF) $(WARN) $(OPT_$(MODE)) -pthread $(CPPFLAGS) $(CFLAGS)
ALL_LD = $(LNK_$(MODE)) -pthread $(LDFLAGS)

Q := $(if $(V),,@)
# $(call only_if_new,TEXT): writes TEXT to the target unless it says so already.
only_if_new = mkdir -p $(@D); echo '$(subst ','"'"',$(1))' | cmp -s - $@ || echo '$(subst ','"'"',$(1))' > $@

# One archive per floor, and in the wings one per inner floor; the link order is the house, roof first.
FLOORS  := ui/screen ui/view ui/kit ops/engine ops/run ops/incident ops/notify ops/journal ops/watch \
	drill drill/fake drill/world drill/server cluster io model base
archive  = $(B)/lib$(subst /,-,$(1)).a
files    = $(sort $(wildcard src/$(1)/*.c) $(if $(filter ui/%,$(1)),$(wildcard $(1)/*.c)))
objs     = $(patsubst %.c,$(B)/%.o,$(1))
SOURCES := $(sort $(wildcard src/*/*.c src/*/*/*.c ui/*/*.c))
HEADERS := $(sort $(wildcard include/*/*.h include/*/*/*.h))
THEMES   := $(sort $(wildcard themes/*.yaml))
SCRIPTS  := $(sort $(wildcard src/cluster/scripts/*.sh))
RUNBOOKS := $(sort $(wildcard src/runbooks/*.yaml))
PROTOS  := $(wildcard src/io/proto/*.proto)
PB_H    := $(patsubst src/%.proto,$(GEN)/%.pb.h,$(PROTOS))
GEN_io  := $(PB_H:.h=.c)
GEN_cluster := $(GEN)/cluster/script_files.c
GEN_ops/run := $(if $(RUNBOOKS),$(GEN)/ops/run/runbook_files.c)
GEN_app := $(if $(THEMES),$(GEN)/app/theme_files.c)
GEN_C   := $(GEN_io) $(GEN_cluster) $(GEN_ops/run) $(GEN_app)
MAIN_C  := $(wildcard src/app/main.c)
C_app   := $(filter-out $(MAIN_C),$(call files,app))
$(foreach f,$(FLOORS),$(eval C_$(f) := $(call files,$(f))))
ARCHIVES := $(foreach f,app $(FLOORS),$(if $(C_$(f))$(GEN_$(f)),$(call archive,$(f))))
PROGRAM := $(if $(MAIN_C),$(B)/$(NAME))
MO      := $(patsubst src/app/share/po/%.po,$(B)/share/locale/%/LC_MESSAGES/$(NAME).mo,$(wildcard src/app/share/po/*.po))
STAMP   := $(B)/.flags

all: $(ARCHIVES) $(PROGRAM) $(MO)

$(B)/$(NAME): $(B)/src/app/main.o $(ARCHIVES)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_CF) $(ALL_LD) -o $@ $^ $(PKG_LD)

define floor
$(call archive,$(1)): $(call objs,$(C_$(1))) $(GEN_$(1):$(GEN)/%.c=$(B)/gen/%.o) $(B)/.files
	@echo '  AR    $$@'
	$(Q)rm -f $$@ && $(AR) rcs $$@ $$(filter %.o,$$^)
endef
$(foreach f,app $(FLOORS),$(eval $(call floor,$(f))))

$(B)/%.o: %.c $(STAMP) | $(PB_H)
	@echo '  CC    $<'
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CF) -MMD -MP -c -o $@ $<

# Generated code: our flags, but not our warnings.
$(B)/gen/%.o: $(GEN)/%.c $(STAMP)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -W%,$(ALL_CF)) -MMD -MP -c -o $@ $<

$(GEN)/%.pb.c $(GEN)/%.pb.h &: src/%.proto $(wildcard src/io/proto/*.options)
	@echo '  PB    $<'
	@mkdir -p $(@D)
	$(Q)protoc -Isrc/$(dir $*) --nanopb_out=$(GEN)/$(dir $*) --nanopb_opt=-Isrc/$(dir $*) $<

# floor, kind, files
define embedded
$(GEN)/$(1)/$(2)_files.c: $(3) $(GEN)/.files tests/embed.sh
	@mkdir -p $$(@D)
	$$(Q)tests/embed.sh $(2) $(3) > $$@
endef
$(eval $(call embedded,app,theme,$(THEMES)))
$(eval $(call embedded,cluster,script,$(SCRIPTS)))
$(eval $(call embedded,ops/run,runbook,$(RUNBOOKS)))

$(B)/share/locale/%/LC_MESSAGES/$(NAME).mo: src/app/share/po/%.po
	@echo '  MO    $<'
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<

# Rewritten only when they change: new flags rebuild everything, a file that came
# or went rebuilds what lists it. -Werror makes no other code, so it is left out.
$(STAMP): FORCE
	@$(call only_if_new,$(CC) $(filter-out -Werror,$(ALL_CF) $(ALL_LD)))
$(B)/.files: FORCE
	@$(call only_if_new,$(SOURCES) $(GEN_C))
$(GEN)/.files: FORCE
	@$(call only_if_new,$(THEMES) $(SCRIPTS) $(RUNBOOKS))

# tests/unit/<floor>/test_x.c links only the floors it may see; tests/drill,
# tests/pty and tests/fuzz see the whole program but its main.
BELOW_ops    := cluster io model base
SEES_base    := base
SEES_model   := model base
SEES_io      := io base
SEES_cluster := cluster io model base
SEES_drill        := $(filter drill%,$(FLOORS)) io model base
SEES_drill/server := drill/server io model base
SEES_drill/world  := drill/world $(SEES_drill/server)
SEES_drill/fake   := drill/fake $(SEES_drill/world)
SEES_ops/watch    := ops/watch $(BELOW_ops)
SEES_ops/journal  := ops/journal io model base
SEES_ops/notify   := ops/notify $(BELOW_ops)
SEES_ops/incident := ops/incident ops/journal ops/notify $(BELOW_ops)
SEES_ops/run      := ops/run ops/incident ops/journal ops/notify $(BELOW_ops)
SEES_ops/engine   := $(filter ops/%,$(FLOORS)) $(BELOW_ops)
SEES_ui/kit       := ui/kit model base
SEES_ui/view      := ui/view ui/kit model base
SEES_ui/screen    := $(filter ui/%,$(FLOORS)) model base
SEES_app     := app $(FLOORS)
T            ?=
TEST_C       := $(sort $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c tests/drill/test_*.c tests/pty/test_*.c tests/fuzz/fuzz_*.c))
TEST_PY      := tests/soak/kills.py tests/lab/able_test.py
TESTS        := $(addprefix $(B)/,$(basename $(filter $(or $(T:%=tests/%%),%),$(TEST_C) $(TEST_PY))))
# The floor of unit/io/test_x, unit/ops/watch/test_x; app of any other.
test_dir      = $(patsubst unit/%/,%,$(filter unit/%,$(dir $(1))))
test_floor    = $(or $(call test_dir,$(1)),app)
below         = $(filter $(foreach f,$(SEES_$(call test_floor,$(1))),$(call archive,$(f))),$(ARCHIVES))
TEST_CF       = $(shell $(PKG_CONFIG) --cflags $(TEST_PKGS))
TEST_LD       = $(shell $(PKG_CONFIG) --libs $(TEST_PKGS))
# What tests share: an archive, so each takes only what it calls; term/ is a
# terminal in memory, and with termctl a program of its own for the e2e tests.
HELP_C       := $(filter-out %/termctl.c,$(wildcard tests/term/*.c tests/help/*.c))
HELP_A       := $(if $(HELP_C),$(B)/tests/libhelp.a)
TERMCTL      := $(patsubst %.c,$(B)/%,$(wildcard tests/term/termctl.c))

$(B)/tests/libhelp.a: $(call objs,$(HELP_C))
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/tests/%.o: tests/%.c $(STAMP) | $(PB_H)
	@echo '  CC    $<'
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CF) $(TEST_CF) -Itests -MMD -MP -c -o $@ $<

# A gate in allocations: the linker hands the test every one of ours.
$(B)/tests/unit/cluster/test_kube_cost: private LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

$(addprefix $(B)/,$(basename $(TEST_PY))): $(B)/%: %.py
	@install -Dm755 $< $@

.SECONDEXPANSION:
$(B)/tests/%: tests/%.c $$(call below,$$*) $(HELP_A) $(STAMP) $$(if $$(findstring fuzz/,$$*),$(B)/tests/fuzz/replay.o) | $(PB_H)
	@echo '  TEST  $@'
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CF) $(TEST_CF) -Itests -MMD -MP -MF $@.d -DGOLDEN_DIR='"tests/golden"' -DLOCALE_DIR='"$(B)/share/locale"' $(ALL_LD) -o $@ $< \
		$(filter %.o,$^) $(HELP_A) $(filter-out $(HELP_A),$(filter %.a,$^)) $(TEST_LD) $(PKG_LD)

# A library for LD_PRELOAD that makes the disk slow, and says which thread waited for it.
SLOW_DISK := $(B)/tests/soak/slow_disk.so
$(SLOW_DISK): tests/soak/slow_disk.c $(STAMP)
	@echo '  SO    $@'
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -O1 -g -shared -fPIC $(filter -Werror,$(CFLAGS)) -o $@ $<

# WRAP goes before each test program; the drill, the pty and the app tests run the program itself.
WRAP ?= $(RUN_$(MODE))
ENV  := K911=$(B)/$(NAME) K911_LOCALE=$(B)/share/locale K911_SLOW_DISK=$(SLOW_DISK)
tests: $(TESTS) $(MO) $(if $(filter $(B)/tests/drill/% $(B)/tests/pty/% $(B)/tests/unit/app/% $(B)/tests/soak/%,$(TESTS)),$(PROGRAM) $(SLOW_DISK))
test: tests
	@$(ENV) tests/run.sh '$(WRAP)' $(TESTS)

# What follows calls make again, since what it installs is looked for when make starts.
JOBS := $(shell nproc)
AGAIN = $(MAKE) --no-print-directory $(if $(filter --jobserver-auth=%,$(MAKEFLAGS)),,-j$(JOBS))
STRICT = CFLAGS='$(CFLAGS) -Werror'

packages:
	@tests/packages.sh $(PACKAGES) $(TEST_PACKAGES)

run:
	@tests/packages.sh $(PACKAGES)
	+@$(AGAIN) all
	@$(ENV) $(B)/$(NAME) $(ARGS)

check: packages
	+@$(AGAIN) $(STRICT) all tests
	+@$(AGAIN) $(STRICT) test

# No file escapes: what git knows of ours is what make compiles, checks and translates.
floors:
	@tests/floors_test.sh
	@! git rev-parse -q --git-dir >/dev/null 2>&1 || { \
		mkdir -p build; git ls-files --cached --others --exclude-standard 'src/*.c' 'ui/*.c' 'include/*.h' | sort -u > build/.known; \
		printf '%s\n' $(SOURCES) $(HEADERS) | sort | diff build/.known - || \
		{ echo 'these files stand where make does not look, or git does not know them'; exit 1; }; }
	@awk -f tests/floors.awk $(SOURCES) $(HEADERS)
	@echo '  ok    floors'

# What only the linker sees: circles of files, and headers that declare another file's.
rooms: $(call objs,$(SOURCES))
	@nm -A -g $^ | awk -f tests/rooms.awk - $(HEADERS)
	@echo '  ok    rooms'

headers: $(PB_H)
	@for h in $(HEADERS); do echo "#include \"$${h#include/}\"" | \
		$(CC) -std=c17 $(INC) $(DEFS) $(PKG_CF) $(WARN) -Werror -fsyntax-only -x c - || exit 1; done
	@echo '  ok    headers'

# clang-tidy, one file per run; a file is read again when it or a header of its changes.
TIDY := $(SOURCES:%.c=build/lint/%.tidy)
build/lint/%.tidy: %.c .clang-tidy | $(PB_H)
	@echo '  TIDY  $<'
	@mkdir -p $(@D)
	@$(CC) -std=c17 $(INC) $(DEFS) $(PKG_CF) -MM -MP -MT $@ -MF $@.d $<
	@clang-tidy-14 --quiet $< -- -std=c17 $(INC) $(DEFS) $(PKG_CF) > $@.log 2>&1 || \
		{ grep 'error:' $@.log || cat $@.log; exit 1; }
	@touch $@
tidy: $(TIDY)
	@echo '  ok    clang-tidy'

cppcheck: $(PB_H)
	@mkdir -p build/cppcheck
	@cppcheck --quiet -j$(JOBS) --cppcheck-build-dir=build/cppcheck --std=c11 --inline-suppr --error-exitcode=1 \
		--enable=warning,performance,portability --suppress=missingIncludeSystem -DPB_PROTO_HEADER_VERSION=40 \
		$(INC) $(DEFS) $(SOURCES)
	@echo '  ok    cppcheck'

# What nodes run, read as POSIX sh.
shellcheck:
	@shellcheck -s sh $(SCRIPTS)
	@echo '  ok    shellcheck'

lint:
	@tests/packages.sh $(PACKAGES) $(VERIFY_PACKAGES)
	+@$(AGAIN) -k tidy
	+@$(AGAIN) cppcheck shellcheck

archives: $(ARCHIVES)
analyze:
	+@$(AGAIN) -k MODE=analyze $(STRICT) archives
	@echo '  ok    analyze'

asan tsan:
	+@$(AGAIN) MODE=$@ $(STRICT) tests
	+@$(AGAIN) MODE=$@ $(STRICT) test

# A test's own forked child is silent: it dies as it stands, with its parent's memory and threads.
VALGRIND := valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,possible \
	--child-silent-after-fork=yes --suppressions=tests/valgrind.supp
VALGRIND_T = unit $(patsubst tests/%.c,%,$(firstword $(wildcard tests/drill/test_*.c)))
valgrind:
	+@$(AGAIN) MODE=debug $(STRICT) T='$(VALGRIND_T)' tests
	+@$(AGAIN) MODE=debug $(STRICT) T='$(VALGRIND_T)' WRAP='$(VALGRIND)' test

verify:
	@tests/packages.sh $(PACKAGES) $(TEST_PACKAGES) $(VERIFY_PACKAGES)
	@$(MAKE) --no-print-directory -k verify-all
verify-all: floors rooms headers format-check lint analyze asan tsan valgrind po-check

# $(N) mutations of every input in tests/fuzz/corpus; the plain replay is part of check.
N ?= 100000
# What was freed is kept from use for a while: all that lies in the cache is enough, and twice as quick.
FUZZ_ENV := ASAN_OPTIONS=quarantine_size_mb=16
fuzz: packages
	+@$(AGAIN) MODE=asan T=fuzz tests
	@for f in $(patsubst tests/%.c,build/asan/tests/%,$(wildcard tests/fuzz/fuzz_*.c)); do \
		$(FUZZ_ENV) $$f -n $(N) && echo "  ok    $$f" || exit 1; done

lab-packages:
	@[ "$$(id -u)" -ne 0 ] || tests/packages.sh $(E2E_PACKAGES)

RUN_e2e      := tests/e2e/run.py
RUN_e2e-full := tests/e2e/run.py --full
RUN_bench    := tests/bench/run.py $(if $(SCALE),--nodes $(SCALE) --pods 30)
e2e e2e-full bench: lab-packages
	+@tests/lab/able $@ $(AGAIN) on-lab RUN=$@
on-lab: packages
	+@$(AGAIN) all $(TERMCTL)
	@$(ENV) python3 $(RUN_$(RUN))

# Real consoles against the practice cluster's servers, bounded by the clock; no part of check.
MINUTES ?= 30
SEED    ?= 1
FAULT   ?= all
SOAK    := $(B)/tests/soak/drill_server $(SLOW_DISK) $(TERMCTL)
soak: packages
	@tests/packages.sh python3
	+@$(AGAIN) all $(SOAK)
	@$(ENV) nice -n 5 python3 tests/soak/run.py --minutes $(MINUTES) --seed $(SEED) --fault '$(FAULT)'

OUR_C = $(shell git ls-files '*.c' '*.h')
format:
	@clang-format-14 -i $(OUR_C)
format-check:
	@clang-format-14 --dry-run -Werror $(OUR_C)
	@echo '  ok    format'

# Messages: _() and N_() in the code, translations in src/app/share/po.
POT := build/$(NAME).pot
PO  := $(wildcard src/app/share/po/*.po)
pot:
	@mkdir -p build
	@xgettext -L C --from-code=UTF-8 -k -k_ -kN_ -kP_:1,2 --add-comments=TRANSLATORS --sort-by-file \
		--package-name=$(NAME) --package-version=$(VERSION) -o $(POT) $(SOURCES)
po-update: pot
	@for po in $(PO); do msgmerge --quiet --update --backup=none --no-fuzzy-matching --no-location $$po $(POT); done
po-check: pot
	@for po in $(PO); do msgfmt --check --statistics -o /dev/null $$po && msgcmp $$po $(POT) || exit 1; done
	@echo '  ok    translations'

# What is installed: source file, then where to; a file that is not in the tree is left out.
SHARE := src/app/share
PLACES := $(SHARE)/$(NAME).1:$(MANDIR)/man1/$(NAME).1 \
	$(SHARE)/$(NAME).bash:$(DATADIR)/bash-completion/completions/$(NAME) \
	$(SHARE)/_$(NAME):$(DATADIR)/zsh/site-functions/_$(NAME) \
	$(foreach t,$(THEMES),$(t):$(DATADIR)/$(NAME)/$(t)) \
	$(foreach m,$(MO),$(m):$(DATADIR)$(m:$(B)/share%=%))
PLACED := $(foreach p,$(PLACES),$(if $(wildcard $(firstword $(subst :, ,$(p))))$(filter $(MO),$(firstword $(subst :, ,$(p)))),$(p)))

install: all
	install -Dm755 $(B)/$(NAME) $(DESTDIR)$(BINDIR)/$(NAME)
	@for p in $(PLACED); do install -Dm644 "$${p%%:*}" "$(DESTDIR)$${p#*:}" && echo "$(DESTDIR)$${p#*:}" || exit 1; done

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/$(NAME) $(foreach p,$(PLACED),$(DESTDIR)$(lastword $(subst :, ,$(p))))
	rm -rf $(DESTDIR)$(DATADIR)/$(NAME)

clean:
	rm -rf build

.PHONY: all archives tests test packages run check floors rooms headers tidy cppcheck shellcheck lint analyze asan tsan valgrind \
	verify verify-all fuzz e2e e2e-full bench on-lab soak lab-packages format format-check pot po-update po-check install uninstall clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell find $(B) build/lint -name '*.d' 2>/dev/null)
