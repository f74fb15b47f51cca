module github.com/sessiongen/sessiongen/runtime/adapter/gorillasession

go 1.26.0

require (
	github.com/gorilla/sessions v1.4.0
	github.com/markbates/goth v1.82.0
	github.com/sessiongen/sessiongen v0.0.0
)

require (
	github.com/go-chi/chi/v5 v5.2.2 // indirect
	github.com/gorilla/context v1.1.1 // indirect
	github.com/gorilla/mux v1.6.2 // indirect
	github.com/gorilla/securecookie v1.1.2 // indirect
	github.com/maypok86/otter/v2 v2.4.0 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/tinylib/msgp v1.6.5 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/oauth2 v0.27.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/sessiongen/sessiongen => ../../..
