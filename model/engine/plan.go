// Package engine runs a compiled plan over rows. It knows nothing of scikit-learn, JSON or AWS.
//
// # Frame
//
// Each row has a frame: a fixed number of float64 slots and of text slots. The inputs are copied into
// their slots, every step reads slots and writes slots, and the outputs are copied out. A session holds the
// frames of one chunk of rows, row-major: slot s of row r is frame[r*plan.Floats+s]. Steps are run in order, each
// over the whole chunk. No step allocates. Where every step of a plan is columnar, frames of 16 rows and more lie
// column-major: slot s of row r is frame[s*chunk+r].
//
// # Values
//
// A missing number is NaN. A missing text is MissingText. Truth values are 0 and 1. Category codes, class indices and
// counts are whole float64 numbers.
package engine

// MissingText stands for a missing cell in a text slot. It is not valid UTF-8, so no real text equals it. Whether
// it means None or NaN is a property of the column that the compiler has settled.
const MissingText = "\xff"

// Span is a range of float slots: Start, Start+1, … Start+N-1.
type Span struct {
	Start int32 `json:"start"`
	N     int32 `json:"n"`
}

// Slot is one float slot.
type Slot = int32

// TextSlot is one text slot.
type TextSlot = int32

// InputKind says how a plan wants one of its inputs.
type InputKind string

const (
	// Number is a float64 slot; missing is NaN.
	Number InputKind = "number"
	// Integer is a float64 slot that carries the bits of an int64 (math.Float64frombits), for categories beyond
	// 2^53. NotInteger stands for every value that is not an int64, missing ones included.
	Integer InputKind = "integer"
	// Text is a text slot; missing is MissingText.
	Text InputKind = "text"
)

// Input is one input of the plan: a feature of the model laid into a slot. A feature may be laid into several slots.
type Input struct {
	Feature int32     `json:"feature"`
	Kind    InputKind `json:"kind"`
	Slot    int32     `json:"slot"`
}

// Output is a named range of slots that Run copies out, in plan order.
type Output struct {
	Name string `json:"name"`
	Span Span   `json:"span"`
}

// ErrorCode says why a row has no answer. scikit-learn would raise for the row.
type ErrorCode uint8

const (
	// OK: the row has an answer.
	OK ErrorCode = iota
	// MissingValue: NaN or None where the estimator accepts none.
	MissingValue
	// NotFinite: an infinite value where the estimator accepts none.
	NotFinite
	// TooLarge: a finite float64 that is beyond float32, to which the estimator casts.
	TooLarge
	// UnknownCategory: a category not seen in training, under handle_unknown="error".
	UnknownCategory
	// OutOfDomain: a value outside the domain of a function (a logarithm of a negative number, …).
	OutOfDomain
	// Tie: points that answer differently are equally near, and scikit-learn's choice among them depends on the processor.
	Tie
	// Unstable: rounding errors move the answer by more than its bound, and scikit-learn's own depends on the processor.
	Unstable
)

// RowError is the first error of a row: its code and the feature it came from, -1 if it comes from a computed value.
type RowError struct {
	Code    ErrorCode
	Feature int32
}
