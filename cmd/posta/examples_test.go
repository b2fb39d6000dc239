package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestExamples runs the scripts in examples as their first lines say. Each fails by itself when something is not as
// it should be.
func TestExamples(t *testing.T) {
	scripts, err := filepath.Glob("../../examples/*.sh")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, script := range scripts {
		t.Run(filepath.Base(script), func(t *testing.T) {
			script, err := filepath.Abs(script)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("posta", "sandbox", "run", "--", "sh", script) // TestMain's posta
			cmd.Dir = t.TempDir()
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			} else if left, _ := filepath.Glob(cmd.Dir + "/*"); len(left) > 0 {
				t.Errorf("it left %v behind", left)
			}
		})
	}
}
