package api

import (
	"slices"

	"sklambda/model"
	"sklambda/model/table"
)

// answers writes predictions as JSON. It is immutable.
type answers struct {
	columns  *table.Columns
	features []echo
	decimals *int
	// kind says which members a prediction has.
	kind answerKind
	// tail is what all predictions end in: threshold, if there is one, and model_version.
	tail []byte
}

// echo is a member of features_used.
type echo struct {
	column int
	name   []byte // `"name":`
}

// answerKind is the shape of a prediction.
type answerKind int

const (
	// binaryKind: probability of the positive class, label.
	binaryKind answerKind = iota
	// multiclassKind: label, its probability, probabilities.
	multiclassKind
	// fieldsKind: the fields of JSON Lines: a regressor's value, several outputs, classifiers without probabilities.
	fieldsKind
)

func newAnswers(of *model.Model) *answers {
	m := of.Manifest()
	a := &answers{columns: of.Columns(), decimals: m.Decimals, kind: fieldsKind}
	if slices.ContainsFunc(m.Outputs, func(o model.Output) bool { return o.Name == model.ProbabilitiesOutput }) {
		switch m.Task {
		case model.Binary:
			a.kind = binaryKind
		case model.Multiclass:
			a.kind = multiclassKind
		}
	}
	for i, f := range m.Features {
		if f.Used {
			a.features = append(a.features, echo{i, append(table.AppendString(nil, f.Name), ':')})
		}
	}
	if m.Threshold != nil {
		a.tail = append(a.tail, `,"threshold":`...)
		a.tail = table.AppendFloat(a.tail, *m.Threshold)
	}
	a.tail = append(a.tail, `,"model_version":`...)
	a.tail = table.AppendString(a.tail, m.Version)
	return a
}

// appendSingle appends the answer to a single row.
func (a *answers) appendSingle(dst []byte, p *model.Predictions, row []table.Value) []byte {
	dst = append(dst, `{"prediction":{`...)
	dst = a.appendFields(dst, p, 0)
	dst = a.appendFeatures(dst, row)
	return append(dst, "}}"...)
}

// appendBatch appends the answer to a batch. With featuresUsed the rows, which have been read without a problem, are read again to be echoed.
func (a *answers) appendBatch(dst []byte, p *model.Predictions, rows [][]byte, featuresUsed bool) []byte {
	var row []table.Value
	if featuresUsed {
		row = make([]table.Value, a.columns.Len())
	}
	dst = append(dst, `{"predictions":[`...)
	for i := range p.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		dst = a.appendFields(dst, p, i)
		if featuresUsed {
			if _, err := a.columns.ParseObject(rows[i], row); err != nil {
				panic(err) // it was read before
			}
			dst = a.appendFeatures(dst, row)
		}
		dst = append(dst, '}')
	}
	return append(dst, "]}"...)
}

// appendFields appends the members of the prediction for row i, features_used apart. Numbers of the model are rounded as the manifest asks;
// threshold and features are as they were given.
func (a *answers) appendFields(dst []byte, p *model.Predictions, i int) []byte {
	switch a.kind {
	case binaryKind:
		dst = append(dst, `"probability":`...)
		dst = table.AppendFloat(dst, a.round(p.Probability(i)))
		dst = append(dst, `,"label":`...)
		dst = append(dst, p.Label(i, 0).RawMessage...)
	case multiclassKind:
		dst = append(dst, `"label":`...)
		dst = append(dst, p.Label(i, 0).RawMessage...)
		dst = append(dst, `,"probability":`...)
		dst = table.AppendFloat(dst, a.round(p.Probability(i)))
		dst = append(dst, `,"probabilities":`...)
		dst = p.AppendProbabilities(dst, i, 0, a.decimals)
	default:
		dst = p.AppendFields(dst, i, a.decimals)
	}
	return append(dst, a.tail...)
}

// round rounds a number of the model for an answer.
func (a *answers) round(f float64) float64 {
	if a.decimals == nil {
		return f
	}
	return model.RoundDecimals(f, *a.decimals)
}

// appendFeatures appends features_used: the features that the model reads, as the row gave them.
func (a *answers) appendFeatures(dst []byte, row []table.Value) []byte {
	dst = append(dst, `,"features_used":{`...)
	for i, f := range a.features {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, f.name...)
		dst = table.AppendValue(dst, row[f.column])
	}
	return append(dst, '}')
}
