package sklearn

// linearModelConverters holds the classes of sklearn.linear_model.
func linearModelConverters() map[string]converter {
	return map[string]converter{}
}
