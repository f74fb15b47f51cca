package adopt

import "strings"

// An op is what a call does to a session.
type op int

const (
	// What has opNone stands in a table only so that one can see that it was thought of.
	opNone       op = iota
	opRead          // one value, by key
	opWrite         // one value, by key
	opRemove        // one value, by key
	opPop           // reads one value and removes it
	opExists        // asks whether a key has a value
	opDecode        // one value, by key, into the variable that an argument points to
	opFlash         // adds to the list of a key, or of the library's own key
	opFlashes       // reads that list and removes it
	opRenew         // gives the session a new id
	opDestroy       // ends the session
	opClear         // removes all values
	opAll           // reads keys or values of which the program names none
	opSave          // writes the session
	opOpen          // returns the session of a request, by the name of its cookie if it has an argument of type string
	opMiddleware    // puts sessions around handlers
	opCookie        // makes a store that keeps sessions in their cookie
	opStore         // makes one that keeps them on a server
	opRemember      // makes the cookie outlive the browser
	opUnserved      // has no counterpart
)

// A library is a package that keeps sessions under string keys. Where its import path has a major version, any will
// do.
//
// What the arguments of a call mean is told by their types: the key is the first that is no context, request,
// response or session, the value the one behind it. What a call returns tells what a getter reads, unless it is an
// interface.
type library struct {
	name string
	// pkgs are its packages: import path without a major version → name of a type, or "" for functions → function → op.
	pkgs map[string]map[string]ops
	// values is the field of its session type that is a map of all values, or empty.
	values string
	// flashKey is the key of flashes that are added under none.
	flashKey string
	// renewable says that a session can be given a new id.
	renewable bool
	// adapter is the package of this repository for its framework, or empty.
	adapter string
}

type ops map[string]op

// libraries has those on top before what they stand on.
var libraries = []*library{scs, echoContrib, ginContrib, gorilla, fiber, beego}

var scs = &library{
	name:      "alexedwards/scs",
	renewable: true,
	pkgs: map[string]map[string]ops{
		"github.com/alexedwards/scs": {
			"": {"New": opNone, "NewSession": opNone, "NewCookieManager": opCookie, "NewManager": opStore},
			"SessionManager": {
				"Put": opWrite, "Get": opRead, "Remove": opRemove, "Exists": opExists, "Pop": opPop,
				"GetString": opRead, "GetBool": opRead, "GetInt": opRead, "GetInt32": opRead, "GetInt64": opRead,
				"GetFloat": opRead, "GetBytes": opRead, "GetTime": opRead,
				"PopString": opPop, "PopBool": opPop, "PopInt": opPop, "PopFloat": opPop, "PopBytes": opPop,
				"PopTime":    opPop,
				"RenewToken": opRenew, "Destroy": opDestroy, "Clear": opClear, "Keys": opAll,
				"RememberMe": opRemember, "LoadAndSave": opMiddleware,
				"Iterate": opUnserved, "Status": opUnserved, "MergeSession": opUnserved, "Deadline": opUnserved,
				"SetDeadline": opUnserved, "Token": opUnserved, "Load": opUnserved, "Commit": opUnserved,
				"WriteSessionCookie": opUnserved,
			},
			"Manager": {"Load": opOpen, "Use": opMiddleware, "Multi": opMiddleware}, // version 1
			"Session": {
				"PutString": opWrite, "PutBool": opWrite, "PutInt": opWrite, "PutInt64": opWrite, "PutFloat": opWrite,
				"PutTime": opWrite, "PutBytes": opWrite, "PutObject": opWrite,
				"GetString": opRead, "GetBool": opRead, "GetInt": opRead, "GetInt64": opRead, "GetFloat": opRead,
				"GetTime": opRead, "GetBytes": opRead, "GetObject": opDecode,
				"PopString": opPop, "PopBool": opPop, "PopInt": opPop, "PopInt64": opPop, "PopFloat": opPop,
				"PopTime": opPop, "PopBytes": opPop, "PopObject": opDecode,
				"Remove": opRemove, "Exists": opExists, "Clear": opClear, "Destroy": opDestroy, "Keys": opAll,
				"RenewToken": opRenew, "Touch": opUnserved,
			},
		},
	},
}

var gorilla = &library{
	name:     "gorilla/sessions",
	flashKey: "_flash",
	values:   "Values",
	pkgs: map[string]map[string]ops{
		"github.com/gorilla/sessions": {
			"":        {"NewCookieStore": opCookie, "NewFilesystemStore": opStore, "Save": opSave, "GetRegistry": opNone},
			"Session": {"AddFlash": opFlash, "Flashes": opFlashes, "Save": opSave, "Name": opNone, "Store": opNone},
			"Store":   {"Get": opOpen, "New": opOpen, "Save": opSave},
			"CookieStore": {
				"Get": opOpen, "New": opOpen, "Save": opSave, "MaxAge": opNone,
			},
			"FilesystemStore": {
				"Get": opOpen, "New": opOpen, "Save": opSave, "MaxAge": opNone, "MaxLength": opNone,
			},
			"Registry": {"Get": opOpen, "Save": opSave},
		},
	},
}

// echoContrib opens gorilla's sessions.
var echoContrib = &library{
	name:    "labstack/echo-contrib/session",
	adapter: "echosession",
	pkgs: map[string]map[string]ops{
		"github.com/labstack/echo-contrib/session": {
			"": {"Get": opOpen, "Middleware": opMiddleware, "MiddlewareWithConfig": opMiddleware},
		},
	},
}

var ginContrib = &library{
	name:     "gin-contrib/sessions",
	adapter:  "ginsession",
	flashKey: "_flash",
	pkgs: map[string]map[string]ops{
		"github.com/gin-contrib/sessions": {
			"": {
				"Default": opOpen, "DefaultMany": opOpen, "Sessions": opMiddleware, "SessionsMany": opMiddleware,
			},
			"Session": {
				"Get": opRead, "Set": opWrite, "Delete": opRemove, "Clear": opClear, "Save": opSave,
				"AddFlash": opFlash, "Flashes": opFlashes, "ID": opNone, "Options": opNone,
			},
		},
		"github.com/gin-contrib/sessions/cookie": {"": {"NewStore": opCookie}},
	},
}

var fiber = &library{
	name:      "gofiber/fiber/session",
	adapter:   "fibersession",
	renewable: true,
	pkgs: map[string]map[string]ops{
		"github.com/gofiber/fiber/middleware/session": {
			"":      {"New": opMiddleware, "NewWithStore": opMiddleware, "NewStore": opStore, "FromContext": opOpen},
			"Store": {"Get": opOpen, "GetByID": opUnserved, "Delete": opUnserved, "Reset": opUnserved},
			"Session": {
				"Get": opRead, "Set": opWrite, "Delete": opRemove, "Destroy": opDestroy, "Regenerate": opRenew,
				"Reset": opDestroy, "Save": opSave, "Keys": opAll, "Fresh": opNone, "ID": opNone, "SetExpiry": opUnserved,
				"SetIdleTimeout": opUnserved, "Release": opNone,
			},
			"Middleware": {
				"Get": opRead, "Set": opWrite, "Delete": opRemove, "Destroy": opDestroy, "Regenerate": opRenew,
				"Reset": opDestroy, "Keys": opAll, "Fresh": opNone, "ID": opNone, "Store": opNone,
			},
		},
	},
}

var (
	beegoController = ops{
		"SetSession": opWrite, "GetSession": opRead, "DelSession": opRemove, "DestroySession": opDestroy,
		"SessionRegenerateID": opRenew, "StartSession": opOpen,
	}
	beegoStore = ops{
		"Set": opWrite, "Get": opRead, "Delete": opRemove, "Flush": opClear, "SessionID": opNone,
		"SessionRelease": opSave, "SessionReleaseIfPresent": opSave,
	}
	beegoManager = ops{"SessionStart": opOpen, "SessionDestroy": opDestroy, "SessionRegenerateID": opRenew}
	beegoInput   = ops{"Session": opRead}
)

var beego = &library{
	name:      "beego",
	renewable: true,
	pkgs: map[string]map[string]ops{
		"github.com/astaxie/beego":                     {"Controller": beegoController},
		"github.com/astaxie/beego/context":             {"BeegoInput": beegoInput},
		"github.com/astaxie/beego/session":             {"Store": beegoStore, "Manager": beegoManager},
		"github.com/beego/beego":                       {"Controller": beegoController},
		"github.com/beego/beego/context":               {"BeegoInput": beegoInput},
		"github.com/beego/beego/session":               {"Store": beegoStore, "Manager": beegoManager},
		"github.com/beego/beego/server/web":            {"Controller": beegoController},
		"github.com/beego/beego/server/web/context":    {"BeegoInput": beegoInput},
		"github.com/beego/beego/server/web/session":    {"Store": beegoStore, "Manager": beegoManager},
		"github.com/beego/beego/adapter":               {"Controller": beegoController},
		"github.com/beego/beego/adapter/context":       {"BeegoInput": beegoInput},
		"github.com/beego/beego/adapter/session":       {"Store": beegoStore, "Manager": beegoManager},
		"github.com/beego/beego/core/session":          {"Store": beegoStore, "Manager": beegoManager},
		"github.com/beego/beego/server/web/controller": {"Controller": beegoController},
	},
}

// withoutVersion is an import path less its major version, wherever that stands: example.com/x/v2/y → example.com/x/y.
func withoutVersion(path string) string {
	elements := strings.Split(path, "/")
	kept := elements[:0]
	for i, e := range elements {
		digits, found := strings.CutPrefix(e, "v")
		if i > 1 && found && digits != "" && strings.Trim(digits, "0123456789") == "" {
			continue
		}
		kept = append(kept, e)
	}
	return strings.Join(kept, "/")
}
