package exercise_test

import (
	"testing"

	"github.com/sessiongen/sessiongen/testdata/golden/exercise"
	"github.com/sessiongen/sessiongen/testdata/golden/osname"
)

func TestASchemaForOneSystemKeepsItsValues(t *testing.T) { exercise.Session(t, osname.NewSessions) }
