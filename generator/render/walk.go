package render

import "github.com/sessiongen/sessiongen/generator/schema"

// exprs returns every type that the output of f may have to write, each once.
func exprs(f *schema.File) []schema.Expr {
	c := collector{exprs: map[string]bool{}, types: map[*schema.Type]bool{}}
	for _, w := range f.Wraps {
		c.add(schema.Expr{Text: w.Struct})
		for _, field := range w.Fields {
			c.path(field.Path)
			c.typ(field.Type)
		}
		for _, g := range w.Guards {
			c.add(g.Type)
			for _, field := range g.Fields {
				c.add(field.Type)
			}
			if g.Behind != nil {
				c.add(*g.Behind)
			}
		}
	}
	return c.found
}

type collector struct {
	found []schema.Expr
	exprs map[string]bool
	types map[*schema.Type]bool
}

func (c *collector) add(e schema.Expr) {
	if !c.exprs[e.Text] {
		c.exprs[e.Text] = true
		c.found = append(c.found, e)
	}
}

func (c *collector) path(path []schema.Step) {
	for _, s := range path {
		if s.Ptr != nil {
			c.add(*s.Ptr)
		}
	}
}

func (c *collector) typ(t *schema.Type) {
	if t == nil || c.types[t] {
		return
	}
	c.types[t] = true
	c.add(t.Expr)
	c.typ(t.Key)
	c.typ(t.Elem)
	for _, m := range t.Members {
		c.path(m.Path)
		c.typ(m.Type)
	}
}
