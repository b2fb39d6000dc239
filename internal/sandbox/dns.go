package sandbox

// zone is what a zone file says.
type zone struct{}
