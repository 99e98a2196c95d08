# k911's build.
#
#   make run                 install what is missing, build, open the console
#   make check               install what is missing, build, run every test that needs no root
#   make                     optimised and hardened, in build/release
#   make MODE=asan test      the same tests under address and undefined-behaviour sanitizers
#   make MODE=asan T=unit/io test   only the tests whose path begins so
#   make verify              floors, headers, lint, analyzer, every sanitizer, valgrind
#   make e2e                 the console on a real three-master control plane (root, Go)
#   make bench               what it costs, beside curl and kubectl
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
	libsqlite3-dev libssl-dev libnghttp2-dev nanopb libnanopb-dev protobuf-compiler gettext \
	openssh-client ncurses-base ncurses-term
TEST_PACKAGES := libcmocka-dev libvterm-dev
VERIFY_PACKAGES := clang-tidy-14 clang-format-14 cppcheck valgrind libc6-dbg util-linux
E2E_PACKAGES := python3 python3-yaml iproute2 haproxy openssh-server procps util-linux curl

PKG_CONFIG ?= pkg-config
PKGS    := ncursesw libcurl jansson yaml-0.1 sqlite3 libssl libcrypto libnghttp2
TEST_PKGS := cmocka vterm
BARE    := run check verify e2e bench ci-setup packages clean uninstall floors
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
OPT_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
LNK_asan    := -fsanitize=address,undefined
OPT_tsan    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
LNK_tsan    := -fsanitize=thread
OPT_analyze := -O2 -fanalyzer
OPT_cov     := -O0 -g --coverage
LNK_cov     := --coverage
ifeq ($(OPT_$(MODE)),)
$(error MODE=$(MODE): choose release debug asan tsan analyze cov)
endif
# gcc 12's TSan can abort where mmap randomisation is wide: run it without.
RUN_tsan := setarch -R

# CFLAGS, CPPFLAGS, LDFLAGS stay the packager's; ours sit beside them.
CFLAGS ?=
DEFS := -D_GNU_SOURCE -DK911_VERSION='"$(VERSION)"' -DK911_DATADIR='"$(DATADIR)"'
INC  := -Iinclude -I$(GEN)
ALL_CF = -std=c17 $(INC) $(DEFS) $(PKG_CF) $(WARN) $(OPT_$(MODE)) -pthread $(CPPFLAGS) $(CFLAGS)
ALL_LD = $(LNK_$(MODE)) -pthread $(LDFLAGS)

# One archive per floor; the link order is the house, roof first.
FLOORS := ui ops drill cluster io model base
PROTOS := $(wildcard src/io/proto/*.proto)
PB_H   := $(patsubst src/%.proto,$(GEN)/%.pb.h,$(PROTOS))
PB_C   := $(PB_H:.h=.c)
files   = $(sort $(wildcard src/$(1)/*.c) $(if $(filter ui,$(1)),$(wildcard ui/*.c)))
objs    = $(patsubst %.c,$(B)/%.o,$(1))
ARCHIVES := $(foreach f,$(FLOORS),$(if $(call files,$(f)),$(B)/lib$(f).a))
APP_C   := $(filter-out src/app/main.c,$(call files,app))
SOURCES := $(wildcard src/*/*.c ui/*.c)
HEADERS := $(wildcard include/*/*.h)
MO      := $(patsubst src/app/share/po/%.po,$(B)/share/locale/%/LC_MESSAGES/$(NAME).mo,$(wildcard src/app/share/po/*.po))
STAMP   := $(B)/.flags

Q := $(if $(V),,@)

all: $(B)/$(NAME) $(MO)

$(B)/$(NAME): $(B)/src/app/main.o $(B)/libapp.a $(ARCHIVES)
	@echo '  LINK  $@'
	$(Q)$(CC) $(ALL_CF) $(ALL_LD) -o $@ $^ $(PKG_LD)

define floor
$(B)/lib$(1).a: $(call objs,$(2)) $(if $(filter io,$(1)),$(PB_C:$(GEN)/%.c=$(B)/gen/%.o))
	@echo '  AR    $$@'
	$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach f,$(FLOORS),$(eval $(call floor,$(f),$(call files,$(f)))))
$(eval $(call floor,app,$(APP_C)))

$(B)/%.o: %.c $(STAMP) | $(PB_H)
	@echo '  CC    $<'
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CF) -MMD -MP -c -o $@ $<

# Generated code: our flags, but not our warnings.
$(B)/gen/%.o: $(GEN)/%.c $(STAMP)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -W%,$(ALL_CF)) -MMD -MP -c -o $@ $<

$(GEN)/%.pb.c $(GEN)/%.pb.h &: src/%.proto
	@echo '  PB    $<'
	@mkdir -p $(@D)
	$(Q)protoc -Isrc/$(dir $*) --nanopb_opt=-Isrc/$(dir $*) --nanopb_out=$(GEN)/$(dir $*) $<
$(PB_C) $(PB_H): $(wildcard src/io/proto/*.options)

$(B)/share/locale/%/LC_MESSAGES/$(NAME).mo: src/app/share/po/%.po
	@echo '  MO    $<'
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<

# Rewritten only when the flags change, so a flag change rebuilds everything.
$(STAMP): FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','"'"',$(CC) $(ALL_CF) $(ALL_LD))' | cmp -s - $@ || \
		echo '$(subst ','"'"',$(CC) $(ALL_CF) $(ALL_LD))' > $@

# tests/unit/<floor>/test_x.c links only the floors it may see; tests/drill and
# tests/pty see the whole program but its main.
SEES_base    := base
SEES_model   := model base
SEES_io      := io base
SEES_cluster := cluster io model base
SEES_drill   := drill io model base
SEES_ops     := ops cluster io model base
SEES_ui      := ui model base
SEES_app     := app $(FLOORS)
T            ?=
TEST_C       := $(wildcard tests/unit/*/test_*.c tests/drill/test_*.c tests/pty/test_*.c)
TESTS        := $(patsubst tests/%.c,$(B)/tests/%,$(filter tests/$(T)%,$(TEST_C)))
test_floor    = $(or $(word 2,$(filter unit,$(firstword $(subst /, ,$(1)))) $(word 2,$(subst /, ,$(1)))),app)
below         = $(filter $(foreach f,$(SEES_$(call test_floor,$(1))),$(B)/lib$(f).a),$(if $(APP_C),$(B)/libapp.a) $(ARCHIVES))
TEST_CF       = $(shell $(PKG_CONFIG) --cflags $(TEST_PKGS))
TEST_LD       = $(shell $(PKG_CONFIG) --libs $(TEST_PKGS))
TERM_O       := $(call objs,$(filter-out %/termctl.c,$(wildcard tests/term/*.c)))
HELP_O       := $(call objs,$(wildcard tests/help/*.c))

.SECONDEXPANSION:
$(B)/tests/%: tests/%.c $$(call below,$$*) $(TERM_O) $(HELP_O) $(STAMP) | $(PB_H)
	@echo '  TEST  $@'
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CF) $(TEST_CF) -Itests -MMD -MP -MF $@.d -DGOLDEN_DIR='"tests/golden"' $(ALL_LD) -o $@ $< \
		$(if $(filter pty/%,$*),$(TERM_O)) $(if $(filter unit/% drill/%,$*),$(HELP_O)) $(filter %.a,$^) $(TEST_LD) $(PKG_LD)

test: $(TESTS) $(if $(filter pty/% /,$(T)/),$(B)/$(NAME) $(MO))
	@K911=$(B)/$(NAME) tests/run.sh '$(RUN_$(MODE))' $(TESTS)

floors:
	@awk -f tests/floors.awk $(SOURCES) $(HEADERS) && echo '  ok    floors'

clean:
	rm -rf build

.PHONY: all test floors clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
