package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// An ID is 128 random bits (OWASP Session Management asks for 64 at least). It stands in the cookie and nowhere else.
type ID [16]byte

// NewID returns an ID that nobody can guess.
func NewID() (id ID) {
	_, _ = rand.Read(id[:]) // never fails: see crypto/rand
	return id
}

// Flags say which timeouts hold for a session: those of the rule where none of these says otherwise. A binary keeps
// flags that it does not know. The two lowest bits are left to the kind of a record, whose first byte has the flags
// too.
type Flags byte

const (
	Anonymous  Flags = 1 << (iota + 2) // nobody was logged in when the session got its id
	Remembered                         // who logged in asked to be kept so
)

// Claims are what a token says of a session.
type Claims struct {
	ID      ID
	Created time.Time // to the nanosecond, of the years 1678 to 2262
	Flags   Flags
	Roster  Roster
}

// Token layout: version, flags, key id, id, creation in Unix nanoseconds, a roster if there is one, HMAC-SHA256 over
// the ring's scope and all of that. Its length tells whether there is a roster.
const (
	version     = 1
	flagsStart  = 1
	keyIDStart  = 2
	idStart     = keyIDStart + keyIDSize
	timeStart   = idStart + len(ID{})
	rosterStart = timeStart + 8

	minToken = rosterStart + sha256.Size
	maxToken = minToken + len(Roster{})
)

// How long a cookie's value is.
const (
	Size           = (minToken*8 + 5) / 6
	SizeWithRoster = (maxToken*8 + 5) / 6
)

var encoding = base64.RawURLEncoding.Strict() // one text for each token

// Sign returns the cookie's value for a session.
func (r *Ring) Sign(c Claims) string {
	s := r.scratch.Get().(*scratch)
	k := r.keys[0]
	b := append(s.token[:0], version, byte(c.Flags))
	b = append(b, k.id[:]...)
	b = append(b, c.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Created.UnixNano()))
	if c.Roster != (Roster{}) {
		b = append(b, c.Roster[:]...)
	}
	b = append(b, r.mac(k, s.sum[:0], b)...)
	text := string(encoding.AppendEncode(s.text[:0], b))
	r.scratch.Put(s)
	return text
}

// Verify returns what a cookie's value says, if one of the ring's secrets signed it in the ring's scope. It looks at
// nothing in it before the HMAC has been compared, in constant time; only the key id is read, to know with which.
func (r *Ring) Verify(text string) (c Claims, ok bool) {
	if len(text) != Size && len(text) != SizeWithRoster {
		return Claims{}, false
	}
	s := r.scratch.Get().(*scratch)
	copy(s.text[:], text)
	// Decode passes over line ends: a text with any is too short.
	n, err := encoding.Decode(s.token[:], s.text[:len(text)])
	if err == nil && n == encoding.DecodedLen(len(text)) && s.token[0] == version {
		signed, sum := s.token[:n-sha256.Size], s.token[n-sha256.Size:n]
		for _, k := range r.keys {
			if [keyIDSize]byte(signed[keyIDStart:]) == k.id && hmac.Equal(r.mac(k, s.sum[:0], signed), sum) {
				c, ok = claims(signed), true
				break
			}
		}
	}
	r.scratch.Put(s)
	return c, ok
}

// claims takes apart what has been verified.
func claims(signed []byte) Claims {
	c := Claims{
		ID:      ID(signed[idStart:]),
		Created: time.Unix(0, int64(binary.BigEndian.Uint64(signed[timeStart:]))),
		Flags:   Flags(signed[flagsStart]),
	}
	if len(signed) > rosterStart {
		c.Roster = Roster(signed[rosterStart:])
	}
	return c
}

// StoreKey returns the key under which a store keeps the session's record: a hash, so that a dump of the store gives
// nobody a cookie. No secret is in it, so that it stays the same when secrets change.
func (r *Ring) StoreKey(prefix string, id ID) string {
	s := r.scratch.Get().(*scratch)
	s.data = append(append(s.data[:0], r.storeScope...), id[:]...)
	sum := sha256.Sum256(s.data)
	s.data = encoding.AppendEncode(append(s.data[:0], prefix...), sum[:])
	key := string(s.data)
	r.scratch.Put(s)
	return key
}

// StoreKeySize is how much longer than its prefix a store key is.
const StoreKeySize = (sha256.Size*8 + 5) / 6
