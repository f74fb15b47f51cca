//go:build unix

package faults

import (
	"bytes"
	"net"
	"testing"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

// A recorder is a connection of which only what is written counts.
type recorder struct {
	net.Conn
	bytes.Buffer
}

func (r *recorder) Write(p []byte) (int, error) { return r.Buffer.Write(p) }
func (r *recorder) Read(p []byte) (int, error)  { return r.Buffer.Read(p) }

// A store that asks for several records in one command, and then for each alone, is to be told the truth then.
func TestALieThatIsToldOnceIsToldOnceForEachKeyOfACommand(t *testing.T) {
	l := &liar{reads: map[string][]byte{"c": []byte("VALUE c 0 1 1\r\nx\r\nEND\r\n")}}
	l.tell(strangers(false, true))
	ask := func(key string, more ...string) string {
		c := new(recorder)
		l.send(c, servertest.Command{Verb: "gets", Key: key, Args: more}, []byte("the truth"))
		return c.String()
	}
	if got := ask("a", "b"); got == "the truth" {
		t.Errorf("the first answer is %q", got)
	}
	for _, key := range []string{"a", "b"} {
		if got := ask(key); got != "the truth" {
			t.Errorf("%s, alone: %q", key, got)
		}
	}
	if got := ask("d", "b"); got != "the truth" {
		t.Errorf("with one that has been told already: %q", got)
	}
}
