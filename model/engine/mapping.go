package engine

import (
	"fmt"
	"os"
	"syscall"
)

// maxPlanBytes bounds a plan file. Lambda's own limit for code and layers is 250 MB.
const maxPlanBytes = 8 << 30

// Open maps a plan file read-only and reads it as Load does; its pages are read when they are first used and shared by all
// processes that map them. The file must not be changed in place while the plan is in use: replace it by renaming another over it. Close
// ends the mapping.
func Open(path string) (*Plan, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a named pipe without a writer must not block
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is a %s, want a regular file", path, info.Mode().Type())
	}
	if size := info.Size(); size < 8 || size > maxPlanBytes || int64(int(size)) != size {
		return nil, fmt.Errorf("%s has %d bytes, want a plan of 8 to %d", path, size, int64(maxPlanBytes))
	}
	data, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	p, err := Load(data)
	if err != nil {
		_ = syscall.Munmap(data) // nothing views it; the plan's error is the one to tell
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	p.mapped = true
	return p, nil
}

// Close ends the mapping of a plan that came from Open; it does nothing for others or when called again. The plan must not be in use, nor
// be used afterwards: Run panics.
func (p *Plan) Close() error {
	if !p.mapped {
		return nil
	}
	data := p.data
	p.mapped, p.data, p.steps, p.columns, p.chunk = false, nil, nil, nil, 0
	return syscall.Munmap(data)
}
