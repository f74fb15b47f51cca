# The commands that people use here. CI runs `make test`.

STATICCHECK = go tool -modfile=tools/go.mod staticcheck
# Built here, because a module beside the root's may lack the sums of what the tool is made of.
SESSIONGEN = $$(go tool -n sessiongen)
SESSIONVET = $$(go tool -n sessionvet)
# Golden and evolving schemas are packages of this module that ./... passes over.
GOLDEN = $(addprefix ./,$(sort $(dir $(wildcard testdata/golden/*/*_gen.go testdata/evolution/*/*/*_gen.go))))

# The race detector needs a C compiler, which .ci/servers installs where it may.
RACE = $(if $(shell command -v $$(go env CC)),-race)

.PHONY: help quick demo shop generate test check fmt race modules fips fuzz bench results

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

quick: fmt ## what to run at each step, in under a minute: gofmt, go vet, generated code, the short tests
	@echo go vet; go vet ./...
	@echo sessiongen -check; go run ./cmd/sessiongen -check ./...
	@# Those first and twice as many at a time that wait for servers and timeouts: the others have the processors meanwhile.
	go test -short -p $$((2 * $$(getconf _NPROCESSORS_ONLN))) ./runtime/... ./...

demo: ## run the demo on the memory store
	go run ./examples/login

shop: ## run the shop on a file
	go run ./examples/shop

generate: ## write all generated code anew
	go run ./cmd/sessiongen ./... ./testdata/evolution/...
	.ci/modules $(SESSIONGEN) ./...
	cd generator/vet/testdata && go run ../../../cmd/sessiongen ./web

test: ## everything CI asks for; finds or installs the servers that the tests start
	.ci/servers
	$(MAKE) --no-print-directory check race modules fips fuzz

check: fmt ## formatting, vet, staticcheck, generated code, sessionvet
	@echo go vet; go vet ./... $(GOLDEN)
	@echo staticcheck; $(STATICCHECK) ./... $(GOLDEN)
	@echo sessiongen -check; go run ./cmd/sessiongen -check ./... ./testdata/evolution/...
	@echo sessionvet; go run ./cmd/sessionvet ./examples/...

fmt: ## name the files that gofmt would change, if there are any
	@echo gofmt; files=$$(find . -name '*.go' -not -path '*/testdata/*' -exec gofmt -l {} +); [ -z "$$files" ] || { echo "$$files"; exit 1; }

race: ## all tests under the race detector, and what can only be counted without it
	go test $(RACE) -timeout 1h ./...
	go test -run "Allocat" ./runtime/record ./runtime/session ./runtime/token ./runtime/store/redis
	go test -run "ABusySite" ./runtime/store/memcached

modules: ## vet, check and test the modules beside the root's: bench, adapters, drivers, examples
	.ci/modules go vet ./...
	.ci/modules $$($(STATICCHECK:staticcheck=-n staticcheck)) ./...
	.ci/modules $(SESSIONGEN) -check ./...
	.ci/modules go vet -vettool=$(SESSIONVET) ./...
	.ci/modules go test $(RACE) -timeout 1h ./...

fips: ## the runtime's tests where the program may use nothing but the algorithms of FIPS 140
	go test -exec 'env GODEBUG=fips140=only' -skip Allocat ./runtime/... # HKDF for each record allocates

fuzz: ## each fuzz target over some thousand inputs
	.ci/fuzz

bench: ## measure against other session libraries; writes bench/results.md, with a chart
	cd bench && go run .

results: bench ## the same, and write the README's figures anew
	cd bench && go test -run README -update .
