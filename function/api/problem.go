package api

import (
	"strconv"
	"strings"

	"sklambda/function/web"
	"sklambda/model"
	"sklambda/model/table"
)

// Code says what is wrong. The list is closed: clients may rely on it.
type Code string

// The codes, by status.
const (
	// 400: the body is not what JSON or the API allows.
	MalformedJSON  Code = table.MalformedJSON  // not JSON; NaN and Infinity are not
	EmptyBody      Code = "empty_body"         // no body at all
	UnreadableBody Code = "unreadable_body"    // the body ended early
	InvalidUTF8    Code = table.InvalidUTF8    // a string that is not UTF-8
	LoneSurrogate  Code = table.LoneSurrogate  // half of a surrogate pair in a \u escape
	TooDeep        Code = table.TooDeep        // nested too deep
	DuplicateField Code = table.DuplicateField // a name twice in an object
	NotAnObject    Code = "not_an_object"      // an array, a string, a number … where the object of the request is expected
	MalformedEvent Code = "malformed_event"    // Lambda: not an event that API Gateway sends

	// 404, 405, 413, 415.
	NotFound             Code = "not_found"
	MethodNotAllowed     Code = "method_not_allowed"
	BodyTooLarge         Code = "body_too_large"
	TooManyInstances     Code = "too_many_instances"
	ResponseTooLarge     Code = "response_too_large" // Lambda: the answer would not fit
	UnsupportedMediaType Code = "unsupported_media_type"

	// 422: well-formed, but not what the model was trained on.
	UnknownField     Code = table.UnknownField
	MissingField     Code = model.MissingField
	WrongType        Code = table.WrongType
	NumberOutOfRange Code = table.NumberOutOfRange // beyond float64, such as 1e400
	MissingValue     Code = model.MissingValue     // null where the model has no answer for it
	NotFinite        Code = model.NotFinite
	TooLarge         Code = model.TooLarge // beyond float32, in which the model computes
	UnknownCategory  Code = model.UnknownCategory
	OutOfDomain      Code = model.OutOfDomain
	Tie              Code = model.Tie      // training rows that answer differently are equally near
	Unstable         Code = model.Unstable // rounding errors decide the answer

	// 500: our fault.
	Internal Code = "internal"
)

// Status is the one place where a code becomes an HTTP status. What is not listed is our fault.
func (c Code) Status() int {
	switch c {
	case MalformedJSON, EmptyBody, UnreadableBody, InvalidUTF8, LoneSurrogate, TooDeep, DuplicateField, NotAnObject, MalformedEvent:
		return web.StatusBadRequest
	case NotFound:
		return web.StatusNotFound
	case MethodNotAllowed:
		return web.StatusMethodNotAllowed
	case BodyTooLarge, TooManyInstances, ResponseTooLarge:
		return web.StatusRequestEntityTooLarge
	case UnsupportedMediaType:
		return web.StatusUnsupportedMediaType
	case UnknownField, MissingField, WrongType, NumberOutOfRange, MissingValue, NotFinite, TooLarge, UnknownCategory, OutOfDomain, Tie, Unstable:
		return web.StatusUnprocessableEntity
	default:
		return web.StatusInternalServerError
	}
}

// Problem is an error as the client sees it: a problem document (RFC 9457, application/problem+json) with the members type, title, status,
// detail, code, errors and request_id. Type is "about:blank": the code says more than a link would.
type Problem struct {
	// Code is that of the document: the first error's that makes the request malformed (400), else the first error's.
	Code Code
	// Detail is a sentence for a person.
	Detail string
	// Errors name each field that is wrong, up to maxErrors.
	Errors []FieldError
	// RequestID is that of the log line.
	RequestID string
}

// FieldError is what is wrong with one value of the request.
type FieldError struct {
	// Pointer is the place in the request's JSON (RFC 6901), such as /instances/3/age; of a missing field, the place where it belongs.
	Pointer string
	Code    Code
	Message string
}

// maxErrors bounds the errors of a problem document.
const maxErrors = 100

// internalError tells nothing of what happened: that is in the log.
func internalError() *Problem {
	return &Problem{Code: Internal, Detail: "the service failed to answer; it is not the request's fault"}
}

// WriteProblem answers with a problem document and returns its status. It tells a client no inner detail of an Internal problem.
func WriteProblem(w web.ResponseWriter, p Problem) int {
	status := p.Code.Status()
	if status == web.StatusInternalServerError {
		id := p.RequestID
		p = *internalError()
		p.RequestID = id
	}
	setHeaders(w.Header(), "application/problem+json")
	w.WriteHeader(status)
	w.Write(p.appendJSON(nil, status))
	return status
}

// setHeaders sets what every answer with a body has.
func setHeaders(h web.Header, contentType string) {
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

func (p *Problem) appendJSON(dst []byte, status int) []byte {
	dst = append(dst, `{"type":"about:blank","title":`...)
	dst = table.AppendString(dst, web.StatusText(status))
	dst = append(dst, `,"status":`...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, `,"detail":`...)
	dst = appendText(dst, p.Detail)
	dst = append(dst, `,"code":`...)
	dst = table.AppendString(dst, string(p.Code))
	dst = append(dst, `,"errors":[`...)
	for i, e := range p.Errors {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"pointer":`...)
		dst = appendText(dst, e.Pointer)
		dst = append(dst, `,"code":`...)
		dst = table.AppendString(dst, string(e.Code))
		dst = append(dst, `,"message":`...)
		dst = appendText(dst, e.Message)
		dst = append(dst, '}')
	}
	dst = append(dst, `],"request_id":`...)
	dst = appendText(dst, p.RequestID)
	return append(dst, '}')
}

// appendText appends text that may quote what a client sent.
func appendText(dst []byte, s string) []byte {
	return table.AppendString(dst, strings.ToValidUTF8(s, "\uFFFD"))
}

// instancePointer is the JSON pointer of row i of a batch.
func instancePointer(i int) string { return "/instances/" + strconv.Itoa(i) }
