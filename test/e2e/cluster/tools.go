//go:build tools

// Package cluster names what scripts/build-e2e-cluster.sh builds, so that go.mod holds its versions.
package cluster

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
)
