package memcached

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// pieces is a connection on which a text comes in pieces of a size.
type pieces struct {
	net.Conn
	text string
	size int
}

func (p *pieces) Read(into []byte) (int, error) {
	if p.text == "" {
		return 0, io.EOF
	}
	n := copy(into, p.text[:min(p.size, len(p.text))])
	p.text = p.text[n:]
	return n, nil
}

// feed gives the reply to a request, which may be two reads, to a link in pieces of size bytes, and returns how much of
// it the reply is.
func feed(request, text string, size int) (taken int, err error) {
	l := &link{Conn: &pieces{text: text, size: size}, node: &node{maxItem: 1000}, most: 1 << 20}
	if keys, ok := strings.CutPrefix(request, "gets "); ok {
		var batch []*conn
		for _, key := range strings.Fields(keys) {
			batch = append(batch, &conn{request: []byte("gets " + key + "\r\n")})
		}
		err = l.values(batch)
	} else {
		err = l.lines([]*conn{{command: command([]byte(request))}})
	}
	return l.end, err
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
		{"gets " + strings.Repeat("k", 250) + "\r\n", "VALUE " + strings.Repeat("k", 250) + " 4294967295 1000 18446744073709551615\r\n" + strings.Repeat("x", 1000) + "\r\nEND\r\n"},
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
				taken, err := feed(c.request, c.reply+surplus, size)
				if err != nil || taken != len(c.reply) {
					t.Errorf("%.99q in pieces of %d: took %d of %d bytes, %v", c.reply, size, taken, len(c.reply), err)
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
		{aGet, "VALUE key 0 6 7 \nsecret\r\nEND\r\n"},
		{aGet, "VALUE key 0 six 7\r\nsecret\r\nEND\r\n"},
		{aGet, "VALUE key 0  6 7\r\nsecret\r\nEND\r\n"},
		{aGet, "VALUE key 0 4294967295 7\r\n"},
		{aGet, "VALUE key 0 99999999999999999999999 7\r\n"},
		{aGet, "VALUE key 0 1001 7\r\n"},
		{aGet, "VALUE a 0 1 7\r\nx\r\nVALUE b 0 1 7\r\nx\r\nEND\r\n"},
		{aTwo, strings.Repeat("VALUE one 0 1 7\r\nx\r\n", 3) + "END\r\n"},
	} {
		for _, size := range []int{1, 3, 100_000} {
			_, err := feed(c.request, c.reply, size)
			var tooLarge *failure.SizeError
			if !errors.Is(err, errReply) && !errors.Is(err, errOtherKey) && !errors.As(err, &tooLarge) || strings.Contains(err.Error(), "secret") {
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
			wantTaken, wantErr := feed(request, string(text), len(text)+1)
			taken, err := feed(request, string(text), max(1, size%64))
			if (err == nil) != (wantErr == nil) || err == nil && taken != wantTaken {
				t.Errorf("%q in pieces: %d bytes, %v; whole: %d, %v", request, taken, err, wantTaken, wantErr)
			}
		}
	})
}

// A reply is looked through for each request: this is what that costs.
func BenchmarkReply(b *testing.B) {
	key := strings.Repeat("k", 43)
	value := "VALUE " + key + " 0 325 123456\r\n" + strings.Repeat("x", 325) + "\r\n"
	for name, c := range map[string]struct{ request, said string }{
		"gets": {"gets " + key + "\r\n", value + "END\r\n"},
		"cas":  {"cas " + key + " 0 1801 325 123456\r\n" + strings.Repeat("x", 325) + "\r\n", "STORED\r\n"},
	} {
		b.Run(name, func(b *testing.B) {
			l, batch := &link{in: []byte(c.said), node: &node{maxItem: 1000}}, []*conn{{request: []byte(c.request)}}
			take := l.lines
			if name == "gets" {
				take = l.values
			}
			for b.Loop() {
				batch[0].command, batch[0].part, l.end = command(batch[0].request), nil, 0
				if err := take(batch); l.end != len(c.said) || err != nil {
					b.Fatal(l.end, err)
				}
			}
		})
	}
}
