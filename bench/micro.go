package main

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/model"
	"github.com/sessiongen/sessiongen/bench/peer"
	"github.com/sessiongen/sessiongen/bench/shoppb"
	"github.com/sessiongen/sessiongen/bench/web"
	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// micro measures what happens between the store and the handler, on its own.
func (b *bench) micro() error {
	plain, err := plainRecord()
	if err != nil {
		return err
	}
	if err := b.accessors(plain); err != nil {
		return err
	}
	if err := b.pieces(plain); err != nil {
		return err
	}
	return b.codecs(plain)
}

// fill sets all nine fields.
func fill(s *web.Session, v model.Session, cart []web.Item) {
	s.SetName(v.Name)
	s.SetUserID(v.UserID)
	s.SetRoles(v.Roles)
	s.SetLastSeen(v.LastSeen)
	s.SetCart(cart)
	s.SetCSRF(v.CSRF)
	s.SetVisits(v.Visits)
	s.SetNotice(v.Notice)
	s.SetLang(v.Lang)
}

// plainRecord encodes the sample.
func plainRecord() ([]byte, error) {
	c, err := web.NewCodec()
	if err != nil {
		return nil, err
	}
	fill(c.Session, model.Sample(), peer.Items(model.Sample().Cart))
	if err := c.Begin(); err != nil {
		return nil, err
	}
	return c.Encode(nil)
}

// micros runs short operations in turns and returns what each took.
func (b *bench) micros(total time.Duration, runners ...measure.Runner) []result {
	results := make([]result, len(runners))
	for i, s := range measure.Turns(b.pick(total/10, total), b.pick(time.Millisecond, 2*time.Millisecond), runners...) {
		results[i] = result{name: runners[i].Name, Series: s}
		results[i].allocs, results[i].bytes = runners[i].Allocs(1000)
	}
	return results
}

// each repeats f.
func each(name string, f func()) measure.Runner {
	return measure.Runner{Name: name, Run: func(n int) {
		for range n {
			f()
		}
	}}
}

func (b *bench) accessors(plain []byte) error {
	c, err := web.NewCodec()
	if err != nil {
		return err
	}
	if err := c.Open(plain); err != nil {
		return err
	}
	s, v := c.Session, model.Sample()
	cart := peer.Items(v.Cart)
	getters := []measure.Runner{
		each("Name() string", func() { _ = s.Name() }),
		each("UserID() int64", func() { _ = s.UserID() }),
		each("LastSeen() time.Time", func() { _ = s.LastSeen() }),
		each("HasName() bool", func() { _ = s.HasName() }),
		each("Roles() []string, two of them", func() { _ = s.Roles() }),
		each("Cart() []Item, three of them", func() { _ = s.Cart() }),
	}
	const scalars = 4 // of them have a bar
	other, err := web.NewCodec()
	if err != nil {
		return err
	}
	o := other.Session
	setters := []measure.Runner{
		each("SetName(string)", func() { o.SetName(v.Name) }),
		each("SetUserID(int64)", func() { o.SetUserID(v.UserID) }),
		each("SetLastSeen(time.Time)", func() { o.SetLastSeen(v.LastSeen) }),
		each("AddVisits(1)", func() { o.AddVisits(1) }),
		each("SetCart([]Item), three of them", func() { o.SetCart(cart) }),
	}
	results := b.micros(4*time.Second, append(getters, setters...)...)
	t := &table{title: "Accessors", head: []string{"", "ns", "range", "allocs"}}
	var slowest, getAllocs, setAllocs float64
	for i, r := range results {
		t.add(r.name, digits(r.Wall.Median()), span(r.Wall, 1), fmt.Sprintf("%.0f", r.allocs))
		switch {
		case i < scalars:
			slowest, getAllocs = max(slowest, r.Wall.Median()), max(getAllocs, r.allocs)
		case i >= len(getters) && i < len(getters)+scalars:
			setAllocs = max(setAllocs, r.allocs)
		}
	}
	b.report.publish(t)
	b.report.atMost("scalar and string getters, the slowest", 25, slowest, " ns")
	b.report.allocs("scalar and string getters", 0, getAllocs)
	b.report.allocs("setter of a scalar or string, steady state", 0, setAllocs)
	return nil
}

// pieces measures the steps of a request between cookie and field.
func (b *bench) pieces(plain []byte) error {
	const cookie = "__Host-session"
	ring, err := token.NewRing("example.com/shop.Session", cookie, [][]byte{[]byte("Zk3vQ8xW1pL7nR5tB9yC2mH6jD4gF0sA")})
	if err != nil {
		return err
	}
	id, created := token.NewID(), time.Now()
	key := ring.StoreKey("", id)
	text := ring.Sign(token.Claims{ID: id, Created: created})
	sealed := ring.Seal(nil, key, plain)
	room := make([]byte, len(sealed))
	out := make([]byte, 0, 2*len(sealed))
	c, err := web.NewCodec()
	if err != nil {
		return err
	}
	load := func() {
		copy(room, sealed)
		opened, err := ring.Open(room, key)
		if err == nil {
			err = c.Open(opened)
		}
		must(err)
	}
	changed, err := web.NewCodec()
	if err != nil {
		return err
	}
	must(changed.Open(plain))
	changed.Session.AddVisits(1)
	must(changed.Begin())
	results := b.micros(3*time.Second,
		each("verify the cookie", func() { _, _ = ring.Verify(text) }),
		each("derive the store key", func() { _ = ring.StoreKey("", id) }),
		each("open the seal and scan nine fields", load),
		each("scan nine fields", func() { must(c.Open(plain)) }),
		each("replay one change and encode nine fields", func() { _, err := changed.Encode(out); must(err) }),
		each("seal", func() { _ = ring.Seal(out, key, plain) }),
	)
	t := &table{title: "Steps of a request", head: []string{"", "ns", "range", "allocs"}}
	for _, r := range results {
		t.add(r.name, digits(r.Wall.Median()), span(r.Wall, 1), fmt.Sprintf("%.0f", r.allocs))
	}
	t.note = "What Save's encoding allocates is the new record, which the session keeps."
	b.report.publish(t)
	b.report.allocs("load of a nine-field record beyond the session itself", 0, results[2].allocs)
	return nil
}

func (b *bench) codecs(plain []byte) error {
	v := model.Sample()
	cart := peer.Items(v.Cart)
	visitor := web.Visitor{
		Name: v.Name, UserID: v.UserID, Roles: v.Roles, LastSeen: v.LastSeen, Cart: cart,
		CSRF: v.CSRF, Visits: v.Visits, Notice: v.Notice, Lang: v.Lang,
	}
	values := map[string]any{
		"name": v.Name, "user_id": v.UserID, "roles": v.Roles, "last_seen": v.LastSeen, "cart": v.Cart,
		"csrf": v.CSRF, "visits": v.Visits, "notice": v.Notice, "lang": v.Lang,
	}
	message := messageOf(v)
	deadline := v.LastSeen.Add(time.Hour)
	c, err := web.NewCodec()
	if err != nil {
		return err
	}
	reader, err := web.NewCodec()
	if err != nil {
		return err
	}
	room := make([]byte, 0, 4096)
	w := record.NewWriter(room) // kept, as setters do
	encoders := []struct {
		name   string
		encode func() []byte
	}{
		{"sessiongen, generated encoder", func() []byte {
			w.Reset(room)
			web.EncodeVisitor(w, visitor)
			out, err := w.Encoded()
			must(err)
			return out
		}},
		{"sessiongen, nine setters and Save's encoding", func() []byte {
			c.Clear()
			fill(c.Session, v, cart)
			must(c.Begin())
			out, err := c.Encode(room)
			must(err)
			return out
		}},
		{"msgp, generated", func() []byte { out, err := v.MarshalMsg(room); must(err); return out }},
		{"protobuf", func() []byte { out, err := proto.MarshalOptions{}.MarshalAppend(room, message); must(err); return out }},
		{"encoding/json", func() []byte { out, err := json.Marshal(v); must(err); return out }},
		{"encoding/gob as scs uses it", func() []byte { out, err := scs.GobCodec{}.Encode(deadline, values); must(err); return out }},
		{"encoding/gob of a struct", func() []byte {
			var buf bytes.Buffer
			must(gob.NewEncoder(&buf).Encode(v))
			return buf.Bytes()
		}},
	}
	t := &table{title: "Codecs alone: encode nine fields", head: []string{"", "ns", "range", "of msgp's", "allocs", "bytes"}}
	var runners []measure.Runner
	sizes := make([]int, len(encoders))
	encoded := make([][]byte, len(encoders))
	for i, e := range encoders {
		encoded[i] = bytes.Clone(e.encode())
		sizes[i] = len(encoded[i])
		runners = append(runners, each(e.name, func() { _ = e.encode() }))
	}
	results := b.micros(4*time.Second, runners...)
	const ours, generated, asSCS = 0, 2, 5
	for i, r := range results {
		t.add(r.name, digits(r.Wall.Median()), span(r.Wall, 1), digits(r.Wall.Over(results[generated].Wall).Median())+" ×",
			fmt.Sprintf("%.0f", r.allocs), fmt.Sprint(sizes[i]))
	}
	t.note = fmt.Sprintf("A sealed record is %d bytes longer than what it seals; sessiongen's first line has the nine fields as a struct, without them.", token.Overhead)
	b.report.publish(t)
	b.report.allocs("encode of nine fields", 0, results[ours].allocs)
	b.report.atLeast("encode of nine fields against gob as scs uses it", 30, results[asSCS].Wall.Over(results[ours].Wall).Median(), " × faster")
	b.report.atMost("encode of nine fields against msgp's generated code", 1, results[ours].Wall.Over(results[generated].Wall).Median(), " ×")

	t = &table{title: "Codecs alone: decode nine fields", head: []string{"", "ns", "range", "of msgp's", "allocs"}}
	decode := b.micros(4*time.Second,
		each("sessiongen, open and read one field", func() { must(reader.Open(plain)); _ = reader.Session.Name() }),
		each("sessiongen, open and read all nine", func() { must(reader.Open(plain)); readAll(reader.Session) }),
		each("sessiongen, generated decoder", func() { _ = web.DecodeVisitor(encoded[ours]) }),
		each("msgp, generated", func() { var d model.Session; _, err := d.UnmarshalMsg(encoded[generated]); must(err) }),
		each("protobuf", func() { var m shoppb.Session; must(proto.Unmarshal(encoded[3], &m)) }),
		each("encoding/json", func() { var d model.Session; must(json.Unmarshal(encoded[4], &d)) }),
		each("encoding/gob as scs uses it", func() { _, _, err := scs.GobCodec{}.Decode(encoded[asSCS]); must(err) }),
		each("encoding/gob of a struct", func() { var d model.Session; must(gob.NewDecoder(bytes.NewReader(encoded[6])).Decode(&d)) }),
	)
	for _, r := range decode {
		t.add(r.name, digits(r.Wall.Median()), span(r.Wall, 1), digits(r.Wall.Over(decode[3].Wall).Median())+" ×", fmt.Sprintf("%.0f", r.allocs))
	}
	b.report.publish(t)
	return nil
}

func readAll(s *web.Session) {
	_, _, _, _, _ = s.Name(), s.UserID(), s.Roles(), s.LastSeen(), s.Cart()
	_, _, _, _ = s.CSRF(), s.Visits(), s.HasNotice(), s.Lang()
}

func messageOf(v model.Session) *shoppb.Session {
	m := &shoppb.Session{
		Name: v.Name, UserId: v.UserID, Roles: v.Roles, LastSeen: timestamppb.New(v.LastSeen),
		Csrf: v.CSRF, Visits: v.Visits, Notice: v.Notice, Lang: v.Lang,
	}
	for _, item := range v.Cart {
		m.Cart = append(m.Cart, &shoppb.Item{Sku: item.SKU, Count: int64(item.Count), Cents: item.Cents})
	}
	return m
}
