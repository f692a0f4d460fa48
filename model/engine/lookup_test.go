package engine

import "math"

// lookupCases run one step of columns and categories each.
func lookupCases() []stepCase {
	two := span(0, 2)
	three := span(0, 3)
	text := func(l Lookup) *LookupText {
		l.Out = 8
		l.Codes = []float64{0, 10, 20, 30}
		return &LookupText{In: 0, Lookup: l, Keys: NewStrings([]string{"", "a", "é", MissingText})}
	}
	numbers := func(l Lookup, keys ...float64) *LookupNumber {
		l.Out = 8
		l.Unknown = -1
		for i := range keys {
			l.Codes = append(l.Codes, float64(i))
		}
		return &LookupNumber{In: 0, Lookup: l, Keys: keys}
	}
	integers := &LookupInteger{In: 0, Lookup: Lookup{Out: 8, Unknown: -1, Codes: []float64{0, 1, 2}}, Keys: []int64{-5, 9007199254740993, math.MaxInt64}}
	return []stepCase{
		{name: "impute nan", step: &Impute{In: two, Out: span(8, 10), Missing: Number64(nan), Fill: []float64{7, 8}}, in: []float64{nan, 1}, want: []float64{7, 1}},
		{name: "impute number", step: &Impute{In: three, Out: span(8, 11), Missing: 0, Fill: []float64{7, 8, nan}}, in: []float64{negZero, nan, 0}, want: []float64{7, nan, nan}},
		{name: "indicate nan", step: &Indicate{In: two, Out: span(8, 10), Missing: Number64(nan)}, in: []float64{nan, 1}, want: []float64{1, 0}},
		{name: "indicate number", step: &Indicate{In: two, Out: span(8, 10), Missing: -1}, in: []float64{nan, -1}, want: []float64{0, 1}},
		{name: "fill text missing", step: &FillText{In: 0, Out: 1, Missing: MissingText, Fill: "x"}, text: MissingText, wantText: "x"},
		{name: "fill text other", step: &FillText{In: 0, Out: 1, Missing: MissingText, Fill: "x"}, text: "nan", wantText: "nan"},
		{name: "indicate text", step: &IndicateText{In: 0, Out: 8, Missing: ""}, text: "", want: []float64{1}},
		{name: "indicate other text", step: &IndicateText{In: 0, Out: 8, Missing: MissingText}, text: "", want: []float64{0}},
		{name: "lookup text", step: text(Lookup{}), text: "é", want: []float64{20}},
		{name: "lookup empty text", step: text(Lookup{}), text: "", want: []float64{0}},
		{name: "lookup missing text", step: text(Lookup{}), text: MissingText, want: []float64{30}},
		{name: "lookup unknown text", step: text(Lookup{Unknown: Number64(nan)}), text: "aa", want: []float64{nan}},
		{name: "lookup rejects text", step: text(Lookup{Reject: true, Feature: 50}), text: "zz", want: []float64{nan}, wantErr: RowError{UnknownCategory, 50}},
		{name: "lookup in no keys", step: &LookupText{Lookup: Lookup{Out: 8, Unknown: 5}}, text: "a", want: []float64{5}},
		{name: "lookup number", step: numbers(Lookup{}, -1, 0, 2.5), in: []float64{2.5}, want: []float64{2}},
		{name: "lookup negative zero", step: numbers(Lookup{}, -1, 0, 2.5), in: []float64{negZero}, want: []float64{1}},
		{name: "lookup number between", step: numbers(Lookup{}, -1, 0, 2.5), in: []float64{1}, want: []float64{-1}},
		{name: "lookup number above", step: numbers(Lookup{}, -1, 0, 2.5), in: []float64{inf}, want: []float64{-1}},
		{name: "lookup nan", step: numbers(Lookup{}, -1, nan), in: []float64{nan}, want: []float64{1}},
		{name: "lookup unknown nan", step: numbers(Lookup{}, -1, 5), in: []float64{nan}, want: []float64{-1}},
		{name: "lookup beside nan", step: numbers(Lookup{}, -1, nan), in: []float64{7}, want: []float64{-1}},
		{name: "lookup rejects number", step: numbers(Lookup{Reject: true, Feature: 3}, 1), in: []float64{2}, want: []float64{nan}, wantErr: RowError{UnknownCategory, 3}},
		{name: "lookup integer", step: integers, integers: []int64{9007199254740993}, want: []float64{1}},
		{name: "lookup integer beside", step: integers, integers: []int64{9007199254740992}, want: []float64{-1}},
		{name: "lookup negative integer", step: integers, integers: []int64{-5}, want: []float64{0}},
		{name: "lookup no integer", step: integers, integers: []int64{NotInteger}, want: []float64{-1}},
		{name: "one hot", step: &OneHot{In: two, Out: span(8, 13), Widths: []int32{2, 3}}, in: []float64{1, 0}, want: []float64{0, 1, 1, 0, 0}},
		{name: "one hot outside", step: &OneHot{In: three, Out: span(8, 12), Widths: []int32{2, 1, 1}}, in: []float64{2, -1, nan}, want: []float64{0, 0, 0, 0}},
		{name: "one hot zero width", step: &OneHot{In: two, Out: span(8, 9), Widths: []int32{0, 1}}, in: []float64{0, 0}, want: []float64{1}},
	}
}
