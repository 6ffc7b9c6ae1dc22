# make               build into build/release                 make MODE=debug|asan|tsan  the same, apart
# make deps          install what is missing (Debian, UOS, Kylin; as root)
# make demo          deps, build, and watch the main job run against simulators on loopback
# make test          build and run every test; ends with "N passed, N failed"
# make lint          formatting, layers, public headers, two analysers
# make fuzz            fuzz every target for FUZZ_SECONDS=60 or FUZZ_RUNS=n, as root (it installs clang)
# make bench         measure beside the peers that are installed
# make bench-link    quality and speed of casebridge link, on sets made from seeds
# make kill          kill -9 at system calls, N=200 rounds, and compare the books
# make day           200 accounts over a bad line    make planted   promises broken, each by its test noticed
# make torture       the long forms of these and of the model and the power failures, with a table
# make clock         ten years of fifty schedules on a clock that jumps, with restarts (CLOCK_YEARS=10)
# make install DESTDIR=... PREFIX=/usr/local
# make V=1           say every command in full
#
# A new .c file under core/, plugins/NAME/ or tests/ is found by itself. A
# plugin that needs a library says so in one line, here:
LIBS.xml  := -lxml2
LIBS.json := -lyajl
LIBS.odbc := -lodbc
LIBS.xlsx := -lxml2 -lzip -lz -lm

PACKAGES := gcc libc6-dev pkg-config bats sqlite3 curl libxml2-dev libcurl4-openssl-dev libsqlite3-dev \
	libicu-dev libyajl-dev libseccomp-dev libssl-dev libzstd-dev libmicrohttpd-dev libcmocka-dev \
	libxml2-utils ca-certificates libzip-dev zlib1g-dev patch unixodbc-dev libsqliteodbc

FUZZ_PACKAGES := clang libclang-rt-14-dev

MODE   ?= release
OUT    := build/$(MODE)
PREFIX ?= /usr/local

FLAGS.debug   := -Og -g3
FLAGS.asan    := -O1 -g3 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS.tsan    := -O1 -g3 -fsanitize=thread
# Nothing is { NULL, 0 }, and NULL + 0 stays what it is, whatever clang says of C before 2024.
FLAGS.fuzz    := $(FLAGS.asan) -fsanitize=fuzzer-no-link -fno-sanitize=pointer-overflow
FLAGS.release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	-Wvla -Wundef -Wformat=2 -Wcast-qual -Wno-unused-parameter -Werror
# gcc sees through cb_say(zh, en) and checks both formats, and that a designated initializer
# leaves the rest at zero; clang does neither.
WARN.clang := -Wno-format-nonliteral -Wno-missing-field-initializers

CFLAGS   += -std=gnu17 -fPIC -fvisibility=hidden $(WARN) $(WARN.$(findstring clang,$(CC))) $(FLAGS.$(MODE))
CPPFLAGS += -D_GNU_SOURCE -Iinclude -isystem /usr/include/libxml2 -MMD -MP
LDFLAGS  += $(filter -fsanitize=%,$(FLAGS.$(MODE)))
LDLIBS   := -lxml2 -lyajl -lcurl -lmicrohttpd -lsqlite3 -licui18n -licuuc -lseccomp -lcrypto -lzstd -ldl -lpthread -lm
SIMLIBS  := -lmicrohttpd -lsqlite3 -licuuc -lssl -lcrypto -lxml2 -lyajl -lm

objects = $(patsubst %.c,$(OUT)/%.o,$(wildcard $(1)))
CORE    := $(call objects,core/*/*.c)
SUPPORT := $(call objects,tests/support/*.c)
PLUGINS := $(patsubst plugins/%/,$(OUT)/plugins/%.so,$(wildcard plugins/*/))
UNITS   := $(patsubst %.c,$(OUT)/%,$(filter-out tests/support/% tests/sim/% tests/bench/% tests/kill/%,$(wildcard tests/*/*.c)))
SIMS    := $(patsubst tests/sim/%.c,$(OUT)/sim/%,$(wildcard tests/sim/*.c))
BAD     := $(patsubst tests/cases/plugins/%.c,$(OUT)/tests/plugins/%.so,$(wildcard tests/cases/plugins/*.c))
TARGETS := $(call objects,tests/fuzz/target/*.c)
BENCHES := $(patsubst tests/bench/%.c,$(OUT)/bench/%,$(wildcard tests/bench/*.c))
KILLERS := $(patsubst tests/kill/%.c,$(OUT)/kill/%,$(wildcard tests/kill/*.c))

all: $(OUT)/casebridge $(PLUGINS)

deps:
	@tests/deps.sh $(PACKAGES)

demo: deps
	@$(MAKE) --no-print-directory all sims
	@OUT=$(OUT) tests/demo/demo.sh

test: deps
	@$(MAKE) --no-print-directory all sims units cases
	@OUT=$(OUT) tests/run.sh $(UNITS)

sims: $(SIMS) $(KILLERS)
units: $(UNITS)
cases: $(BAD)

bench: all sims $(BENCHES)
	@OUT=$(OUT) tests/bench/bench.sh

bench-link: all sims $(BENCHES)
	@OUT=$(OUT) tests/bench/link.sh

fuzz:
	@tests/deps.sh $(PACKAGES) $(FUZZ_PACKAGES)
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang all build/fuzz/fuzz
	@OUT=build/fuzz tests/fuzz/fuzz.sh $(FUZZ)

kill day planted: all sims
	@OUT=$(OUT) tests/$@/$@.sh

torture: all sims units
	@OUT=$(OUT) tests/torture/torture.sh

clock: $(OUT)/tests/flow/clock
	CLOCK_YEARS=$${CLOCK_YEARS:-10} $<

# The plugin boundary is drawn here: plugins see include/, the core sees itself.
$(OUT)/core/%.o $(OUT)/tests/%.o: CPPFLAGS += -Icore -Itests

$(OUT)/casebridge: $(OUT)/core/main.o $(CORE)
	$(call say,link)$(CC) $(LDFLAGS) -rdynamic -o $@ $^ $(LDLIBS)

.SECONDEXPANSION:
$(OUT)/plugins/%.so: $$(call objects,plugins/$$*/*.c)
	@mkdir -p $(@D)
	$(call say,plugin)$(CC) $(LDFLAGS) -shared -o $@ $^ $(LIBS.$*)

$(OUT)/tests/plugins/%.so: $(OUT)/tests/cases/plugins/%.o
	@mkdir -p $(@D)
	$(call say,plugin)$(CC) $(LDFLAGS) -shared -o $@ $^

$(UNITS): $(OUT)/tests/%: $(OUT)/tests/%.o $(SUPPORT) $(CORE)
	$(call say,link)$(CC) $(LDFLAGS) -rdynamic -o $@ $^ -lcmocka -lmicrohttpd -lzip $(LDLIBS)

$(OUT)/tests/fuzz/replay: $(filter-out %/main.o,$(TARGETS))

$(OUT)/fuzz: $(TARGETS) $(CORE)
	$(call say,link)$(CC) $(LDFLAGS) -fsanitize=fuzzer -rdynamic -o $@ $^ $(LDLIBS)

$(SIMS): $(OUT)/sim/%: $(OUT)/tests/sim/%.o $$(call objects,tests/sim/common/*.c tests/sim/$$*/*.c)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(LDFLAGS) -o $@ $^ $(SIMLIBS)

$(BENCHES) $(KILLERS): $(OUT)/%: $(OUT)/tests/%.o $(CORE)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(OUT)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,cc)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# Per file, and again only where it or a header of its own changed: the analyser is slow.
TIDY := $(patsubst %.c,$(OUT)/%.tidy,$(wildcard core/*.c core/*/*.c plugins/*/*.c))
$(TIDY): $(OUT)/%.tidy: %.c $(OUT)/%.o .clang-tidy
	$(call say,tidy)clang-tidy --quiet $< -- -std=gnu17 -D_GNU_SOURCE -Iinclude -Icore -isystem /usr/include/libxml2 2>/dev/null
	@touch $@

lint:
	clang-format --dry-run --Werror $(shell find core plugins include tests -name '*.[ch]')
	tests/layers.sh
	for h in include/casebridge/*.h; do $(CC) -std=gnu17 -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c $$h || exit 1; done
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,portability -Iinclude -Icore core plugins
	@$(MAKE) --no-print-directory -j2 tidy
tidy: $(TIDY)

install: all
	install -D -t $(DESTDIR)$(PREFIX)/bin $(OUT)/casebridge
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/casebridge/plugins $(PLUGINS)
	mkdir -p $(DESTDIR)$(PREFIX)/share/casebridge
	cp -R mappings $(DESTDIR)$(PREFIX)/share/casebridge/
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/include/casebridge include/casebridge/*.h
	mkdir -p $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|' core/console/casebridge@.service >$(DESTDIR)$(PREFIX)/lib/systemd/system/casebridge@.service


clean:
	rm -rf build

say = $(if $(V),,@printf '%-7s%s\n' $(1) $@;)
.PHONY: all deps demo test sims units cases bench bench-link fuzz kill day planted torture clock lint tidy install clean
.SECONDARY:
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
