package sklearn

// ensembleConverters holds the classes of sklearn.ensemble.
func ensembleConverters() map[string]converter {
	return map[string]converter{}
}
