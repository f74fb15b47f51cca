package storetest_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/storetest"
)

// plain is a correct store, with a switch for each thing that a store can get wrong.
type plain struct {
	fault string

	mu      sync.Mutex
	records map[string]plainRecord
	writes  uint64
	buffer  []byte
}

type plainRecord struct {
	value   []byte
	version session.Version
	end     time.Time
}

func (p *plain) is(fault string) bool { return p.fault == fault }

// live returns the record under key if it has not ended.
func (p *plain) live(key string) (plainRecord, bool) {
	r, ok := p.records[key]
	if ok && !time.Now().Before(r.end) && !p.is("ignores the ttl") {
		delete(p.records, key)
		return plainRecord{}, false
	}
	return r, ok
}

func (p *plain) begin(ctx context.Context) error {
	if p.is("ignores the context") {
		return nil
	}
	return ctx.Err()
}

func (p *plain) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	if err := p.begin(ctx); err != nil {
		if p.is("answers a done context with not found") {
			err = session.ErrNotFound
		}
		return nil, session.Version{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.live(p.place(key))
	if !ok {
		if p.is("has no not found") {
			return nil, session.Version{}, nil
		}
		return nil, session.Version{}, session.ErrNotFound
	}
	if p.is("slides on Get") {
		r.end = r.end.Add(time.Hour)
		p.records[p.place(key)] = r
	}
	if p.is("uses the buffer of a value again") {
		p.buffer = append(p.buffer[:0], r.value...)
		return p.buffer, r.version, nil
	}
	if p.is("returns its own slice") {
		return r.value, r.version, nil
	}
	return bytes.Clone(r.value), r.version, nil
}

func (p *plain) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.live(p.place(key)); ok && !p.is("overwrites on Add") {
		return session.ErrExists
	}
	p.put(key, value, ttl)
	return nil
}

func (p *plain) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.live(p.place(key))
	if p.is("checks outside the lock") {
		p.mu.Unlock()
		time.Sleep(time.Microsecond)
		p.mu.Lock()
	}
	switch {
	case !ok && p.is("recreates on Swap"):
	case !ok && p.is("calls a missing record stale"):
		return session.ErrStale
	case !ok:
		return session.ErrNotFound
	case p.is("takes the zero version") && v == session.Version{}:
	case r.version != v && !p.is("ignores versions"):
		return session.ErrStale
	}
	switch {
	case p.is("keeps the ttl on Swap"):
		ttl = time.Until(r.end)
	case p.is("ends early after a Swap"):
		ttl -= 500 * time.Millisecond
	}
	p.put(key, value, ttl)
	return nil
}

func (p *plain) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.live(p.place(key))
	switch {
	case !ok:
		return session.ErrNotFound
	case p.is("does not touch"):
		return nil
	case p.is("only lengthens") && time.Now().Add(ttl).Before(r.end), p.is("only shortens") && time.Now().Add(ttl).After(r.end):
		return nil
	case p.is("raises the version on Touch"):
		p.put(key, r.value, ttl)
		return nil
	}
	if p.is("ends early after a Touch") {
		ttl -= 100 * time.Millisecond
	}
	r.end = time.Now().Add(ttl)
	p.records[p.place(key)] = r
	return nil
}

func (p *plain) Delete(ctx context.Context, key string) error {
	if err := p.begin(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.live(p.place(key)); !ok && p.is("complains of a missing record on Delete") {
		return session.ErrNotFound
	}
	if !p.is("does not delete") {
		delete(p.records, p.place(key))
	}
	return nil
}

func (p *plain) place(key string) string {
	if p.is("knows no case of keys") {
		return strings.ToLower(key)
	}
	if p.is("cuts long keys") && len(key) > 249 {
		return key[:249]
	}
	return key
}

func (p *plain) put(key string, value []byte, ttl time.Duration) {
	p.writes++
	version := session.Version{p.writes}
	switch {
	case p.is("counts versions by record"):
		version = session.Version{p.records[p.place(key)].version[0] + 1}
	case p.is("makes versions of bytes"):
		version = session.Version{uint64(len(value)) + 1}
	case p.is("rounds the ttl down"):
		ttl = ttl.Truncate(time.Second)
	case p.is("ends early"):
		ttl -= 500 * time.Millisecond
	case p.is("ends with the tick before"): // ceil(ttl) seconds of a clock that ticks once a second
		seconds := (ttl + time.Second - 1).Truncate(time.Second)
		ttl = time.Until(time.Now().Truncate(time.Second).Add(seconds))
	case p.is("cuts values at a line end"):
		value, _, _ = bytes.Cut(value, []byte("\r\n"))
	case p.is("drops empty values") && len(value) == 0:
		return
	case p.is("takes a ttl that is not positive for none") && ttl <= 0:
		ttl = 1 << 62
	case p.is("takes 32 bits of a ttl for nanoseconds") && ttl > 400*24*time.Hour:
		ttl = time.Duration(int32(ttl))
	}
	if !p.is("keeps the given slice") {
		value = bytes.Clone(value)
	}
	p.records[p.place(key)] = plainRecord{value, version, time.Now().Add(ttl)}
}

const faultEnv = "STORETEST_FAULT"

func TestACorrectStorePasses(t *testing.T) {
	storetest.Run(t, func(*testing.T) session.Store {
		return &plain{fault: os.Getenv(faultEnv), records: make(map[string]plainRecord)}
	})
}

// The suite runs on each faulty store in a process of its own, where it has to fail.
func TestEachFaultOfAStoreIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: a process for each fault")
	}
	if os.Getenv(faultEnv) != "" {
		return // this is that process
	}
	for _, fault := range []string{
		"ignores the ttl", "ignores the context", "answers a done context with not found", "has no not found", "slides on Get",
		"returns its own slice", "overwrites on Add", "checks outside the lock", "recreates on Swap", "calls a missing record stale",
		"takes the zero version", "ignores versions", "keeps the ttl on Swap", "does not touch", "only lengthens",
		"only shortens", "ends early", "ends early after a Swap", "ends early after a Touch", "ends with the tick before",
		"raises the version on Touch", "complains of a missing record on Delete", "does not delete", "cuts long keys",
		"counts versions by record", "makes versions of bytes", "rounds the ttl down", "cuts values at a line end",
		"drops empty values", "takes 32 bits of a ttl for nanoseconds", "keeps the given slice",
		"takes a ttl that is not positive for none", "uses the buffer of a value again", "knows no case of keys",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run", "TestACorrectStorePasses", "-test.failfast")
			cmd.Env = append(os.Environ(), faultEnv+"="+fault)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestACorrectStorePasses") {
				t.Errorf("not found: %v\n%s", err, out)
			}
		})
	}
}
