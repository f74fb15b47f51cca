// Login is a small site with a login, the demo of sessiongen: a greeting that only visitors who are logged in see, a form
// with "keep me logged in", a visit counter, a notice that shows once, a page of the devices that are logged in, a
// logout. The site is package site; start with site/session.go and site/app.go.
//
// It keeps sessions in memory, in a file, in memcached, or in Redis: on one node, on a Cluster, or on the master that
// Sentinels watch:
//
//	go run ./examples/login
//	go run ./examples/login -file sessions.db
//	go run ./examples/login -memcached 127.0.0.1:11211
//	go run ./examples/login -redis 127.0.0.1:6379
//	go run ./examples/login -redis-cluster 127.0.0.1:7000 -redis-cluster 127.0.0.1:7001
//	go run ./examples/login -redis-sentinel mymaster@127.0.0.1:26379,127.0.0.1:26380
//
// -store takes any of them as a URL: memory:, file:sessions.db, memcached://127.0.0.1:11211, redis://127.0.0.1:6379.
// With a database the same demo is a module of its own, because that needs a driver:
//
//	cd examples/login/sql
//	go run . -store postgres://user:password@127.0.0.1/database
//	go run . -store mysql://user:password@127.0.0.1/database
//	go run . -store sqlite:sessions.sqlite
//
// It serves plain http on a loopback address and therefore sets Insecure, which no site in production does.
package main

import "github.com/sessiongen/sessiongen/examples/login/site"

func main() { site.Main(nil) }
