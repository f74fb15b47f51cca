package known

import (
	"go/types"
	"strings"
)

// isFramework reports whether a package is gin or echo, of any major version.
func isFramework(path string) bool {
	return path == "github.com/gin-gonic/gin" || path == "github.com/labstack/echo" ||
		strings.HasPrefix(path, "github.com/labstack/echo/v")
}

// IsContext reports whether a type is the request context of gin or echo, which know the response writer.
func IsContext(t types.Type) bool {
	pkg, name := named(t)
	return name == "Context" && isFramework(pkg)
}

// OfRequest reports whether a type is a request, of net/http or Connect, or fiber's context, which knows it.
func OfRequest(t types.Type) bool {
	pkg, name := named(t)
	return IsRequest(t) || name == "Request" && pkg == "connectrpc.com/connect" ||
		name == "Ctx" && strings.HasPrefix(pkg, "github.com/gofiber/fiber/v")
}

// IsHandlerFunc reports whether a type is the HandlerFunc of net/http or of a framework: to call one is to
// have the rest of the request handled.
func IsHandlerFunc(t types.Type) bool {
	if _, ok := types.Unalias(t).(*types.Named); !ok {
		return false
	}
	pkg, name := named(t)
	return name == "HandlerFunc" && (pkg == "net/http" || isFramework(pkg))
}

// answers are the methods of gin's and echo's contexts that answer the request, or have it answered.
var answers = setOf(
	"JSON", "JSONPretty", "JSONBlob", "JSONP", "JSONPBlob", "IndentedJSON", "PureJSON", "SecureJSON", "AsciiJSON",
	"XML", "XMLPretty", "XMLBlob", "YAML", "TOML", "ProtoBuf", "String", "HTML", "HTMLBlob", "Blob", "Data",
	"DataFromReader", "File", "FileFS", "FileFromFS", "FileAttachment", "Attachment", "Inline", "Stream", "SSEvent",
	"Redirect", "Render", "NoContent", "Next",
	"AbortWithStatus", "AbortWithStatusJSON", "AbortWithError",
)

// failures are those that say that it has failed. gin's Error only takes note of an error, and Abort of that.
var failures = setOf("AbortWithStatus", "AbortWithStatusJSON", "AbortWithError", "Abort", "Error")

// ContextMethod reports whether a context's method of this name writes to the response, and whether it says that the
// request has failed.
func ContextMethod(name string) (writes, fails bool) { return answers[name], failures[name] }

// GoesOn reports whether a context's method of this name runs the handlers that come after.
func GoesOn(method string) bool { return method == "Next" }

// SetsHeader reports whether a context's method of this name sets a header of the response: gin's c.Header.
func SetsHeader(method string) bool { return method == "Header" }
