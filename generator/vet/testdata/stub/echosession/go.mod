module github.com/sessiongen/sessiongen/runtime/adapter/echosession

go 1.26.0
