package main

import (
	"testing"

	"github.com/sessiongen/sessiongen/testdata/golden/exercise"
)

func TestTheSchemaKeepsItsValues(t *testing.T) { exercise.Session(t, NewSessions) }
