# Two commands set Carrel up on Debian 12 with Swift: `make demo`, `make test`. `make help` lists the rest.

SHELL := /bin/bash
SWIFT_FLAGS := -c release --explicit-target-dependency-import-check error
CARREL = $$(swift build -c release --show-bin-path)/carrel
DEMO := .demo

.PHONY: help bootstrap build demo test lint bench bench-serve crash-ingest crash-uploads verify-citations clean

help:
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 20

bootstrap: ## install what is missing: system libraries and the local model
	@script/bootstrap

build: bootstrap ## build the release executable
	swift build $(SWIFT_FLAGS) --product carrel

demo: build ## ingest the sample documents and answer three questions from them
	@script/demo $(CARREL) $(DEMO)

# Tests run in release: arithmetic in debug Swift is tens of times slower. Without testable imports, which no test
# uses, the build is the one of `make demo`.
test: bootstrap ## run every test, offline
	swift test $(SWIFT_FLAGS) --disable-testable-imports

lint: ## check the form of the code
	swift format lint --strict --recursive --configuration .swift-format Package.swift Sources Tests Benchmarks

bench: bootstrap ## measure the exact scan; JSON on standard output
	swift run $(SWIFT_FLAGS) ScanBenchmark

crash-ingest: build ## kill an ingest ten times and compare with an undisturbed one
	@python3 script/crash_ingest.py $(CARREL) --kills 10

crash-uploads: build ## kill the server ten times while documents are uploaded; nothing acknowledged may be lost
	@python3 script/crash_uploads.py $(CARREL) --kills 10

bench-serve: build ## measure search over HTTP, quiet and during uploads (needs wrk); JSON on standard output
	@python3 script/bench_serve.py $(CARREL) $(if $(CORPUS),--corpus $(CORPUS)) $(if $(DATA),--data $(DATA))

verify-citations: build ## check the citations of 1,000 random chunks against the source: CORPUS=folder
	@python3 script/verify_citations.py $(CARREL) $(CORPUS)

clean: ## remove what was built and the demonstration's data
	rm -rf .build $(DEMO)
