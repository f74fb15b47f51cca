# The commands that people use here. CI runs `make test`.

STATICCHECK = go tool -modfile=tools/go.mod staticcheck
# Golden and evolving schemas are packages of this module that ./... passes over.
GOLDEN = $(addprefix ./,$(sort $(dir $(wildcard testdata/golden/*/*_gen.go testdata/evolution/*/*/*_gen.go))))

.PHONY: demo generate test check race fuzz bench

demo: ## run the demo on the memory store
	go run ./examples/login

generate: ## write all generated code anew
	go run ./cmd/sessiongen ./... ./testdata/evolution/...
	cd bench && go run ../cmd/sessiongen ./web
	cd generator/vet/testdata && go run ../../../cmd/sessiongen ./web

test: ## everything CI asks for; finds or installs memcached and redis-server
	.ci/servers
	$(MAKE) --no-print-directory check race fuzz

check: ## formatting, vet, staticcheck, generated code, sessionvet
	@echo gofmt; files=$$(git ls-files '*.go' | grep -v /testdata/ | xargs gofmt -l); [ -z "$$files" ] || { echo "$$files"; exit 1; }
	@echo go vet; go vet ./... $(GOLDEN)
	@echo staticcheck; $(STATICCHECK) ./... $(GOLDEN)
	@echo sessiongen -check; go run ./cmd/sessiongen -check ./... ./testdata/evolution/...
	@echo sessionvet; go run ./cmd/sessionvet ./examples/...
	@echo bench; cd bench && go vet ./... && go test ./...

race: ## all tests under the race detector, and what can only be counted without it
	go test -race -timeout 20m ./...
	go test -run "Allocat" ./runtime/record ./runtime/session ./runtime/token
	go test -run "ABusySite" ./runtime/store/memcached

fuzz: ## each fuzz target over some thousand inputs
	.ci/fuzz

bench: ## measure against other session libraries; prints a table, writes a chart
	cd bench && go run .
