package memcached

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A scripted connection answers what was written with what a server would say, changed by a fault, in random pieces.
type scripted struct {
	net.Conn
	random *rand.Rand
	said   []byte
}

func (*scripted) Write(p []byte) (int, error)   { return len(p), nil }
func (*scripted) SetDeadline(t time.Time) error { return nil }
func (*scripted) Close() error                  { return nil }

func (s *scripted) Read(p []byte) (int, error) {
	if len(s.said) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.said[:1+s.random.IntN(min(len(s.said), len(p)))])
	s.said = s.said[n:]
	return n, nil
}

// A question is a request, and the reply that is its own; a read of what there is not has none in a batch.
type question struct{ request, own string }

// batchOf returns some reads or writes, and what a server says to them, part by part, the marker's reply at the end.
func batchOf(random *rand.Rand) (batch []question, said []string) {
	reads, n := random.IntN(2) == 0, 1+random.IntN(7)
	if reads {
		n = max(n, 2) // nothing stands behind a read alone
	}
	for range n {
		if reads {
			i := random.IntN(n) // some read the same
			q, value := question{request: fmt.Sprintf("gets k%d\r\n", i)}, fmt.Sprintf("VALUE k%d 0 2 7\r\nv%d\r\n", i, i)
			if i%3 > 0 {
				q.own = value + "END\r\n"
				said = append(said, value)
			}
			batch = append(batch, q)
			continue
		}
		kinds := [][]string{
			{"add k 0 1 1\r\nx\r\n", "STORED\r\n", "NOT_STORED\r\n", "SERVER_ERROR out of memory\r\n"},
			{"cas k 0 1 1 9\r\nx\r\n", "STORED\r\n", "EXISTS\r\n", "NOT_FOUND\r\n"},
			{"touch k 1\r\n", "TOUCHED\r\n", "NOT_FOUND\r\n"},
			{"delete k\r\n", "DELETED\r\n", "NOT_FOUND\r\n"},
		}
		kind := kinds[random.IntN(len(kinds))]
		q := question{kind[0], kind[1+random.IntN(len(kind)-1)]}
		batch, said = append(batch, q), append(said, q.own)
	}
	if reads {
		said = append(said, "END\r\n")
	}
	return batch, append(said, "VERSION 1\r\n")
}

// harm is one fault of a stream.
func harm(random *rand.Rand, said []string) []byte {
	i := random.IntN(len(said))
	switch whole := []byte(strings.Join(said, "")); random.IntN(7) {
	case 0: // a reply twice
		return []byte(strings.Join(slices.Insert(slices.Clone(said), i, said[i]), ""))
	case 1: // one too few
		return []byte(strings.Join(slices.Delete(slices.Clone(said), i, i+1), ""))
	case 2: // one that is left of an earlier exchange
		stale := strings.Fields("STORED EXISTS NOT_FOUND TOUCHED END VERSION VALUE")[random.IntN(7)] + "\r\n"
		if stale == "VALUE\r\n" {
			stale = "VALUE k1 0 3 1\r\nold\r\nEND\r\n"
		}
		return append([]byte(stale), whole...)
	case 3: // the end of the connection
		return whole[:random.IntN(len(whole))]
	case 4:
		return slices.Concat([]byte(strings.Join(said[:i], "")), []byte("garbage\r\n"), []byte(strings.Join(said[i:], "")))
	case 5: // more than was asked for
		return append(whole, said[i]...)
	default:
		return whole
	}
}

func TestWhateverTheStreamEachGetsItsOwnReplyOrAnError(t *testing.T) {
	rounds := 20_000
	if testing.Short() {
		rounds = 2_000
	}
	for seed := range uint64(rounds) {
		checkStream(t, seed)
	}
}

func FuzzEachGetsItsOwnReplyOrAnError(f *testing.F) {
	f.Fuzz(checkStream)
}

func checkStream(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	questions, said := batchOf(random)
	stream := harm(random, said)
	sound := string(stream) == strings.Join(said, "")
	var requests []string
	for _, q := range questions {
		requests = append(requests, q.request)
	}
	batch, _ := exchanged(&scripted{random: random, said: stream}, requests...)
	for i, c := range batch {
		q := questions[i]
		switch {
		case c.err == nil && string(c.reply) != q.own:
			t.Errorf("seed %d: %q got %q, its own is %q; the stream was %q", seed, q.request, c.reply, q.own, stream)
		case c.err != nil && notSent(c.err):
			t.Errorf("seed %d: %v, though it was sent", seed, c.err)
		case c.err != nil && q.own != "" && sound:
			t.Errorf("seed %d: %q: %v, though nothing was wrong; the stream was %q", seed, q.request, c.err, stream)
		}
	}
}

// exchanged makes a batch of requests, sends it on a connection, and returns it and the node that it was sent to.
func exchanged(on net.Conn, requests ...string) ([]*conn, *node) {
	n := &node{
		maxItem: 1 << 20, breaker: &breaker{now: time.Now}, dialer: &dialer{fixed: true}, client: new(memcache.Client),
	}
	n.links = []*link{{Conn: on, node: n}}
	var batch []*conn
	for _, request := range requests {
		c := n.connect()
		c.request, c.command = []byte(request), command([]byte(request))
		batch = append(batch, c)
	}
	n.exchange(batch)
	return batch, n
}

// What is missing may come yet, before the reply to the next request.
func TestNoRequestGoesOutWhereAnExchangeHasFailed(t *testing.T) {
	for _, c := range []struct{ said, request string }{
		{"", "touch k 1\r\n"},
		{"garbage\r\n", "touch k 1\r\n"},
		{"TOUCHED\r\n", "touch k 1\r\n"}, // and no marker
		{"VERSION 1\r\n", "touch k 1\r\n"},
		{"VALUE k 0 1 1\r\nx\r\n", "gets k\r\n"},
		{"VALUE another 0 1 1\r\nx\r\nEND\r\n", "gets k\r\n"},
		{"VALUE k 0 1048577 1\r\n", "gets k\r\n"},
	} {
		batch, n := exchanged(&scripted{random: rand.New(rand.NewPCG(1, 1)), said: []byte(c.said)}, c.request)
		if batch[0].err == nil || len(n.links) > 0 {
			t.Errorf("%q answered with %q: %v; the link is kept: %v", c.request, c.said, batch[0].err, len(n.links) > 0)
		}
	}
}

// Sixty-four users write and read back what is theirs alone, while one reply in fifty comes again, before the next
// one on its connection. What a user is told about the own record must be so.
func TestNobodyIsToldAnythingFalseWhereRepliesComeTwice(t *testing.T) {
	servertest.NoLeak(t)
	const users, one = 64, 50
	turns := 300
	if testing.Short() {
		turns = 60
	}
	var doubled atomic.Int64
	late := make(map[net.Conn][]byte)
	var mu sync.Mutex
	fake := servertest.NewFake(t, func(c net.Conn, cmd servertest.Command, reply []byte) {
		mu.Lock()
		defer mu.Unlock()
		said := append(late[c], reply...)
		delete(late, c)
		if rand.IntN(one) == 0 {
			late[c] = bytes.Clone(reply)
			doubled.Add(1)
		}
		_, _ = c.Write(said)
	})
	s, err := NewWithOptions(Options{Addrs: []string{fake.Addr()}, Timeout: 10 * time.Second, IOBudget: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Reset)
	var unknown, falsely, foreign, old, done atomic.Int64
	var all sync.WaitGroup
	for u := range users {
		all.Go(func() {
			key := fmt.Sprintf("user-%d", u)
			for errors.Is(s.Add(t.Context(), key, []byte(key+" 0"), time.Hour), session.ErrUnavailable) {
			}
			for turn := range turns {
				before, _ := fake.Value(key)
				got, v, err := s.Get(t.Context(), key)
				if err != nil {
					unknown.Add(1) // a lone miss may be the end of somebody else's
					continue
				}
				if !strings.HasPrefix(string(got), key+" ") {
					foreign.Add(1)
				} else if string(got) != before { // the own one's of before, to a read alone: a swap of it fails
					old.Add(1)
				}
				next := fmt.Sprintf("%s %d", key, turn+1)
				err = s.Swap(t.Context(), key, []byte(next), v, time.Hour)
				after, _ := fake.Value(key)
				switch {
				case err == nil && after != next, servertest.IsAnswer(err) && (after == next || after == string(got)):
					falsely.Add(1)
				case err != nil && !servertest.IsAnswer(err):
					unknown.Add(1)
				}
				done.Add(2)
			}
		})
	}
	all.Wait()
	t.Logf("%d calls, %d replies came twice: %d errors, %d values of before, %d of others, %d writes told falsely",
		done.Load(), doubled.Load(), unknown.Load(), old.Load(), foreign.Load(), falsely.Load())
	if falsely.Load() > 0 || foreign.Load() > 0 {
		t.Error("somebody was told something false")
	}
}

// To a store that is far away all have sent before the first has an answer.
func TestNobodyWaitsForTheReplyToAnothersRequest(t *testing.T) {
	servertest.NoLeak(t)
	const readers = 64
	var come atomic.Int32
	all := make(chan struct{})
	fake := servertest.NewFake(t, func(c net.Conn, cmd servertest.Command, reply []byte) {
		if cmd.Verb == "gets" {
			if come.Add(int32(1+len(cmd.Args))) == readers {
				close(all)
			}
			<-all
		}
		_, _ = c.Write(reply)
	})
	s, err := NewWithOptions(Options{Addrs: []string{fake.Addr()}, Timeout: 10 * time.Second, IOBudget: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Reset)
	for r := range readers {
		if err := s.Add(t.Context(), fmt.Sprint(r), []byte("value"), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	var done sync.WaitGroup
	for r := range readers {
		done.Go(func() {
			if _, _, err := s.Get(t.Context(), fmt.Sprint(r)); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
}
