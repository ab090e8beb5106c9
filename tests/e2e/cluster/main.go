// Command cluster is the control plane of the end-to-end tests: etcd, kube-apiserver and kube-controller-manager in one
// binary, since they share most of their code and are so linked once.
//
// It ends when its standard input does: whoever starts it holds the other end of a pipe, and takes it along however it
// dies.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func main() {
	if len(os.Args) < 2 {
		refuse("no component named")
	}
	component := os.Args[1]
	arguments := append([]string{component}, os.Args[2:]...)
	// All of them read os.Args themselves, some of it while packages of theirs parse flags.
	os.Args = arguments
	go endWithStandardInput()
	switch component {
	case "etcd":
		etcdmain.Main(arguments)
	case "kube-apiserver":
		run(apiserver.NewAPIServerCommand())
	case "kube-controller-manager":
		run(controllers.NewControllerManagerCommand())
	default:
		refuse("unknown component " + component)
	}
}

func run(command *cobra.Command) {
	os.Exit(cli.Run(command))
}

func endWithStandardInput() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	fmt.Fprintln(os.Stderr, "standard input is at its end, and so is this process")
	os.Exit(3)
}

func refuse(why string) {
	fmt.Fprintln(os.Stderr, why+": one of etcd, kube-apiserver, kube-controller-manager")
	os.Exit(2)
}
