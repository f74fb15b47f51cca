// Package context declares what the programs under testdata use of beego's context.
package context

import (
	"net/http"

	"github.com/beego/beego/v2/server/web/session"
)

type BeegoInput struct{ CruSession session.Store }

func (i *BeegoInput) Session(key any) any { return nil }

type Context struct {
	Input   *BeegoInput
	Request *http.Request
}
