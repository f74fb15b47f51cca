package concurrency

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/session"
	v1 "github.com/sessiongen/sessiongen/testdata/evolution/deploy/v1"
	v2 "github.com/sessiongen/sessiongen/testdata/evolution/deploy/v2"
)

// deployed is what the session of a rolling deploy should hold, whoever wrote it.
type deployed struct {
	visits         int64
	name           string // of version 1's Nickname and of version 2's DisplayName
	coupon, locale string // known to one version each
	themeV1        int    // the other version reads its zero value
	themeV2        string
	ship           v2.Address
	cart           []v2.Item
	seen           []string
}

func (d *deployed) v1() v1.SessionSchema {
	s := v1.SessionSchema{
		Visits: d.visits, Nickname: d.name, Coupon: d.coupon, Theme: d.themeV1, Ship: v1.Address{City: d.ship.City},
		Seen: d.seen,
	}
	for _, item := range d.cart {
		s.Cart = append(s.Cart, v1.Item{SKU: item.SKU})
	}
	return s
}

func (d *deployed) v2() v2.SessionSchema {
	return v2.SessionSchema{
		Visits: d.visits, DisplayName: d.name, Locale: d.locale, Theme: d.themeV2, Ship: d.ship, Cart: d.cart, Seen: d.seen,
	}
}

// changeV1 does something at random with a session of version 1, and to the model what should become of it.
func changeV1(rng *rand.Rand, step int, s *v1.Session) func(*deployed) {
	text := fmt.Sprint("one", step)
	switch rng.IntN(12) {
	case 0:
		s.AddVisits(int64(step))
		return func(d *deployed) { d.visits += int64(step) }
	case 1:
		s.SetNickname(text)
		return func(d *deployed) { d.name = text }
	case 2:
		s.ClearNickname()
		return func(d *deployed) { d.name = "" }
	case 3:
		s.SetCoupon(text)
		return func(d *deployed) { d.coupon = text }
	case 4:
		s.ClearCoupon()
		return func(d *deployed) { d.coupon = "" }
	case 5:
		s.SetTheme(step)
		return func(d *deployed) { d.themeV1, d.themeV2 = step, "" }
	case 6:
		s.SetShip(v1.Address{City: text})
		return func(d *deployed) { d.ship.City = text } // the Zip stays
	case 7:
		s.ClearShip()
		return func(d *deployed) { d.ship = v2.Address{} }
	case 8:
		s.SetCart([]v1.Item{{SKU: text}})
		return func(d *deployed) { d.cart = []v2.Item{{SKU: text}} } // replaced whole
	case 9, 10:
		s.AppendCart(v1.Item{SKU: text}) // the others keep their Qty
		return func(d *deployed) { d.cart = append(d.cart[:len(d.cart):len(d.cart)], v2.Item{SKU: text}) }
	default:
		s.AppendSeen(text)
		return func(d *deployed) { d.seen = append(d.seen[:len(d.seen):len(d.seen)], text) }
	}
}

// changeV2 is changeV1 for version 2.
func changeV2(rng *rand.Rand, step int, s *v2.Session) func(*deployed) {
	text := fmt.Sprint("two", step)
	switch rng.IntN(12) {
	case 0:
		s.AddVisits(int64(step))
		return func(d *deployed) { d.visits += int64(step) }
	case 1:
		s.SetDisplayName(text)
		return func(d *deployed) { d.name = text }
	case 2:
		s.ClearDisplayName()
		return func(d *deployed) { d.name = "" }
	case 3:
		s.SetLocale(text)
		return func(d *deployed) { d.locale = text }
	case 4:
		s.ClearLocale()
		return func(d *deployed) { d.locale = "" }
	case 5:
		s.SetTheme(text)
		return func(d *deployed) { d.themeV1, d.themeV2 = 0, text }
	case 6:
		s.SetShip(v2.Address{City: text, Zip: text})
		return func(d *deployed) { d.ship = v2.Address{City: text, Zip: text} }
	case 7:
		s.ClearShip()
		return func(d *deployed) { d.ship = v2.Address{} }
	case 8:
		s.SetCart([]v2.Item{{SKU: text, Qty: step}})
		return func(d *deployed) { d.cart = []v2.Item{{SKU: text, Qty: step}} }
	case 9, 10:
		item := v2.Item{SKU: text, Qty: step}
		s.AppendCart(item)
		return func(d *deployed) { d.cart = append(d.cart[:len(d.cart):len(d.cart)], item) }
	default:
		s.AppendSeen(text)
		return func(d *deployed) { d.seen = append(d.seen[:len(d.seen):len(d.seen)], text) }
	}
}

func TwoBinariesOfARollingDeployShareASessionAndLoseNothing(t *testing.T, connect func() session.Store) {
	const steps = 1000
	older, err1 := v1.NewSessions(connect(), Config())
	newer, err2 := v2.NewSessions(connect(), Config())
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	cookie := beginDeployed(t, older)
	want := deployed{visits: 1}
	for step := range steps {
		// Both have loaded before either saves, so that each also merges into what the other one wrote.
		w1, r1 := Visit(cookie)
		a, err1 := older.Load(w1, r1)
		w2, r2 := Visit(cookie)
		b, err2 := newer.Load(w2, r2)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		if got, want := a.Snapshot(), want.v1(); !reflect.DeepEqual(got, want) {
			t.Fatalf("step %d: version 1 sees %+v\nwant %+v", step, got, want)
		}
		if got, want := b.Snapshot(), want.v2(); !reflect.DeepEqual(got, want) {
			t.Fatalf("step %d: version 2 sees %+v\nwant %+v", step, got, want)
		}
		saves := []func(){
			func() {
				changed := changeV1(rng, step, a)
				if err := a.Save(); err != nil {
					t.Fatal(err)
				}
				changed(&want)
			},
			func() {
				changed := changeV2(rng, step, b)
				if err := b.Save(); err != nil {
					t.Fatal(err)
				}
				changed(&want)
			},
		}
		switch first := rng.IntN(2); rng.IntN(3) {
		case 0:
			saves[first]()
		default:
			saves[first]()
			saves[1-first]()
		}
	}
}

func beginDeployed(t *testing.T, m *v1.Sessions) *http.Cookie {
	t.Helper()
	w, r := Visit(nil)
	s, err := m.Load(w, r)
	if err != nil {
		t.Fatal(err)
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}
