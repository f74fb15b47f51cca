package model

import "time"

// Name is what every R reads.
const Name = "Wilhelmina Ashcroft"

// Sample returns a fresh copy of the session of nine fields that is measured.
func Sample() Session {
	return Session{
		Name:     Name,
		UserID:   4_815_162_342,
		Roles:    []string{"customer", "reviewer"},
		LastSeen: time.Date(2026, 3, 14, 15, 9, 26, 535_897_932, time.UTC),
		Cart: []Item{
			{SKU: "BK-1984-PB", Count: 1, Cents: 899},
			{SKU: "TEA-EG-250", Count: 2, Cents: 1250},
			{SKU: "MUG-BLUE", Count: 4, Cents: 1595},
		},
		CSRF:   []byte("\x8f\x1d\x42\x9a\xe0\x33\x70\x5c\x11\xbb\x09\xfe\x67\xc4\xd2\x28"),
		Visits: 41,
		Notice: "Your order has been sent.",
		Lang:   "en-GB",
	}
}

// SmallSample returns the session of two fields that is measured.
func SmallSample() Small { return Small{Name: Name, Visits: 41} }
