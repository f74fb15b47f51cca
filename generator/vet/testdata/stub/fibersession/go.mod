module github.com/sessiongen/sessiongen/runtime/adapter/fibersession

go 1.26.0
