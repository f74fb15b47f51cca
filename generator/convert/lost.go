package convert

import "go/types"

// piece sees that a type which is stored in one piece can be: copied, and without losing a part of it.
func (c *Converter) piece(t types.Type, method string) []Mistake {
	if embedded, lost := c.lostBeside(t, method); lost != "" {
		return typeMistake("%s has its %s from the embedded %s, which would store nothing of %s: give the embedded "+
			"field a name, or declare the methods on %s",
			c.text(t), method, c.text(embedded), lost, c.text(t))
	}
	return c.lock(t)
}

// lostBeside returns the embedded type from which a type has a method, and a field that the method cannot know of.
func (c *Converter) lostBeside(t types.Type, method string) (embedded types.Type, lost string) {
	_, index, _ := types.LookupFieldOrMethod(t, true, c.own, method)
	for ; len(index) > 1; index = index[1:] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			return nil, ""
		}
		t = st.Field(index[0]).Type()
		for i := range st.NumFields() {
			v := st.Field(i)
			if tag, _ := parseTag(st.Tag(i)); i != index[0] && v.Exported() && !tag.skip {
				return t, v.Name()
			}
		}
	}
	return nil, ""
}

// lock reports a type whose values hold a lock: generated code copies values, as do getters and setters for their
// callers. It follows the rule of go vet (copylocks).
func (c *Converter) lock(t types.Type) []Mistake {
	locker := c.lockIn(t)
	switch {
	case locker == nil:
		return nil
	case locker == t:
		return typeMistake("%s is a lock, and a session copies its values: leave the field out with `session:\"-\"`",
			c.text(t))
	}
	return typeMistake("%s holds a %s, and a session copies its values: take it out of the type, or leave the field "+
		"out with `session:\"-\"`", c.text(t), c.text(locker))
}

// HoldsLock reports whether a type's values hold a lock.
func (c *Converter) HoldsLock(t types.Type) bool { return c.lockIn(t) != nil }

func (c *Converter) lockIn(t types.Type) types.Type {
	for {
		a, ok := t.Underlying().(*types.Array)
		if !ok {
			break
		}
		t = a.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	if c.method(t, "Lock", nil, nil) && c.method(t, "Unlock", nil, nil) &&
		types.NewMethodSet(t).Lookup(nil, "Lock") == nil {
		return t
	}
	for v := range st.Fields() {
		if inner := c.lockIn(v.Type()); inner != nil {
			return inner
		}
	}
	return nil
}
