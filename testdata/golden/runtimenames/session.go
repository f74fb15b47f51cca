// Package runtimenames has types of packages that are called as those that generated code imports.
package runtimenames

import (
	"github.com/sessiongen/sessiongen/testdata/golden/dep/record"
	"github.com/sessiongen/sessiongen/testdata/golden/dep/session"
	"github.com/sessiongen/sessiongen/testdata/golden/dep/slog"
	"github.com/sessiongen/sessiongen/testdata/golden/dep/time"
)

//sessiongen:schema
type SessionSchema struct {
	Field  record.Field
	Core   session.Core
	Level  slog.Level
	Zone   time.Zone `session:"zone,ttl=90s"`
	Fields []record.Field
}
