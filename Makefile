# claimlake: every target does its own set-up.
GOLANGCI_VERSION := v2.15.0
BIN := bin
LINT := $(BIN)/golangci-lint-$(GOLANGCI_VERSION)
GOVULNCHECK_VERSION := v1.9.0
CYCLONEDX_VERSION := v1.10.0
LICENSES := Apache-2.0|MIT|MIT-0|BSD-2-Clause|BSD-3-Clause|BSD-Source-Code|ISC
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

# The tests run a real ClickHouse; without it they would be skipped. A busy machine takes
# longer than Go's ten minutes for a package, and tests that wait do so at the same time.
TEST := CLAIMLAKE_REQUIRE_LIBCHDB=1 go test -timeout 30m -parallel 6

.PHONY: help demo build libchdb test race soak mutate fuzz lint bench clients servers tuva check vuln sbom docs clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build libchdb ## See all of it: server, export, Parquet, ClickHouse, answers
	$(BIN)/claimlake demo

build: ## Build bin/claimlake
	CGO_ENABLED=0 go build -trimpath -ldflags '-X main.version=$(VERSION)' -o $(BIN)/claimlake ./cmd/claimlake

libchdb: ## Fetch the embedded ClickHouse into the user's cache, once
	@load/embedded/fetch.sh

test: libchdb ## Run the tests
	GOTMPDIR=$${GOTMPDIR:-$${TMPDIR:-/tmp}} TMPDIR=$$(.ci/testdir) $(TEST) ./...

race: libchdb ## Run the tests under the race detector
	$(TEST) -race ./...

soak: libchdb fuzz mutate ## Kill syncs 220 times, compare millions of values, draw 10,000 histories of claims, fuzz all parsers, and mutate
	CLAIMLAKE_SOAK=1 $(TEST) -v -timeout 2h -run 'EqualGJSON' ./transform
	CLAIMLAKE_SOAK=1 $(TEST) -v -timeout 2h -run 'TestKilled|TestDrawnClaims' ./cmd/claimlake
	CLAIMLAKE_SOAK=1 $(TEST) -v -timeout 2h -run TestReaderIsConfined ./load/embedded
	CLAIMLAKE_SOAK=1 $(TEST) -timeout 2h -run SurvivesPowerLoss ./internal/pipeline
	CLAIMLAKE_SOAK=1 $(TEST) -v -timeout 2h -run TestAnyHistory ./load/clickhouse

mutate: libchdb ## Take guards out one by one (MUTATE: those whose names match), and see a test fail for each
	CLAIMLAKE_REQUIRE_LIBCHDB=1 go run ./internal/mutate -run '$(MUTATE)'

FUZZ := 60s
fuzz: ## Fuzz each parser for FUZZ (60s)
	@mkdir -p $(BIN); set -e; for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do \
		for target in $$(grep -hoE '^func Fuzz[A-Za-z]+' $$dir/*_test.go | cut -c6-); do \
			echo "$$dir $$target"; \
			go test -run XXX -fuzz "^$$target\$$" -fuzztime $(FUZZ) $$dir > $(BIN)/fuzz.log 2>&1 || { cat $(BIN)/fuzz.log; exit 1; }; \
		done; done

lint: $(LINT) ## Run golangci-lint
	$(LINT) run ./...

$(LINT):
	GOBIN=$(abspath $(BIN)) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(BIN)/golangci-lint $@

bench: build libchdb ## Measure claimlake against others, and check that the rows are equal
	cd bench && go test . && go run . -claimlake ../$(BIN)/claimlake

clients: build libchdb ## Ask a served warehouse by ClickHouse's own clients (Python, JDBC)
	load/embedded/clients/run.sh

servers: build ## Sync from real FHIR servers (HAPI; SMART's, where SMART_SERVER has a checkout of it), and compare
	extract/servers/run.sh

tuva: build libchdb ## Run the Tuva Project's dbt package (TUVA: its folder) over a demo lake, and check its figures
	TUVA='$(TUVA)' bench/tuva/run.sh

check: lint test race ## What CI runs: lint, test and race

vuln: ## Look for known vulnerabilities in what is used
	GOBIN=$(abspath $(BIN)) go install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION)
	@$(BIN)/govulncheck ./...; case $$? in 0) ;; 3) exit 1;; *) echo "vuln: NOT CHECKED: the vulnerability database cannot be reached";; esac

sbom: ## Write bin/sbom.json (CycloneDX) and look whether all licenses are known
	GOBIN=$(abspath $(BIN)) go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION)
	$(BIN)/cyclonedx-gomod app -json -licenses -noserial -output $(BIN)/sbom.json -main cmd/claimlake .
	@unknown=$$(grep -A1 '"license": {' $(BIN)/sbom.json | grep -oE '"(id|name)": "[^"]*"' | cut -d'"' -f4 | sort -u | grep -vxE '$(LICENSES)'); \
		if [ -n "$$unknown" ]; then echo "sbom: licenses that nobody has looked at: $$unknown"; exit 1; fi

docs: build ## Bring docs/tables.md, docs/views.md and docs/commands.md up to date
	$(BIN)/claimlake schema --markdown > docs/tables.md
	$(BIN)/claimlake schema views --markdown > docs/views.md
	go test ./cmd/claimlake -run TestCommandsDoc -update

clean: ## Remove what the other targets made
	rm -rf $(BIN) demo bench/data
