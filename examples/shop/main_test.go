package main

import "testing"

func TestTheShopIsBuiltAndItsExitCodePassedOn(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: it builds the site")
	}
	for flag, want := range map[string]int{"-h": 0, "-nope": 1} {
		if code, err := start([]string{flag}); code != want || err != nil {
			t.Errorf("shop %s exits with %d, %v, want %d", flag, code, err, want)
		}
	}
}
