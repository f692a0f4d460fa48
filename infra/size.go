package main

import (
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
)

// Lambda's limits on what a function is made of, in bytes.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	maxUnzipped = 250 << 20 // the function and its layers together
)

// reportSizes writes how large every model's function and layer are against Lambda's limit, and refuses what is too large: Lambda would do
// so in the middle of a deploy.
func reportSizes(out io.Writer, config Config, assets Assets) error {
	for _, m := range assets.Models {
		function, err := folderSize(m.Function)
		if err != nil {
			return err
		}
		layer := int64(0)
		if m.Layer != "" {
			if layer, err = folderSize(m.Layer); err != nil {
				return err
			}
		}
		total := function + layer
		fmt.Fprintf(out, "sklambda: %s: model %s %s: function %s, layer %s; %.1f %% of Lambda's 250 MB\n",
			config.Name, m.Model.Name, m.Model.Version, megabytes(function), megabytes(layer), 100*float64(total)/maxUnzipped)
		if total > maxUnzipped {
			return fmt.Errorf("model %s %s is too large for Lambda: function %s and layer %s are %s unzipped, allowed are 250 MB; "+
				"fit fewer or smaller trees (n_estimators, max_depth, min_samples_leaf), fewer neighbours or categories, or serve it elsewhere by sklambda serve",
				m.Model.Name, m.Model.Version, megabytes(function), megabytes(layer), megabytes(total))
		}
		if need := total>>20 + runtimeMB; need > int64(config.MemoryMB) {
			return fmt.Errorf("model %s %s needs more memory: MemoryMB is %d, allowed for its %s is %d or more, the plan being mapped whole",
				m.Model.Name, m.Model.Version, config.MemoryMB, megabytes(total), need)
		}
	}
	return nil
}

// runtimeMB is what a function needs beside its files.
const runtimeMB = 64

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20)) }

// folderSize is the size of all files in a folder.
func folderSize(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		return nil
	})
	return total, err
}
