//go:build tools

// Package tools pins versitygw, an independent judge of the local S3.
package tools

import _ "github.com/versity/versitygw/cmd/versitygw"
