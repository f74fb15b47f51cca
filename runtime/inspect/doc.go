// Package inspect shows, on one page, what a site's sessions are and what happens to them: for development, and, behind
// the site's own guard, for support.
//
//	sessions, err := web.NewSessions(store, session.Config{Secrets: secrets})
//	inspector := inspect.New(sessions, inspect.Options{})
//	mux.Handle("/debug/session", sessions.Middleware(sessions.Require(isStaff, login)(inspector)))
//
// The page has the visitor's own session, field by field; the latest events, live, by session, kind and outcome; how
// often each kind has happened, and how long it took; the nodes of the store; and the schema. Where the schema has an
// owner, it lists the sessions of one and ends them. All of it is of this process alone, but for the sessions, which
// are the store's.
//
// It is HTML from templates, works without JavaScript, takes nothing from another host, and refuses posts from other
// sites. To look at it changes nothing: it slides no session's expiry. A guard that loads the session does; where that
// is not wanted, Config.Passive names the page's path.
//
// # What it hides
//
// The values of secret fields, ids, tokens and Config.Secrets are in no byte of it. All other values of the visitor's
// own session are there to read, flashes too, and in an owner's sessions those of somebody else.
//
// # Who may see it
//
// Who can reach it: the package does no authentication. Mount it behind a guard, or on a listener of its own on
// loopback. It knows of a guard where the request came through a Require of the Manager that let it pass, and where
// Options.Guarded says that there is another. A request without either that does not come from this machine, by its
// address, its Host and the headers of proxies, gets a page that says so, and without what concerns others than the
// visitor: nothing of owners. The first one is a warning in the log.
//
// # In which order to read it
//
// inspect.go answers requests, guard.go says who may see what; events.go, ring.go and counts.go take in what happens,
// filter.go picks from it; site.go is a Manager without its type parameter, of which view.go shows a session and
// value.go a value; owner.go lists and ends. page.go fills the templates under assets.
package inspect
