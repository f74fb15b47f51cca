// Package plain shows that routers of net/http need no adapter: chi, gorilla/mux, httprouter and huma work with
// Manager.Middleware, Get and Require as they are. It has nothing but tests: the course that the adapters take too, and
// an Example for each.
package plain
