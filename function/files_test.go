package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// maxSyscalls bounds the system calls about files, memory and the network from exec to the first answer. Those by which threads wait for each other
// are a matter of chance and are not counted.
const maxSyscalls = 80

// TestStartOpens holds a start to the files that it needs: each of the artifact's once.
func TestStartOpens(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("REQUIRE_ALL") == "1" {
			t.Fatal("strace is missing: apt-get install strace")
		}
		t.Skip("NOT RUN: files that a start opens; apt-get install strace")
	}
	trace := filepath.Join(t.TempDir(), "trace")
	// -D: the process that is started is the bootstrap, and stopping it ends strace
	e := launch(t, exec.Command(strace, "-D", "-f", "-e", "trace=%file,%memory,%network,read,pread64,write", "-o", trace, binaries[runtime.GOARCH]), "MODEL_PATH="+shipped, "LOG_LEVEL=error")
	e.invoke(t, []byte(demoRow))
	e.process.Stop()
	data, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "("); n > maxSyscalls {
		t.Errorf("%d system calls until the first answer, at most %d are allowed", n, maxSyscalls)
	}
	var got []string
	for _, m := range regexp.MustCompile(`open(?:at)?\(.*?"([^"]+)"`).FindAllStringSubmatch(string(data), -1) {
		if strings.HasPrefix(m[1], "/proc/") || strings.HasPrefix(m[1], "/sys/") || strings.HasPrefix(m[1], "/etc/") {
			continue // Go's runtime: huge pages, the CPU quota, name resolution
		}
		got = append(got, filepath.Base(m[1]))
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"golden.jsonl", "manifest.json", "plan.safetensors"}, got); diff != "" {
		t.Errorf("files opened from start to the first answer (-want +got):\n%s", diff)
	}
}
