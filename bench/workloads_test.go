package main

import (
	"bytes"
	"database/sql"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/model"
	"github.com/sessiongen/sessiongen/bench/peer"
	"github.com/sessiongen/sessiongen/bench/web"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/store/sqlstore"
)

// everywhere calls f with each contender of each place.
func everywhere(t *testing.T, f func(t *testing.T, c peer.Contender)) {
	t.Helper()
	peer.RegisterGob()
	server := startMemcached(t)
	for _, shape := range []peer.Shape{peer.Nine, peer.Two} {
		remote, err := onMemcached(onTCP, server, shape)
		if err != nil {
			t.Fatal(err)
		}
		local, err := inMemory(shape)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []place{remote, local} {
			for _, c := range p.contenders[1:] { // the floor has no sessions
				t.Run(shape.String()+"/"+p.where+"/"+c.Name, func(t *testing.T) { f(t, c) })
			}
		}
	}
	for _, fields := range []int{2, 3, 20, 200} {
		c, err := peer.OursOfSize(server.Addr, fields, 10*fields)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprintf("%d fields", fields), func(t *testing.T) { f(t, c) })
	}
	t.Run(onRedis, func(t *testing.T) {
		contenders, err := onRedisAt(servertest.Redis(t).Addr())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range contenders[1:] {
			t.Run(c.Name, func(t *testing.T) { f(t, c) })
		}
	})
	db, err := sql.Open("sqlite", sqliteSource(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	p, err := onDatabase("SQLite", db, sqlstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.contenders {
		t.Run(p.where+"/"+c.Name, func(t *testing.T) { f(t, c) })
	}
}

// send returns the status of one request and the Cookie header that the client sends from then on.
func send(t *testing.T, h http.Handler, cookie string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "https://shop.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := sink{header: make(http.Header), status: http.StatusOK}
	h.ServeHTTP(&w, r)
	if len(w.header["Set-Cookie"]) > 0 {
		if cookie, err = cookieOf(w.header); err != nil {
			t.Fatal(err)
		}
	}
	return w.status, cookie
}

func TestEveryContenderReadsTheNameThatItStored(t *testing.T) {
	everywhere(t, func(t *testing.T, c peer.Contender) {
		_, cookie := send(t, c.Create, "")
		if status, _ := send(t, c.Read(model.Name), cookie); status != http.StatusOK {
			t.Errorf("status %d for the right name", status)
		}
		if status, _ := send(t, c.Read("somebody else"), cookie); status != http.StatusInternalServerError {
			t.Errorf("status %d for a wrong name", status)
		}
		if status, _ := send(t, c.Write, cookie); status != http.StatusOK {
			t.Errorf("status %d for a write", status)
		}
		if status, _ := send(t, c.Read(model.Name), cookie); status != http.StatusOK {
			t.Errorf("status %d after a write", status)
		}
	})
}

func TestEveryContenderHasNothingForAForgedCookieOrNone(t *testing.T) {
	everywhere(t, func(t *testing.T, c peer.Contender) {
		_, cookie := send(t, c.Create, "")
		if status, _ := send(t, c.Read(""), c.Forge(cookie)); status != http.StatusOK {
			t.Errorf("status %d for a forged cookie", status)
		}
		if status, _ := send(t, c.Read(""), ""); status != http.StatusOK {
			t.Errorf("status %d without a cookie", status)
		}
	})
}

func TestEveryLoginGivesANewIDToTheSameSession(t *testing.T) {
	everywhere(t, func(t *testing.T, c peer.Contender) {
		if c.Login == nil {
			return // the Tornado protocol renews nothing
		}
		_, before := send(t, c.Anonymous, "")
		_, after := send(t, c.Login, before)
		if before == after {
			t.Error("the cookie has stayed")
		}
		if status, _ := send(t, c.Read(model.Name), after); status != http.StatusOK {
			t.Errorf("status %d with the new cookie", status)
		}
		if status, _ := send(t, c.Read(model.Name), before); status == http.StatusOK {
			t.Error("the old cookie still works")
		}
	})
}

func TestAnEncodedSessionReadsAsTheSample(t *testing.T) {
	plain, err := plainRecord()
	if err != nil {
		t.Fatal(err)
	}
	c, err := web.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Open(plain); err != nil {
		t.Fatal(err)
	}
	v := model.Sample()
	want := web.SessionSchema{
		Name: v.Name, UserID: v.UserID, Roles: v.Roles, LastSeen: v.LastSeen, Cart: peer.Items(v.Cart),
		CSRF: v.CSRF, Visits: v.Visits, Lang: v.Lang, // a Snapshot leaves the flash out
	}
	got := c.Session.Snapshot()
	if !got.LastSeen.Equal(want.LastSeen) {
		t.Errorf("last seen %v, want %v", got.LastSeen, want.LastSeen)
	}
	got.LastSeen = want.LastSeen
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRatiosAreTakenWithinARound(t *testing.T) {
	noisy := measure.Times{10, 100, 10, 1000} // the machine was busy in two rounds
	other := measure.Times{20, 200, 20, 2000}
	if got := other.Over(noisy); got.Quantile(0) != 2 || got.Quantile(1) != 2 {
		t.Errorf("ratios %v, want 2 in each round", got)
	}
	if got := (measure.Times{5, 1, 3}).Median(); got != 3 {
		t.Errorf("median %v, want 3", got)
	}
}

func TestWhatIsLeftIsTakenWithinARoundToo(t *testing.T) {
	none := measure.Times{10, 100}
	bare, ours := measure.Times{20, 200}, measure.Times{25, 250}
	over := ours.Less(none).Over(bare.Less(none))
	if got := over.Quantile(0); got != 1.5 || over.Quantile(1) != 1.5 {
		t.Errorf("ratios %v, want 1.5 in each round", over)
	}
}

func TestATableSaysWhichColumnsAreRatios(t *testing.T) {
	table := table{head: []string{"", "µs", "range", "× floor", "range", "allocs"}}
	const want = "Ratios: × floor; counts: allocs; absolute, of this machine: µs."
	var b bytes.Buffer
	if table.markdown(&b); !strings.Contains(b.String(), want) {
		t.Errorf("under the table stands\n%s\nwant\n%s", b.String(), want)
	}
}

func TestASiteIsServedByTheVisitorsOwnTime(t *testing.T) {
	peer.RegisterGob()
	server := startMemcached(t)
	site := busySite{sessions: 50, perSecond: 1000, lasts: 100 * time.Millisecond}
	v, err := site.visit(func() (peer.Contender, error) {
		all, err := peer.OursOn(server.Addr, peer.Nine)
		return all[0], err
	}, server)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.took) == 0 || v.connections == 0 || v.goroutines == 0 {
		t.Errorf("%d requests by %d goroutines on %d connections", len(v.took), v.goroutines, v.connections)
	}
	broken := peer.Contender{Name: "broken", Create: peer.Nothing().Create}
	if _, err := site.visit(func() (peer.Contender, error) { return broken, nil }, server); err == nil {
		t.Error("a contender without sessions passes")
	}
}

func TestTheChartIsWellFormed(t *testing.T) {
	g := &group{workload: read, results: []result{{name: "bare <client>"}, {name: peer.Ours}}}
	for i := range g.results {
		g.results[i].Series.Wall = measure.Times{float64(i+1) * float64(10*time.Microsecond)}
	}
	var b bytes.Buffer
	if err := writeChart(&b, "a machine", g); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(&b); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
