package web

import "time"

// OwnedSchema is SessionSchema of a site whose accounts see their devices and can end them.
//
//sessiongen:schema
type OwnedSchema struct {
	Name     string    `session:"name"`
	UserID   int64     `session:"user_id,owner"`
	Roles    []string  `session:"roles"`
	LastSeen time.Time `session:"last_seen"`
	Cart     []Item    `session:"cart"`
	CSRF     []byte    `session:"csrf"`
	Visits   int64     `session:"visits,counter"`
	Notice   string    `session:"notice,flash"`
	Lang     string    `session:"lang"`
}
