// Reads compose files as Docker Compose does (compose-go) and prints each as JSON: one request a line on stdin, one answer a line on stdout.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"
)

type request struct {
	Name        string            `json:"name"`
	Text        string            `json:"text"`
	Folder      string            `json:"folder"`
	Environment map[string]string `json:"environment"`
	Profiles    []string          `json:"profiles"`
	// Lenient takes a file whose volumes are nowhere declared, as Coolify does.
	Lenient bool `json:"lenient"`
}

type answer struct {
	Project *types.Project `json:"project,omitempty"`
	Error   string         `json:"error,omitempty"`
}

func load(r request) (result answer) {
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  r.Folder,
		ConfigFiles: []types.ConfigFile{{Filename: "compose.yaml", Content: []byte(r.Text)}},
		Environment: r.Environment,
	}, func(o *loader.Options) {
		o.SetProjectName(r.Name, true)
		o.Profiles = r.Profiles
		o.SkipConsistencyCheck = r.Lenient
	})
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Project: project}
}

func main() {
	logrus.SetOutput(io.Discard)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			var r request
			if problem := json.Unmarshal(line, &r); problem != nil {
				_ = out.Encode(answer{Error: problem.Error()})
			} else {
				_ = out.Encode(load(r))
			}
		}
		if err != nil {
			return
		}
	}
}
