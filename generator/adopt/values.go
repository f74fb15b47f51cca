package adopt

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// A mapUse follows a session's map of values through variables, parameters and results, and notes what is done to it.
type mapUse struct {
	prog  *program
	lib   *library
	name  []term
	seen  map[*types.Var]bool
	sites []*site
}

func (m *mapUse) add(p *pkg, cur inspector.Cursor, o op) *site {
	s := m.prog.newSite(p, cur, door{m.lib, o})
	s.name = m.name
	m.sites = append(m.sites, s)
	return s
}

// follow looks at what is done to the map that cur is.
func (m *mapUse) follow(p *pkg, cur inspector.Cursor) {
	e := cur.Node().(ast.Expr)
	up := cur.Parent()
	switch n := up.Node().(type) {
	case *ast.ParenExpr:
		m.follow(p, up)
	case *ast.SelectorExpr: // a field that is the map
		if n.Sel == e {
			m.follow(p, up)
		} else {
			m.add(p, cur, opAll)
		}
	case *ast.IndexExpr:
		if n.X == e {
			m.element(p, up, n)
		}
	case *ast.CallExpr:
		m.passed(p, up, n, e)
	case *ast.RangeStmt:
		if n.X == e {
			m.ranged(p, up, n)
		}
	case *ast.AssignStmt:
		for i, lhs := range n.Lhs {
			if lhs == e {
				m.add(p, up, opClear) // a new map
			} else if len(n.Lhs) == len(n.Rhs) && n.Rhs[i] == e {
				m.alias(p, lhs)
			}
		}
	case *ast.ValueSpec:
		for i, v := range n.Values {
			if v == e && len(n.Names) == len(n.Values) {
				m.alias(p, n.Names[i])
			}
		}
	case *ast.ReturnStmt:
		if f := m.prog.enclosing(up); f != nil {
			for _, c := range m.prog.callsOf(f) {
				m.follow(c.pkg, c.cur)
			}
		}
	case *ast.BinaryExpr, *ast.ExprStmt:
	default:
		m.add(p, cur, opAll)
	}
}

// alias follows a variable that is the map.
func (m *mapUse) alias(p *pkg, e ast.Expr) {
	if v := variable(p, e); v != nil && !m.seen[v] {
		m.seen[v] = true
		for _, use := range m.prog.uses(p, v) {
			m.follow(use.pkg, use.cur)
		}
	}
}

func (m *mapUse) element(p *pkg, cur inspector.Cursor, n *ast.IndexExpr) {
	o := opRead
	var val ast.Expr
	up := cur.Parent()
	if a, ok := up.Node().(*ast.AssignStmt); ok {
		for i, lhs := range a.Lhs {
			if ast.Unparen(lhs) == ast.Expr(n) {
				o = opWrite
				if len(a.Lhs) == len(a.Rhs) && a.Tok == token.ASSIGN {
					val = a.Rhs[i]
				}
			}
		}
	}
	s := m.add(p, cur, o)
	s.keys = m.prog.terms(p, n.Index)
	if o == opWrite && val != nil {
		s.value = &value{p, val}
	}
}

// passed is the map as an argument.
func (m *mapUse) passed(p *pkg, cur inspector.Cursor, n *ast.CallExpr, e ast.Expr) {
	if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
		if _, ok := p.Info.Uses[id].(*types.Builtin); ok {
			switch {
			case id.Name == "delete" && len(n.Args) == 2:
				m.add(p, cur, opRemove).keys = m.prog.terms(p, n.Args[1])
			case id.Name == "clear":
				m.add(p, cur, opClear)
			}
			return
		}
	}
	f := m.prog.calledBy(p, n)
	if f == nil {
		m.add(p, cur, opAll)
		return
	}
	for i := range f.sig.Params().Len() {
		for _, arg := range f.arguments(call{pkg: p, expr: n}, i) {
			if arg != e {
				continue
			}
			if v := f.sig.Params().At(i); !m.seen[v] {
				m.seen[v] = true
				for _, use := range m.prog.usesIn(f, v) {
					m.follow(use.pkg, use.cur)
				}
			}
		}
	}
}

// ranged tells a loop that removes each key from one that reads them.
func (m *mapUse) ranged(p *pkg, cur inspector.Cursor, n *ast.RangeStmt) {
	if n.Value == nil && len(n.Body.List) == 1 {
		if x, ok := n.Body.List[0].(*ast.ExprStmt); ok {
			if c, ok := x.X.(*ast.CallExpr); ok {
				if id, ok := c.Fun.(*ast.Ident); ok && id.Name == "delete" {
					m.add(p, cur, opClear)
					return
				}
			}
		}
	}
	m.add(p, cur, opAll)
}
