# Each target is one command of a contributor's or user's day. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

NAME := terraform-provider-crosstenant
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
PLATFORM := $(shell uname -s | tr A-Z a-z)_$(shell uname -m | sed -e 's/x86_64/amd64/' -e 's/aarch64/arm64/')
PLUGINS ?= $(HOME)/.terraform.d/plugins
HOSTS := registry.terraform.io registry.opentofu.org
DENY_VERSION := 0.20.2
SECONDS := 60
TOOLS := target/tools
DENY := $(TOOLS)/bin/cargo-deny
ACTIONLINT_VERSION := 1.7.12
ACTIONLINT := $(TOOLS)/bin/actionlint
CLIS := target/clis
SHARED := $(or $(CROSSTENANT_SHARED),../shared)
INSTALL_CLIS := $(SHARED)/clis/install

.PHONY: help build install demo emulator test clis matrix chaos fuzz corpus lint audit docs bench clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

build: ## Build the provider and the emulator, optimized, into target/release
	cargo build --release --locked --bins

install: build ## Put the provider where plain `terraform init` and `tofu init` find it
	@for host in $(HOSTS); do \
	  directory="$(PLUGINS)/$$host/crosstenant/crosstenant/$(VERSION)/$(PLATFORM)"; \
	  mkdir -p "$$directory" && install -m 755 target/release/$(NAME) "$$directory/$(NAME)_v$(VERSION)" && echo "$$directory"; \
	done

demo: build ## Take two emulated tenants from nothing to synchronized users, and back
	cargo run --release --locked --quiet --example demo

emulator: build ## Run the Graph emulator in the foreground, with the tenants of the demo
	target/release/graph-emulator --listen 127.0.0.1:8080 --seed examples/two-tenants/seed.json

test: ## Run every test; needs `terraform` or `tofu`
	@command -v terraform >/dev/null || command -v tofu >/dev/null || \
	  { echo "make test needs terraform or tofu (1.8 or later) on PATH, and found neither." >&2; exit 1; }
	cargo test --locked

clis: ## Run one life with each Terraform from 1.8 to 1.15, and every test with the oldest and newest
	@if test -f "$(INSTALL_CLIS)"; then bash "$(INSTALL_CLIS)" "$(CLIS)"; else \
	  echo "NOT HERE: $(INSTALL_CLIS), which installs Terraform versions; set CROSSTENANT_SHARED." >&2; test -z "$$CI"; fi
	cargo run --locked --quiet --example matrix -- --short "$(CLIS)"

matrix: ## Run every test that uses the CLI with each one in CLIS (target/clis), and write the compatibility page
	cargo run --locked --quiet --example matrix -- --write "$(CLIS)"

chaos: ## Kill, break and change everything everywhere, where `make test` tries less of it
	CROSSTENANT_CHAOS=1 cargo test --locked --test faults --test hostile -- --nocapture

fuzz: ## Try changed inputs on every target, each for SECONDS (60)
	CROSSTENANT_FUZZ_SECONDS=$(SECONDS) cargo test --locked --test fuzz -- --nocapture

corpus: ## Keep an input for every type that has none in tests/corpus
	cargo test --locked --test fuzz kept_inputs_are_written -- --ignored

lint: $(DENY) ## Check format, lints, workflows, dependencies and their licenses
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	$(DENY) --locked check bans licenses sources
	@if $(DENY) --locked fetch db >/dev/null 2>&1; then $(DENY) --locked check advisories; else \
	  echo "Known vulnerabilities were NOT looked up: their database cannot be reached from here. 'make audit' says why." >&2; fi
	@if [ -x $(ACTIONLINT) ] || GOBIN="$(abspath $(TOOLS)/bin)" go install github.com/rhysd/actionlint/cmd/actionlint@v$(ACTIONLINT_VERSION) >/dev/null 2>&1; then \
	  $(ACTIONLINT) -shellcheck= -pyflakes=; else \
	  echo "Workflows were NOT checked: actionlint could not be installed, which needs Go and the network." >&2; fi

audit: $(DENY) ## Look up known vulnerabilities of dependencies; needs the network
	$(DENY) --locked fetch db
	$(DENY) --locked check advisories

$(DENY):
	cargo install --locked --quiet --root $(TOOLS) --version $(DENY_VERSION) cargo-deny

docs: ## Write the reference in docs/ anew from the source
	UPDATE_DOCS=1 cargo test --locked --test docs
	UPDATE_DOCS=1 cargo test --locked --test command pictures
	UPDATE_DOCS=1 cargo test --locked --test cli mocks_are_current

bench: build ## Measure start-up, size, memory, and creating, planning and destroying many assignments
	cargo bench --locked --bench speed

clean: ## Remove everything that was built
	cargo clean
