package token

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestTheFormatsOfARosterDoNotChange(t *testing.T) {
	r := ring(t, "__Host-session", "k")
	name := r.Roster(0, []byte("\xa3ann"))
	if got := hex.EncodeToString(name[:]); got != "18f7c9dfea5f896ef48bc57ccf0e3bbd" {
		t.Errorf("Roster = %s", got)
	}
	if got := r.RosterKey("shop:", name); got != "shop:jjsjMaZJXkwhfnKUCQuLiZHeqg_UgOy2x6TvNIjoA2M" {
		t.Errorf("RosterKey = %s", got)
	}
}

func TestARosterIsOneOwnersUnderOneSecretAndInOneScope(t *testing.T) {
	r := ring(t, "s", "1", "2")
	seen := map[Roster]string{}
	for name, roster := range map[string]Roster{
		"ann":                r.Roster(0, []byte("ann")),
		"ann, second secret": r.Roster(1, []byte("ann")),
		"ann, other cookie":  ring(t, "t", "1").Roster(0, []byte("ann")),
		"bob":                r.Roster(0, []byte("bob")),
		"no bytes":           r.Roster(0, nil),
	} {
		if other, found := seen[roster]; found || roster == (Roster{}) {
			t.Errorf("%s has the roster of %q", name, other)
		}
		seen[roster] = name
	}
	if other := ring(t, "s", "2", "1"); other.Roster(1, []byte("ann")) != r.Roster(0, []byte("ann")) {
		t.Error("the place of a secret in the list is part of the name")
	}
}

func TestARosterIsItsOwnersUnderEverySecret(t *testing.T) {
	r := ring(t, "s", "1", "2")
	for i := range r.Rosters() {
		if !r.Names(r.Roster(i, []byte("ann")), []byte("ann")) {
			t.Errorf("not under secret %d", i)
		}
	}
	for name, roster := range map[string]Roster{
		"none":             {},
		"another's":        r.Roster(0, []byte("bob")),
		"a dropped secret": ring(t, "s", "3").Roster(0, []byte("ann")),
	} {
		if r.Names(roster, []byte("ann")) {
			t.Errorf("%s is taken for ann's", name)
		}
	}
}

func TestTheKeyOfARosterIsNoSessionsKey(t *testing.T) {
	r := ring(t, "s", "1")
	id := NewID()
	roster, session := r.RosterKey("p:", Roster(id)), r.StoreKey("p:", id)
	if roster == session || len(roster) != len(session) || !strings.HasPrefix(roster, "p:") {
		t.Errorf("%s and %s", roster, session)
	}
}

func TestASumIsItsStoreKey(t *testing.T) {
	r := ring(t, "s", "1")
	for _, prefix := range []string{"", "shop:"} {
		key := r.StoreKey(prefix, NewID())
		if got := SumOf(key).Key(prefix); got != key {
			t.Errorf("%s became %s", key, got)
		}
	}
	if SumOf("short") != (Sum{}) || SumOf("") != (Sum{}) {
		t.Error("the sum of what is no store key")
	}
}
