// Sql is the demo of examples/login with database drivers: sessions are kept in PostgreSQL, MySQL, MariaDB or SQLite.
// It is a module of its own, so that sessiongen's users depend on no driver.
//
//	go run . -store postgres://user:password@127.0.0.1/database
//	go run . -store mysql://user:password@127.0.0.1/database
//	go run . -store sqlite:sessions.sqlite
//
// The flags are those of examples/login.
package main

import (
	"github.com/sessiongen/sessiongen/examples/demo/databases"
	"github.com/sessiongen/sessiongen/examples/login/site"
)

func main() { site.Main(databases.All()) }
