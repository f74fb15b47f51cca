package convert

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// dominant keeps of all fields with one key the one that counts, in the source's order.
func dominant(all []Field) ([]Field, []Mistake) {
	byKey := map[string][]Field{}
	for _, f := range all {
		byKey[f.key] = append(byKey[f.key], f)
	}
	var kept []Field
	var mistakes []Mistake
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		rivals := byKey[key]
		slices.SortFunc(rivals, func(a, b Field) int {
			return cmp.Or(compareRank(a, b), slices.Compare(a.Index, b.Index))
		})
		first := rivals[0]
		equals := slices.DeleteFunc(slices.Clone(rivals), func(f Field) bool { return compareRank(f, first) != 0 })
		switch top := atTop(rivals); {
		case len(top) > 1:
			mistakes = append(mistakes, sameKey(top)...)
			kept = append(kept, top[0])
		case len(equals) > 1:
			mistakes = append(mistakes, cancelled(equals)...)
		default:
			kept = append(kept, first)
		}
	}
	slices.SortFunc(kept, inSource)
	return kept, mistakes
}

// compareRank orders fields by the rules that decide between them: depth, then whether the key stands in a tag.
func compareRank(a, b Field) int {
	tagged := func(f Field) int {
		if f.Tagged {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(len(a.Index), len(b.Index)), cmp.Compare(tagged(a), tagged(b)))
}

func inSource(a, b Field) int { return slices.Compare(a.Index, b.Index) }

// atTop returns the fields that the struct itself declares, in the source's order.
func atTop(fields []Field) []Field {
	top := slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return len(f.Index) > 1 })
	slices.SortFunc(top, inSource)
	return top
}

// sameKey reports fields that one struct declares with one key. encoding/json would keep one of them, or none.
func sameKey(fields []Field) []Mistake {
	var mistakes []Mistake
	for _, f := range fields[1:] {
		mistakes = append(mistakes, at(f, fmt.Sprintf("key %q is already the key of field %s: give one of them another",
			f.key, fields[0].Var.Name())))
	}
	return mistakes
}

// cancelled remarks on promoted fields of which none counts. That is how embedding works, and seldom wanted.
func cancelled(fields []Field) []Mistake {
	var mistakes []Mistake
	for _, f := range fields[1:] {
		m := at(f, fmt.Sprintf("%s and %s are promoted with the same key %q from the same depth, so neither is "+
			"stored: give one of them another key, or leave it out with `session:\"-\"`",
			dotted(fields[0]), dotted(f), f.key))
		m.Note = true
		mistakes = append(mistakes, m)
	}
	return mistakes
}

// at makes a mistake where the key of a field stands, or its name, which stands for the key.
func at(f Field, message string) Mistake {
	if f.Tagged {
		return Mistake{Var: f.Var, Part: InTag, At: f.Tag.KeyAt, Message: message}
	}
	return Mistake{Var: f.Var, Part: InName, Message: message}
}

func dotted(f Field) string {
	var names []string
	for _, s := range f.path {
		names = append(names, s.Name)
	}
	return strings.Join(names, ".")
}
