package adopt

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// verify drops the edits that do not compile, group by group, and the imports that are not used any more.
func (r *rewriter) verify() error {
	for range len(r.edits) + 1 {
		if len(r.edits) == 0 {
			return nil
		}
		faults, err := r.check()
		if err != nil {
			return err
		}
		if len(faults) == 0 {
			return nil
		}
		if !r.amend(faults) {
			r.edits = nil
		}
	}
	return nil
}

// A fault is a type error, in a file as it will be.
type fault struct {
	path string
	line int
	text string
}

// check type-checks the package with the edits in it, against the methods that its generated code will have. Errors
// that it has today do not count.
func (r *rewriter) check() ([]fault, error) {
	if r.known == nil {
		r.known = map[string]bool{}
		today, err := r.typeCheck(nil, nil)
		if err != nil {
			return nil, err
		}
		for _, f := range today {
			r.known[f.text] = true
		}
	}
	faults, err := r.typeCheck(r.changed(), append(r.newFiles(false), r.double()))
	return slices.DeleteFunc(faults, func(f fault) bool { return r.known[f.text] }), err
}

// typeCheck returns the type errors of the package with some of its files changed, and others added.
func (r *rewriter) typeCheck(changes, more []text) ([]fault, error) {
	p := r.pkg()
	changed := map[string][]byte{}
	for _, f := range changes {
		changed[f.path] = f.text
	}
	fset := token.NewFileSet()
	var files []*ast.File
	var faults []fault
	for _, f := range p.Files {
		path := r.st.prog.Fset.File(f.FileStart).Name()
		var src any
		if text, ok := changed[path]; ok {
			src = text
		}
		file, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution)
		if err != nil && src != nil {
			return nil, fmt.Errorf("cannot rewrite %s: %w", r.st.relative(path), err)
		}
		if file != nil {
			files = append(files, file)
		}
	}
	for _, f := range more {
		file, err := parser.ParseFile(fset, f.path, f.text, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("cannot rewrite: %w", err)
		}
		files = append(files, file)
	}
	cfg := types.Config{
		Importer: r,
		Error: func(err error) {
			if e, ok := err.(types.Error); ok {
				at := e.Fset.Position(e.Pos)
				faults = append(faults, fault{at.Filename, at.Line, e.Msg})
			}
		},
	}
	_, _ = cfg.Check(p.Path, fset, files, nil)
	return faults, nil
}

func (r *rewriter) pkg() *pkg {
	for _, p := range r.st.prog.pkgs {
		if p.Path == r.in.path {
			return p
		}
	}
	return nil
}

// Import returns the packages that the program imports, or that those know of: types are the same only if they are
// from one loading.
func (r *rewriter) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if r.imports == nil {
		r.imports = map[string]*types.Package{}
		var add func(p *types.Package)
		add = func(p *types.Package) {
			if have := r.imports[p.Path()]; have != nil && (have.Complete() || !p.Complete()) {
				return
			}
			r.imports[p.Path()] = p
			for _, imp := range p.Imports() {
				add(imp)
			}
		}
		for _, p := range r.st.prog.pkgs {
			add(p.Types)
		}
	}
	if p := r.imports[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("package %s is not part of the program", path)
}

// amend drops the groups of edits that errors come from. When no other errors are left it removes what has become
// useless: imports. It reports whether it has changed anything.
func (r *rewriter) amend(faults []fault) bool {
	did, others := false, false
	for _, f := range faults {
		if !strings.Contains(f.text, "imported and not used") {
			others = true
			did = r.dropUnused(f) || r.dropEdits(f) || did
		}
	}
	for _, f := range faults {
		if !others {
			did = r.dropImport(f) || did
		}
	}
	return did
}

// dropUnused deals with a variable that nothing uses any more, since edits replace all uses: a context, or a session
// that was only saved, goes.
func (r *rewriter) dropUnused(f fault) bool {
	name, ok := strings.CutPrefix(f.text, "declared and not used: ")
	if !ok {
		return false
	}
	for id, obj := range r.pkg().Info.Defs {
		v, isVar := obj.(*types.Var)
		if !isVar || id.Name != name || r.st.prog.position(id.Pos()).Filename != f.path {
			continue
		}
		defs := r.st.prog.defs[v]
		if len(defs) != 1 || defs[0].expr == nil || !r.unused(v) {
			continue
		}
		at, found := r.pkg().root.FindByPos(id.Pos(), defs[0].expr.End())
		if !found {
			continue
		}
		if a, ok := at.Node().(*ast.AssignStmt); !ok || len(a.Lhs) != 1 {
			continue
		}
		e := edit{pkg: r.pkg(), from: id.Pos(), to: defs[0].expr.End()}
		if sessionType(v.Type()) != nil {
			e.group = r.groupOf(v)
			if opened := slices.IndexFunc(r.edits, func(have edit) bool { return e.from < have.from && have.to == e.to }); opened >= 0 {
				e.site = r.edits[opened].site
				r.edits = slices.Delete(r.edits, opened, opened+1)
			}
		} else if contextOf(defs[0].expr) == nil {
			continue
		}
		if !slices.ContainsFunc(r.edits, func(have edit) bool { return have.from == e.from }) {
			r.edits = append(r.edits, e)
			return true
		}
	}
	return false
}

// groupOf is the group of the edits that have taken the uses of a variable away.
func (r *rewriter) groupOf(v *types.Var) any {
	for _, u := range r.st.prog.uses(r.pkg(), v) {
		for _, e := range r.edits {
			if e.from <= u.cur.Node().Pos() && u.cur.Node().End() <= e.to {
				return e.group
			}
		}
	}
	return nil
}

// unused reports whether edits have taken all uses of a variable away.
func (r *rewriter) unused(v *types.Var) bool {
	for _, u := range r.st.prog.uses(r.pkg(), v) {
		n := u.cur.Node()
		if !slices.ContainsFunc(r.edits, func(e edit) bool {
			return e.from <= n.Pos() && n.End() <= e.to && !strings.Contains(e.text, v.Name()+".")
		}) {
			return false
		}
	}
	return true
}

func (r *rewriter) dropImport(f fault) bool {
	for _, file := range r.pkg().Files {
		if r.st.prog.Fset.File(file.FileStart).Name() != f.path {
			continue
		}
		for _, imp := range file.Imports {
			if !strings.Contains(f.text, imp.Path.Value) {
				continue
			}
			e := edit{pkg: r.pkg(), from: imp.Pos(), to: imp.End()}
			if slices.ContainsFunc(r.edits, func(have edit) bool { return have.from == e.from }) {
				return false
			}
			r.edits = append(r.edits, e)
			return true
		}
	}
	return false
}

// dropEdits drops the group of the edit that is nearest above an error in its file, in the line of the file as it
// will be.
func (r *rewriter) dropEdits(f fault) bool {
	var nearest any
	best := -1
	shift := 0
	edits := slices.Clone(r.edits)
	slices.SortFunc(edits, func(a, b edit) int { return int(a.from - b.from) })
	for _, e := range edits {
		at := r.st.prog.position(e.from)
		if at.Filename != f.path {
			continue
		}
		line := at.Line + shift
		if e.text == "" {
			shift--
		}
		if line <= f.line && line > best && e.group != nil {
			best, nearest = line, e.group
		}
	}
	if nearest == nil {
		return false
	}
	r.edits = slices.DeleteFunc(r.edits, func(e edit) bool { return e.group == nearest || e.group == nil })
	return true
}

// newFiles are the files that the patch brings: the schema, unless the package has it, and the variable for the
// manager. The functions for Manager.Import are left out where types are checked: what they import need not be
// loaded.
func (r *rewriter) newFiles(importers bool) []text {
	var all []text
	name := r.wrapper()
	if r.in.scope.Lookup(name+"Schema") == nil {
		if src, err := r.st.schema(r.in, importers); err == nil {
			all = append(all, text{path: r.free("session"), text: src})
		}
	}
	if src := r.managerFile(); src != nil {
		all = append(all, text{path: r.free(r.manager), text: src})
	}
	return all
}

// free is the path of a file that is not there yet: session.go, or session_schema.go.
func (r *rewriter) free(name string) string {
	path := filepath.Join(r.in.dir, name+".go")
	if _, err := os.Lstat(path); err == nil {
		path = filepath.Join(r.in.dir, name+"_schema.go")
	}
	return path
}

// wrapper is the name of the session type that will be generated.
func (r *rewriter) wrapper() string {
	for i, name := range r.st.structNames(r.in) {
		if r.st.sessions[i] == r.session {
			return strings.TrimSuffix(name, "Schema")
		}
	}
	return "Session"
}

// double declares the part of the generated code that the rewritten calls use: the contract of its methods. What it
// does not need it leaves out, net/http among it, which a program on a framework need not have loaded.
func (r *rewriter) double() text {
	imports := map[string]bool{}
	var body bytes.Buffer
	for i, name := range r.st.structNames(r.in) {
		name = strings.TrimSuffix(name, "Schema")
		if r.in.scope.Lookup(name) == nil {
			r.doubleSession(&body, name, r.st.sessions[i], imports)
		}
		if r.in.scope.Lookup(name+"s") == nil {
			fmt.Fprintf(&body, "type %ss struct{}\n\n", name)
			for method, result := range map[string]string{"Get": "(s *%s, err error)", "Must": "(s *%s)", "FromContext": "(s *%s, err error)"} {
				fmt.Fprintf(&body, "func (*%ss) %s(any) "+result+" { return }\n\n", name, method, name)
			}
			if r.has(around) {
				imports["net/http"] = true
				fmt.Fprintf(&body, "func (*%[1]ss) Middleware(http.Handler) (h http.Handler) { return }\n\n"+
					"func (*%[1]ss) Require(func(*%[1]s) bool, http.Handler) (f func(http.Handler) http.Handler) { return }\n\n", name)
			}
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "package %s\n\n", r.in.name)
	writeImports(&b, imports)
	b.Write(body.Bytes())
	return text{path: filepath.Join(r.in.dir, "session_gen.go"), text: b.Bytes()}
}

func (r *rewriter) doubleSession(body *bytes.Buffer, name string, s *session, imports map[string]bool) {
	fmt.Fprintf(body, "type %s struct{}\n\n", name)
	method := func(format string, args ...any) {
		fmt.Fprintf(body, "func (*%s) %s\n\n", name, fmt.Sprintf(format, args...))
	}
	method("Save() error { return nil }")
	method("Destroy() error { return nil }")
	method("Remember(bool) {}")
	method("Renew() {}")
	method("Meta() (m struct{ New bool }) { return }")
	for _, k := range s.keys {
		t, _ := nameable(k.fieldType(), r.in, imports)
		method("Set%s(v %s) {}", k.name, t)
		method("Has%s() bool { return false }", k.name)
		method("Clear%s() {}", k.name)
		if k.has("flash") {
			method("Take%s() (v %s, ok bool) { return }", k.name, t)
		} else {
			method("%s() (v %s) { return }", k.name, t)
		}
		if k.hole != nil {
			of, _ := nameable(k.hole, r.in, imports)
			elem, _ := nameable(orAny(k.typ), r.in, imports)
			method("Lookup%s(%s) (v %s, ok bool) { return }", k.name, of, elem)
			method("Put%s(%s, %s) {}", k.name, of, elem)
			method("Delete%s(%s) {}", k.name, of)
		}
		if elem, ok := strings.CutPrefix(t, "[]"); ok {
			method("Append%s(v ...%s) {}", k.name, elem)
		}
	}
}
