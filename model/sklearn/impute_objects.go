package sklearn

import (
	"fmt"
	"math"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// This file imputes arrays of objects, which hold strings in some columns and numbers in others.

// fillObjects imputes an array of objects column by column.
func (p *imputer) fillObjects(in matrix, kept []int) matrix {
	for i, col := range in.cols {
		p.guess(col, p.statistics[i])
		p.rejectNaN(col)
	}
	out := in.pick(kept).withType(objectType)
	var empty, marked []int // columns of numbers, by what counts as missing in them
	for k, i := range kept {
		col, fill := out.cols[k], p.statistics[i]
		switch {
		case col.unknown:
		case col.isText():
			out.cols[k] = p.fillText(col, fill)
		case p.masks(col.null().value()) && !isNumber(fill):
			out.cols[k] = p.e.c.emptied(p.e, col, fill)
		case p.masks(col.null().value()):
			empty = append(empty, k)
		case isNumber(p.missing):
			marked = append(marked, k)
		}
	}
	p.fillEmpty(out, empty, kept)
	p.fillMarked(out, marked, kept)
	return out
}

func isNumber(v pickle.Value) bool {
	f, ok := number(v)
	return ok && !math.IsNaN(f)
}

// guess settles the type of an input column that nothing has settled by what is filled in. A later step may know better (see correctGuess).
func (p *imputer) guess(col column, fill pickle.Value) {
	f := col.feature
	if f == nil || f.kind != openKind || f.sample.kind != openKind {
		return
	}
	f.guessed = true
	if isString(fill) {
		p.e.c.text(p.e, col)
	} else {
		p.e.c.slot(p.e, col)
	}
}

// rejectNaN adds the check of ensure_all_finite=True on objects: it raises for NaN, and lets None and infinity pass.
func (p *imputer) rejectNaN(col column) {
	if p.acceptsNaN() || col.unknown || !isNaN(col.null().value()) {
		return
	}
	c := p.e.c
	slot := engine.Span{N: 1}
	if col.isText() {
		slot = c.b.Floats(1)
		c.b.Add(&engine.IndicateText{In: c.text(p.e, col), Out: slot.Start, Missing: engine.MissingText})
		c.b.Add(&engine.Impute{In: slot, Out: slot, Missing: 1, Fill: []float64{math.NaN()}})
	} else {
		slot.Start = c.slot(p.e, col)
	}
	c.b.Add(&engine.Check{In: slot, AllowInf: true, Features: []int32{col.origin}})
}

// fillText imputes a column of strings.
func (p *imputer) fillText(col column, fill pickle.Value) column {
	c := p.e.c
	null := p.masks(col.null().value())
	text, isString := p.missing.(string)
	if !null && !isString {
		return col
	}
	missing := engine.RawText(text)
	if null {
		missing = engine.MissingText
	}
	with, fillIsString := fill.(string)
	if !fillIsString {
		if null {
			return c.emptied(p.e, col, fill)
		}
		if !isNaN(col.null().value()) { // NaN has been rejected; None would be a second kind of empty cell
			p.e.refuse(fmt.Sprintf("%s is filled with %s", c.columnName(col), describe(fill)), "the column holds strings and None",
				"fill it with a string")
		}
		with = engine.MissingText
	}
	out := c.b.NewText()
	c.b.Add(&engine.FillText{In: c.text(p.e, col), Out: out, Missing: missing, Fill: engine.RawText(with)})
	filled := column{laid: true, text: true, textSlot: out, dtype: objectType, origin: col.origin, values: col.values}
	switch {
	case !fillIsString:
		filled.absent = absentOf(fill)
	case !null:
		filled.absent = col.null()
	}
	return filled
}

// emptied returns a column whose empty cells are now another value than before, which its slots cannot hold.
func (c *compiler) emptied(e *estimator, col column, fill pickle.Value) column {
	out := column{laid: true, dtype: objectType, origin: col.origin, values: col.values, absent: absentOf(fill)}
	if col.isText() {
		out.text, out.textSlot = true, c.text(e, col)
	} else {
		out.slot = c.slot(e, col)
	}
	return out
}

// absentOf is the meaning of an empty cell that a value was filled into.
func absentOf(fill pickle.Value) absent {
	switch {
	case fill == nil:
		return absent{kind: missingNone}
	case isNaN(fill):
		return absent{}
	}
	return absent{kind: missingAlien, alien: fill}
}

// fillEmpty fills the empty cells of columns of out, which hold numbers and are filled with numbers. Column k of out is column kept[k] of the input.
func (p *imputer) fillEmpty(out matrix, columns, kept []int) {
	fills := make([]float64, len(columns))
	for j, k := range columns {
		fills[j], _ = number(p.statistics[kept[k]])
	}
	in := out.pick(columns)
	filled := p.e.c.imputed(in, p.impute(in, math.NaN(), fills), objectType)
	for j, k := range columns {
		out.cols[k] = filled.cols[j]
	}
}

// fillMarked fills the cells of columns of out that hold missing_values, a number. A value that is no number makes them empty cells.
func (p *imputer) fillMarked(out matrix, columns, kept []int) {
	fills := make([]float64, len(columns))
	in := out.pick(columns)
	empty := make([]absent, len(columns))
	for j, k := range columns {
		fill := p.statistics[kept[k]]
		fills[j], _ = number(fill)
		empty[j] = in.cols[j].null()
		if isNumber(fill) {
			continue
		}
		if empty[j].kind != missingNaN { // NaN has been rejected; None would be a second kind of empty cell
			p.e.refuse(fmt.Sprintf("%s is filled with %s", p.e.c.columnName(in.cols[j]), describe(fill)), "the column holds numbers and None",
				"fill it with a number")
		}
		fills[j], empty[j] = math.NaN(), absentOf(fill)
	}
	missing, _ := p.number()
	filled := p.e.c.imputed(in, p.impute(in, missing, fills), objectType)
	for j, k := range columns {
		out.cols[k] = filled.cols[j]
		out.cols[k].absent = empty[j]
	}
}
