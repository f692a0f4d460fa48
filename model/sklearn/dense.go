package sklearn

import (
	"fmt"

	"sklambda/model/pickle"
)

// denseArray reads a numpy array or a scipy CSR matrix of numbers, in C order.
func denseArray(v pickle.Value) (data []float64, shape []int, t dtype, err error) {
	switch v := v.(type) {
	case *pickle.Array:
		data, err = v.Float64s()
		t, _ = dtypeOf(v.Type)
		return data, v.Shape, t, err
	case *pickle.Object:
		return denseCSR(v)
	}
	return nil, nil, dtype{}, fmt.Errorf("it is %s", describe(v))
}

// denseCSR reads scipy.sparse.csr_matrix or csr_array, what LogisticRegression.sparsify makes of coef_.
func denseCSR(o *pickle.Object) ([]float64, []int, dtype, error) {
	bad := func() ([]float64, []int, dtype, error) {
		return nil, nil, dtype{}, fmt.Errorf("it is %s", describe(o))
	}
	switch o.ClassName() {
	case "scipy.sparse._csr.csr_matrix", "scipy.sparse._csr.csr_array", "scipy.sparse.csr.csr_matrix":
	default:
		return bad()
	}
	arrays := map[string]*pickle.Array{}
	for _, name := range []string{"data", "indices", "indptr"} {
		v, _ := o.Attr(name)
		a, ok := v.(*pickle.Array)
		if !ok {
			return bad()
		}
		arrays[name] = a
	}
	shapeValue, _ := o.Attr("_shape")
	dims, ok := sequence(shapeValue)
	if !ok || len(dims) != 1 && len(dims) != 2 {
		return bad()
	}
	rows, ok0 := int64(1), true // a vector
	if len(dims) == 2 {
		rows, ok0 = pickle.Plain(dims[0]).(int64)
	}
	cols, ok1 := pickle.Plain(dims[len(dims)-1]).(int64)
	data, err0 := arrays["data"].Float64s()
	indices, err1 := arrays["indices"].Int64s()
	indptr, err2 := arrays["indptr"].Int64s()
	if !ok0 || !ok1 || err0 != nil || err1 != nil || err2 != nil || rows < 0 || cols < 0 || rows*cols > 1<<28 || int64(len(indptr)) != rows+1 {
		return bad()
	}
	dense := make([]float64, rows*cols)
	for r := range rows {
		from, to := indptr[r], indptr[r+1]
		if from < 0 || to < from || to > int64(len(data)) || to > int64(len(indices)) {
			return bad()
		}
		for k := from; k < to; k++ {
			if indices[k] < 0 || indices[k] >= cols {
				return bad()
			}
			dense[r*cols+indices[k]] += data[k]
		}
	}
	t, _ := dtypeOf(arrays["data"].Type)
	return dense, []int{int(rows), int(cols)}[2-len(dims):], t, nil
}
