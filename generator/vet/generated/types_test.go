package generated

import (
	"testing"

	"github.com/sessiongen/sessiongen/generator/schema"
)

func TestTheEffectOfEachGeneratedMethodIsKnown(t *testing.T) {
	of := func(kind schema.Kind) *schema.Type { return &schema.Type{Kind: kind} }
	fields := []*schema.Field{
		{Name: "Visits", Type: of(schema.KindInt), Counter: true},
		{Name: "Notice", Type: of(schema.KindString), Flash: true},
		{Name: "Cart", Type: of(schema.KindSlice)},
		{Name: "Prefs", Type: of(schema.KindMap)},
	}
	methods := methodsOf(fields)
	for m := range schema.Methods(&schema.Wrapper{Fields: fields}) {
		if methods[m.Name].Kind == NotGenerated {
			t.Errorf("sessionvet does not know what %s does: say it in kinds", m.Name)
		}
	}
	for name, want := range map[string]Kind{
		"Save": Saves, "Destroy": Destroys, "Renew": Changes, "Remember": Changes, "AddVisits": Changes, "CountVisits": Counts,
		"TakeNotice": Returns, "AppendCart": Changes, "LookupPrefs": Returns, "HasPrefs": Shows, "Notice": NotGenerated,
	} {
		if got := methods[name].Kind; got != want {
			t.Errorf("%s is of kind %d, want %d", name, got, want)
		}
	}
}
