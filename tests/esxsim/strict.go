package main

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/vim25/types"
)

// A real server takes the children of an element only in the order of the schema's sequence,
// the fields of base types first, and answers InvalidRequest otherwise. The simulator takes
// anything. The tables come from the order of the fields in govmomi's types.

type field struct {
	name     string
	kind     reflect.Type // of one element; nil: anything
	many     bool
	required bool
}

var (
	timeType = reflect.TypeOf(time.Time{})
	refType  = reflect.TypeOf(types.ManagedObjectReference{})
	lookup   = types.TypeFunc()
	tables   sync.Map // reflect.Type -> []field
)

func (req *request) check() error {
	kind, ok := lookup(req.method)
	if !ok {
		return fmt.Errorf("Unable to resolve WSDL method name %s", req.method)
	}
	if req.body.space != "urn:vim25" {
		return fmt.Errorf("Method %s is in the name space '%s', not in 'urn:vim25'", req.method, req.body.space)
	}
	return checkNode(req.body, kind, req.method)
}

func table(t reflect.Type) []field {
	if f, ok := tables.Load(t); ok {
		return f.([]field)
	}
	var list []field
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("xml"), ",")
		if f.Anonymous && tag[0] == "" {
			list = append(list, table(f.Type)...)
			continue
		}
		optional := f.Type.Kind() == reflect.Ptr || f.Type.Kind() == reflect.Slice
		for _, o := range tag[1:] {
			optional = optional || o == "omitempty"
		}
		e := field{name: tag[0], required: !optional}
		e.kind, e.many = element(f.Type)
		list = append(list, e)
	}
	tables.Store(t, list)
	return list
}

// element: the type of one element, and whether there may be several.
func element(t reflect.Type) (reflect.Type, bool) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 {
		one, _ := element(t.Elem())
		return one, true
	}
	if t.Kind() == reflect.Ptr {
		return element(t.Elem())
	}
	if t.Kind() == reflect.Interface && t.NumMethod() == 0 {
		return nil, false
	}
	return t, false
}

func checkNode(n *node, t reflect.Type, path string) error {
	if n.xsiType != "" {
		derived, err := resolve(n, t, path)
		if err != nil {
			return err
		}
		t = derived
	} else if t != nil && t.Kind() == reflect.Interface { // without xsi:type it is the base type itself
		base, ok := lookup(strings.TrimPrefix(t.Name(), "Base"))
		if !ok {
			return fmt.Errorf("No xsi:type for element %s", path)
		}
		t = base
	}
	if t == nil {
		return nil
	}
	if t.Kind() != reflect.Struct || t == timeType || t == refType {
		return checkText(n, t, path)
	}
	fields, at := table(t), 0
	for _, c := range n.children {
		i := indexOf(fields, c.name, at)
		if i < 0 {
			expected := "end of element"
			if at < len(fields) {
				expected = `"` + fields[at].name + `" or later`
			}
			if indexOf(fields, c.name, 0) >= 0 {
				return fmt.Errorf(`Unexpected element tag "%s" seen, out of order, expected %s, while parsing serialized DataObject of type vim25:%s at %s`, c.name, expected, t.Name(), path)
			}
			return fmt.Errorf(`Unexpected element tag "%s" seen, while parsing serialized DataObject of type vim25:%s at %s`, c.name, t.Name(), path)
		}
		for _, skipped := range fields[at:i] {
			if skipped.required && !has(n, skipped.name) {
				return missing(skipped, t, path)
			}
		}
		at = i
		if !fields[i].many {
			at = i + 1
		}
		if err := checkNode(c, fields[i].kind, path+"/"+c.name); err != nil {
			return err
		}
	}
	for _, f := range fields {
		if f.required && !has(n, f.name) {
			return missing(f, t, path)
		}
	}
	return nil
}

func missing(f field, t reflect.Type, path string) error {
	return fmt.Errorf("Required property %s is missing from data object of type %s, while parsing %s", f.name, t.Name(), path)
}

func indexOf(fields []field, name string, from int) int {
	for i := from; i < len(fields); i++ {
		if fields[i].name == name {
			return i
		}
	}
	return -1
}

func has(n *node, name string) bool {
	for _, c := range n.children {
		if c.name == name {
			return true
		}
	}
	return false
}

// resolve finds the type that xsi:type names, and whether it may stand here.
func resolve(n *node, declared reflect.Type, path string) (reflect.Type, error) {
	prefix, name := "", n.xsiType
	if i := strings.Index(name, ":"); i >= 0 {
		prefix, name = name[:i], name[i+1:]
	}
	if prefix == "xsd" || prefix == "xs" {
		return nil, nil
	}
	t, ok := lookup(name)
	if !ok {
		if declared == nil {
			return nil, nil // xsd:string and so on under another prefix
		}
		return nil, fmt.Errorf("Unknown type %s for element %s", n.xsiType, path)
	}
	switch {
	case declared == nil || t == declared:
	case declared.Kind() == reflect.Interface:
		if !reflect.PtrTo(t).Implements(declared) {
			return nil, fmt.Errorf("Type %s cannot stand for %s at %s", name, strings.TrimPrefix(declared.Name(), "Base"), path)
		}
	case declared.Kind() != t.Kind():
		return declared, nil
	case t.Kind() == reflect.Struct && !embeds(t, declared):
		return nil, fmt.Errorf("Type %s cannot stand for %s at %s", name, declared.Name(), path)
	}
	return t, nil
}

func embeds(t, base reflect.Type) bool {
	for i := 0; i < t.NumField(); i++ {
		if f := t.Field(i); f.Anonymous && (f.Type == base || f.Type.Kind() == reflect.Struct && embeds(f.Type, base)) {
			return true
		}
	}
	return false
}

func checkText(n *node, t reflect.Type, path string) error {
	if len(n.children) > 0 {
		return fmt.Errorf(`Unexpected element tag "%s" seen, while parsing %s`, n.children[0].name, path)
	}
	if t.Kind() == reflect.Bool {
		switch n.text {
		case "true", "false", "1", "0":
		default:
			return fmt.Errorf("'%s' is no xsd:boolean, while parsing %s", n.text, path)
		}
	}
	return nil
}
