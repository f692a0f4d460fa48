package sklearn

// treeConverters holds the classes of sklearn.tree.
func treeConverters() map[string]converter {
	return map[string]converter{}
}
