package memcached

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// feed gives a reply to r in pieces of size bytes, and returns how much of it r took.
func feed(r *reply, text string, size int) (taken int, err error) {
	for taken < len(text) && !r.done {
		n, err := r.take([]byte(text[taken:min(taken+size, len(text))]))
		taken += n
		if err != nil {
			return taken, err
		}
	}
	return taken, nil
}

const (
	aGet = "gets key\r\n"
	aTwo = "gets one two\r\n"
	aCas = "cas key 0 10 3 7\r\nnew\r\n"
)

func TestAReplyEndsWhereTheProtocolSaysWhateverPiecesItComesIn(t *testing.T) {
	for _, c := range []struct{ request, reply string }{
		{aGet, "END\r\n"},
		{aGet, "VALUE key 0 3 7\r\none\r\nEND\r\n"},
		{aGet, "VALUE key 0 0 7\r\n\r\nEND\r\n"},
		{aGet, "VALUE key 0 3\r\none\r\nEND\r\n"},
		{aGet, "VALUE key 0 5 7\r\nEND\r\n\r\nEND\r\n"},
		{aGet, "VALUE " + strings.Repeat("k", 250) + " 4294967295 1000 18446744073709551615\r\n" + strings.Repeat("x", 1000) + "\r\nEND\r\n"},
		{aTwo, "VALUE one 0 1 7\r\nx\r\nVALUE two 0 2 8\r\nxx\r\nEND\r\n"},
		{aTwo, "VALUE two 0 2 8\r\nxx\r\nEND\r\n"},
		{aTwo, "END\r\n"},
		{aGet, "SERVER_ERROR out of order\r\n"},
		{aGet, "SERVER_ERROR" + strings.Repeat(" ", maxLine-len("SERVER_ERROR\r\n")) + "\r\n"},
		{aGet, "ERROR\r\n"},
		{aCas, "STORED\r\n"},
		{aCas, "EXISTS\r\n"},
		{aCas, "NOT_FOUND\r\n"},
		{aCas, "NOT_STORED\r\n"},
		{aCas, "CLIENT_ERROR bad data chunk\r\n"},
		{"touch key 10\r\n", "TOUCHED\r\n"},
		{"delete key\r\n", "DELETED\r\n"},
		{"version\r\n", "VERSION 1.6.18\r\n"},
	} {
		for _, surplus := range []string{"", "STORED\r\n", "E", c.reply} {
			for _, size := range []int{1, 2, 3, 7, 64, 100_000} {
				r := reply{maxItem: 1000}
				r.begin([]byte(c.request))
				taken, err := feed(&r, c.reply+surplus, size)
				if err != nil || !r.done || taken != len(c.reply) {
					t.Errorf("%q in pieces of %d: took %d of %d bytes, done %v, %v", c.reply, size, taken, len(c.reply), r.done, err)
				}
			}
		}
	}
}

func TestWhatIsNoReplyIsAnErrorThatDoesNotQuoteIt(t *testing.T) {
	for _, c := range []struct{ request, reply string }{
		{aCas, "VALUE key 0 6 7\r\nsecret\r\nEND\r\n"},
		{aCas, "secret\r\n"},
		{aCas, "STORED\n"},
		{aCas, "stored\r\n"},
		{aCas, "END\r\n"}, // what others are answered with
		{aCas, "TOUCHED\r\n"},
		{aGet, "STORED\r\n"},
		{aGet, "NOT_FOUND\r\n"},
		{"add key 0 10 1\r\nx\r\n", "EXISTS\r\n"},
		{"touch key 10\r\n", "DELETED\r\n"},
		{"delete key\r\n", "STORED\r\n"},
		{"version\r\n", "END\r\n"},
		{aCas, "\r\n"},
		{aCas, strings.Repeat("secret", 1000)},
		{aCas, "SERVER_ERROR " + strings.Repeat("s", maxLine) + "\r\n"}, // longer than a line may be
		{aGet, "VALUE\r\n"},
		{aGet, "VALUE key\r\n"},
		{aGet, "VALUE key 0 -6 7\r\nsecret\r\nEND\r\n"},
		{aGet, "VALUE key 0 six 7\r\nsecret\r\nEND\r\n"},
		{aGet, "VALUE key 0  6 7\r\nsecret\r\nEND\r\n"},
		{aGet, "VALUE key 0 4294967295 7\r\n"},
		{aGet, "VALUE key 0 99999999999999999999999 7\r\n"},
		{aGet, "VALUE key 0 1001 7\r\n"},
		{aGet, "VALUE a 0 1 7\r\nx\r\nVALUE b 0 1 7\r\nx\r\nEND\r\n"},
		{aTwo, strings.Repeat("VALUE one 0 1 7\r\nx\r\n", 3) + "END\r\n"},
	} {
		for _, size := range []int{1, 3, 100_000} {
			r := reply{maxItem: 1000}
			r.begin([]byte(c.request))
			_, err := feed(&r, c.reply, size)
			var tooLarge *failure.SizeError
			if !errors.Is(err, errReply) && !errors.As(err, &tooLarge) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%q in pieces of %d: %v", c.reply, size, err)
			}
		}
	}
}

func FuzzAReplyIsTakenTheSameInAnyPieces(f *testing.F) {
	for _, seed := range []string{"END\r\n", "VALUE k 0 3 7\r\none\r\nEND\r\nSTORED\r\n", "VALUE a 0 1 7\r\nx\r\nVALUE b 0 1 7\r\nx\r\nEND\r\n", "VALUE k 0 -1\r\n", "STORED\r\n", "x"} {
		f.Add([]byte(seed), true, 1)
		f.Add([]byte(seed), false, 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, get bool, size int) {
		requests := []string{aCas}
		if get {
			requests = []string{aGet, aTwo}
		}
		for _, request := range requests {
			run := func(size int) (int, bool, bool) {
				r := reply{maxItem: 1000}
				r.begin([]byte(request))
				taken, err := feed(&r, string(bytes.Clone(text)), size)
				return taken, r.done, err != nil
			}
			wantTaken, wantDone, wantErr := run(len(text) + 1)
			taken, done, failed := run(max(1, size%64))
			if done != wantDone || failed != wantErr || !failed && taken != wantTaken {
				t.Errorf("%q in pieces: %d bytes, done %v, error %v; whole: %d, %v, %v",
					request, taken, done, failed, wantTaken, wantDone, wantErr)
			}
		}
	})
}

// A reply is looked through for each request: this is what that costs.
func BenchmarkReply(b *testing.B) {
	for name, c := range map[string]struct{ request, reply string }{
		"gets": {"gets " + strings.Repeat("k", 43) + "\r\n", "VALUE " + strings.Repeat("k", 43) + " 0 325 123456\r\n" + strings.Repeat("x", 325) + "\r\nEND\r\n"},
		"cas":  {"cas " + strings.Repeat("k", 43) + " 0 1801 325 123456\r\n" + strings.Repeat("x", 325) + "\r\n", "STORED\r\n"},
	} {
		b.Run(name, func(b *testing.B) {
			request, said := []byte(c.request), []byte(c.reply)
			r := reply{maxItem: 1000}
			for b.Loop() {
				r.begin(request)
				if n, err := r.take(said); n != len(said) || err != nil {
					b.Fatal(n, err)
				}
			}
		})
	}
}
