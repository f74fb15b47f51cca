package redis

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// inPieces gives a stream to a fresh reply, in pieces of n bytes.
func inPieces(stream string, n int) error {
	r := reply{maxBulk: 100}
	for len(stream) > 0 {
		k := min(n, len(stream))
		if err := r.check([]byte(stream[:k])); err != nil {
			return err
		}
		stream = stream[k:]
	}
	return nil
}

func TestRepliesPassHoweverTheyAreSplit(t *testing.T) {
	stream := strings.Join([]string{
		"+OK\r\n", "-ERR " + strings.Repeat("long ", 1000) + "\r\n", ":1\r\n", ":-1\r\n", "$-1\r\n", "*-1\r\n", "$0\r\n\r\n",
		"$100\r\n" + strings.Repeat("\n$999999999\r\n", 20)[:100] + "\r\n",
		"*2\r\n*3\r\n:0\r\n:5460\r\n*2\r\n$9\r\n127.0.0.1\r\n:6379\r\n*0\r\n", // as of CLUSTER SLOTS
		"%1\r\n+proto\r\n:3\r\n", "_\r\n", "#t\r\n", ",3.14\r\n", "(3492890328409238509324850943850943825024385\r\n",
		"=7\r\ntxt:abc\r\n", "!5\r\nERR x\r\n", "~1\r\n:1\r\n", ">2\r\n+a\r\n+b\r\n", "+OK\r\n",
	}, "")
	for _, n := range []int{1, 2, 3, 7, 64, 4096, len(stream)} {
		if err := inPieces(stream, n); err != nil {
			t.Errorf("in pieces of %d bytes: %v", n, err)
		}
	}
}

func TestRepliesThatAnnounceTooMuchAreRefusedBeforeItComes(t *testing.T) {
	for _, stream := range []string{
		"$101\r\n", "$2147483648\r\n", "$99999999999999999999999999999999\r\n", "=101\r\n", "!101\r\n",
		"*16385\r\n", "%16385\r\n", "*2147483648\r\n", "$-2\r\n", "*-2\r\n", "$\r\n", "$1\n", "$ 1\r\n", "$1x\r\n",
		strings.Repeat("*1\r\n", maxNesting+1), strings.Repeat("+", maxLine+1),
		"\r\n", "hello\r\n", "HTTP/1.1 200 OK\r\n", "\x00\r\n", "+OK\r\nsecret\r\n", "$3\r\nsecret\r\n",
	} {
		for _, n := range []int{1, 2, 3, len(stream)} {
			err := inPieces(stream, n)
			var size *failure.SizeError
			if err == nil || !errors.Is(err, errReply) && !errors.As(err, &size) {
				t.Errorf("%.40q in pieces of %d bytes: %v", stream, n, err)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%q: the error quotes it: %v", stream, err)
			}
		}
	}
}

func FuzzReply(f *testing.F) {
	f.Add("+OK\r\n$3\r\nabc\r\n*1\r\n:1\r\n", uint8(2))
	f.Fuzz(func(t *testing.T, stream string, n uint8) {
		whole, pieces := inPieces(stream, max(len(stream), 1)), inPieces(stream, int(n)+1)
		if fmt.Sprint(whole) != fmt.Sprint(pieces) {
			t.Errorf("%q: %v as a whole, %v in pieces of %d bytes", stream, whole, pieces, int(n)+1)
		}
	})
}
