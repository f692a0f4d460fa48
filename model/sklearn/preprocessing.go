package sklearn

// preprocessingConverters holds the classes of sklearn.preprocessing.
func preprocessingConverters() map[string]converter {
	return map[string]converter{}
}
