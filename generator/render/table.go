package render

import (
	"strconv"
	"time"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// table declares the record.Fields of a wrapper: a literal without calls, which the linker lays out.
func (t *sessionType) table() {
	var rows []jen.Code
	for i, f := range t.w.Fields {
		rows = append(rows, jen.Lit(i).Op(":").Values(t.row(f)...))
	}
	text := t.names.tables[t.w] + " are the fields of " + t.w.Name + ". Its methods name a field by its number here."
	array := jen.Index(jen.Op("...")).Qual(recordPath, "Field")
	t.declare(comment(sentences(text)), jen.Var().Id(t.names.tables[t.w]).Op("=").Add(array).Add(lines(rows...)))
}

func (t *sessionType) row(f *schema.Field) []jen.Code {
	key := func(name string) *jen.Statement { return jen.Id(name).Op(":") }
	row := []jen.Code{key("Name").Lit(f.Name), key("Key").Lit(f.Key)}
	if len(f.Was) > 0 {
		var was []jen.Code
		for _, old := range f.Was {
			was = append(was, jen.Lit(old))
		}
		row = append(row, key("Was").Index().String().Values(was...))
	}
	row = append(row, key("Type").Qual(recordPath, recordType(f.Type)))
	for _, flag := range []struct {
		name string
		set  bool
	}{{"Renew", f.Renew}, {"Counter", f.Counter}, {"Flash", f.Flash}, {"Secret", f.Secret}} {
		if flag.set {
			row = append(row, key(flag.name).True())
		}
	}
	if f.TTL != 0 {
		row = append(row, key("TTL").Add(duration(f.TTL)))
	}
	if f.Max != 0 {
		row = append(row, key("Max").Lit(f.Max))
	}
	if f.Owner != 0 {
		row = append(row, key("Owner").Lit(f.Owner))
	}
	if !isBasic(f.Type) {
		row = append(row, key("Check").Id(t.checkName(f.Type)))
	}
	if hasZero(f) {
		row = append(row, key("Zero").Id(t.zeroName(f.Type)))
	}
	if s := t.shape(f.Type); s != nil {
		row = append(row, key("Shape").Add(s))
	}
	return row
}

// hasZero reports whether the runtime has to be told the zero value of a field.
func hasZero(f *schema.Field) bool { return f.Renew && recordType(f.Type) == "Other" }

// recordType names the record.Type of a field.
func recordType(t *schema.Type) string {
	switch {
	case isBasic(t):
		return basicName(t)
	case t.Kind == schema.KindSlice:
		return "List"
	case t.Kind == schema.KindMap:
		return "Map"
	default:
		return "Other"
	}
}

// duration writes a constant in the largest unit that leaves no rest.
func duration(d time.Duration) *jen.Statement {
	units := []struct {
		size time.Duration
		name string
	}{
		{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"},
		{time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"},
	}
	for _, u := range units {
		if d%u.size == 0 {
			return times(d/u.size, u.name)
		}
	}
	return times(d, "Nanosecond")
}

func times(n time.Duration, unit string) *jen.Statement {
	if n == 1 {
		return jen.Qual("time", unit)
	}
	return jen.Op(strconv.FormatInt(int64(n), 10)).Op("*").Qual("time", unit)
}
