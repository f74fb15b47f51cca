package shop

import "time"

// SessionSchema is what the shop remembers about a visitor between requests.
//
//sessiongen:schema
type SessionSchema struct {
	UserID      int64             `session:"user_id,owner"`
	UserName    string            `session:"user_name,renew"`
	Cart        []Item            `session:"cart"`
	Prefs       map[string]string `session:"prefs"`
	Visits      int64             `session:"visits,counter"`
	Tries       int               `session:"tries,counter,ttl=15m"`
	Notice      string            `session:"notice,flash"`
	OTP         string            `session:"otp,secret,ttl=10m"`
	Confirmed   bool              `session:"confirmed,ttl=10m"`
	Fingerprint string            `session:"fingerprint"`
	LastSeen    time.Time
}

type Item struct {
	SKU string
	Qty int
}
