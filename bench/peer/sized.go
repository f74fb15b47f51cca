package peer

import (
	"fmt"
	"strings"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A Sized is a session as generated code has it, of strings and a counter behind them, without a method for each.
type Sized struct {
	core   *session.Core
	visits int // the counter's number
}

func (s *Sized) Name() string       { return s.core.String(0) }
func (s *Sized) AddVisits(n int64)  { s.core.Add(s.visits, uint64(n)) }
func (s *Sized) Save() error        { return s.core.Save() }
func (s *Sized) Meta() session.Meta { return s.core.Meta() }

// newSized makes sessions of as many fields as somebody asks for.
func newSized(fields int) (*Sized, *session.Core, []record.Slot) {
	switch fields {
	case 2:
		return inOne(func(slots *[2]record.Slot) []record.Slot { return slots[:] })
	case 3:
		return inOne(func(slots *[3]record.Slot) []record.Slot { return slots[:] })
	case 20:
		return inOne(func(slots *[20]record.Slot) []record.Slot { return slots[:] })
	case 200:
		return inOne(func(slots *[200]record.Slot) []record.Slot { return slots[:] })
	}
	panic(fmt.Sprintf("no session of %d fields", fields))
}

// inOne makes a session in one allocation, as generated code does. The counter is its last field.
func inOne[Slots any](all func(*Slots) []record.Slot) (*Sized, *session.Core, []record.Slot) {
	v := new(struct {
		session Sized
		core    session.Core
		slots   Slots
	})
	slots := all(&v.slots)
	v.session = Sized{core: &v.core, visits: len(slots) - 1}
	return &v.session, &v.core, slots
}

// OursOfSize returns sessiongen on a memcached, with so many fields, of which those between the name and the counter
// have so many bytes between them.
func OursOfSize(addr string, fields, size int) (Contender, error) {
	store, err := connect(addr)
	if err != nil {
		return Contender{}, err
	}
	schema := session.Schema[Sized]{
		Name: "Sized", Identity: fmt.Sprintf("sized %d", fields),
		New:  func() (*Sized, *session.Core, []record.Slot) { return newSized(fields) },
		Core: func(s *Sized) *session.Core { return s.core },
	}
	for i := range fields - 1 {
		schema.Fields = append(schema.Fields,
			record.Field{Name: fmt.Sprintf("F%03d", i), Key: fmt.Sprintf("f%03d", i), Type: record.String})
	}
	schema.Fields = append(schema.Fields, record.Field{Name: "Visits", Key: "visits", Type: record.Int64, Counter: true})
	m, err := session.NewManager(store, config(), schema)
	if err != nil {
		return Contender{}, err
	}
	fill := func(s *Sized) {
		s.core.SetString(0, VisitorName)
		for i := 1; i < fields-1; i++ {
			s.core.SetString(i, strings.Repeat("x", size/(fields-2)))
		}
		s.AddVisits(1)
	}
	c := pair(m, filler[Sized]{visitor: fill, login: func(*Sized) {}})[0]
	c.Login = nil // no field renews
	return c, nil
}
