// Package session is the runtime under the sessions that sessiongen generates: it binds a typed session to an HTTP
// request, keeps its record in a store, and carries its id in a signed cookie.
//
// People use it through generated code: NewSessions returns a Manager, whose Load, Middleware, Handle and Require
// serve requests and whose Open serves everything else. How a session's fields are encoded is package record's
// business; how tokens and records are signed and sealed is package token's; where records live is a Store's. The
// package does no authentication: a login is a handler that sets a field with the renew option.
//
// # One request
//
// Load verifies the cookie's signature and, if it holds, reads the record with one Get. A request without a cookie,
// or with one that is forged, expired or another manager's, costs no I/O and gets a new, empty session; so does one
// whose record is gone, which a store with connections has to say twice. An id is never adopted: a session that is
// saved for the first time gets a fresh one. An outage of the store is an error from Load, never an empty session.
//
// Setters change the session in memory and note what they did on a log. Save writes: Add for a new session, Swap for
// one that exists. A session without changes is never written; its expiry slides by Touch, at most once per tenth of
// the idle timeout, and not by a request that Config.Passive names.
//
// With Config.Bearer a request may carry a token in an Authorization header instead. It is read from there alone, and
// a header of the response takes the place of the cookie; all else is the same.
//
// # How long a session lives
//
// Three pairs of times may hold: Config's IdleTimeout and Lifetime, Anonymous where no renew field has a value, and
// Remembered where the login has said so. Which of them does is decided when the session is created and at each
// renewal, by what its record has then: by Remember, if that was called; without, a login has the rule's times, and
// any other renewal those of before, if somebody is still logged in. In between nothing changes it: not what another
// binary or another Config thinks, nor a renew field whose ttl runs out. How long the times are, Config says, for
// sessions that are there too.
//
// A renewal after which other times hold restarts Created, as a login does. What holds stands as a flag in the token,
// by which a session past its Lifetime is refused without I/O, and in the record, by which it is touched and renewed.
// Where they disagree, which takes binaries of different make, the record counts, and the Lifetime of what the token
// says bounds it too.
//
// # Concurrency
//
// A session is safe for concurrent use by the goroutines of its request. Two requests of one visitor, in one process
// or in many, are what the rest of this section is about. Each of them has a session of its own, loaded at its own
// time.
//
// Merging. Save replaces the record only if nobody has written it since it was loaded. If somebody has, Save reads
// the newer record, replays its log on it, and tries again, until SaveTimeout. So fields that only one request
// changed keep that change, and for a field that both changed:
//
//   - after set and clear, the later Save wins, for that field alone;
//   - what counters add is added, wrapping as += does, but for the delta of a Count, which stops at the ends of the
//     type;
//   - what lists append is all there, in the order of the Saves;
//   - map puts and deletes hold key by key, and on one key the later Save wins.
//
// Setting a field to the value that it has is a change. A stored value that does not fit the field's type counts as
// absent. Fields that this binary does not know stay, and so do unknown members of a stored struct that is set, or
// put beside; a slice that is set is replaced whole. A field's ttl counts from the call that set it, whenever it is
// saved. Changes by another goroutine of the request during a Save are pending for the next one.
//
// Ending. Save never creates a record that was there before: if it is gone, or its Lifetime is over, Save reports
// ErrGone and writes nothing. Destroy replaces the record by a tombstone before it deletes it, so that no Save that
// raced with it can succeed later. If a renewal that is no login got in between, Destroy follows it and ends the
// session under its new id, as long as the store has the tombstone that names it: for 30 seconds. So does a logout
// that arrives with the old id in that time; after it, the old id ends nothing. A record that Destroy does not find,
// or cannot read, it deletes all the same. Where a request has several cookies of the session's name, the sessions of
// all that Load would ask for end. If it fails it deletes nothing, because what is there may be the tombstone by
// which the next try follows a renewal.
//
// A Destroy that fails is not forgotten. Every further one on the session tries again, whatever has been saved since,
// and returns nil only when all has ended. Besides, the manager tries by itself, about once a second and after the
// request too, until the session has ended, its record must have expired, or the process ends. It keeps 1,024 such
// sessions; if there are more, a line in the log says that further ones live until they expire.
//
// Renewal. Renew, or changing a field with the renew option, moves the session to a new id at the next Save. The new
// record is written first; then the old one is swapped for a tombstone; then the cookie is sent. If the old record
// changed in the meantime, its newer content goes into the new record, and nothing is lost.
//
// A login is a renewal that gives a renew field a value in a session that had none when it was loaded. It restarts
// Created; any other renewal keeps it. Secret fields do not cross a login: it goes on with none of them but what the
// request itself has set, so that nobody knows the csrf token or the return address of a session in which another has
// logged in. What earlier Saves of the request have set crosses only if the store still has exactly that. When its
// old record has ended before it could save, a login still succeeds, under an id of its own: with all that it had
// loaded, less flashes and secrets, if another renewal ended the record; with nothing but its own changes if the
// record is missing. Every other renewal is then ErrGone. So two racing logins give two whole sessions, never a
// mixture, and a flash is in one of them at most.
//
// A request that comes with the id of a session which was renewed less than 30 seconds ago was under way when that
// happened. It sees an anonymous session; saving it is ErrGone and sends no cookie, unless it is a login, so that it
// cannot displace the cookie of the session that replaced it. That holds after a Destroy too. The store counts the 30
// seconds, as the time to live of the tombstone, so that the clocks of servers need not agree; a touch of the record
// that was under way lengthens them, so the process that has renewed it deletes the tombstone in time, and if it cannot,
// because it has ended, two hours are the most. After them the old id is one that the store does not know: its request
// gets a new session.
//
// Unknown outcomes. When the store fails after a write may have reached it, Save reads the record again. If it is the
// one that was sent, Save has succeeded. If nothing has changed, it sends the same bytes again. If another write came
// in between, changes that can be repeated (set, clear, put, delete) are replayed, and changes that cannot (add,
// append) end as ErrUnknown. When the store does not answer at all, the error is both ErrUnavailable and ErrUnknown;
// and when the record turns out to be gone, both ErrGone and ErrUnknown. In general an error that is not ErrUnknown
// says that nothing was written and nothing will be, however late a lost write arrives: one that finds the record
// changed has no effect, and the first record of a session, or of a renewal, that is lost is sent again under another
// id. Changes stay pending after any error; whoever saves again after ErrUnknown may add or append twice. Not so
// after a renewal, a login's too: the next Save first finds out whether the session has moved, or moves it, and sends
// the cookie then, so that it is one session and each change is in it once. Until then TakeF returns nothing, and
// CountF is ErrUnknown.
//
// Flashes. TakeF is a compare-and-swap of its own: it returns the value only if this request removed it from the
// store, so that however many requests try, one gets it. It costs a round trip, and one more for a Save that follows;
// an absent flash costs nothing, nor does one that was set in this request. Elements that this request has appended
// or put to a flash of the store go out with it, or alone if another request has taken the rest. Where it cannot tell
// whether it has removed the value, or, after an ErrUnknown, whether a value that was set in this request is in the
// store, it returns none. A flash that is set again, by a replay too, can be taken again.
//
// Counts. CountF adds to a counter in the store at once, by a compare-and-swap of its own, and returns the sum, of
// which no two requests get the same: so many guesses pass a limit as it allows. Pending changes of the counter go
// with it and are consumed, also where the outcome is ErrUnknown: a count is perhaps lost then, and never made twice.
// A session that the store does not have is created. It does not limit a visitor who drops the cookie: that is for a
// counter of the account.
//
// Travelling together. Requests of one session wait for each other within a process, first come first served, and whose
// turn it is saves for those behind: the changes that their Saves, Takes and Counts are about to write are replayed in
// the order of arrival, each on what the one before has made, and written by one compare-and-swap, as if one request
// had followed the other. So a conflict can only come from another process, and a session that many requests save costs
// few round trips. A renewal and a Destroy go alone, and who comes after them meets their tombstone. Each is told what
// has come of its own changes: who is refused (FieldError, SizeError) learns it once those before him are written, or
// else is tried alone, and if the store takes no record of all together each is saved alone. Who has used up its
// SaveTimeout before its turn has not written and never will; who has while another saves for it gets ErrUnknown. The
// swap itself may take as long as the last of its requests may, the first of them included.
//
// Between processes, the waits before further tries are random parts of a bound that doubles to 32 ms: some 60 tries in
// the default SaveTimeout. Measured on memcached with two cores (BenchmarkContention): of 64 requests that save one
// session at once in one process, half are done within 0.4 ms and 99 of 100 within 1.3; of 256, within 1 and 3 ms, with
// three swaps for all of them, where one after another they took 16 and 36. Of 64 in a process each 99 of 100 are done
// within 30 ms with three swaps each, and the slowest within 60 ms. To a store that answers in 50 ms, 64 take 150 ms and
// two swaps. When SaveTimeout is used up, Save reports ErrConflict.
//
// # Owners
//
// Where a schema says whose a session is (the option owner), SessionsOf lists and ends somebody's sessions on any
// Store, though a Store can list nothing: a sealed record for each owner, the roster, has an entry for each session,
// and a session that has an owner is alive only while its roster lists it. The token names the roster, so that a load
// asks for both records at the same time. A roster that is missing, because it was evicted, or cannot be opened, has
// ended its sessions; one that cannot be reached is ErrUnavailable. So nobody is ever in who was not checked, and an
// outage is no logout.
//
// Logging in. With an owner, a login is a renewal that gives the owner field another value than the session had when
// it was loaded. It writes its record, enters the roster, ends the old record, and sends the cookie. If the owner has
// as many sessions as he may, one whose record is gone makes room, if there is one among the eight oldest, or else
// the oldest ends. Later logins have later numbers on a roster, whatever the servers' clocks say. Every other renewal
// enters its new id beside the old one, and the next renewal drops what is left over: until then the visitor may come
// with either, since nobody knows whether the process lived to send the cookie. What fails takes its entry out. What
// cannot, because the process has died, leaves an entry whose id nobody has; it counts as a session until its record
// expires.
//
// Passing on. A session never carries one owner's fields to another. Where the owner changes from a value to another,
// or to none, what remains is the log of that Save on an empty record; fields that this binary does not know go too.
// Where it changes from none to a value, what the visitor had stays, less secrets.
//
// Ending. EndAll replaces the roster by an empty one, which ends all sessions at that moment, on every server; their
// records are deleted after that, as well as can be. A request that had loaded its session before may finish, but
// what it saves is never read, and it cannot renew: ErrGone. Only a login starts anew. A login or a renewal that
// races with an EndAll is either ended by it or, a login alone, comes after it. Destroy takes the login off its
// roster, under whatever ids it has gone on, and ends its record; either is enough.
//
// Of whatever binary. A record that has an owner has a mark beside its fields that names roster, device, field and
// type, and every binary of this runtime honours it, whatever its schema says: it checks, and a Save that changes the
// field moves the session to the other owner's roster. A record whose mark and field disagree has ended, and so has
// one whose token names another roster, or whose field has another type in the schema now. A session from before the
// schema had an owner has no mark: it lives until an EndAll or EndOthers of its owner, even where there is no roster,
// and its next Save enters it and marks it.
//
// Rotation. A roster's name is an HMAC under a key of one secret. A login enters the roster under the first secret,
// and renewals stay where they are; lists, ends and the limit go over the rosters of all secrets, one after the
// other, so that an EndAll that fails in between has ended some and says so (ErrUnknown). A session on the roster of
// a secret that was dropped has ended. With a Lifetime that was changed, a session lives for the shorter of what the
// binary that entered it and the one that reads it say.
//
// # Within a framework
//
// Middleware, Handle and Require are for net/http and for routers that use its handlers (chi, gorilla/mux,
// httprouter, huma). A framework whose handlers return errors, or which has a writer of its own, needs Manager.Do,
// which its adapter (runtime/adapter) is made of: its handlers get the writer and the request that Do gives, and Do
// gets their error. So does an interceptor of RPC: gRPC and gRPC-Web answer failures with a status of 200, and only
// the returned error says that nothing is to be saved. Code that has no request takes its session from FromContext.
// Where Middleware is used all the same and cannot do its work (gin without the writer, echo's WrapMiddleware,
// fiber's adaptor), one warning in the log says so.
//
// # Events
//
// Config.Observer is told what happens: see Event and its Kinds. What a call has found and done is collected on its
// report, and told when the call has let go of the session and of the request, so that an Observer may use both, and one
// that panics leaves nothing locked. Its panic comes out of the call, as a store's does, whose work is done by then; in
// the goroutine that tries failed logouts again it is logged. An Observer costs no round trip and no allocation, some
// 100 ns an event, and its own time.
//
// # What it does not protect from
//
// Whoever controls the store can delete sessions, and can put back an older record of the same session, or an older
// roster, which undoes an EndAll as far as the records have survived it, as may a replica that lags at a failover; it
// can neither read nor forge one. Whoever has a visitor's cookie is that visitor, until the session ends.
//
// # In which order to read it
//
//   - The API: manager.go, config.go, store.go, errors.go, meta.go.
//   - A session: core.go, over engine.go, which all sessions of a manager share.
//   - A request comes in: load.go, cookie.go and bearer.go; stored.go says what a record holds, tombstone.go what an ended
//     one leaves, pools.go in which store it is, timeouts.go and term.go how long it lives, touch.go when its expiry slides.
//   - A save: save.go, locks.go (who waits for whom), rewrite.go (compare-and-swap until it holds), together.go (for all
//     who wait), renew.go (a new id) and unfinished.go (its outcome is unknown), deadline.go.
//   - At once, by a compare-and-swap of their own: take.go, count.go; destroy.go, and unended.go for what it could not
//     end.
//   - Owners: owner.go (what people call), roster.go (the list), amend.go (compare-and-swap of one); owned.go (a record's
//     mark, and whether it is listed), pair.go; passing.go (what a Save means for whose it is), enrol.go (entering),
//     marking.go (sessions from before there were owners).
//   - Within a handler: do.go, of which middleware.go is made; get.go; the response in writer.go, answer.go and
//     response.go.
//   - Events: event.go (what people see), report.go (what collects them), audit.go. For package inspect: inspection.go,
//     node.go.
//   - Redaction: print.go, redact.go, secret.go; plain.go warns of cookies over plain http.
package session
