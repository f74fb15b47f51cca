package main

import (
	"errors"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// An account is who can log in with a password. The password of both is "porcelain".
type account struct {
	ID, Name string
	hash     string
}

// accounts stands for the shop's database.
type accounts struct {
	list []account

	mu     sync.Mutex
	failed map[string][]time.Time // when a wrong password was tried, by the id of an account
}

func newAccounts() *accounts {
	return &accounts{
		list: []account{
			{"ann", "Ann", "$2a$10$vxldpCO0nc4sHo940H2M9.zr0N5k6mC0RLqoohOqqHTs7kKU7aVEq"},
			{"bob", "Bob", "$2a$10$ZEjH/MXRUJ0TYpf9IX2/nOTk.XNQcLxgQM6rC4Px96/blkm8be2MS"},
		},
		failed: map[string][]time.Time{},
	}
}

var (
	errWrongPassword = errors.New("no such name with such a password")
	errTooManyTries  = errors.New("too many wrong passwords")
)

// An account rests after so many wrong passwords within so long, wherever they come from: a limit in the session slows
// down a form, and who drops the cookie starts anew.
const (
	maxWrong   = 10
	wrongReset = 15 * time.Minute
)

// check returns the account of a name and its password.
func (a *accounts) check(name, password string, now time.Time) (account, error) {
	found := account{hash: a.list[0].hash} // a name that is not there takes as long as a wrong password
	for _, x := range a.list {
		if x.ID == name {
			found = x
		}
	}
	if found.ID != "" && !a.mayTry(found.ID, now) {
		return account{}, errTooManyTries
	}
	right := bcrypt.CompareHashAndPassword([]byte(found.hash), []byte(password)) == nil
	if found.ID == "" || !right {
		return account{}, errWrongPassword
	}
	a.mu.Lock()
	delete(a.failed, found.ID)
	a.mu.Unlock()
	return found, nil
}

// mayTry counts a try as a wrong one, until it has turned out to be right: so tries that are made at one time all
// count.
func (a *accounts) mayTry(id string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	var recent []time.Time
	for _, t := range a.failed[id] {
		if now.Sub(t) < wrongReset {
			recent = append(recent, t)
		}
	}
	if len(recent) < maxWrong {
		recent = append(recent, now)
		a.failed[id] = recent
		return true
	}
	a.failed[id] = recent
	return false
}
