//go:build tools

// Package tools pins k6, which refuses `go install` from its vanity address.
package tools

import _ "go.k6.io/k6/v2"
