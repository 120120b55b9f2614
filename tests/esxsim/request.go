package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

const xsiSpace = "http://www.w3.org/2001/XMLSchema-instance"

// node is one element of a request.
type node struct {
	name, space, xsiType, text string
	children                   []*node
}

type request struct {
	method string
	this   types.ManagedObjectReference
	body   *node
	cookie string
}

// parseRequest reads the SOAP body as a tree; what it has read is returned in any case.
func parseRequest(data []byte) (*request, error) {
	req := &request{body: &node{}}
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		t, err := d.Token()
		if err != nil {
			return req, errors.New("no SOAP body")
		}
		if e, ok := t.(xml.StartElement); !ok || e.Name.Local != "Body" {
			continue
		}
		break
	}
	for {
		t, err := d.Token()
		if err != nil {
			return req, errors.New("no method in the SOAP body")
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		req.method = e.Name.Local
		n, err := req.element(d, e, 0)
		req.body = n
		return req, err
	}
}

func (req *request) element(d *xml.Decoder, e xml.StartElement, depth int) (*node, error) {
	n := &node{name: e.Name.Local, space: e.Name.Space}
	plain := ""
	for _, a := range e.Attr {
		switch {
		case a.Name.Local == "type" && a.Name.Space == xsiSpace:
			n.xsiType = a.Value
		case a.Name.Local == "type":
			plain = a.Value
		}
	}
	var text strings.Builder
	for {
		t, err := d.Token()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return n, err
		}
		switch x := t.(type) {
		case xml.StartElement:
			c, err := req.element(d, x, depth+1)
			n.children = append(n.children, c)
			if err != nil {
				return n, err
			}
		case xml.CharData:
			text.Write(x)
		case xml.EndElement:
			n.text = strings.TrimSpace(text.String())
			if depth == 1 && n.name == "_this" {
				req.this = types.ManagedObjectReference{Type: plain, Value: n.text}
			}
			return n, nil
		}
	}
}
