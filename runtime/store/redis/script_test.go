//go:build unix

package redis

import (
	"testing"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

func TestRedisKnowsEachScriptByTheNameThatStandsHere(t *testing.T) {
	server := servertest.Redis(t)
	for _, s := range []script{swapScript, claimScript, pingScript} {
		if got := server.Redis("SCRIPT", "LOAD", s.text); got != s.sha {
			t.Errorf("%q is called %s, by Redis %s", s.text, s.sha, got)
		}
	}
}
