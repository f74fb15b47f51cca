// Package shoppb is what protoc makes of session.proto. The result is checked in: nobody needs protoc to run the
// benchmark.
package shoppb

//go:generate sh -c "go build -o ../out/ google.golang.org/protobuf/cmd/protoc-gen-go && protoc --plugin=../out/protoc-gen-go --go_out=. --go_opt=paths=source_relative session.proto"
