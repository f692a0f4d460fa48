package sklearn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
)

// transformTargetEncoder follows sklearn.preprocessing.TargetEncoder.transform: the encoding of the category, or the target's mean.
func transformTargetEncoder(e *estimator, in matrix) matrix {
	e.ignores("smooth", "target_type", "cv", "shuffle", "classes_")
	e.refuseSparse(in)
	n := e.encoder(in.width())
	outputs := 1
	if e.str("target_type_", "binary", "multiclass", "continuous") == "multiclass" {
		outputs = len(e.items("classes_"))
	}
	encodings := e.items("encodings_")
	means, ok := floatItems(e.get("target_mean_"))
	if f, isNumber := number(e.get("target_mean_")); isNumber {
		means, ok = []float64{f}, true
	}
	if !ok || len(means) != outputs || len(encodings) != outputs*in.width() {
		e.refuse("encodings_", fmt.Sprintf("it and target_mean_ do not give %d columns for each of %d", outputs, in.width()), "check that the file is whole and the estimator fitted")
		return unknownMatrix
	}
	out := matrix{}
	span := e.c.b.Floats(len(encodings))
	for k, item := range encodings {
		i := k / outputs
		codes, ok := floatItems(item)
		if !ok || len(codes) != len(n.categories[i]) {
			e.wrong(fmt.Sprintf("encodings_[%d]", k), item, fmt.Sprintf("an array of %d numbers, one for each category", len(n.categories[i])))
			return unknownMatrix
		}
		l := lookup{categories: n.categories[i], dtype: n.types[i], codes: codes, unknown: means[k%outputs]}
		l.add(e, in, in.cols[i], span.Start+int32(k))
		out.cols = append(out.cols, column{laid: true, slot: span.Start + int32(k), dtype: float64Type, origin: in.cols[i].origin})
	}
	return out
}

// labelEncoders are the classes that transform a column of labels and do not say how many columns they were fitted on.
var labelEncoders = []string{labelEncoder, labelBinarizer, multiLabelBinarizer}

const (
	labelEncoder        = "sklearn.preprocessing._label.LabelEncoder"
	labelBinarizer      = "sklearn.preprocessing._label.LabelBinarizer"
	multiLabelBinarizer = "sklearn.preprocessing._label.MultiLabelBinarizer"
)

// transformLabelEncoder follows sklearn.preprocessing.LabelEncoder.transform of one column: the label's index in classes_, whose dtype the
// column is cast to first. An unknown label raises.
func transformLabelEncoder(e *estimator, in matrix) matrix {
	codes := e.labelCodes(in, true)
	return e.c.computed(codes, in, int64Type)
}

// labelCodes writes the index of the single column's label in classes_.
func (e *estimator) labelCodes(in matrix, cast bool) engine.Span {
	out := e.c.b.Floats(1)
	array, ok := e.fetchArray("classes_")
	if !ok || in.width() != 1 {
		if ok {
			e.refuse(fmt.Sprintf("an input of %d columns", in.width()), "labels are one column: scikit-learn raises for every row", "give it the column of labels alone")
		}
		return out
	}
	e.known["classes_"] = true
	classes, t := e.categories(0, array)
	codes := make([]int64, len(classes))
	for i := range codes {
		codes[i] = int64(i)
	}
	l := lookup{categories: classes, dtype: t, codes: floats(codes), unknown: -1, reject: cast}
	switch col := in.cols[0]; {
	case l.has(isString) && cast && array.Type.Kind == 'U':
		e.castText(col, &l, array.Type.Size/4, out.Start)
	case cast && (t.kind == 'i' || t.kind == 'u'):
		l.settle(e, col)
		whole := e.c.mapped("trunc", engine.Span{Start: e.c.slot(e, col), N: 1})
		in = e.c.computed(whole, in, float64Type)
		col.addCategories(classes)
		l.addNumber(e, in, in.cols[0], engine.Lookup{Out: out.Start, Unknown: -1, Reject: true, Feature: col.origin})
	case cast && t.kind == 'b':
		e.refuse("classes_ of booleans", "every number is cast to a boolean", "encode the numbers 0 and 1")
	default:
		l.add(e, in, col, out.Start)
	}
	return out
}

// castText looks strings up that numpy has cast to strings of a fixed width: longer ones are cut off, a missing one is the text "nan".
func (e *estimator) castText(col column, l *lookup, width int, out engine.Slot) {
	l.settle(e, col)
	col.addCategories(l.categories)
	null := "nan"
	if col.null().kind == missingNone {
		null = "None"
	}
	filled, short := e.c.b.NewText(), e.c.b.NewText()
	e.c.b.Add(&engine.FillText{In: e.c.text(e, col), Out: filled, Missing: engine.MissingText, Fill: engine.RawText(null)})
	e.c.b.Add(&engine.TruncateText{In: filled, Out: short, Runes: int32(width)})
	order := indices(len(l.categories))
	text := func(i int) string {
		s, _ := l.categories[i].(string)
		return s
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(text(a), text(b)) })
	keys := make([]string, len(order))
	lookup := &engine.LookupText{In: short, Lookup: engine.Lookup{Out: out, Unknown: -1, Reject: true, Feature: col.origin}}
	for k, i := range order {
		keys[k], lookup.Codes = text(i), append(lookup.Codes, l.codes[i])
	}
	lookup.Keys = engine.NewStrings(keys)
	e.c.b.Add(lookup)
}

// transformLabelBinarizer follows sklearn.preprocessing.LabelBinarizer.transform of one column (label_binarize): pos_label in the
// column of the label, neg_label elsewhere; two classes have one column. An unknown label has neg_label everywhere, a missing one raises.
func transformLabelBinarizer(e *estimator, in matrix) matrix {
	e.ignores("sparse_input_")
	if kind := e.str("y_type_"); kind != "binary" && kind != "multiclass" {
		e.refuse("y_type_ is "+describe(kind), "only a column of labels is a row of a table", "fit it on one column of labels")
		return unknownMatrix
	}
	negative, positive := e.float("neg_label"), e.float("pos_label")
	classes := e.items("classes_")
	codes := e.labelCodes(in, false)
	if in.width() != 1 {
		return unknownMatrix
	}
	e.checkLabel(in)
	widths := []int32{int32(len(classes))}
	if len(classes) == 2 { // the second class alone
		e.c.arith("sub", codes, codes, []float64{1}, float64Type)
		widths[0] = 1
	}
	if len(classes) == 1 { // never the positive label
		e.c.arith("add", codes, codes, []float64{2}, float64Type)
	}
	m := e.oneHot(codes, widths, in, int64Type, e.bool("sparse_output"))
	span := e.c.numbers(e, m)
	e.c.arith("mul", span, span, []float64{positive - negative}, float64Type)
	e.c.arith("add", span, span, []float64{negative}, float64Type)
	return m
}

// checkLabel adds what sklearn.utils.multiclass.type_of_target raises for: a missing label, one beyond int64, a fraction.
func (e *estimator) checkLabel(in matrix) {
	col := in.cols[0]
	if col.isText() {
		missing := e.c.b.Floats(1)
		e.c.b.Add(&engine.IndicateText{In: e.c.text(e, col), Out: missing.Start, Missing: engine.MissingText})
		e.c.domain(in, missing, engine.Domain{Min: []float64{0}, Max: []float64{0}})
		return
	}
	span := e.c.checked(e, in, engine.Check{})
	e.c.domain(in, span, engine.Domain{Min: []float64{-0x1p63}, Max: []float64{math.Nextafter(0x1p63, 0)}})
	fraction := e.c.mapped("trunc", span)
	e.c.b.Add(&engine.Pair{Op: "sub", Left: fraction, Right: span, Out: fraction})
	e.c.domain(in, fraction, engine.Domain{Min: []float64{0}, Max: []float64{0}})
}

// refuseMultiLabelBinarizer says why a MultiLabelBinarizer has no plan.
func refuseMultiLabelBinarizer(e *estimator, _ matrix) matrix {
	e.ignores("classes", "sparse_output", "classes_", "_cached_dict")
	e.refuse("its input", "it takes a list of sets of labels, and a table has no such rows", "binarize the labels before the pipeline, or give the table a column of 0 and 1 for each label")
	return unknownMatrix
}
