package shop

import (
	"context"
	"html/template"
	"net/http"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// What the pages take for granted: a site with its manager, and things that are none of sessions' business.
var (
	sessions *Sessions
	store    session.Store
	page     *template.Template

	current, previous, triesKey []byte
)

func passwordMatches(int64, string) bool                     { return false }
func transferMoney(http.ResponseWriter, *http.Request) error { return nil }
func savePassword(context.Context, int64, string) error      { return nil }

// What a fence of statements finds around it.
type given struct {
	w   http.ResponseWriter
	r   *http.Request
	s   *Session
	ctx context.Context
}
