package adopt

import (
	"go/ast"
	"strings"
	"sync"
)

// A survey selects the function bodies that are read, by the names in them, before anything is type-checked: those that
// lead to a door, through functions that hand a key or a session on, or a few steps up, where a login has its name;
// those that are called to make a key or a value; and those that set what a key is kept in. Where a name is common it
// takes too many. What is said of a program is the same as with all of them.
type survey struct {
	names  names
	bodies []*body
	types  map[name]kind   // of the program and of libraries
	held   map[name][]name // the types of fields, and of variables of packages
	uses   map[string]bool // packages that the program imports

	solve   func()
	steps   map[name]int  // from a name to a door: how many functions that hand nothing on
	makers  map[name]bool // functions that are called to make keys and values
	holders map[name]bool // fields and variables that keys and values are kept in
}

// A body is what the names in a function, or in the value of a variable of a package, are.
type body struct {
	names    []name // it is called by
	mentions []name
	sets     []name // fields and variables
	given    []name // types of its parameters
	returned []name // types of its results
	calls    []handing
}

// A handing is a call, and the fields and variables that are among its arguments.
type handing struct {
	to   name
	args []name
}

// A kind is what can be in a value of a type.
type kind int

const (
	neither kind = iota
	aKey
	anything // a key, a value, or a session behind an interface
	aSession
)

func newSurvey() *survey {
	s := &survey{
		names: names{}, types: map[name]kind{}, held: map[name][]name{}, uses: map[string]bool{},
		steps: map[name]int{}, makers: map[name]bool{}, holders: map[name]bool{},
	}
	s.solve = sync.OnceFunc(s.spread)
	s.types[s.names.of("string")] = aKey
	s.types[s.names.of("any")] = anything
	for _, lib := range libraries {
		for path, types := range lib.pkgs {
			for typ := range types {
				s.types[s.names.of(path+"."+typ)] = aSession
			}
		}
	}
	return s
}

// Survey notes the names in a file.
func (s *survey) Survey(path string, file *ast.File) {
	in := s.names.scope(path, file)
	for _, imported := range in.imports {
		s.uses[imported] = true
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			s.bodies = append(s.bodies, in.function(d))
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					s.declareType(in, spec)
				case *ast.ValueSpec:
					s.declareVariables(in, spec)
				}
			}
		}
	}
}

func (s *survey) declareType(in *scope, spec *ast.TypeSpec) {
	k := aKey
	switch t := spec.Type.(type) {
	case *ast.StructType:
		k = neither
	case *ast.InterfaceType:
		k = anything
	case *ast.SelectorExpr, *ast.StarExpr:
		for _, n := range in.types(t) {
			k = max(k, s.types[n])
		}
	}
	for _, n := range in.declared(spec.Name.Name) {
		s.types[n] = k
	}
	ast.Inspect(spec.Type, func(n ast.Node) bool {
		if st, ok := n.(*ast.StructType); ok {
			for _, f := range st.Fields.List {
				for _, id := range f.Names {
					at := in.name("." + id.Name)
					s.held[at] = append(s.held[at], in.types(f.Type)...)
				}
			}
		}
		return true
	})
}

func (s *survey) declareVariables(in *scope, spec *ast.ValueSpec) {
	for _, id := range spec.Names {
		b := &body{names: in.declared(id.Name)}
		for _, at := range b.names {
			if spec.Type == nil {
				s.held[at] = append(s.held[at], in.name("any"))
			} else {
				s.held[at] = append(s.held[at], in.types(spec.Type)...)
			}
		}
		for _, v := range spec.Values {
			in.read(b, v)
		}
		b.given = []name{in.name("any")}
		s.bodies = append(s.bodies, b)
	}
}

// Keep reports whether a function's body is read.
func (s *survey) Keep(path string, file *ast.File, fn *ast.FuncDecl) bool {
	s.solve()
	in := s.names.scope(path, file)
	in.known = true
	b := in.function(fn)
	if _, ok := s.leads(b); ok {
		return true
	}
	return s.serves(b)
}

// serves reports whether a body makes what is kept under a key, or a key, or sets what that is held in.
func (s *survey) serves(b *body) bool {
	return anyOf(b.sets, s.holders) ||
		anyOf(b.names, s.makers) && (s.kindOf(b.given) == anything || s.kindOf(b.returned) != neither)
}

// spread follows the names until nothing is added, and forgets the bodies.
func (s *survey) spread() {
	s.findDoors()
	for more := true; more; {
		more = false
		for _, b := range s.bodies {
			more = s.spreadFrom(b) || more
		}
	}
	s.bodies = nil
}

// findDoors begins with the doors of the libraries that the program imports.
func (s *survey) findDoors() {
	door := func(text string) { s.steps[s.names.of(text)] = 0 }
	for _, lib := range libraries {
		if !s.usesLibrary(lib) {
			continue
		}
		for path, types := range lib.pkgs {
			door("encoding/gob.Register")
			door(".MaxAge") // by which cookies end
			door("." + lib.values)
			for typ, functions := range types {
				for function, o := range functions {
					if typ == "" {
						door(path + "." + function)
					} else if o != opNone {
						door("." + function)
					}
				}
			}
		}
	}
}

// usesLibrary reports whether the program can have a library's sessions: those of one of which it imports a package,
// whichever, and gorilla's, which other libraries and stores hand out.
func (s *survey) usesLibrary(lib *library) bool {
	for path := range s.uses {
		if lib.pkgs[path] != nil || lib == gorilla && (strings.Contains(path, "session") || strings.Contains(path, "store")) {
			return true
		}
	}
	return false
}

// spreadFrom adds what a body makes others of use for, and reports whether it has added anything.
func (s *survey) spreadFrom(b *body) (added bool) {
	lead := func(n name, steps int) {
		if have, ok := s.steps[n]; steps <= near && (!ok || steps < have) {
			s.steps[n] = steps
			added = true
		}
	}
	mark := func(set map[name]bool, n name) {
		added = added || !set[n]
		set[n] = true
	}
	d, leads := s.leads(b)
	if leads {
		up := d + 1
		if d == 0 && (s.kindOf(b.given) != neither || s.kindOf(b.returned) >= anything) {
			up = 0
		}
		for _, n := range b.names {
			lead(n, up)
		}
	}
	if leads && d == 0 {
		for _, n := range b.sets { // what was read may be kept there
			if s.kindOf(s.held[n]) >= anything {
				lead(n, 0)
			}
		}
	} else if !s.serves(b) {
		return added
	}
	for _, c := range b.calls {
		if d, ok := s.steps[c.to]; ok && d == 0 {
			for _, n := range c.args {
				if s.kindOf(s.held[n]) != neither {
					mark(s.holders, n)
				}
			}
		}
		mark(s.makers, c.to)
	}
	return added
}

// leads tells whether a body leads to a door, and by how many steps.
func (s *survey) leads(b *body) (steps int, ok bool) {
	if s.kindOf(b.given) == aSession || s.kindOf(b.returned) == aSession {
		return 0, true
	}
	for _, m := range b.mentions {
		if d, leads := s.steps[m]; leads && (!ok || d < steps) {
			steps, ok = d, true
		}
	}
	return steps, ok
}

func (s *survey) kindOf(types []name) kind {
	k := neither
	for _, t := range types {
		k = max(k, s.types[t])
	}
	return k
}

func anyOf(all []name, in map[name]bool) bool {
	for _, n := range all {
		if in[n] {
			return true
		}
	}
	return false
}
