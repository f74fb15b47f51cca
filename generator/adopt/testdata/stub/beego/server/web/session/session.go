// Package session declares what the programs under testdata use of beego's sessions.
package session

import "context"

type Store interface {
	Set(ctx context.Context, key, value any) error
	Get(ctx context.Context, key any) any
	Delete(ctx context.Context, key any) error
	Flush(ctx context.Context) error
}
