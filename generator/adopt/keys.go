package adopt

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"
)

// A key is one field of a session, and all that the program does with it.
type key struct {
	text    string     // as the program writes it: user_id, block_%d
	hole    types.Type // of a key that is made: what fills the verb
	said    string     // the constant's name
	session string     // name of the cookie, or empty if there is but one
	lib     *library

	writes, reads, removes []*site
	flash                  bool // values are added as flashes
	written                []write
	readings               []reading

	name    string
	typ     types.Type // nil: it cannot be told
	why     string     // of the type, where that needs a word
	options []option
}

// A write is one type that one site can write.
type write struct {
	written
	site *site
}

// A session is what one cookie of the program leads to.
type session struct {
	cookie string // or empty
	keys   []*key
	whole  []*site // that read all values
	ends   []*site // that destroy or clear it
	// unresolved are sites with a key that cannot be told.
	unresolved []*site
}

// main is the session that is used most.
func (st *study) main() *session {
	return slices.MaxFunc(st.sessions, func(a, b *session) int { return cmp.Compare(a.places(), b.places()) })
}

// places counts the sites that have a key of the session.
func (s *session) places() int {
	n := len(s.unresolved)
	for _, k := range s.keys {
		n += len(k.writes) + len(k.reads) + len(k.removes)
	}
	return n
}

// A study is all that was found out.
type study struct {
	prog     *program
	library  *library // nil: none
	sessions []*session
	sites    []*site // all, also those without a key
	gob      map[string]bool
	cookies  []*site // that make stores that live in the cookie
	dir      string  // positions are relative to it
	findings []finding
}

func newStudy(prog *program) *study {
	st := &study{prog: prog, gob: prog.registered()}
	st.sites = prog.carry(prog.findDoors())
	st.library = st.whichLibrary()
	names := st.names()
	byName := map[string]*session{}
	at := func(name string) *session {
		if byName[name] == nil {
			byName[name] = &session{cookie: name}
			st.sessions = append(st.sessions, byName[name])
		}
		return byName[name]
	}
	index := map[[2]string]*key{}
	for _, s := range st.sites {
		in := at(names(s))
		switch s.op {
		case opAll:
			in.whole = append(in.whole, s)
		case opDestroy, opClear:
			in.ends = append(in.ends, s)
		case opCookie:
			st.cookies = append(st.cookies, s)
		}
		for _, t := range s.keys {
			if t.kind == unknown || t.kind == pattern && t.text == "%s" {
				in.unresolved = append(in.unresolved, s)
				continue
			}
			id := [2]string{in.cookie, t.text}
			k := index[id]
			if k == nil {
				k = &key{text: t.text, hole: t.hole, said: t.said, session: in.cookie, lib: s.lib}
				index[id] = k
				in.keys = append(in.keys, k)
			}
			st.note(k, s)
		}
	}
	st.sessions = slices.DeleteFunc(st.sessions, func(s *session) bool {
		return len(s.keys) == 0 && len(s.unresolved) == 0
	})
	for _, s := range st.sessions {
		for _, k := range s.keys {
			st.learn(k)
		}
		slices.SortStableFunc(s.keys, func(a, b *key) int { return cmp.Compare(a.text, b.text) })
	}
	return st
}

func (st *study) note(k *key, s *site) {
	switch s.op {
	case opWrite:
		k.writes = append(k.writes, s)
	case opFlash:
		k.writes = append(k.writes, s)
		k.flash = true
	case opRead, opPop, opExists, opFlashes, opDecode:
		k.reads = append(k.reads, s)
	case opRemove:
		k.removes = append(k.removes, s)
	}
}

// whichLibrary returns the library that the program uses: of several, the one that stands on the others.
func (st *study) whichLibrary() *library {
	for _, lib := range libraries {
		for _, s := range st.sites {
			if s.lib == lib {
				return lib
			}
		}
	}
	return nil
}

// names returns how the session of a site is told from the program's others. One whose name is not known counts as the
// one that is used most.
func (st *study) names() func(*site) string {
	counts := map[string]int{}
	nameOf := func(s *site) string {
		name := ""
		for _, t := range s.name {
			if t.kind != constantKey || name != "" && t.text != name {
				return ""
			}
			name = t.text
		}
		return name
	}
	for _, s := range st.sites {
		if name := nameOf(s); name != "" && (len(s.keys) > 0 || s.op == opOpen) {
			counts[name]++
		}
	}
	if len(counts) < 2 {
		return func(*site) string { return "" }
	}
	main := ""
	for name, n := range counts {
		if n > counts[main] || n == counts[main] && name < main {
			main = name
		}
	}
	return func(s *site) string {
		if name := nameOf(s); name != "" {
			return name
		}
		return main
	}
}

// learn reads what is written under a key and what becomes of what is read.
func (st *study) learn(k *key) {
	for _, s := range k.writes {
		if s.value == nil {
			continue
		}
		for _, w := range st.prog.typesOf(s.value) {
			if w.typ != nil {
				w.typ = st.asStored(w.typ)
			}
			k.written = append(k.written, write{w, s})
		}
	}
	seen := map[ast.Node]bool{}
	for _, s := range k.reads {
		switch s.op {
		case opExists:
			k.readings = append(k.readings, reading{kind: presentKey, node: s.cur.Node(), fn: s.fn})
			continue
		case opFlashes:
			st.listReadings(k, s)
			continue
		}
		for _, r := range st.prog.readings(s) {
			if r.typ == nil || !seen[r.node] || r.kind == arm {
				k.readings = append(k.readings, r)
			}
			seen[r.node] = true
		}
	}
	st.chooseType(k)
}

// listReadings are what is done with the elements of a list of flashes.
func (st *study) listReadings(k *key, s *site) {
	for _, v := range st.prog.variablesOf(s) {
		for _, u := range st.prog.uses(s.pkg, v) {
			n, ok := u.cur.Parent().Node().(*ast.RangeStmt)
			if !ok || n.X != u.cur.Node() || n.Value == nil {
				if x, ok := u.cur.Parent().Node().(*ast.IndexExpr); ok && x.X == u.cur.Node() {
					r := reader{prog: st.prog, seen: map[any]bool{}}
					r.value(u.pkg, u.cur.Parent(), 0)
					k.readings = append(k.readings, r.found...)
				}
				continue
			}
			r := reader{prog: st.prog, seen: map[any]bool{}}
			r.into(u.pkg, n.Value, 0)
			k.readings = append(k.readings, r.found...)
		}
	}
}

// variablesOf returns the variables that the result of a site's call is assigned to.
func (prog *program) variablesOf(s *site) []*types.Var {
	var all []*types.Var
	n, ok := s.cur.Parent().Node().(*ast.AssignStmt)
	if !ok || len(n.Lhs) != len(n.Rhs) {
		return nil
	}
	for i, rhs := range n.Rhs {
		if v := variable(s.pkg, n.Lhs[i]); v != nil && rhs == s.cur.Node() {
			all = append(all, v)
		}
	}
	return all
}

// registered tells by gob.Register how values of a type come back: as a pointer, or not.
func (prog *program) registered() map[string]bool {
	pointers := map[string]bool{}
	for fn, calls := range prog.calls {
		if f, ok := fn.(*types.Func); !ok || f.FullName() != "encoding/gob.Register" {
			continue
		}
		for _, c := range calls {
			for _, arg := range c.expr.Args {
				if t := c.pkg.Info.TypeOf(arg); t != nil {
					_, pointer := types.Unalias(t).(*types.Pointer)
					if n := namedOf(t); n != nil {
						pointers[n.String()] = pointer
					}
				}
			}
		}
	}
	return pointers
}

// asStored is the type that a value has when it is read back.
func (st *study) asStored(t types.Type) types.Type {
	n := namedOf(t)
	if n == nil {
		return t
	}
	pointer, known := st.gob[n.String()]
	if !known {
		return t
	}
	if pointer {
		return types.NewPointer(n)
	}
	return n
}
