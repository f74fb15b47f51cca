package session

import (
	"context"
	"time"
)

// An Observer is told what happens to sessions: see Config.Observer.
//
// Observe is called in the goroutine of the call that the event is of, when that call has done its work and holds no
// lock: it may use the session. It is called by many goroutines at once, and what it costs, the request waits for. A
// panic comes out of the call, whose work is done all the same.
type Observer interface {
	// Observe is told of one event. ctx is the request's, or what Open and the calls of an Owner were given.
	Observe(ctx context.Context, e Event)
}

// An Event is one thing that has happened to a session. No id, token, value or secret is in it. It may be kept; nobody
// may change its Keys.
type Event struct {
	Kind Kind

	// Session is the session's Meta.ID, after a renewal the new one. Empty where the store never had it.
	Session string

	// Owner names whose the session is: a hash, safe to log. Empty where it is nobody's.
	Owner string

	// Took is how long the call took until then, the store's time and waits included.
	Took time.Duration

	// Tries is how many compare-and-swaps the call needed: 1 without a conflict, 0 where it came to none.
	Tries int

	// Bytes is the size of the stored record, 0 where there is none.
	Bytes int

	// Keys are the stored keys of the fields that the call was to change, or of the one that Misfit is about; ascending.
	Keys []string

	// Err is one of this package's errors, for errors.Is, and without the texts of stores and marshalers that those
	// which callers get may have. Nil where nothing has failed.
	Err error
}

// A Kind is what an Event is about.
type Kind uint8

// What happens to sessions. A call of this package tells one outcome: of reading Loaded, Missed or Failed; of writing
// Created, Saved, LoggedIn, Renewed, Destroyed, Taken, Counted, Gone or Failed; of ending an owner's sessions Revoked,
// Gone or Failed. Refused, Unreadable and Misfit are what is found on the way, and are told besides. A call that does
// not ask the store, such as a Load without a cookie or a Save without changes, tells nothing.
const (
	Loaded     Kind = iota + 1 // a request, or Open, has found its session
	Missed                     // its token is good, and the session has ended: logged out, expired or evicted
	Created                    // a Save, or a Count, has begun a session
	Saved                      // a Save has written changes to the session that was there
	LoggedIn                   // a Save was a login
	Renewed                    // a Save has given the session a new id without a login
	Destroyed                  // a Destroy has ended the session, at once or, after it had Failed, in the background
	Revoked                    // a login is over by End, EndAll or EndOthers, or by a later one than its owner may have
	Gone                       // a Save, Take, Count, Destroy or End has found that the session is over: ErrGone
	Taken                      // a Take has removed a flash in the store
	Counted                    // a Count has added to a counter in the store
	Refused                    // a token is not a session's: forged, malformed or foreign, or past its Lifetime
	Unreadable                 // a record does not open or makes no sense: its session is over
	Misfit                     // a stored value is not of its field's type and reads as absent
	Failed                     // a call has failed, mostly for the store: Err says why
)

var kinds = [...]string{
	"none", "loaded", "missed", "created", "saved", "logged_in", "renewed", "destroyed", "revoked", "gone", "taken",
	"counted", "refused", "unreadable", "misfit", "failed",
}

// String is the Kind's name in logs and metrics, in snake case.
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return "unknown"
}

// Observers returns an Observer that tells each of several, in their order. Those that are nil are left out; if none is
// left it is nil.
func Observers(all ...Observer) Observer {
	var kept observers
	for _, o := range all {
		if o != nil {
			kept = append(kept, o)
		}
	}
	switch len(kept) {
	case 0:
		return nil
	case 1:
		return kept[0]
	}
	return kept
}

type observers []Observer

func (all observers) Observe(ctx context.Context, e Event) {
	for _, o := range all {
		o.Observe(ctx, e)
	}
}
