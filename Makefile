# Two commands set Carrel up on Debian 12 with Swift: `make demo`, `make test`. `make help` lists the rest.

SHELL := /bin/bash
SWIFT_FLAGS := -c release --explicit-target-dependency-import-check error
CARREL = $$(swift build -c release --show-bin-path)/carrel
DEMO := .demo
SET := real

# The kernels without the transformer's, whose vector types only clang has, and the program that compares their forms.
TWINS := $(filter-out Sources/CKernels/transformer%,$(wildcard Sources/CKernels/*.c)) Tests/CKernelsTwins/twins.c
# gcc does not know the pragma by which clang is told not to fuse a multiplication and an addition.
TWINS_FLAGS := -O2 -Wall -Wextra -Werror -Wno-unknown-pragmas -ffp-contract=off -ISources/CKernels -ISources/CKernels/include

.PHONY: help bootstrap model build demo test test-twins test-neon lint bench bench-peers bench-text bench-embedding bench-serve \
	bench-embeddings bench-kernels check-mcp check-openai crash-test crash-test-proof crash-ingest crash-migrate churn crash-uploads \
	fuzz ingest-mixed measure-memory verify-citations clean

help:
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 20

bootstrap: ## install what is missing: system libraries and the local model
	@script/bootstrap

model: ## fetch another local model: MODEL=multilingual-e5-small
	@python3 script/model.py fetch Models/$(or $(MODEL),$(error MODEL is the name of a folder in Models))

build: bootstrap ## build the release executable
	swift build $(SWIFT_FLAGS) --product carrel

demo: build ## ingest the sample documents and answer three questions from them
	@script/demo $(CARREL) $(DEMO)

# Tests run in release: arithmetic in debug Swift is tens of times slower. Without testable imports, which no test
# uses, the build is the one of `make demo`. Not all 600 at once: Foundation's Process copies directory entries past
# their end (swift 6.3.1), which is felt in a process with more than about 1,300 open files.
test: bootstrap ## run every test, offline
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=16 swift test $(SWIFT_FLAGS) --disable-testable-imports

test-twins: ## compare every form of the kernels with its scalar twin, in plain C, with checks of addresses
	@mkdir -p .build
	clang $(TWINS_FLAGS) -fsanitize=address,undefined -fno-sanitize-recover=all -fuse-ld=lld $(TWINS) -lm -o .build/twins
	.build/twins

# Both compilers: the cross compiler's own, and the one that Swift compiles C with.
test-neon: ## the same for 64-bit ARM, under an emulator; installs it and a compiler if they are missing
	@script/bootstrap --neon
	@mkdir -p .build
	aarch64-linux-gnu-gcc $(TWINS_FLAGS) $(TWINS) -lm -o .build/twins-neon-gcc
	clang --target=aarch64-linux-gnu $(TWINS_FLAGS) $(TWINS) -lm -o .build/twins-neon-clang
	qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu max .build/twins-neon-gcc neon
	qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu max .build/twins-neon-clang neon

lint: ## check the form of the code
	swift format lint --strict --recursive --configuration .swift-format Package.swift Sources Tests Benchmarks

bench: bootstrap ## measure the exact scan; JSON on standard output
	swift run $(SWIFT_FLAGS) ScanBenchmark

bench-kernels: bootstrap ## measure each kernel beside the memory's bandwidth; JSON=1 for JSON
	swift run $(SWIFT_FLAGS) ScanBenchmark kernels $(if $(JSON),--json)

bench-peers: .peers/ready ## measure other vector indexes on the same files: DATA=folder SET=real PEERS=options
	@: $(or $(DATA),$(error DATA is the folder that Datasets/wordnet-and-manuals/README.md fills))
	.peers/bin/python Benchmarks/peers/run.py --base $(DATA)/x_$(SET).fbin --query $(DATA)/q_$(SET).fbin \
		--truth $(DATA)/gt_$(SET).ibin --json .peers/$(SET).json $(PEERS)

bench-text: bootstrap .peers-text/ready ## measure the index of words beside FTS5 and tantivy: PASSAGES=200000 WORDS=6 K=10 DATASET=folder
	swift build $(SWIFT_FLAGS) --product TextBenchmark
	.peers-text/bin/python Benchmarks/peers/text/run.py $$(swift build -c release --show-bin-path)/TextBenchmark \
		--passages $(or $(PASSAGES),200000) --questions $(or $(QUESTIONS),500) --words $(or $(WORDS),6) --k $(or $(K),10) \
		--seed $(or $(SEED),1) $(if $(DATASET),--dataset $(DATASET)) --json .peers-text/result.json

.peers-text/ready: Benchmarks/peers/text/requirements.txt
	python3 -m venv .peers-text
	.peers-text/bin/pip install --quiet --requirement $<
	@touch $@

bench-embedding: build .peers-embedding/ready ## measure the local model beside the same model in other engines: TEXTS=file PEERS=options
	.peers-embedding/bin/python Benchmarks/peers/embedding/run.py --carrel $(CARREL) $(if $(TEXTS),--texts $(TEXTS)) \
		--json .peers-embedding/result.json $(PEERS)

.peers-embedding/ready: Benchmarks/peers/embedding/requirements.txt
	python3 -m venv .peers-embedding
	.peers-embedding/bin/pip install --quiet --requirement $<
	@touch $@

.peers/ready: Benchmarks/peers/requirements.txt
	python3 -m venv .peers
	.peers/bin/pip install --quiet --requirement $<
	@touch $@

crash-test: build .build/crash-shim.so ## kill Carrel N times, at every failpoint, with power cuts and full disks: N=1000 SEED=1
	@cd script && python3 -m unittest --quiet crash.test_disk
	@nice python3 script/crash_test.py $(CARREL) .build/crash-shim.so --keep --kills $(or $(N),100) $(if $(SEED),--seed $(SEED))

crash-test-proof: build .build/crash-shim.so ## the same with syncs that do nothing or come late: both must be caught
	@for fault in no-fsync late-fsync; do \
		python3 script/crash_test.py $(CARREL) .build/crash-shim.so --kills $(or $(N),100) $(if $(SEED),--seed $(SEED)) \
			--fault $$fault --expect || exit 1; done

.build/crash-shim.so: Tests/CrashShim/shim.c
	@mkdir -p .build
	clang -O2 -Wall -Wextra -Werror -shared -fPIC $< -o $@
fuzz: bootstrap ## feed parsers, chunker and the readers of index files mutated bytes: SECONDS=120 TARGET=html,postings
	swift build $(SWIFT_FLAGS) --product Fuzzer
	@python3 script/fuzz.py $$(swift build -c release --show-bin-path)/Fuzzer --seconds $(if $(filter command line,$(origin SECONDS)),$(SECONDS),120) \
		$(if $(TARGET),--targets $(TARGET)) $(if $(SEED),--seed $(SEED))

ingest-mixed: build ## ingest 2,000 generated documents of every format, one of twenty hostile, and check each: COUNT=2000 SEED=1
	@python3 script/ingest_mixed.py $(CARREL) $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED))

crash-ingest: build ## kill an ingest ten times and compare with an undisturbed one
	@python3 script/crash_ingest.py $(CARREL) --kills 10

crash-migrate: build ## move a workspace to another precision while it is searched; kill that twice, then take it back
	@python3 script/crash_migrate.py $(CARREL) --kills 2

crash-uploads: build ## kill the server ten times while documents are uploaded; nothing acknowledged may be lost
	@python3 script/crash_uploads.py $(CARREL) --kills 10

bench-serve: build ## measure search over HTTP, quiet and during uploads (needs wrk); JSON on standard output
	@python3 script/bench_serve.py $(CARREL) $(if $(CORPUS),--corpus $(CORPUS)) $(if $(DATA),--data $(DATA))

bench-embeddings: build ## measure /v1/embeddings beside the model alone; JSON on standard output
	@python3 script/bench_embeddings.py $(CARREL)

check-openai: build .openai/ready ## ask the server with OpenAI's own client, and ingest through it: CORPUS=folder
	@.openai/bin/python script/check_openai.py $(CARREL) $(if $(CORPUS),--corpus $(CORPUS))

.openai/ready: script/openai-requirements.txt
	python3 -m venv .openai
	.openai/bin/pip install --quiet --requirement $<
	@touch $@

check-mcp: build .mcp/ready ## use the agents' door with the official client of MCP: CORPUS=folder
	@.mcp/bin/python script/check_mcp.py $(CARREL) $(if $(CORPUS),--corpus $(CORPUS))

.mcp/ready: script/mcp-requirements.txt
	python3 -m venv .mcp
	.mcp/bin/pip install --quiet --requirement $<
	@touch $@

churn: build ## change a workspace a hundred times and compare it with a fresh one: GENERATIONS=100 DOCUMENTS=5000 SEED=1
	@python3 script/churn.py $(CARREL) --generations $(or $(GENERATIONS),100) --documents $(or $(DOCUMENTS),5000) \
		--seed $(or $(SEED),1)

measure-memory: build ## measure the memory that ingesting 100 MB and 1 GB of text takes
	@python3 script/measure_memory.py $(CARREL)

verify-citations: build ## check citations and scores of 1,000 chunks and the hits of 1,000 questions: CORPUS=folder
	@python3 script/verify_citations.py $(CARREL) $(CORPUS)

clean: ## remove what was built and the demonstration's data
	rm -rf .build $(DEMO)
