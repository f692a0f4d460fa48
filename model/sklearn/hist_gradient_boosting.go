package sklearn

// histGradientBoostingConverters holds the classes of sklearn.hist_gradient_boosting.
func histGradientBoostingConverters() map[string]converter {
	return map[string]converter{}
}
