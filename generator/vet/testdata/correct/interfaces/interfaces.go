// Package interfaces has sessions that are held by interfaces, structs, lists and pointers.
package interfaces

import (
	"context"
	"errors"
	"net/http"

	"example.com/shop/web"
)

type app struct{ sessions *web.Sessions }

type saver interface{ Save() error }

func (a *app) assign(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	var sv saver
	s.SetTheme("x")
	sv = s
	if err := sv.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
}

func (a *app) asAny(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	var v any = s
	finish(w, v)
}

func finish(w http.ResponseWriter, v any) {
	if x, ok := v.(saver); ok {
		if err := x.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	}
}

func (a *app) conv(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	sv := saver(s)
	if err := sv.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

func (a *app) typeSwitch(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	switch v := any(s).(type) {
	case saver:
		if err := v.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	}
}

// a struct that embeds the session in a local
type cart struct{ *web.Session }

func (c cart) add(sku string) { c.AppendCart(web.Item{SKU: sku}) }

func (a *app) embedded(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	c := cart{Session: s}
	s.AddVisits(1)
	c.add("x")
	if err := c.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

func (a *app) slice(ctx context.Context, tokens []string) (err error) {
	var all []*web.Session
	defer func() {
		for _, s := range all {
			err = errors.Join(err, s.Save())
		}
	}()
	for _, t := range tokens {
		s, err := a.sessions.Open(ctx, t)
		if err != nil {
			return err
		}
		all = append(all, s)
		s.AddVisits(1)
	}
	return nil
}

// pointer to local taken, changed by ranges
func (a *app) deferSaveAddr(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	p := &s
	s.SetTheme("x")
	if err := (*p).Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// receive from channel
func (a *app) channel(ctx context.Context, tokens chan string, out chan<- *web.Session) {
	for t := range tokens {
		s, err := a.sessions.Open(ctx, t)
		if err != nil {
			continue
		}
		s.AddVisits(1)
		out <- s
	}
}

// array
func (a *app) pair(ctx context.Context, x, y string) error {
	s, err := a.sessions.Open(ctx, x)
	if err != nil {
		return err
	}
	t, err := a.sessions.Open(ctx, y)
	if err != nil {
		return err
	}
	s.SetCart(nil)
	t.SetCart(s.Cart())
	for _, x := range [...]*web.Session{s, t} {
		if err := x.Save(); err != nil {
			return err
		}
	}
	return nil
}

// min-change with a ternary helper returning a saver func
func (a *app) funcs(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	end := func() error { return nil }
	if r.Method == "POST" {
		s.SetTheme("x")
		end = s.Save
	}
	if err := end(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}
