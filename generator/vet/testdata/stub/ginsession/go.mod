module github.com/sessiongen/sessiongen/runtime/adapter/ginsession

go 1.26.0
