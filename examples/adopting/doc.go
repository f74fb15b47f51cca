// Package adopting has two small sites that come over from another library, scs and gorilla/sessions, without a logout. What
// sessiongen adopt has written for them stands in their session.go.
package adopting
