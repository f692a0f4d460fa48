package engine

// A Step is one instruction of a plan. Each kind is a struct of its own: fields with a json tag are parameters, fields with a
// tensor tag are stored as raw tensors and view the mapped file at run time. In spans and Out spans are contiguous;
// In and Out may be the same span where the doc says "in place".
type Step interface {
	// Kind is the name of the step in the plan file.
	Kind() string
	// check reports whether spans lie inside the frame and the tensors fit them; it is run once, at build and at load,
	// and is what makes run safe without checks of its own.
	check(f *frame) error
	// run executes the step for the first n rows of the session.
	run(s *session, n int)
}

// Select copies float slots From[i] to Out.Start+i.
type Select struct {
	From []int32 `tensor:"from"`
	Out  Span    `json:"out"`
}

// Check marks rows that hold a value the estimator would reject. Features[i] is the feature that slot In.Start+i came
// from, or -1.
type Check struct {
	In       Span    `json:"in"`
	AllowNaN bool    `json:"allow_nan"`
	AllowInf bool    `json:"allow_inf"`
	Float32  bool    `json:"float32"` // reject finite values that become infinite as float32
	Features []int32 `tensor:"features"`
}

// Domain marks rows with a value outside [Min[i], Max[i]], or with Open outside (Min[i], Max[i]]. NaN is let through. One item or In.N items.
// Features[i] is the feature that slot In.Start+i came from, or -1.
type Domain struct {
	In       Span      `json:"in"`
	Open     bool      `json:"open"`
	Min      []float64 `tensor:"min"`
	Max      []float64 `tensor:"max"`
	Features []int32   `tensor:"features"`
}

// Interpolate writes the piecewise linear function through the points (X[i], Y[i]), by numpy.interp's order of operations: Y[0] below X[0] and the last Y above the last
// X, or NaN there with Outside. With Float32 every operation is rounded to float32, in the order of scipy.interpolate.interp1d. In may be Out.
type Interpolate struct {
	In      Slot      `json:"in"`
	Out     Slot      `json:"out"`
	Outside bool      `json:"outside"`
	Float32 bool      `json:"float32"`
	X       []float64 `tensor:"x"` // ascending, at least 2
	Y       []float64 `tensor:"y"`
}

// Arith applies one IEEE operation by column: Out[i] = In[i] op Values[i] ("add", "sub", "mul", "div") or
// Values[i] - In[i] ("rsub"). Values has In.N items, or one for all. With Float32 the result is rounded to float32 once. In place allowed.
type Arith struct {
	Op      string    `json:"op"`
	In      Span      `json:"in"`
	Out     Span      `json:"out"`
	Float32 bool      `json:"float32"`
	Values  []float64 `tensor:"values"`
}

// Clip bounds every value to [Min[i], Max[i]] as numpy.clip does: NaN stays NaN. One item or In.N items. In place allowed.
type Clip struct {
	In  Span      `json:"in"`
	Out Span      `json:"out"`
	Min []float64 `tensor:"min"`
	Max []float64 `tensor:"max"`
}

// Impute replaces values equal to Missing (NaN: every NaN) by Fill[i]. In place allowed.
type Impute struct {
	In      Span      `json:"in"`
	Out     Span      `json:"out"`
	Missing Number64  `json:"missing"`
	Fill    []float64 `tensor:"fill"`
}

// Indicate writes 1 where the value equals Missing (NaN: is NaN), else 0.
type Indicate struct {
	In      Span     `json:"in"`
	Out     Span     `json:"out"`
	Missing Number64 `json:"missing"`
}

// FillText copies a text slot, replacing the text Missing (often MissingText) by Fill.
type FillText struct {
	In      TextSlot `json:"in"`
	Out     TextSlot `json:"out"`
	Missing RawText  `json:"missing"`
	Fill    RawText  `json:"fill"`
}

// IndicateText writes 1 where the text equals Missing, else 0.
type IndicateText struct {
	In      TextSlot `json:"in"`
	Out     Slot     `json:"out"`
	Missing RawText  `json:"missing"`
}

// Lookup is what the three category look-ups share. Codes[k] is written for key k, Unknown for a key that is not in
// the table. With Reject an unknown key marks the row UnknownCategory (of Feature) instead.
type Lookup struct {
	Out     Slot      `json:"out"`
	Unknown Number64  `json:"unknown"`
	Reject  bool      `json:"reject"`
	Feature int32     `json:"feature"`
	Codes   []float64 `tensor:"codes"`
}

// LookupText finds a text slot in the sorted table Keys (bytewise, unique). A missing cell is the key MissingText.
type LookupText struct {
	In TextSlot `json:"in"`
	Lookup
	Keys Strings `tensor:"keys"`
}

// LookupNumber finds a float slot in the ascending table Keys (unique; -0 equals 0). NaN, if it is a category, is the last key.
type LookupNumber struct {
	In Slot `json:"in"`
	Lookup
	Keys []float64 `tensor:"keys"`
}

// LookupInteger finds an Integer slot in the ascending table Keys. NotInteger is never found.
type LookupInteger struct {
	In Slot `json:"in"`
	Lookup
	Keys []int64 `tensor:"keys"`
}

// OneHot expands codes: column i of In becomes Widths[i] slots of Out, zero but for a 1 at the code. A code outside
// [0, Widths[i]) gives zeros only.
type OneHot struct {
	In     Span    `json:"in"`
	Out    Span    `json:"out"`
	Widths []int32 `tensor:"widths"`
}

// MatMul writes Out[j] = sum over i of In[i]*Weights[j*In.N+i], then + Bias[j] (Bias may be empty). No fused multiply-add.
type MatMul struct {
	In      Span      `json:"in"`
	Out     Span      `json:"out"`
	Weights []float64 `tensor:"weights"`
	Bias    []float64 `tensor:"bias"`
}

// Softmax writes the softmax of In over its width: exp(x-max)/sum. In place allowed.
type Softmax struct {
	In  Span `json:"in"`
	Out Span `json:"out"`
}

// LogSoftmax writes v - log(sum over In of exp(v)), in the form of scipy.special.logsumexp. In place allowed.
type LogSoftmax struct {
	In  Span `json:"in"`
	Out Span `json:"out"`
}

// Normalize divides each value by the sum over In's width. Where the sum is 0: "uniform" gives 1/width, "keep" leaves the values, "nan" divides. In place allowed.
type Normalize struct {
	In      Span   `json:"in"`
	Out     Span   `json:"out"`
	ZeroSum string `json:"zero_sum"`
}

// ArgMax writes the index of the first largest value of In; a NaN counts as largest, as in numpy.argmax.
type ArgMax struct {
	In  Span `json:"in"`
	Out Slot `json:"out"`
}

// Above writes 1 where In is greater than Value (OrEqual: or equal), else 0.
type Above struct {
	In      Slot     `json:"in"`
	Out     Slot     `json:"out"`
	Value   Number64 `json:"value"`
	OrEqual bool     `json:"or_equal"`
}
