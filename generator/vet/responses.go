package vet

import (
	"go/ast"
	"go/types"
	"net/http"
	"strings"
)

// A response is what a call does to a response.
type response struct {
	to      writer
	written bool // something has been written to it
	mayFail bool // the call reports an error, and with one perhaps nothing has been written
	fails   bool // with it the handler answers that the request has failed

	caching caching // what is said to caches, if that still can be said
	header  string  // in which header, or ""
}

// writingFunc knows the functions of the standard library that write to an argument, and the argument's place. What packages
// that are analyzed do is in their facts; the standard library below net/http is not analyzed.
func writingFunc(fullName string) (arg int, ok bool) {
	switch fullName {
	case "fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln",
		"io.WriteString", "io.Copy", "io.CopyN", "io.CopyBuffer",
		"net/http.Error", "net/http.NotFound", "net/http.Redirect",
		"net/http.ServeContent", "net/http.ServeFile", "net/http.ServeFileFS",
		"(*html/template.Template).Execute", "(*html/template.Template).ExecuteTemplate",
		"(*text/template.Template).Execute", "(*text/template.Template).ExecuteTemplate",
		"(*bytes.Buffer).WriteTo", "(*bytes.Reader).WriteTo", "(*strings.Reader).WriteTo", "(io.WriterTo).WriteTo",
		"(net/http.Handler).ServeHTTP", "(net/http.HandlerFunc).ServeHTTP", "(*net/http.ServeMux).ServeHTTP",
		"(*net/http/httputil.ReverseProxy).ServeHTTP":
		return 0, true
	}
	return 0, false
}

// wrappingFunc knows the functions that put something between a program and a writer: what that something's methods
// write goes to the writer.
func wrappingFunc(fullName string) bool {
	switch fullName {
	case "encoding/json.NewEncoder", "encoding/xml.NewEncoder", "encoding/gob.NewEncoder",
		"encoding/csv.NewWriter", "bufio.NewWriter", "bufio.NewWriterSize",
		"compress/gzip.NewWriter", "compress/zlib.NewWriter", "archive/zip.NewWriter", "archive/tar.NewWriter",
		"mime/multipart.NewWriter", "net/http.NewResponseController":
		return true
	}
	return false
}

// respond returns what a call does to a response, as far as it can be told without looking into the called function.
func (f *function) respond(call *ast.CallExpr, fn *types.Func) (response, bool) {
	p := f.prog
	if p.writers.of == nil {
		return response{}, false
	}
	var r response
	var found bool
	recv := receiverOf(call)
	name := ""
	if fn != nil {
		name = stdName(fn)
	}
	if arg, ok := writingFunc(name); ok && arg < len(call.Args) {
		r.to, found = f.writerOf(call.Args[arg])
		r.fails = name == "net/http.Error" || name == "net/http.NotFound"
		r.written = found
	}
	if recv != nil && fn != nil && !found {
		if w, ok := f.writerOf(recv); ok {
			r.to, found = w, true
			switch {
			case isContext(w.root.Type()) && isContext(p.info.TypeOf(recv)):
				r.written, r.fails = contextMethod(fn.Name())
			default:
				r.written = writingMethod(fn.Name())
			}
		} else if w, ok := f.wrapped(recv); ok && flushingMethod(fn.Name()) {
			r.to, r.written, found = w, true, true
		}
	}
	if !found { // a handler, or any other function: what matters is a status that says the request has failed
		for _, arg := range call.Args {
			if w, ok := f.writerOf(arg); ok {
				r.to, found = w, true
				r.written = fn == nil && isHandlerFunc(p.info.TypeOf(call.Fun))
				break
			}
		}
	}
	if !found {
		return response{}, false
	}
	switch status := p.status(call); {
	case fn != nil && stdName(fn) != "" && fn.Name() != "WriteHeader": // MaxBytesReader(w, r.Body, 512)
	case status >= 400:
		r.fails = true
	case status < 200 && status > 0 && status != http.StatusSwitchingProtocols && fn != nil && fn.Name() == "WriteHeader":
		r.written = false // informational: the response is still to come
	}
	r.mayFail = p.returnsError(call)
	return r, r.written || r.fails
}

// wrapped returns the response writer below an encoder or the like.
func (f *function) wrapped(e ast.Expr) (writer, bool) {
	call, ok := f.vars.resolve(e).(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return writer{}, false
	}
	fn := f.prog.staticCallee(call)
	if fn == nil || !wrappingFunc(stdName(fn)) {
		return writer{}, false
	}
	return f.writerOf(call.Args[0])
}

// writingMethod knows the methods of response writers, and of what one asserts them to be, that send the header.
func writingMethod(name string) bool {
	switch name {
	case "Write", "WriteHeader", "WriteString", "Flush", "FlushError", "ReadFrom", "Hijack", "WriteHeaderNow":
		return true
	}
	return false
}

// flushingMethod knows the methods of wrappers that write through at once.
func flushingMethod(name string) bool {
	switch name {
	case "Encode", "EncodeElement", "Flush", "FlushError", "WriteAll", "Close", "Hijack":
		return true
	}
	return false
}

func receiverOf(call *ast.CallExpr) ast.Expr {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return sel.X
	}
	return nil
}

// isHandlerFunc reports whether a type is the HandlerFunc of net/http or of a framework: who calls one has the rest of
// the request handled.
func isHandlerFunc(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Name() != "HandlerFunc" || named.Obj().Pkg() == nil {
		return false
	}
	path := named.Obj().Pkg().Path()
	return path == "net/http" || isFramework(path)
}

func isFramework(path string) bool {
	return path == "github.com/gin-gonic/gin" || path == "github.com/labstack/echo" ||
		strings.HasPrefix(path, "github.com/labstack/echo/v")
}

// isContext reports whether a type is the request context of gin or echo, which know the response writer.
func isContext(t types.Type) bool {
	if t == nil {
		return false
	}
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, ok := t.(*types.Named)
	return ok && named.Obj().Name() == "Context" && named.Obj().Pkg() != nil && isFramework(named.Obj().Pkg().Path())
}

// contextMethod knows the methods of gin's and echo's contexts that answer the request.
func contextMethod(name string) (writes, fails bool) {
	switch name {
	case "JSON", "JSONPretty", "JSONBlob", "JSONP", "JSONPBlob", "IndentedJSON", "PureJSON", "SecureJSON", "AsciiJSON",
		"XML", "XMLPretty", "XMLBlob", "YAML", "TOML", "ProtoBuf", "String", "HTML", "HTMLBlob", "Blob", "Data",
		"DataFromReader", "File", "FileFS", "FileFromFS", "FileAttachment", "Attachment", "Inline", "Stream", "SSEvent",
		"Redirect", "Render", "NoContent", "Next":
		return true, false
	case "AbortWithStatus", "AbortWithStatusJSON", "AbortWithError":
		return true, true
	case "Abort", "Error": // gin's Error only takes note of an error
		return false, true
	}
	return false, false
}
