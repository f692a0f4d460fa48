package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"slices"
	"strings"

	"sklambda/function/web"
	"sklambda/model"
	"sklambda/model/table"
)

// keepBytes and keepRows bound what an exchange keeps in the pool after a large request.
const (
	keepBytes = 1 << 20
	keepRows  = 4096
)

// exchange is the scratch memory of one request, and its answer.
type exchange struct {
	server *server
	in     bytes.Buffer
	batch  *model.Batch
	visit  func(table.Element) error // x.element, bound once
	row    []table.Value             // the last row that was read
	raw    [][]byte                  // every row as it was sent, views of in
	rows   int                       // read so far
	errors []FieldError              // the first maxErrors, with pointers as in a batch
	total  int                       // of all errors

	status int // 0 for 200
	out    []byte
}

func newExchange(s *server) *exchange {
	x := &exchange{server: s, batch: s.model.NewBatch()}
	x.visit = x.element
	return x
}

// reset makes the exchange ready for another request.
func (x *exchange) reset() {
	if x.batch.Len() > keepRows {
		x.batch, x.raw = x.server.model.NewBatch(), nil
	}
	if x.in.Cap() > keepBytes {
		x.in = bytes.Buffer{}
	}
	if cap(x.out) > keepBytes {
		x.out = nil
	}
	x.in.Reset()
	x.batch.Reset()
	x.row, x.raw, x.out = nil, x.raw[:0], x.out[:0]
	x.errors, x.rows, x.total, x.status = nil, 0, 0, 0
}

// write sends the answer and returns its status.
func (x *exchange) write(w web.ResponseWriter) int {
	if x.status != 0 {
		w.WriteHeader(x.status)
		return x.status
	}
	setHeaders(w.Header(), "application/json")
	w.Write(x.out)
	return web.StatusOK
}

// errTooMany stops the reading of a batch.
var errTooMany = errors.New("too many instances")

// predict answers POST /predict.
func (s *server) predict(x *exchange, w web.ResponseWriter, r *web.Request) *Problem {
	if problem := checkMediaType(r.Header); problem != nil {
		return problem
	}
	if problem := x.read(r.Body); problem != nil {
		return problem
	}
	body, err := s.model.Columns().ParseBody(x.in.Bytes(), x.visit)
	if err != nil {
		return x.unreadable(err)
	}
	for _, p := range body.Problems {
		x.report(table.AppendPointer("", p.Field), p)
	}
	if x.total > 0 {
		return x.problem(body)
	}
	predictions := s.model.Predict(x.batch)
	for i := range predictions.Len() {
		if p := predictions.Problem(i); p != nil && p.Field != "" {
			x.reportField(i, *p)
		} else if p != nil {
			x.report(instancePointer(i), *p)
		}
	}
	if x.total > 0 {
		return x.problem(body)
	}
	if body.Batch {
		x.out = s.answers.appendBatch(x.out, predictions, x.raw, body.FeaturesUsed)
	} else {
		x.out = s.answers.appendSingle(x.out, predictions, x.row)
	}
	return nil
}

// checkMediaType refuses a body that says it is not JSON. One that says nothing is taken for JSON.
func checkMediaType(h web.Header) *Problem {
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return &Problem{Code: UnsupportedMediaType, Detail: fmt.Sprintf("got the content encoding %.80q; the body may not be compressed", encoding)}
	}
	contentType := h.Get("Content-Type")
	if contentType == "" || contentType == "application/json" {
		return nil
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err == nil && (mediaType == "application/json" || strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")) {
		return nil
	}
	return &Problem{Code: UnsupportedMediaType, Detail: fmt.Sprintf("got the content type %.80q; application/json is expected", contentType)}
}

// read reads the request's body.
func (x *exchange) read(body io.Reader) *Problem {
	n, err := x.in.ReadFrom(io.LimitReader(body, x.server.MaxBody+1))
	if n > x.server.MaxBody {
		return &Problem{Code: BodyTooLarge, Detail: fmt.Sprintf("the body is larger than the %d bytes that are allowed", x.server.MaxBody)}
	}
	if err != nil {
		return &Problem{Code: UnreadableBody, Detail: "the body ended early"}
	}
	if len(bytes.TrimSpace(x.in.Bytes())) == 0 {
		return &Problem{Code: EmptyBody, Detail: "the body is empty; an object of the model's features is expected",
			Errors: []FieldError{{Code: EmptyBody, Message: "got nothing, an object is expected"}}}
	}
	return nil
}

// element takes one row of the body.
func (x *exchange) element(e table.Element) error {
	if e.Index >= x.server.MaxInstances {
		return errTooMany
	}
	x.rows++
	x.row, x.raw = e.Row, append(x.raw, e.Raw)
	if e.Raw[0] != '{' {
		x.report(instancePointer(e.Index), e.Problems[0])
		return nil
	}
	for _, p := range e.Problems {
		x.reportField(e.Index, p)
	}
	for _, p := range x.batch.Append(e.Row, model.RowOptions{}) {
		if !slices.ContainsFunc(e.Problems, func(known table.Problem) bool { return known.Field == p.Field }) {
			x.reportField(e.Index, p)
		}
	}
	return nil
}

// reportField notes what is wrong with a field of row i.
func (x *exchange) reportField(i int, p table.Problem) {
	x.report(table.AppendPointer(instancePointer(i), p.Field), p)
}

// report notes what is wrong with the value at a pointer.
func (x *exchange) report(pointer string, p table.Problem) {
	x.total++
	if len(x.errors) < maxErrors {
		x.errors = append(x.errors, FieldError{Pointer: pointer, Code: Code(p.Code), Message: p.Message})
	}
}

// problem makes the problem document of what was reported.
func (x *exchange) problem(body table.Body) *Problem {
	if !body.Batch {
		for i := range x.errors {
			e := &x.errors[i]
			e.Pointer = strings.TrimPrefix(e.Pointer, instancePointer(0))
			if e.Pointer == "" && e.Code == WrongType {
				e.Code = NotAnObject
			}
		}
	}
	first := x.errors[0]
	for _, e := range x.errors {
		if e.Code.Status() < first.Code.Status() {
			first = e
		}
	}
	detail := first.Message
	if first.Pointer != "" {
		detail = first.Pointer + ": " + detail
	}
	if x.total > 1 {
		detail += fmt.Sprintf(" (and %d more)", x.total-1)
	}
	return &Problem{Code: first.Code, Detail: detail, Errors: x.errors}
}

// unreadable makes the problem document of a body that could not be read to its end.
func (x *exchange) unreadable(err error) *Problem {
	if errors.Is(err, errTooMany) {
		return &Problem{Code: TooManyInstances, Detail: fmt.Sprintf("there are more than the %d instances that are allowed", x.server.MaxInstances)}
	}
	e, ok := errors.AsType[*table.SyntaxError](err)
	if !ok {
		panic(err) // table promises no other error
	}
	return &Problem{Code: Code(e.Code), Detail: "the body is not valid JSON: " + e.Error(),
		Errors: []FieldError{{Pointer: e.Pointer, Code: Code(e.Code), Message: e.Message}}}
}
