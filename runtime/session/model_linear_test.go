package session_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// TestEveryHistoryOfOneSessionIsLinearizable runs histories of at most 6 clients and 40 operations and asks porcupine
// whether the answers are those of one session that is loaded, saved, renewed and destroyed by one request after the
// other. Unlike the model it knows nothing of what the store saw.
func TestEveryHistoryOfOneSessionIsLinearizable(t *testing.T) {
	t.Parallel()
	model := linearModel.ToModel()
	cut := 0
	forEachSeed(t, func(s *schedule) stageSize {
		s.faults = faults{calls: s.oneOf(0, 5, 20), storms: s.oneOf(0, 0, 20), sleeps: s.oneOf(1, 5), slow: s.oneOf(0, 90)}
		s.history = new(history)
		clients := 2 + s.rng.IntN(5)
		return stageSize{processes: 1 + s.rng.IntN(2), visitors: 1, clients: clients, requests: 8 / clients, steps: 2, known: s.chance(50)}
	}, func(s *schedule) string {
		if n := len(s.history.operations); n > 40 {
			return fmt.Sprintf("%d operations are too many", n)
		}
		switch porcupine.CheckOperationsTimeout(model, s.history.operations, 10*time.Second) {
		case porcupine.Illegal:
			return "not linearizable" + s.history.String()
		case porcupine.Unknown:
			cut++
		}
		return ""
	})
	if cut > *modelSeeds/100 {
		t.Errorf("%d of %d searches took too long to show anything", cut, *modelSeeds)
	}
}

// A history is what clients did and what they were told. The methods of a nil one do nothing.
type history struct {
	mu         sync.Mutex
	clock      int64
	operations []porcupine.Operation
}

// A linearInput is what a client asked for.
type linearInput struct {
	kind   string
	key    string // of the session, as the client knows it
	state  byte   // in which the client believes the session to be
	log    []change
	login  bool
	renews bool
	base   fields // what the client has loaded
}

// A linearOutput is what the client was told.
type linearOutput struct {
	unknown bool
	gone    bool
	fields  *fields // that were loaded
	note    string  // that was taken
	key     string  // after a Save
	sum     int64   // of a Count
}

// call returns the time of a call.
func (h *history) call() int64 {
	if h == nil {
		return 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock++
	return h.clock
}

// record adds an operation. What is unknown may happen at any time until the end.
func (h *history) record(call int64, c *modelClient, in linearInput, out linearOutput) {
	returned := h.call()
	if out.unknown {
		returned = math.MaxInt64
	}
	h.mu.Lock()
	h.operations = append(h.operations, porcupine.Operation{ClientId: c.number, Input: in, Call: call, Output: out, Return: returned})
	h.mu.Unlock()
}

func (h *history) loaded(call int64, c *modelClient, key string, got *fields) {
	if h != nil {
		h.record(call, c, linearInput{kind: "load", key: key}, linearOutput{fields: got})
	}
}

// saved notes a Save, or a Count and its sum.
func (h *history) saved(call int64, c *modelClient, at *attempt, err error, sum int64) {
	if h == nil || at.calls == 0 {
		return
	}
	l := &c.local
	in := linearInput{kind: at.kind, key: l.key, state: l.state, log: at.log, login: at.login, renews: at.renews, base: l.base}
	unknown := errors.Is(err, session.ErrUnknown)
	switch {
	case unknown:
		at.operation = len(h.operations)
		h.record(call, c, in, linearOutput{unknown: true})
	case err == nil:
		key, _ := c.model.keyOf(l.session.Meta().Token)
		h.record(call, c, in, linearOutput{key: key, sum: sum})
	case errors.Is(err, session.ErrGone):
		h.record(call, c, in, linearOutput{gone: true})
	}
	if at.once() {
		return
	}
	for range at.applied - 1 { // a replay after a doubtful write that had happened
		h.record(call, c, in, linearOutput{unknown: true})
	}
}

// moved notes that a renewal whose outcome was unknown has happened, by now.
func (h *history) moved(a *attempt) {
	if h == nil {
		return
	}
	returned := h.call()
	h.mu.Lock()
	o := &h.operations[a.operation]
	o.Return, o.Output = returned, linearOutput{key: a.added}
	h.mu.Unlock()
}

func (h *history) took(call int64, c *modelClient, at *attempt, note string) {
	if h == nil {
		return
	}
	in := linearInput{kind: "take", key: at.key}
	switch {
	case note != "":
		h.record(call, c, in, linearOutput{note: note})
	case at.doubted:
		h.record(call, c, in, linearOutput{unknown: true})
	case at.last == get && at.seen.live(), at.found != nil:
		h.record(call, c, in, linearOutput{})
	}
}

// destroyed notes a logout. One that has failed may happen at any time after, in the background.
func (h *history) destroyed(call int64, c *modelClient, key string, err error) {
	if h != nil {
		h.record(call, c, linearInput{kind: "destroy", key: key}, linearOutput{unknown: err != nil})
	}
}

func (h *history) String() string {
	text := ""
	for _, o := range h.operations {
		in, out := o.Input.(linearInput), o.Output.(linearOutput)
		text += fmt.Sprintf("\n%d-%d client %d: %s %.5s %v login %t renews %t of %+v: %+v", o.Call, o.Return, o.ClientId, in.kind, in.key, names(in.log), in.login, in.renews, in.base, out)
		if out.fields != nil {
			text += fmt.Sprintf(" %+v", *out.fields)
		}
	}
	return text
}

// A linearRecord is the session under one id.
type linearRecord struct {
	kind   byte
	fields fields
	next   string // of a renewed one, by its session's new id; "" if nobody was told
	login  bool
}

type linearState map[string]linearRecord

// with returns the state with one record replaced.
func (s linearState) with(key string, r linearRecord) linearState {
	next := maps.Clone(s)
	next[key] = r
	return next
}

func (s linearState) live(key string) bool {
	r, ok := s[key]
	return ok && r.kind == kindLive
}

var linearModel = porcupine.NondeterministicModel{
	Init: func() []any { return []any{linearState{}} },
	Step: func(state, input, output any) (next []any) {
		s, in, out := state.(linearState), input.(linearInput), output.(linearOutput)
		for _, n := range in.outcomes(s, out) {
			next = append(next, n)
		}
		return next
	},
	Equal: func(a, b any) bool { return reflect.DeepEqual(a, b) },
}

// outcomes returns the states that may follow, none if the output is impossible.
func (in linearInput) outcomes(s linearState, out linearOutput) []linearState {
	did := in.do(s, out)
	if out.unknown {
		return append(did, s)
	}
	return did
}

// do returns the states that follow if the operation takes effect.
func (in linearInput) do(s linearState, out linearOutput) []linearState {
	r := s[in.key]
	switch in.kind {
	case "load":
		if s.live(in.key) != (out.fields != nil) || out.fields != nil && !same(*out.fields, r.fields) {
			return nil
		}
		return []linearState{s}
	case "take":
		if out.note == "" && !out.unknown {
			if s.live(in.key) && r.fields.Note != "" {
				return nil
			}
			return []linearState{s}
		}
		if !s.live(in.key) || r.fields.Note != out.note && !out.unknown {
			return nil
		}
		r.fields.Note = ""
		return []linearState{s.with(in.key, r)}
	case "destroy":
		key := in.key
		for r.kind == kindRenewed && !r.login {
			key, r = r.next, s[r.next]
		}
		if s.live(key) {
			return []linearState{s.with(key, linearRecord{kind: kindDestroyed})}
		}
		return []linearState{s}
	}
	states := in.save(s, r, out)
	if in.kind == "count" && !out.gone && !out.unknown && len(states) > 0 && states[0][out.key].fields.Count != out.sum {
		return nil
	}
	return states
}

func (in linearInput) save(s linearState, r linearRecord, out linearOutput) []linearState {
	alone := linearRecord{fields: after(fields{}, in.log)}
	if out.gone {
		if in.state == stateLive && s.live(in.key) {
			return nil
		}
		return []linearState{s}
	}
	switch {
	case in.state == stateNew, in.state == stateEnded && in.login:
		if out.key == "" {
			return []linearState{s} // it was empty, or nobody has been told its id
		}
		return []linearState{s.with(out.key, alone)}
	case in.state == stateEnded:
		return nil
	case s.live(in.key) && in.renews:
		next := s.with(in.key, linearRecord{kind: kindRenewed, next: out.key, login: in.login})
		if out.key != "" {
			next[out.key] = linearRecord{fields: after(r.fields, in.log)}
		}
		return []linearState{next}
	case s.live(in.key):
		r.fields = after(r.fields, in.log)
		return []linearState{s.with(in.key, r)}
	case in.login && out.key == "":
		return []linearState{s}
	case in.login && r.kind == kindRenewed:
		kept := in.base
		kept.Note = ""
		return []linearState{s.with(out.key, linearRecord{fields: after(kept, in.log)})}
	case in.login:
		return []linearState{s.with(out.key, alone)}
	}
	return nil
}
