module github.com/sessiongen/sessiongen/runtime/adapter/connectsession

go 1.26.0

require (
	connectrpc.com/connect v1.21.1
	github.com/sessiongen/sessiongen v0.0.0
	google.golang.org/protobuf v1.36.11
)

require (
	github.com/maypok86/otter/v2 v2.4.0 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/tinylib/msgp v1.6.5 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/sessiongen/sessiongen => ../../..
