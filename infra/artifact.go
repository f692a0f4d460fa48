package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"sklambda/function/batch"
	"sklambda/model"
)

// artifact is a model's folder that was proven: whole, certified, and every golden row answered as scikit-learn did.
type artifact struct {
	dir      string
	identity ModelIdentity
	files    map[string]model.File // beside the manifest
}

// openArtifact proves the artifact in dir, or says which file is wrong and why.
func openArtifact(ctx context.Context, dir string) (*artifact, error) {
	// Read first: should the folder be replaced meanwhile, its files do not fit this sum when they are staged.
	manifest, err := os.ReadFile(filepath.Join(dir, model.ManifestFile))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("no artifact in %s: %w; python -m sklambda export makes one, -c model=DIR names it", dir, err)
	}
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(manifest)

	opened, err := model.Open(dir, model.OpenOptions{Full: true})
	if err != nil {
		return nil, err
	}
	proven := &artifact{
		dir: dir,
		identity: ModelIdentity{
			Name:    opened.Manifest().Name,
			Version: opened.Manifest().Version,
			SHA256:  hex.EncodeToString(sum[:]),

			LongestResult: batch.LongestResult(opened),
		},
		files: opened.Manifest().Files,
	}
	report, err := opened.Verify(ctx, nil)
	if err == nil {
		err = report.Err()
	}
	if err = errors.Join(err, opened.Close()); err != nil {
		return nil, fmt.Errorf("the artifact in %s: %w", dir, err)
	}
	return proven, nil
}

// stage copies the files that the manifest names, and no other, into a new folder. It checks their bytes once more: what was
// proven is what is shipped.
func (a *artifact) stage(to string) error {
	if err := makeFolder(to); err != nil {
		return err
	}
	sums := map[string]string{model.ManifestFile: a.identity.SHA256}
	for name, file := range a.files {
		sums[name] = file.SHA256
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		hash := sha256.New()
		if err := copyFile(filepath.Join(to, name), filepath.Join(a.dir, name), 0o644, hash); err != nil {
			return fmt.Errorf("the artifact in %s: %w", a.dir, err)
		}
		if got := hex.EncodeToString(hash.Sum(nil)); got != sums[name] {
			return fmt.Errorf("the artifact in %s: %s changed while it was read: sha256 is %s now and was %s", a.dir, name, got, sums[name])
		}
	}
	return nil
}
