package adopt

import (
	"bytes"
	"fmt"
	"go/format"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A target is the package that a schema is written for.
type target struct {
	path, name, dir string
	scope           *types.Scope // nil: there is no package yet
}

// target returns the package of the output's folder, or the one that uses sessions most.
func (st *study) target(cfg Config) target {
	if cfg.Output != "" {
		dir := filepath.Dir(cfg.Output)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(cfg.Dir, dir)
		}
		for _, p := range st.prog.pkgs {
			if p.Dir == dir {
				return target{p.Path, p.Name, p.Dir, p.Types.Scope()}
			}
		}
		return target{"", packageName(filepath.Base(dir)), dir, nil}
	}
	uses := map[*pkg]int{}
	var best *pkg
	for _, s := range st.sites {
		if len(s.keys) > 0 {
			uses[s.pkg]++
		}
	}
	for _, p := range st.prog.pkgs {
		if best == nil || uses[p] > uses[best] {
			best = p
		}
	}
	return target{best.Path, best.Name, best.Dir, best.Types.Scope()}
}

// packageName makes the name of a package of that of its folder.
func packageName(dir string) string {
	name := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, dir))
	if name = strings.TrimLeft(name, "0123456789"); !token.IsIdentifier(name) {
		return "site" + name
	}
	return name
}

// qualified writes a type as it is written in a package.
func qualified(t types.Type, in target) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p.Path() == in.path {
			return ""
		}
		return p.Name()
	})
}

// schema writes the source of the schemas, one for each cookie, and of the functions that carry old sessions over; or
// nothing if there is no key.
func (st *study) schema(in target, importers bool) ([]byte, error) {
	var body bytes.Buffer
	imports := map[string]bool{}
	names := st.structNames(in)
	for i, s := range st.sessions {
		if len(s.keys) > 0 {
			st.writeStruct(&body, s, names[i], in, imports)
		}
	}
	if body.Len() == 0 {
		return nil, nil
	}
	if importers {
		st.writeImporters(&body, names, in, imports)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "package %s\n\n", in.name)
	writeImports(&b, imports)
	b.WriteString("//go:generate go tool sessiongen\n\n")
	b.Write(body.Bytes())
	src, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("cannot write the schema: %w", err)
	}
	return src, nil
}

func writeImports(b *bytes.Buffer, imports map[string]bool) {
	if len(imports) == 0 {
		return
	}
	b.WriteString("import (\n")
	for _, standard := range []bool{true, false} {
		for _, path := range slices.Sorted(maps.Keys(imports)) {
			first, _, _ := strings.Cut(path, "/")
			if !strings.Contains(first, ".") == standard {
				fmt.Fprintf(b, "\t%q\n", path)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString(")\n\n")
}

// structNames names a struct for each session: SessionSchema for the only one, or the one that is used most.
func (st *study) structNames(in target) []string {
	names := make([]string, len(st.sessions))
	for i, s := range st.sessions {
		name := "Session"
		if s != st.main() {
			w := words(s.cookie)
			if len(w) > 0 && w[len(w)-1] == "session" {
				w = w[:len(w)-1]
			}
			name = camel(w) + "Session"
		}
		for in.scope != nil && !isStruct(in.scope.Lookup(name+"Schema")) && (in.scope.Lookup(name) != nil || in.scope.Lookup(name+"Schema") != nil) {
			name = "Site" + name
		}
		names[i] = name + "Schema"
	}
	return names
}

// isStruct recognises a schema that an earlier run has written.
func isStruct(obj types.Object) bool {
	if obj == nil {
		return false
	}
	_, ok := obj.Type().Underlying().(*types.Struct)
	return ok
}

func (st *study) writeStruct(b *bytes.Buffer, s *session, name string, in target, imports map[string]bool) {
	fmt.Fprintf(b, "// %s is what is remembered about a visitor between requests", name)
	if s.cookie != "" {
		fmt.Fprintf(b, ", in the session %q", s.cookie)
	}
	b.WriteString(".\n//\n//sessiongen:schema\n")
	fmt.Fprintf(b, "type %s struct {\n", name)
	taken := map[string]bool{}
	for i, k := range s.keys {
		if i > 0 {
			b.WriteString("\n")
		}
		for _, line := range st.comment(k) {
			fmt.Fprintf(b, "\t// %s\n", line)
		}
		t, fault := nameable(k.fieldType(), in, imports)
		options := k.tagOptions()
		if fault != "" {
			fmt.Fprintf(b, "\t// %s\n", fault)
			if !slices.Contains(options, "json") {
				options = append(options, "json")
			}
		}
		tagKey := legalKey(k, taken)
		fmt.Fprintf(b, "\t%s %s `session:\"%s\"`\n", k.name, t, strings.Join(append([]string{tagKey}, options...), ","))
	}
	b.WriteString("}\n\n")
}

const shownSites = 3

// comment says where a field is written and read, and why it has its options.
func (st *study) comment(k *key) []string {
	where := func(verb string, sites []*site) string {
		if len(sites) == 0 {
			return "never " + verb
		}
		var at []string
		for _, s := range sites {
			if one := st.at(s.at); !slices.Contains(at, one) {
				at = append(at, one)
			}
		}
		more := ""
		if len(at) > shownSites {
			more = fmt.Sprintf(" and %d more", len(at)-shownSites)
			at = at[:shownSites]
		}
		return verb + " at " + strings.Join(at, ", ") + more
	}
	lines := []string{fmt.Sprintf("%s is %s; %s.", k.name, where("written", k.writes), where("read", k.reads))}
	if k.hole != nil {
		lines = append(lines, fmt.Sprintf("Its keys were made as %s.", k.text))
	}
	if k.why != "" {
		lines = append(lines, "Its type: "+k.why+".")
	}
	for _, o := range k.options {
		lines = append(lines, fmt.Sprintf("%s: %s.", o.text, o.why))
	}
	return lines
}

const longestKey = 64 // in bytes: what convert allows in a tag

// legalKey is the key in the store: the old one, where a tag can have it.
func legalKey(k *key, taken map[string]bool) string {
	text := k.text
	if k.hole != nil {
		text = strings.Trim(verb.ReplaceAllString(text, ""), "_-.:/ ")
	}
	text = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || unicode.IsSpace(r) || strings.ContainsRune("\"'`\\,=", r) {
			return '_'
		}
		return r
	}, text)
	if text == "" || text == "-" {
		text = strings.Join(words(k.name), "_")
	}
	legal := shortened(text, longestKey)
	for n := 2; taken[legal]; n++ {
		number := fmt.Sprintf("_%d", n)
		legal = shortened(text, longestKey-len(number)) + number
	}
	taken[legal] = true
	return legal
}

// shortened cuts a text after so many bytes, or before the character that they would divide.
func shortened(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// nameable writes a type for a package and notes what it imports. A type that cannot be named there gives way to any,
// with the reason.
func nameable(t types.Type, in target, imports map[string]bool) (text, fault string) {
	used := map[string]bool{}
	bad := ""
	var walk func(t types.Type)
	walk = func(t types.Type) {
		switch t := t.(type) {
		case *types.Named, *types.Alias:
			obj := t.(interface{ Obj() *types.TypeName }).Obj()
			if obj.Pkg() != nil && obj.Pkg().Path() != in.path {
				used[obj.Pkg().Path()] = true
				if !obj.Exported() {
					bad = obj.Name() + " of " + obj.Pkg().Path() + " is not exported"
				}
				if obj.Pkg().Name() == "main" {
					bad = obj.Name() + " is declared in a main package"
				}
			}
			if obj.Pkg() != nil && obj.Parent() != obj.Pkg().Scope() {
				bad = obj.Name() + " is declared in a function"
			}
			if n, ok := t.(*types.Named); ok {
				for i := range n.TypeArgs().Len() {
					walk(n.TypeArgs().At(i))
				}
			}
		case *types.Pointer:
			walk(t.Elem())
		case *types.Slice:
			walk(t.Elem())
		case *types.Array:
			walk(t.Elem())
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case *types.Struct:
			for f := range t.Fields() {
				walk(f.Type())
			}
		}
	}
	walk(t)
	if bad != "" {
		return "any", fmt.Sprintf("It holds %s, which this package cannot name: %s.", typeText(t), bad)
	}
	for path := range used {
		imports[path] = true
	}
	return qualified(t, in), ""
}
