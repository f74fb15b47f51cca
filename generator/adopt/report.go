package adopt

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/types"
	"io"
	"maps"
	"slices"
)

// A Report is what is known of a program's sessions. Positions are file:line:col, relative to Config.Dir.
type Report struct {
	Library    string       `json:"library"` // empty: the program uses none that is known
	Keys       []Key        `json:"keys"`
	Findings   []Finding    `json:"findings"`
	Sites      Sites        `json:"sites"`
	Unresolved []Unresolved `json:"unresolved,omitempty"` // uses of a key that cannot be told

	Diff    string       `json:"diff,omitempty"` // the rewrites, as a patch
	Left    []Unresolved `json:"left,omitempty"` // places that are not rewritten, with what to do by hand
	Schema  []byte       `json:"-"`              // Go source; nil without a key
	Shown   []byte       `json:"-"`              // the same for a person to read, without the functions for Manager.Import
	Root    string       `json:"-"`              // of the module
	Trouble []string     `json:"-"`              // packages that could not be read whole
}

// A Key is one field of a session.
type Key struct {
	Key     string   `json:"key"`
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Options []string `json:"options"`
	Written []string `json:"written"`
	Read    []string `json:"read"`
	Cookie  string   `json:"cookie,omitempty"` // where the program has several
}

// A Finding is one thing that is wrong, or that stands in the way. Its kinds are those of doc/adopting.md.
type Finding struct {
	Kind string `json:"kind"`
	Key  string `json:"key"`
	Pos  string `json:"pos"`
	Text string `json:"text"`
}

// Sites counts the calls of the library.
type Sites struct {
	Total     int `json:"total"`
	Rewritten int `json:"rewritten"`
}

// Unresolved is a use of a key that the source does not tell.
type Unresolved struct {
	Pos  string `json:"pos"`
	Text string `json:"text"`
}

func (st *study) report(cfg Config) (*Report, error) {
	r := &Report{Keys: []Key{}, Findings: []Finding{}, Root: st.prog.Root}
	if st.library != nil {
		r.Library = st.library.name
	}
	target := st.target(cfg)
	var unresolved []*site
	for _, s := range st.sessions {
		for _, k := range s.keys {
			r.Keys = append(r.Keys, Key{
				Key: k.text, Name: k.name, Type: qualified(k.fieldType(), target), Options: k.tagOptions(),
				Written: st.positions(k.writes), Read: st.positions(k.reads), Cookie: s.cookie,
			})
		}
		unresolved = append(unresolved, s.unresolved...)
	}
	slices.SortStableFunc(unresolved, st.compareSites)
	for _, u := range unresolved {
		r.Unresolved = append(r.Unresolved, Unresolved{st.pos(u.at), "the key " + source(keyOf(u)) + " is made at run time"})
	}
	r.Unresolved = slices.Compact(r.Unresolved)
	for _, f := range st.findings {
		r.Findings = append(r.Findings, Finding{f.kind, f.key, st.pos(f.pos), f.text})
	}
	used := st.doorsUsed()
	r.Sites.Total = len(used)
	patch, done, err := st.rewrite(target)
	if err != nil {
		return nil, err
	}
	r.Diff = patch
	for _, s := range used {
		if done[s.cur.Node()] {
			r.Sites.Rewritten++
		} else {
			r.Left = append(r.Left, Unresolved{st.pos(s.at), s.byHand()})
		}
	}
	for _, p := range st.prog.pkgs {
		if len(p.Errors) > 0 {
			r.Trouble = append(r.Trouble, fmt.Sprintf("%s: %s", p.Path, p.Errors[0]))
		}
	}
	if r.Schema, err = st.schema(target, true); err != nil {
		return nil, err
	}
	r.Shown, err = st.schema(target, false)
	return r, err
}

func (st *study) compareSites(a, b *site) int { return st.prog.compare(a.at, b.at) }

// doorsUsed are the places where the library is called, each once, wherever their keys come from.
func (st *study) doorsUsed() []*site {
	all := map[ast.Node]*site{}
	for _, s := range st.sites {
		if s.origin != nil {
			s = s.origin
		}
		all[s.cur.Node()] = s
	}
	return slices.SortedFunc(maps.Values(all), st.compareSites)
}

func (k *key) tagOptions() []string {
	all := []string{}
	for _, o := range k.options {
		all = append(all, o.text)
	}
	return all
}

func (st *study) positions(sites []*site) []string {
	all := []string{}
	for _, s := range sites {
		if at := st.pos(s.at); !slices.Contains(all, at) {
			all = append(all, at)
		}
	}
	return all
}

// keyOf is the expression that a site has for its key, or nil.
func keyOf(s *site) ast.Expr {
	switch n := s.cur.Node().(type) {
	case *ast.IndexExpr:
		return n.Index
	case *ast.CallExpr:
		for _, arg := range n.Args {
			if tv := s.pkg.Info.Types[arg]; tv.Type != nil && tv.Value == nil {
				if b, ok := tv.Type.Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
					return arg
				}
			}
		}
	}
	return nil
}

func source(e ast.Expr) string {
	if e == nil {
		return "here"
	}
	return types.ExprString(e)
}

// JSON writes the report as one object.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}
