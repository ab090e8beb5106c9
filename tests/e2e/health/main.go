// Judges of the health of objects, as the tools have them: kstatus, Argo CD's Lua interpreter, and CEL as Flux uses it.
//
// It reads JSON objects of one line each from standard input, {"object": …, "expressions": {…}}, and answers each with
// {"kstatus": …, "argo": {"status": …, "message": …}, "flux": …}. The only argument is the path of the health script. A
// line with an "action", the Lua of one of Argo CD's, is answered with {"acted": …}: the object as the action leaves it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	luajson "layeh.com/gopher-json"
)

type question struct {
	Object      json.RawMessage   `json:"object"`
	Expressions map[string]string `json:"expressions"`
	Action      string            `json:"action"`
}

type health struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type answer struct {
	Kstatus string          `json:"kstatus"`
	Argo    health          `json:"argo"`
	Flux    string          `json:"flux"`
	Acted   json.RawMessage `json:"acted,omitempty"`
}

func main() {
	script, err := os.ReadFile(os.Args[1])
	stopOn(err)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		stopOn(json.Unmarshal(lines.Bytes(), &asked))
		stopOn(out.Encode(judge(asked, string(script))))
	}
	stopOn(lines.Err())
}

func judge(asked question, script string) answer {
	object := &unstructured.Unstructured{}
	stopOn(object.UnmarshalJSON(asked.Object))
	if asked.Action != "" {
		return answer{Acted: acted(object.Object, asked.Action)}
	}
	computed, err := status.Compute(object)
	stopOn(err)
	return answer{
		Kstatus: computed.Status.String(),
		Argo:    argo(object.Object, script),
		Flux:    flux(object.Object, asked.Expressions),
	}
}

// argo runs the health script.
func argo(object map[string]interface{}, script string) health {
	state, result := run(object, script)
	defer state.Close()
	return health{result.RawGetString("status").String(), result.RawGetString("message").String()}
}

// acted runs the script of an action. Lua knows no empty mapping from an empty list: an empty table comes out as a list,
// and Argo CD makes a mapping of it where the object had one (util/lua/lua.go: cleanReturnedObj).
func acted(object map[string]interface{}, script string) json.RawMessage {
	state, result := run(object, script)
	defer state.Close()
	encoded, err := luajson.Encode(result)
	stopOn(err)
	var made map[string]interface{}
	stopOn(json.Unmarshal(encoded, &made))
	out, err := json.Marshal(restored(made, object))
	stopOn(err)
	return out
}

func restored(made, original interface{}) interface{} {
	switch original := original.(type) {
	case map[string]interface{}:
		if list, ok := made.([]interface{}); ok && len(list) == 0 {
			return map[string]interface{}{}
		}
		if fields, ok := made.(map[string]interface{}); ok {
			for name, before := range original {
				if value, there := fields[name]; there {
					fields[name] = restored(value, before)
				}
			}
		}
	case []interface{}:
		if items, ok := made.([]interface{}); ok {
			for number := 0; number < min(len(items), len(original)); number++ {
				items[number] = restored(items[number], original[number])
			}
		}
	}
	return made
}

// run runs a script with the libraries that Argo CD opens (util/lua/lua.go): package, base, table, and two functions of
// os for those who ask for it.
func run(object map[string]interface{}, script string) (*lua.LState, *lua.LTable) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	for _, library := range []struct {
		name string
		open lua.LGFunction
	}{{lua.LoadLibName, lua.OpenPackage}, {lua.BaseLibName, lua.OpenBase}, {lua.TabLibName, lua.OpenTable}} {
		stopOn(state.CallByParam(lua.P{Fn: state.NewFunction(library.open), Protect: true}, lua.LString(library.name)))
	}
	state.PreloadModule(lua.OsLibName, safeOs)
	state.SetGlobal("obj", toLua(state, object))
	stopOn(state.DoString(script))
	result, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		stopOn(fmt.Errorf("the script returns no table"))
	}
	return state, result
}

func safeOs(state *lua.LState) int {
	lua.OpenOs(state)
	whole := state.CheckTable(-1)
	safe := state.NewTable()
	for _, name := range []string{"date", "time"} {
		safe.RawSetString(name, whole.RawGetString(name))
	}
	state.SetGlobal(lua.OsLibName, lua.LNil)
	state.Push(safe)
	return 1
}

func toLua(state *lua.LState, value interface{}) lua.LValue {
	switch value := value.(type) {
	case string:
		return lua.LString(value)
	case bool:
		return lua.LBool(value)
	case int64:
		return lua.LNumber(value)
	case float64:
		return lua.LNumber(value)
	case []interface{}:
		table := state.CreateTable(len(value), 0)
		for _, item := range value {
			table.Append(toLua(state, item))
		}
		return table
	case map[string]interface{}:
		table := state.CreateTable(0, len(value))
		for name, item := range value {
			table.RawSetString(name, toLua(state, item))
		}
		return table
	}
	return lua.LNil
}

// flux evaluates in the order of RFC 0009: the generation, inProgress, failed, current.
func flux(object map[string]interface{}, expressions map[string]string) string {
	observed, found, err := unstructured.NestedInt64(object, "status", "observedGeneration")
	stopOn(err)
	generation, _, err := unstructured.NestedInt64(object, "metadata", "generation")
	stopOn(err)
	if found && observed != generation {
		return "InProgress"
	}
	for _, each := range [][2]string{{"inProgress", "InProgress"}, {"failed", "Failed"}, {"current", "Current"}} {
		if isTrue(expressions[each[0]], object) {
			return each[1]
		}
	}
	return "InProgress"
}

func isTrue(expression string, object map[string]interface{}) bool {
	environment, err := cel.NewEnv(cel.DefaultUTCTimeZone(true), ext.Strings(), cel.OptionalTypes())
	stopOn(err)
	parsed, issues := environment.Parse(expression)
	stopOn(issues.Err())
	program, err := environment.Program(parsed, cel.EvalOptions(cel.OptOptimize))
	stopOn(err)
	result, _, err := program.Eval(object)
	stopOn(err)
	return result.Value() == true
}

func stopOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
