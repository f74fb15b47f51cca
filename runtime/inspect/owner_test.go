package inspect_test

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/testdata/golden/ownertext"
)

func TestAnOwnersSessionsAreListedAndEnded(t *testing.T) {
	sessions := open(t, member.NewSessions, nil)
	inspector := inspect.New(sessions, inspect.Options{})
	var all []*browser
	for _, cart := range []string{"tea", "milk", "sugar"} {
		b := newBrowser(t, inspector)
		login(t, b, sessions, func(s *member.Session) { s.SetUserID(42); s.SetCart([]string{cart}) })
		all = append(all, b)
	}
	other := newBrowser(t, inspector)
	login(t, other, sessions, func(s *member.Session) { s.SetUserID(43) })

	support := newBrowser(t, inspector)
	ask := func(form url.Values) string { t.Helper(); return support.body(support.post(form)) }
	page := ask(url.Values{"owner": {"42"}, "do": {"list"}})
	wantText(t, page, "tea", "milk", "sugar", "End all 3", `value="42"`)
	devices := regexp.MustCompile(`name="end" value="([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(devices) != 3 {
		t.Fatalf("%d sessions can be ended, want 3:\n%s", len(devices), page)
	}
	page = ask(url.Values{"owner": {"42"}, "end": {devices[0][1]}}) // the latest
	wantText(t, page, "The session has ended", "tea", "milk", "End all 2")
	wantNoText(t, page, "sugar")
	wantText(t, all[2].get(""), "You have none")
	wantText(t, all[0].get(""), "<pre>42</pre>")

	page = ask(url.Values{"owner": {"43"}, "end": {devices[1][1]}}) // not his
	wantText(t, page, session.ErrGone.Error())
	page = ask(url.Values{"owner": {"42"}, "do": {"end-all"}})
	wantText(t, page, "All sessions have ended", "There are none")
	for _, b := range all {
		wantText(t, b.get(""), "You have none")
	}
	wantText(t, other.get(""), "<pre>43</pre>")
}

func TestAnOwnerIsReadByTheTypeOfHisField(t *testing.T) {
	t.Run("marshaled as bytes", func(t *testing.T) {
		named(t, ownertext.NewBookingsManager, func(s *ownertext.Bookings) { s.SetType(netip.MustParseAddr("192.0.2.7")) },
			"192.0.2.7", "192.0.2.8", "192.0.2")
	})
	t.Run("marshaled as text", func(t *testing.T) {
		named(t, ownertext.NewChessManager, func(s *ownertext.Chess) { s.SetRecord(ownertext.Key{'a', 'b', 'c', 'd'}) }, "abcd", "abce")
	})
	t.Run("uint32", func(t *testing.T) {
		named(t, ownertext.NewVisits, func(s *ownertext.Visit) { s.SetM(4_000_000_000) }, "4000000000", "1", "-1", "5000000000", "x", "")
	})
}

// named reports whether the first text leads to the session and no other does.
func named[S any](t *testing.T, newSessions constructor[S], set func(*S), texts ...string) {
	t.Helper()
	b, _ := inspected(t, open(t, newSessions, nil), inspect.Options{}, set)
	for i, text := range texts {
		page := b.body(b.post(url.Values{"owner": {text}}))
		if found := strings.Contains(page, "End this session"); found != (i == 0) {
			t.Errorf("%q leads to a session: %t\n%s", text, found, page)
		}
		if i > 1 && !regexp.MustCompile(`>this is no \w+</p>`).MatchString(page) { // the text may be a secret
			t.Errorf("%q is not refused, or quoted:\n%s", text, page)
		}
	}
}
