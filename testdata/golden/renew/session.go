// Package renew has fields whose change gives the session a new id.
package renew

import "net/netip"

// Rights are what somebody may do.
type Rights struct {
	Admin bool
	Until int64
}

//sessiongen:schema
type SessionSchema struct {
	UserID int64      `session:"user_id,renew"`
	Roles  []string   `session:"roles,renew"`
	From   netip.Addr `session:"from,renew"`
	Rights Rights     `session:"rights,renew"`
	Deputy *Rights    `session:"deputy,renew"`
	Theme  string
}
