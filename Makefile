# Each target is one command of a contributor's or user's day. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

NAME := terraform-provider-crosstenant
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SYSTEM := $(shell uname -s | tr A-Z a-z | sed -e 's/^\(mingw\|msys\|cygwin\).*/windows/')
PLATFORM := $(SYSTEM)_$(shell uname -m | sed -e 's/x86_64/amd64/' -e 's/aarch64/arm64/' -e 's/arm64.*/arm64/')
EXE := $(if $(filter windows,$(SYSTEM)),.exe)
PLUGINS ?= $(if $(EXE),$(APPDATA)/terraform.d/plugins,$(HOME)/.terraform.d/plugins)
HOSTS := registry.terraform.io registry.opentofu.org
DENY_VERSION := 0.20.2
SECONDS := 60
TOOLS := target/tools
DENY := $(TOOLS)/bin/cargo-deny
ACTIONLINT_VERSION := 1.7.12
ACTIONLINT := $(TOOLS)/bin/actionlint
CYCLONEDX_VERSION := 0.5.9
CYCLONEDX := $(TOOLS)/bin/cargo-cyclonedx
CLIS := target/clis
SHARED := $(or $(CROSSTENANT_SHARED),../shared)
INSTALL_CLIS := $(SHARED)/clis/install

.PHONY: help build quick install demo emulator test browser screenshots clis matrix live chaos fuzz corpus lint audit docs numbers bench dist binary sbom reproducible clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

build: ## Build the provider and the emulator with the release profile, into target/release
	cargo build --release --locked --bin $(NAME) --bin graph-emulator

# `make demo`, `make install` and `make emulator` share one build, which takes a third of the time of a release's.
quick:
	@test -x target/quick/demo$(EXE) || echo "The first time, the provider and the emulator are built. That takes some minutes." >&2
	cargo build --profile quick --locked --bins

install: quick ## Install the provider where `terraform init` and `tofu init` find it
	@for host in $(HOSTS); do \
	  directory="$(PLUGINS)/$$host/crosstenant/crosstenant/$(VERSION)/$(PLATFORM)"; \
	  mkdir -p "$$directory" && install -m 755 target/quick/$(NAME)$(EXE) "$$directory/$(NAME)_v$(VERSION)$(EXE)" && echo "$$directory"; \
	done

demo: ## Synchronize users between two emulated tenants, and destroy everything again; ARGS=--watch to see it in a browser
	@command -v terraform >/dev/null || command -v tofu >/dev/null || \
	  { echo "make demo needs terraform or tofu (1.8 or later) on PATH, and found neither." >&2; exit 1; }
	@$(MAKE) --no-print-directory quick
	@target/quick/demo$(EXE) $(ARGS)

emulator: quick ## Run the Graph emulator in the foreground, with the tenants of the demo
	@echo "Open http://127.0.0.1:8080/ in a browser to see the tenants. Ctrl-C stops the emulator."
	target/quick/graph-emulator --listen 127.0.0.1:8080 --seed examples/two-tenants/seed.json

test: ## Run every test; needs `terraform` or `tofu`
	@command -v terraform >/dev/null || command -v tofu >/dev/null || \
	  { echo "make test needs terraform or tofu (1.8 or later) on PATH, and found neither." >&2; exit 1; }
	cargo test --locked --workspace --no-run
	cargo test --locked --workspace

browser: ## Test the emulator's page in Chromium, which is installed if it is missing
	tests/browser/install
	CROSSTENANT_BROWSER_REQUIRED=1 cargo test --locked --test emulator page::

screenshots: ## Write the pictures of the emulator's page in docs/images anew
	tests/browser/install
	UPDATE_SCREENSHOTS=1 CROSSTENANT_BROWSER_REQUIRED=1 cargo test --locked --test emulator page::looks

clis: ## Run the lifecycle test with each Terraform from 1.8 to 1.15, and every test with the oldest and newest
	@if test -f "$(INSTALL_CLIS)"; then bash "$(INSTALL_CLIS)" "$(CLIS)"; else \
	  echo "NOT HERE: $(INSTALL_CLIS), which installs Terraform versions; set CROSSTENANT_SHARED." >&2; test -z "$$CI"; fi
	cargo run --locked --quiet --example matrix -- --short "$(CLIS)"

matrix: ## Run every test that uses the CLI with each one in CLIS (target/clis), and write the compatibility page; MATRIX="--only 1.13.5" for one
	cargo run --locked --quiet --example matrix -- --write $(MATRIX) "$(CLIS)"

live: ## Test the unverified facts in two real test tenants; needs SOURCE_... and TARGET_... (see docs/guides/test-tenants.md)
	cargo run --locked --quiet --bin $(NAME) -- live --transcripts target/transcripts $(LIVE)

chaos: ## Run the fault, crash and hostile input tests completely; `make test` runs a part of them
	CROSSTENANT_CHAOS=1 CROSSTENANT_LIVES=60 cargo test --locked --test lifecycle --test protocol -- --nocapture faults:: lives:: hostile::
	CROSSTENANT_CHAOS=1 cargo test --locked --test emulator preview:: -- --nocapture

fuzz: ## Fuzz every target, each for SECONDS (60)
	CROSSTENANT_FUZZ_SECONDS=$(SECONDS) cargo test --locked --test protocol fuzz:: -- --nocapture

corpus: ## Write an input to tests/corpus for every type that has none
	cargo test --locked --test protocol fuzz::record::kept_inputs_are_written -- --ignored

lint: $(DENY) ## Check format, lints, workflows, dependencies and their licenses
	cargo fmt --all --check && cargo fmt --check --manifest-path tools/dist/Cargo.toml
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo clippy --locked --manifest-path tools/dist/Cargo.toml --target-dir $(TOOLS)/build -- -D warnings
	$(DENY) --locked check bans licenses sources
	@if $(DENY) --locked fetch db >/dev/null 2>&1; then $(DENY) --locked check advisories; else \
	  echo "Known vulnerabilities were NOT looked up: their database cannot be reached from here. 'make audit' says why." >&2; fi
	@if [ -x $(ACTIONLINT) ] || GOBIN="$(abspath $(TOOLS)/bin)" go install github.com/rhysd/actionlint/cmd/actionlint@v$(ACTIONLINT_VERSION) >/dev/null 2>&1; then \
	  $(ACTIONLINT) -shellcheck= -pyflakes=; else \
	  echo "Workflows were NOT checked: actionlint could not be installed, which needs Go and the network." >&2; fi

audit: $(DENY) ## Check dependencies for known vulnerabilities; needs the network
	$(DENY) --locked fetch db
	$(DENY) --locked check advisories

$(DENY):
	cargo install --locked --quiet --root $(TOOLS) --version $(DENY_VERSION) cargo-deny

numbers: ## Print the size and structure of the source, each number with its aim
	cargo test --locked --quiet --test project layers::numbers:: -- --nocapture

docs: ## Write the reference in docs/ from the source
	UPDATE_DOCS=1 cargo test --locked --test project -- docs:: coverage:: layers::numbers::
	UPDATE_DOCS=1 cargo test --locked --test lifecycle -- requests::each
	UPDATE_DOCS=1 cargo test --locked --test command pictures
	UPDATE_DOCS=1 cargo test --locked --test cli mocks_are_current

bench: ## Measure start-up, size, memory, and creating, planning and destroying many assignments; PARTS are some of them
	@$(MAKE) --no-print-directory binary TARGET=$(BENCHED)
	CROSSTENANT_BINARY="$(CURDIR)/target/$(BENCHED)/release/$(NAME)$(EXE)" cargo bench --locked --bench speed -- $(PARTS)

# Each platform of a release with the Rust target for it. A path of the machine that builds must not get into a binary: the same commit
# has to give the same bytes everywhere.
TARGETS ?= $(filter $(shell rustup target list --installed 2>/dev/null || echo $(HOST)),$(subst :, ,$(ALL_TARGETS)))
ALL_TARGETS := x86_64-unknown-linux-musl:linux_amd64 aarch64-unknown-linux-musl:linux_arm64 x86_64-apple-darwin:darwin_amd64 \
  aarch64-apple-darwin:darwin_arm64 x86_64-pc-windows-msvc:windows_amd64 aarch64-pc-windows-msvc:windows_arm64
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
# What is measured: the binary of a release on Linux where its target is installed, otherwise one that is linked to the system's libraries.
BENCHED = $(or $(filter $(shell uname -m)-unknown-linux-musl,$(TARGETS)),$(HOST))
CARGO_HOME ?= $(HOME)/.cargo
REMAP = $(CURDIR)=/source $(CARGO_HOME)=/cargo $(shell rustc --print sysroot)=/rust
DIST := dist
# Packed relocations are half a megabyte less. Only the musl that is in Rust since 1.93 reads them.
comma := ,
PACKS = $(shell rustc --version | sed -n 's/^rustc 1\.\([0-9]*\)\..*/\1/p' | awk '$$1 >= 93')
LINK = $(if $(and $(findstring musl,$(TARGET)),$(PACKS)),-C link-arg=-Wl$(comma)-z$(comma)pack-relative-relocs)
# PLATFORM=BINARY of what other machines built.
BINARIES ?=
# A release; `quick` compiles in half the time, to try how the binary is built.
PROFILE ?= release

dist: ## Pack a release into dist/: build for every installed target, zip, sum, sign with GPG_FINGERPRINT
	@rm -rf $(DIST)
	@packed="$(BINARIES)"; \
	if [ -z "$$packed" ]; then \
	  for target in $(TARGETS); do \
	    $(MAKE) --no-print-directory binary TARGET=$$target || exit 1; \
	    platform=$$(tr ' ' '\n' <<<"$(ALL_TARGETS)" | sed -n "s/^$$target://p"); \
	    packed="$$packed $$platform=target/$$target/$(PROFILE)/$(NAME)$$(case $$target in *windows*) echo .exe;; esac)"; \
	  done; \
	fi; \
	cargo run --quiet --release --locked --manifest-path tools/dist/Cargo.toml --target-dir target/tools/build -- $(DIST) $$packed
	@$(MAKE) --no-print-directory sbom

# Without AES for AVX-512, which takes 0.7 MB: what the provider encrypts is small. aws-lc has no other switch for it.
DEFINES := -DMY_ASSEMBLER_IS_TOO_OLD_FOR_512AVX

binary: ## Build the provider for TARGET as a release does, into target/TARGET/PROFILE
	SOURCE_DATE_EPOCH=0 \
	CFLAGS="$$CFLAGS $(DEFINES) $(foreach map,$(REMAP),-ffile-prefix-map=$(map))" \
	RUSTFLAGS="$$RUSTFLAGS $(foreach map,$(REMAP),--remap-path-prefix=$(map)) $(if $(findstring windows,$(TARGET)),-C target-feature=+crt-static)" \
	  cargo rustc --profile $(PROFILE) --locked --target $(TARGET) --bin $(NAME) -- $(LINK) $(if $(SYMBOLS),-C strip=none)

sbom: $(CYCLONEDX) ## Write the crates in the binary to dist/ as a CycloneDX document
	@mkdir -p $(DIST)
	SOURCE_DATE_EPOCH=0 $(CYCLONEDX) cyclonedx --format json --spec-version 1.5 --no-build-deps --target all --override-filename $(NAME)_$(VERSION).cdx
	@sed 's|file://$(CURDIR)|file:///source|g' $(NAME)_$(VERSION).cdx.json > $(DIST)/$(NAME)_$(VERSION).cdx.json
	@find . -name '$(NAME)_$(VERSION).cdx.json' -not -path './$(DIST)/*' -not -path './target/*' -delete # one was written for each crate

$(CYCLONEDX):
	cargo install --locked --quiet --root $(TOOLS) --version $(CYCLONEDX_VERSION) cargo-cyclonedx

reproducible: ## Build the committed sources in two directories for TARGET, and compare the binaries
	@for folder in one two-with-a-longer-name; do \
	  rm -rf "target/reproducible/$$folder" && git clone --quiet . "target/reproducible/$$folder" && \
	  $(MAKE) --no-print-directory -C "target/reproducible/$$folder" binary TARGET=$(TARGET) || exit 1; \
	done
	@cmp target/reproducible/{one,two-with-a-longer-name}/target/$(TARGET)/$(PROFILE)/$(NAME)$(EXE) && \
	  echo "The same bytes twice." && sha256sum target/reproducible/one/target/$(TARGET)/$(PROFILE)/$(NAME)$(EXE)

clean: ## Remove everything that was built
	cargo clean
