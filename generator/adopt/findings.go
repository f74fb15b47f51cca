package adopt

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A finding is one thing that is wrong with the program today, or that stands in the way.
type finding struct {
	kind string
	key  string // or empty
	pos  token.Pos
	text string
}

func (st *study) add(kind, key string, pos token.Pos, format string, args ...any) {
	st.findings = append(st.findings, finding{kind, key, pos, fmt.Sprintf(format, args...)})
}

// find collects what is certain.
func (st *study) find() {
	for _, in := range st.sessions {
		unknownWrites := slices.ContainsFunc(in.unresolved, func(s *site) bool { return s.op == opWrite || s.op == opFlash })
		unknownReads := len(in.whole) > 0 || slices.ContainsFunc(in.unresolved, func(s *site) bool { return s.op != opWrite && s.op != opRemove })
		for _, k := range in.keys {
			written := slices.ContainsFunc(k.written, func(w write) bool { return !w.isNil }) || len(k.writes) > len(k.written)
			switch {
			case len(k.reads) > 0 && len(k.writes) == 0 && !unknownWrites:
				st.add("read-never-written", k.text, k.reads[0].at, "%s is read and never written", k)
			case len(k.writes) > 0 && len(k.reads) == 0 && !unknownReads && written:
				st.add("written-never-read", k.text, k.writes[0].at, "%s is written and never read%s", k, harm(k))
			}
			st.findTypes(k, unknownWrites)
			st.findAssertions(in, k)
			if isState(k) {
				st.findKeptState(k)
			}
		}
		st.findLogins(in)
		st.findLogouts(in)
	}
	st.findCookies()
	st.findStores()
	st.findFrameworks()
	slices.SortStableFunc(st.findings, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), st.prog.compare(a.pos, b.pos))
	})
	st.findings = slices.Compact(st.findings)
}

// harm says what is worse about a value that nobody reads.
func harm(k *key) string {
	if isSecret(k) {
		return ": a secret, which every visitor's session carries for nothing"
	}
	return ""
}

// findTypes looks for reads that cannot get what is written. A type switch is a choice, and a write of nil or zero
// clears.
func (st *study) findTypes(k *key, unknownWrites bool) {
	if unknownWrites {
		return
	}
	var writes []types.Type
	var first token.Pos
	for _, w := range k.written {
		switch {
		case clears(k, w):
		case w.typ == nil:
			return
		default:
			if !first.IsValid() {
				first = w.site.at
			}
			writes = appendType(writes, w.typ)
		}
	}
	if len(writes) == 0 {
		return
	}
	for _, r := range k.readings {
		if r.typ == nil || r.kind == arm || isInvalid(r.typ) {
			continue
		}
		fits := slices.ContainsFunc(writes, func(t types.Type) bool {
			if i, ok := r.typ.Underlying().(*types.Interface); ok {
				return types.Implements(t, i)
			}
			return sameType(t, r.typ)
		})
		if !fits {
			st.add("types-disagree", k.text, r.node.Pos(), "%s is written as %s (%s) and %s as %s: %s", k, list(writes), st.at(first),
				readingVerb[r.kind], typeText(r.typ), readingHarm[r.kind])
		}
	}
	if len(writes) > 1 {
		st.findStrangers(k, writes)
	}
}

// findStrangers looks for writes of a type that no read takes, where others are of one that is read.
func (st *study) findStrangers(k *key, writes []types.Type) {
	var reads []types.Type
	for _, r := range k.readings {
		if r.kind == shown || r.kind == presence || r.kind == presentKey {
			continue
		}
		if r.typ == nil || types.IsInterface(r.typ) {
			return
		}
		reads = appendType(reads, r.typ)
	}
	if len(reads) == 0 || !slices.ContainsFunc(writes, func(t types.Type) bool { return hasType(reads, t) }) {
		return
	}
	for _, w := range k.written {
		if w.typ != nil && !clears(k, w) && !hasType(reads, w.typ) {
			st.add("types-disagree", k.text, w.site.at, "%s is written as %s here and read as %s", k, typeText(w.typ), list(reads))
		}
	}
}

var (
	readingVerb = map[readingKind]string{asserted: "asserted", checked: "asserted", compared: "compared", decoded: "read"}
	readingHarm = map[readingKind]string{
		asserted: "that panics", checked: "that never succeeds", compared: "they are never equal", decoded: "that reads as zero",
	}
)

// sameType compares types by name where they come from two readings of one package.
func sameType(a, b types.Type) bool {
	return types.Identical(a, b) || types.TypeString(a, nil) == types.TypeString(b, nil)
}

// findAssertions looks for assertions without comma-ok of a key that may be absent or nil.
func (st *study) findAssertions(in *session, k *key) {
	if k.flash { // what is in a list is there
		return
	}
	var nilAt token.Pos
	for _, w := range k.written {
		if w.isNil {
			nilAt = w.site.at
		}
	}
	for _, r := range k.readings {
		if r.kind != asserted || recovers(r.fn) {
			continue
		}
		guards := st.guards(in, k, r)
		if nilAt.IsValid() && !guards[presence] {
			st.add("nil-asserted", k.text, r.node.Pos(), "%s is asserted to be %s here, and %s stores nil under it: that panics; remove the key there", k,
				typeText(r.typ), st.at(nilAt))
		}
		if len(guards) == 0 {
			st.add("unchecked-assertion", k.text, r.node.Pos(), "%s is asserted to be %s without a check: a session without it panics", k, typeText(r.typ))
		}
	}
}

// recovers reports whether a function catches its panics: that an assertion fails is a case for it, then.
func recovers(f *function) bool {
	found := false
	if f == nil {
		return false
	}
	ast.Inspect(f.body, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok {
			ast.Inspect(d, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				found = found || ok && id.Name == "recover"
				return !found
			})
		}
		return !found
	})
	return found
}

// guards tells what has been asked about a key, or about one that is never there without it, before an assertion.
func (st *study) guards(in *session, k *key, r reading) map[readingKind]bool {
	guards := st.asked(in, k, r.fn, r.node)
	if len(guards) == 0 && st.allCallersAsk(in, k, r.fn, 0) {
		guards[presence] = true
	}
	return guards
}

// asked tells what a function has asked about a key before a node in it.
func (st *study) asked(in *session, k *key, fn *function, at ast.Node) map[readingKind]bool {
	guards := map[readingKind]bool{}
	before := func(f *function, n ast.Node) bool { return f != nil && f == fn && n.Pos() < at.End() && n != at }
	for _, other := range in.keys {
		if other != k && !st.comesWith(k, other) {
			continue
		}
		for _, g := range other.readings {
			if !before(g.fn, g.node) || g.kind == shown || g.kind == asserted {
				continue
			}
			if g.kind == presentKey {
				guards[presentKey] = true
			} else {
				guards[presence] = true
			}
		}
	}
	for _, w := range k.writes {
		if before(w.fn, w.cur.Node()) {
			guards[presence] = true
		}
	}
	return guards
}

// comesWith reports whether whoever writes other writes the key too, so that one is not there without it.
func (st *study) comesWith(k, other *key) bool {
	for _, w := range other.writes {
		if w.fn == nil || !st.writesBelow(k, w.fn) {
			return false
		}
	}
	return len(other.writes) > 0
}

// writesBelow reports whether a function, or one that it calls, writes a key.
func (st *study) writesBelow(k *key, f *function) bool {
	found := false
	st.prog.down(f, 2, func(f *function) {
		found = found || slices.ContainsFunc(k.writes, func(w *site) bool { return w.fn == f })
	})
	return found
}

// allCallersAsk reports whether whoever calls a function has asked for the key, or written it, before.
func (st *study) allCallersAsk(in *session, k *key, f *function, depth int) bool {
	f = declaredFunc(f)
	if f == nil || depth > near || st.prog.isValue(f) {
		return false
	}
	calls := st.prog.callsOf(f)
	for _, c := range calls {
		caller := st.prog.enclosing(c.cur)
		if len(st.asked(in, k, caller, c.expr)) > 0 || st.writtenBefore(k, caller, c) || st.allCallersAsk(in, k, caller, depth+1) {
			continue
		}
		return false
	}
	return len(calls) > 0
}

// writtenBefore reports whether a function calls one that writes the key, before a call.
func (st *study) writtenBefore(k *key, f *function, c call) bool {
	found := false
	if f == nil {
		return false
	}
	ast.Inspect(f.body, func(n ast.Node) bool {
		if x, ok := n.(*ast.CallExpr); ok && x.Pos() < c.expr.Pos() {
			if g := st.prog.calledBy(f.pkg, x); g != nil && st.writesBelow(k, g) {
				found = true
			}
		}
		return !found
	})
	return found
}

// isValue reports whether a function is used as a value, so that not all its calls can be seen.
func (prog *program) isValue(f *function) bool {
	return f.obj == nil || prog.mentions[f.obj] > len(prog.calls[f.obj])
}

// findKeptState looks for a state of a login that stays in the session when it has been used.
func (st *study) findKeptState(k *key) {
	if len(k.writes) == 0 || len(k.reads) == 0 || len(k.removes) > 0 ||
		slices.ContainsFunc(k.reads, func(s *site) bool { return s.op == opPop || s.op == opFlashes }) ||
		slices.ContainsFunc(k.written, func(w write) bool { return w.isNil || w.zero }) {
		return
	}
	for _, r := range k.reads {
		if st.around(r.fn, func(s *site) bool { return s.op == opDestroy || s.op == opClear }) {
			return
		}
	}
	st.add("state-kept", k.text, k.reads[0].at, "%s stays in the session after it has been used: it can be used again", k)
}

// listed puts names into a sentence: a, b and c.
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
