package sandbox

import "path/filepath"

// controlName is the control socket's name in the sandbox's directory.
const controlName = "control"

type controlServer struct{}

// ControlAddr is where the control socket is: a path.
func (s *Sandbox) ControlAddr() string { return filepath.Join(s.dir, controlName) }
