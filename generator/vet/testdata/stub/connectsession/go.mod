module github.com/sessiongen/sessiongen/runtime/adapter/connectsession

go 1.26.0
