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

// Token layout: version, key id, id, creation in Unix nanoseconds, HMAC over all of it and the cookie's name.
const (
	version    = 1
	idStart    = 1 + keyIDSize
	timeStart  = idStart + len(ID{})
	signedSize = timeStart + 8
	tokenSize  = signedSize + sha256.Size
	tokenText  = (tokenSize*8 + 5) / 6
)

// Size is the length of a cookie's value.
const Size = tokenText

var encoding = base64.RawURLEncoding.Strict() // one text for each token

// Sign returns the cookie's value for a session.
func (r *Ring) Sign(id ID, created time.Time) string {
	s := r.scratch.Get().(*scratch)
	k := r.keys[0]
	s.token[0] = version
	copy(s.token[1:], k.id[:])
	copy(s.token[idStart:], id[:])
	binary.BigEndian.PutUint64(s.token[timeStart:], uint64(created.UnixNano()))
	copy(s.token[signedSize:], k.mac(s.sum[:0], s.token[:signedSize], s.nameOf(r)))
	encoding.Encode(s.text[:], s.token[:])
	text := string(s.text[:])
	r.scratch.Put(s)
	return text
}

// Verify returns what a cookie's value says, if one of the ring's secrets signed it for the ring's cookie. It looks at
// nothing in it before the HMAC has been compared, in constant time; only the key id is read, to know with which.
func (r *Ring) Verify(text string) (id ID, created time.Time, ok bool) {
	if len(text) != tokenText {
		return ID{}, time.Time{}, false
	}
	s := r.scratch.Get().(*scratch)
	copy(s.text[:], text)
	// Decode passes over line ends: what has any is too short.
	if n, err := encoding.Decode(s.token[:], s.text[:]); err == nil && n == tokenSize && s.token[0] == version {
		for _, k := range r.keys {
			if [keyIDSize]byte(s.token[1:]) == k.id && hmac.Equal(k.mac(s.sum[:0], s.token[:signedSize], s.nameOf(r)), s.token[signedSize:]) {
				id = ID(s.token[idStart:])
				created = time.Unix(0, int64(binary.BigEndian.Uint64(s.token[timeStart:])))
				ok = true
				break
			}
		}
	}
	r.scratch.Put(s)
	return id, created, ok
}

func (s *scratch) nameOf(r *Ring) []byte {
	s.data = append(s.data[:0], r.name...)
	return s.data
}

// StoreKey returns the key under which a store keeps the session's record: a hash, so that a dump of the store gives
// nobody a cookie. No secret is in it, so that it stays the same when secrets change.
func (r *Ring) StoreKey(prefix string, id ID) string {
	s := r.scratch.Get().(*scratch)
	s.data = append(append(s.nameOf(r), 0), id[:]...)
	sum := sha256.Sum256(s.data)
	s.data = encoding.AppendEncode(append(s.data[:0], prefix...), sum[:])
	key := string(s.data)
	r.scratch.Put(s)
	return key
}

// StoreKeySize is how much longer than its prefix a store key is.
const StoreKeySize = (sha256.Size*8 + 5) / 6
