# Every target is a line or two over the tools themselves. `make help` lists them.
SHELL := /bin/bash -euo pipefail

MODEL  ?= model/artifact
ADDR   ?= 127.0.0.1:8080
ENV    ?= dev
ARCH   ?= arm64
PYTHON ?= python3
CONFIG ?=
APPROVAL ?=
STACK ?= sklambda-$(ENV)
ONLY ?=

CONTEXT := -c env=$(ENV) $(if $(filter-out model/artifact,$(MODEL)),-c model=$(MODEL)) $(if $(CONFIG),-c config=$(CONFIG))

E2E := --config $(CURDIR)/model/python/pyproject.toml $(CURDIR)/e2e
GOLANGCI_LINT := .tmp/bin/golangci-lint
# the flags of infra/bootstrap.go, which give the same bytes
BUILD_FUNCTION := CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) GOAMD64=v1 GOARM64=v8.0 GOFLAGS= GOEXPERIMENT= go build -trimpath -buildvcs=false -tags lambda.norpc,nethttpomithttp2 -ldflags "-s -w"

export SKLAMBDA_PYTHON := $(CURDIR)/.venv/bin/python
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20
export CDK_DISABLE_CLI_TELEMETRY := true

# $(call need,command,how to get it) stops with a sentence if a command is missing.
need = @command -v $(1) >/dev/null || { echo "$(1) is missing: $(2)" >&2; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help serve test test-go test-python test-arm64 build function export synth diff deploy rollback destroy costs e2e bench parity versions fuzz lint checkers go node clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: dist/sklambda ## serve a model on this machine [MODEL=model/artifact] [ADDR=127.0.0.1:8080]; needs Go alone
	@dist/sklambda serve --model $(MODEL) --addr $(ADDR)

test: test-go test-python test-arm64 e2e ## run every test: Go, infrastructure, Python, the arm64 build, a deploy into a local AWS emulator
	@echo "all tests passed$$(cat .tmp/not-run 2>/dev/null | sed 's/^/; NOT RUN: /' | tr '\n' ' ')"

test-go: go node .venv/.done .tmp/checkers/.done dist/sklambda
	@mkdir -p .tmp && : > .tmp/not-run
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt these files:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	go test -timeout 15m ./...

test-python: .venv/.done dist/sklambda
	cd model/python && $(SKLAMBDA_PYTHON) -m ruff check . $(E2E) && $(SKLAMBDA_PYTHON) -m ruff format --check . $(E2E) && $(SKLAMBDA_PYTHON) -m mypy
	cd e2e && $(SKLAMBDA_PYTHON) -m mypy --strict --ignore-missing-imports emulator
	cd model/python && SKLAMBDA_BIN=$(CURDIR)/dist/sklambda $(SKLAMBDA_PYTHON) -m pytest -q
	cd model/python && SKLAMBDA_BIN=$(CURDIR)/dist/sklambda $(SKLAMBDA_PYTHON) -W ignore -m proof --fast

test-arm64: go
	@if command -v qemu-aarch64 >/dev/null; then \
	  CGO_ENABLED=0 GOARCH=arm64 go test -skip FusedMultiplyAdd -exec qemu-aarch64 ./model/engine ./model/table ./model; \
	elif [ -n "$${REQUIRE_ALL:-}" ]; then echo "qemu-aarch64 is missing: apt-get install qemu-user" >&2; exit 1; \
	else mkdir -p .tmp; echo "arm64 tests (apt-get install qemu-user)" | tee -a .tmp/not-run; fi

build: dist/sklambda function ## build dist/sklambda for this machine, the function and the deploy hook for Lambda [ARCH=arm64|amd64]

dist/sklambda: go FORCE
	@CGO_ENABLED=0 go build -trimpath -o $@ ./cmd/sklambda

function: go
	@mkdir -p dist/function dist/deployhook
	@$(BUILD_FUNCTION) -o dist/function/bootstrap ./function
	@$(BUILD_FUNCTION) -o dist/deployhook/bootstrap ./function/deployhook

export: .venv/.done dist/sklambda ## train the example models again and write model/artifact and model/testdata
	cd model/python && SKLAMBDA_BIN=$(CURDIR)/dist/sklambda $(SKLAMBDA_PYTHON) -m examples

synth: go node ## write the CloudFormation template to cdk.out [ENV=dev|staging|prod] [MODEL=DIR] [CONFIG=FILE]
	npx cdk synth --quiet $(CONTEXT)

diff: go node ## what a deploy would change in AWS [ENV, MODEL, CONFIG]
	npx cdk diff $(CONTEXT)

deploy: go node dist/sklambda ## look for what is missing, then deploy to AWS [ENV, MODEL, CONFIG] [APPROVAL=never]
	@place=$$(go run ./infra place $(ENV) $(CONFIG)) && infra/preflight.sh $(MODEL) $$place
	npx cdk deploy $(CONTEXT) $(if $(APPROVAL),--require-approval $(APPROVAL))

rollback: ## move the traffic to the version before [ENV | STACK=NAME] [FUNCTION=NAME] [VERSION=N]
	@infra/rollback.sh $(STACK) "$(FUNCTION)" "$(VERSION)"

destroy: go node ## take the stack down [ENV, CONFIG]
	npx cdk destroy $(CONTEXT)

costs: go ## what the environments cost a month
	@go run ./infra costs

e2e: go node .venv/.done dist/sklambda .tmp/e2e/venv/.done .tmp/e2e/rie/.done ## deploy into a local AWS emulator, call the API, update, roll back, destroy; under 5 minutes
	go build -o .tmp/e2e/infra ./infra
	E2E=1 go test -count 1 -timeout 10m -parallel 3 -v ./e2e # half of a stack's life is waiting

bench: go .venv-bench/.done dist/sklambda ## measure everything beside the alternatives and write docs/performance.md; trains its models once [ONLY=start,rows]
	go run ./bench -only "$(ONLY)"

parity: go .venv/.done .venv-bench/.done dist/sklambda ## prove every class and parameter value against scikit-learn, write docs/supported.md and docs/skl2onnx.md, run the long parity tests
	PARITY_FULL=1 PICKLE_FULL=1 go test -timeout 60m -count 1 ./model/pickle ./model/sklearn
	cd model/python && SKLAMBDA_BIN=$(CURDIR)/dist/sklambda $(CURDIR)/.venv-bench/bin/python -m proof --onnx
	cd model/python && SKLAMBDA_BIN=$(CURDIR)/dist/sklambda $(SKLAMBDA_PYTHON) -m proof

versions: .venv/.done ## write the fixtures of scikit-learn 1.2 to 1.9 again, each in an environment of its own [VERSION=1.2.0]
	.venv/bin/python model/python/tests/write_versions.py $(VERSION)

fuzz: go ## fuzz each target for FUZZTIME (default 60s)
	@for p in $$(go list ./model/... ./function/... ./cmd/...); do for f in $$(go test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
	  echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $${FUZZTIME:-60s} -fuzzminimizetime 10x $$p; done; done

lint: go .venv/.done $(GOLANGCI_LINT) ## golangci-lint (with the import arrows), ruff, mypy
	$(GOLANGCI_LINT) run ./...
	cd model/python && $(SKLAMBDA_PYTHON) -m ruff check . $(E2E) && $(SKLAMBDA_PYTHON) -m mypy

clean: ## remove everything that a build makes
	rm -rf dist cdk.out .tmp .venv .venv-bench node_modules

$(GOLANGCI_LINT):
	GOBIN=$(CURDIR)/.tmp/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.venv/.done: model/python/requirements.txt
	$(call need,$(PYTHON),install Python 3.11 or later; PYTHON=… names another)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) -V) is too old: install Python 3.11 or later, or name one with PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r model/python/requirements.txt
	@touch $@

.tmp/e2e/venv/.done: e2e/requirements.txt
	$(call need,$(PYTHON),install Python 3.11 or later; PYTHON=… names another)
	$(PYTHON) -m venv --clear .tmp/e2e/venv
	.tmp/e2e/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r e2e/requirements.txt
	@touch $@

.tmp/e2e/rie/.done: e2e/requirements-rie.txt .tmp/e2e/venv/.done
	.tmp/e2e/venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -r e2e/requirements-rie.txt --dest .tmp/e2e/rie
	@touch $@

checkers: .tmp/checkers/.done ## install cfn-lint and checkov, which check the templates

.tmp/checkers/.done: infra/requirements.txt
	$(call need,$(PYTHON),install Python 3.11 or later; PYTHON=… names another)
	$(PYTHON) -m venv .tmp/checkers
	.tmp/checkers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r infra/requirements.txt
	@touch $@

.venv-bench/.done: bench/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements.txt
	@touch $@

go:
	$(call need,go,install Go 1.26 or later from https://go.dev/dl)

node: node_modules/.package-lock.json

node_modules/.package-lock.json: package-lock.json
	$(call need,npm,install Node.js 20 or later from https://nodejs.org)
	npm ci
	@touch $@

FORCE:
