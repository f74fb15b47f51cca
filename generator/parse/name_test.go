package parse

import "testing"

func TestASessionIsNamedAfterItsStruct(t *testing.T) {
	for name, want := range map[string]string{
		"SessionSchema":     "Session",
		"adminFields":       "Admin",
		"CartData":          "Cart",
		"SessionDataSchema": "SessionData",
		"visitor":           "Visitor",
		"Schema":            "",
		"Dataset":           "Dataset",
		"österreichData":    "Österreich",
	} {
		if got := wrapperName(name); got != want {
			t.Errorf("wrapperName(%q) = %q, want %q", name, got, want)
		}
	}
}
