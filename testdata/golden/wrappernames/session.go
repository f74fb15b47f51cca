// Package wrappernames has session types under several names.
package wrappernames

//sessiongen:schema
type httpFields struct{ Name string }

//sessiongen:schema News
type newsletter struct{ Name []string }

//sessiongen:schema
type HTTPSessionData struct{ Name map[string]string }

//sessiongen:schema ID
type IDSchema struct{ Name *string }

//sessiongen:schema Under_score
type x struct{ Name [1]string }

//sessiongen:schema
type bookingsData struct{ Name string }
