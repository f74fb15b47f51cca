package adopt

import (
	"bytes"
	"fmt"
	"go/types"
	"strings"
)

// writeImporters writes, for the libraries whose sessions can be read from outside a request's middleware, the
// functions for Manager.Import: they carry the sessions of today over.
func (st *study) writeImporters(b *bytes.Buffer, names []string, in target, imports map[string]bool) {
	for i, s := range st.sessions {
		if len(s.keys) == 0 {
			continue
		}
		wrapper := strings.TrimSuffix(names[i], "Schema")
		switch s.keys[0].lib {
		case scs:
			if path := st.prog.imported("github.com/alexedwards/scs"); path != "" && path != "github.com/alexedwards/scs" {
				imports["net/http"], imports[path] = true, true
				st.writeSCS(b, s, wrapper, in)
			}
		case gorilla:
			if path := st.prog.imported("github.com/gorilla/sessions"); path != "" && (s.cookie != "" || st.onlyCookie() != "") {
				imports["errors"], imports["io/fs"], imports["net/http"], imports[path] = true, true, true, true
				st.writeGorilla(b, s, wrapper, in)
			}
		}
	}
}

// imported returns the path under which the program imports a package, whatever its major version, or nothing.
func (prog *program) imported(path string) string {
	for have := range prog.imports {
		if withoutVersion(have) == path {
			return have
		}
	}
	return ""
}

// onlyCookie is the name of the program's one cookie, if it can be told.
func (st *study) onlyCookie() string {
	for _, s := range st.sites {
		if s.op == opOpen && len(s.name) == 1 && s.name[0].kind == constantKey {
			return s.name[0].text
		}
	}
	return ""
}

func (st *study) writeSCS(b *bytes.Buffer, s *session, wrapper string, in target) {
	fmt.Fprintf(b, `// import%[1]s carries the sessions of scs over, so that nobody is logged out by the change:
//
//	sessions = sessions.Import(import%[1]s(old))
//
// Remove it, and scs, when the last session of the old library has expired.
func import%[1]s(old *scs.SessionManager) func(http.ResponseWriter, *http.Request, *%[1]s) (func() error, error) {
	return func(w http.ResponseWriter, r *http.Request, s *%[1]s) (func() error, error) {
		cookie, err := r.Cookie(old.Cookie.Name)
		if err != nil {
			return nil, nil // no old session
		}
		ctx, err := old.Load(r.Context(), cookie.Value)
		if err != nil {
			return nil, err
		}
`, wrapper)
	for _, k := range s.keys {
		st.writeCarry(b, k, in, fmt.Sprintf("old.Get(ctx, %q)", k.text))
	}
	b.WriteString(`		return func() error {
			http.SetCookie(w, &http.Cookie{Name: old.Cookie.Name, Path: old.Cookie.Path, Domain: old.Cookie.Domain, MaxAge: -1})
			return old.Destroy(ctx)
		}, nil
	}
}

`)
}

func (st *study) writeGorilla(b *bytes.Buffer, s *session, wrapper string, in target) {
	name := s.cookie
	if name == "" {
		name = st.onlyCookie()
	}
	fmt.Fprintf(b, `// import%[1]s carries the sessions of gorilla/sessions over, so that nobody is logged out by the change:
//
//	sessions = sessions.Import(import%[1]s(old))
//
// Remove it, and the old store, when the last session of the old library has expired. A session that lives in its cookie
// alone can be carried over again by whoever has kept the cookie.
func import%[1]s(old sessions.Store) func(http.ResponseWriter, *http.Request, *%[1]s) (func() error, error) {
	return func(w http.ResponseWriter, r *http.Request, s *%[1]s) (func() error, error) {
		if _, err := r.Cookie(%[2]q); err != nil {
			return nil, nil // no old session
		}
		was, err := old.Get(r, %[2]q)
		var cookie interface{ IsDecode() bool }
		if errors.As(err, &cookie) && cookie.IsDecode() || errors.Is(err, fs.ErrNotExist) {
			return nil, nil // forged, expired, of another secret, or ended
		}
		if err != nil || was.IsNew {
			return nil, err
		}
`, wrapper, name)
	for _, k := range s.keys {
		if k.flash {
			fmt.Fprintf(b, "\t\tfor _, v := range was.Flashes(%s) {\n", flashArgument(k))
			t, fault := nameable(orAny(k.typ), in, map[string]bool{})
			if fault == "" {
				fmt.Fprintf(b, "\t\t\tif v, ok := v.(%s); ok {\n\t\t\t\ts.Append%s(v)\n\t\t\t}\n", t, k.name)
			}
			b.WriteString("\t\t}\n")
			continue
		}
		st.writeCarry(b, k, in, "was.Values["+st.keyExpr(k, in)+"]")
	}
	b.WriteString(`		return func() error {
			was.Options.MaxAge = -1
			return was.Save(r, w)
		}, nil
	}
}

`)
}

func flashArgument(k *key) string {
	if k.text == k.lib.flashKey {
		return ""
	}
	return fmt.Sprintf("%q", k.text)
}

// keyExpr writes a key for the map of values, where its type counts: the constant of the program if there is one.
func (st *study) keyExpr(k *key, in target) string {
	for _, list := range [][]*site{k.reads, k.writes} {
		for _, s := range list {
			e := keyOf(s)
			if e == nil || len(s.carriers) > 0 {
				continue
			}
			t := s.pkg.Info.TypeOf(e)
			if t == nil || types.Identical(types.Default(t), types.Typ[types.String]) {
				break
			}
			if named := namedOf(t); named != nil && s.pkg.Path == in.path {
				return types.ExprString(e)
			}
		}
	}
	return fmt.Sprintf("%q", k.text)
}

// writeCarry sets a field to the value that the other library has.
func (st *study) writeCarry(b *bytes.Buffer, k *key, in target, value string) {
	if k.hole != nil {
		fmt.Fprintf(b, "\t\t// %s is left behind: its keys are made at run time.\n", k.name)
		return
	}
	t, fault := nameable(orAny(k.typ), in, map[string]bool{})
	if fault != "" || k.typ == nil {
		fmt.Fprintf(b, "\t\t// %s is left behind: its type cannot be told here.\n", k.name)
		return
	}
	fmt.Fprintf(b, "\t\tif v, ok := %s.(%s); ok {\n\t\t\ts.Set%s(v)\n\t\t}\n", value, t, k.name)
}
