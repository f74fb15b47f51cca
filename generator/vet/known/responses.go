package known

import (
	"go/types"
)

// writesTo are the functions that write to their first argument.
var writesTo = setOf(
	"fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln",
	"io.WriteString", "io.Copy", "io.CopyN", "io.CopyBuffer",
	"net/http.Error", "net/http.NotFound", "net/http.Redirect",
	"net/http.ServeContent", "net/http.ServeFile", "net/http.ServeFileFS",
	"(*html/template.Template).Execute", "(*html/template.Template).ExecuteTemplate",
	"(*text/template.Template).Execute", "(*text/template.Template).ExecuteTemplate",
	"(*bytes.Buffer).WriteTo", "(*bytes.Reader).WriteTo", "(*strings.Reader).WriteTo", "(io.WriterTo).WriteTo",
	"(net/http.Handler).ServeHTTP", "(net/http.HandlerFunc).ServeHTTP", "(*net/http.ServeMux).ServeHTTP",
	"(*net/http/httputil.ReverseProxy).ServeHTTP",
)

// WritesTo reports whether a function writes to its first argument.
func WritesTo(fn *types.Func) bool { return writesTo[Name(fn)] }

// AnswersFailure reports whether a function answers that the request has failed.
func AnswersFailure(fn *types.Func) bool {
	name := Name(fn)
	return name == "net/http.Error" || name == "net/http.NotFound"
}

// wraps are the functions that put something between a program and their first argument, a writer.
var wraps = setOf(
	"encoding/json.NewEncoder", "encoding/xml.NewEncoder", "encoding/gob.NewEncoder",
	"encoding/csv.NewWriter", "bufio.NewWriter", "bufio.NewWriterSize",
	"compress/gzip.NewWriter", "compress/zlib.NewWriter", "archive/zip.NewWriter", "archive/tar.NewWriter",
	"mime/multipart.NewWriter", "net/http.NewResponseController",
)

// Wraps reports whether the result of a function writes to the function's first argument.
func Wraps(fn *types.Func) bool { return wraps[Name(fn)] }

// writerMethods are the methods of response writers, and of the interfaces that they may have besides, that send the
// header.
var writerMethods = setOf(
	"Write", "WriteHeader", "WriteString", "Flush", "FlushError", "ReadFrom", "Hijack", "WriteHeaderNow",
)

// SendsHeader reports whether a response writer's method of this name sends the header.
func SendsHeader(method string) bool { return writerMethods[method] }

// wrapperMethods are the methods of encoders and the like that write through at once.
var wrapperMethods = setOf("Encode", "EncodeElement", "Flush", "FlushError", "WriteAll", "Close", "Hijack")

// WritesThrough reports whether a method of this name, of an encoder or the like, writes to its writer at once.
func WritesThrough(method string) bool { return wrapperMethods[method] }

// IsResponseWriter reports whether a type is http.ResponseWriter itself.
func IsResponseWriter(t types.Type) bool {
	pkg, name := named(t)
	return pkg == "net/http" && name == "ResponseWriter"
}

// IsRequest reports whether a type is *http.Request.
func IsRequest(t types.Type) bool {
	pkg, name := named(t)
	return pkg == "net/http" && name == "Request" && isPointer(t)
}
