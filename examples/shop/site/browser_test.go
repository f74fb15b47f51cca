package main

import (
	"testing"

	"github.com/sessiongen/sessiongen/internal/browser"
)

// A tab is one of a browser's, on a shop.
type tab struct {
	*browser.Tab
	t    *testing.T
	site *site
}

// browse opens a headless Chromium on a shop.
func browse(t *testing.T, s *site) *tab {
	t.Helper()
	b := browser.Open(t, s.URL)
	b.ErrorPages = true
	return &tab{b, t, s}
}

func (b *tab) another() *tab { return &tab{b.Another(), b.t, b.site} }
func (b *tab) device() *tab  { return &tab{b.Device(), b.t, b.site} }

// fill enters texts, by the names of their fields in turns.
func (b *tab) fill(fields ...string) {
	b.t.Helper()
	for i := 0; i+1 < len(fields); i += 2 {
		b.Set(`main [name="`+fields[i]+`"]`, fields[i+1])
	}
}

func (b *tab) login(name string) {
	b.t.Helper()
	b.Visit("/login")
	b.fill("name", name, "password", password)
	b.Click(`form[action="/login"] button`)
	b.Sees("You are logged in.")
}
