package convert

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/generator/schema"
)

func TestATagIsTakenApartWithThePlaceOfEachWord(t *testing.T) {
	const text = `json:"name" session:"user_name,renew,max=64,was=a,was=b" db:"x"`
	got, faults := parseTag(text)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if got.key != "user_name" || !strings.HasPrefix(text[got.KeyAt:], "user_name,") {
		t.Errorf("key %q at %d", got.key, got.KeyAt)
	}
	var words []string
	for _, o := range got.Options {
		words = append(words, o.Name+"="+o.Value)
		if !strings.HasPrefix(text[o.At:], o.Name) {
			t.Errorf("option %s at %d", o.Name, o.At)
		}
	}
	if got := strings.Join(words, " "); got != "renew= max=64 was=a was=b" {
		t.Error(got)
	}
}

// For every struct tag: the text that reflect reads as the session tag is the one that is parsed, places lie within the
// text, and a tag without a fault means the same when it is written anew.
func FuzzTag(f *testing.F) {
	for _, seed := range []string{
		``, `session:"user_id,renew"`, `json:"a" session:"b,ttl=10m,max=3,was=x,was=y"`, `session:"-"`, `session:"-,x"`,
		`session:"`, `session:user_id`, `session:"a" session:"b"`, ` session:"a,,"`, `sesion:"a"`, `session:"a\tb"`,
		"session:\"\xff\"", `json:"\"" session:",flash"`, `x:"`, `session:"a,was="`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, faults := parseTag(text)
		for _, fault := range faults {
			if fault.At < 0 || fault.At > len(text) || fault.Message == "" {
				t.Fatalf("fault %+v outside %q", fault, text)
			}
		}
		var field schema.Field
		more := applyOptions(&field, got.Options)
		for _, fault := range more {
			if fault.At < 0 || fault.At > len(text) || fault.Message == "" {
				t.Fatalf("fault %+v outside %q", fault, text)
			}
		}
		if len(faults)+len(more) > 0 {
			return
		}
		value, found := reflect.StructTag(text).Lookup("session")
		if found != got.Found {
			t.Fatalf("reflect finds a session tag in %q: %v, we: %v", text, found, got.Found)
		}
		if !found || got.skip {
			return
		}
		if key, _, _ := strings.Cut(value, ","); key != got.key {
			t.Fatalf("key %q of %q, want %q", got.key, text, key)
		}
		again, faults := parseTag(fmt.Sprintf("session:%q", value))
		if len(faults) > 0 || again.key != got.key || len(again.Options) != len(got.Options) {
			t.Fatalf("%q does not mean the same when written anew: %+v, %+v", text, got, again)
		}
	})
}
