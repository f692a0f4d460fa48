package sklearn

// imputeConverters holds the classes of sklearn.impute.
func imputeConverters() map[string]converter {
	return map[string]converter{}
}
